// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Lockstep
import Testing

@testable import LockstepCommandLine

/// One list drives the verbs, the table in the README, the guides and the script that compares digests.
struct CatalogCompletenessTests {
  /// The verb of a method; two share one.
  private func verb(of method: Method) -> String { method.name == "ridge-path" ? "ridge-regression" : method.name }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test(arguments: Catalog.methods.map(\.name).filter { $0 != "kmeans-initialization" }) func everyMethodCanBeFound(
    name: String
  ) throws {
    let method = try #require(Catalog.method(named: name))
    let verb = verb(of: method)
    let command = LockstepCommand.configuration.subcommands.first { $0.configuration.commandName == verb }
    #expect(command != nil, "no verb")
    if verb == name { #expect(command?.configuration.abstract == method.summary + ".") }
    #expect(try text("README.md").contains("`\(verb)`"), "not in the README's table")
    #expect(try text("Scripts/digests").contains(verb), "its digests are not compared")
    #expect(try text("Documentation/Lockstep.docc/command-line.md").contains("`\(verb)"), "not in the command's guide")
    let guide = name == "kmeans" ? "k-means" : verb
    let page = try text("Documentation/Lockstep.docc/\(guide).md")
    for heading in ["## When not", "## Example", "## Definition", "## Accuracy", "## Cost"] {
      #expect(page.contains(heading), "\(guide).md has no \(heading)")
    }
    #expect(page.contains("lockstep \(verb)"), "\(guide).md does not show the command")
    #expect(try text("Documentation/Lockstep.docc/Lockstep.md").contains("<doc:\(guide)>"), "the guide is not linked")
  }
}
