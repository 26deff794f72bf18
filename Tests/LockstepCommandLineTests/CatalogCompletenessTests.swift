// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Lockstep
import Testing

@testable import LockstepCommandLine

/// One list drives the verbs, the table in the README, the guides and the script that compares digests.
struct CatalogCompletenessTests {
  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test(arguments: Catalog.methods.map(\.name)) func everyMethodCanBeFound(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let page = try text("Documentation/Lockstep.docc/\(method.guide).md")
    for heading in ["## When not", "## Example", "## Definition", "## Accuracy", "## Cost"] {
      #expect(page.contains(heading) || method.verb == nil, "\(method.guide).md has no \(heading)")
    }
    guard let verb = method.verb else { return }
    let command = LockstepCommand.configuration.subcommands.first { $0.configuration.commandName == verb }
    #expect(command != nil, "no verb")
    if verb == name { #expect(command?.configuration.abstract == method.summary + ".") }
    #expect(try text("README.md").contains("`\(verb)`"), "not in the README's table")
    #expect(try !text("Tests/Digests/\(verb).txt").isEmpty, "its digests are not compared")
    #expect(page.contains("lockstep \(verb)"), "\(method.guide).md does not show the command")
  }

  @Test func everyFittingVerbHasAMethod() {
    let verbs = LockstepCommand.configuration.subcommands.filter { $0 is any FitVerb.Type }
    #expect(Set(verbs.map { $0.configuration.commandName ?? "" }) == Set(Catalog.methods.compactMap(\.verb)))
  }
}
