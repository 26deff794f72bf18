// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Foundation
import Testing

@testable import LockstepCommandLine

struct SuggestionTests {
  @Test(arguments: [
    (["kmean"], "there is no verb kmean; did you mean kmeans?"),
    (["moment", "x.csv"], "there is no verb moment; did you mean moments?"),
    (["linear", "x.csv"], "there is no verb linear; did you mean linear-regression?"),
    (["cluster"], "there is no verb cluster"),
    (["plan", "kmaens", "x.csv"], "there is no verb kmaens; did you mean kmeans?"),
    (["kmeans", "--cluster", "3", "x.csv"], "kmeans has no option --cluster; did you mean --clusters?"),
    (["kmeans", "--clutsers=3", "x.csv"], "kmeans has no option --clutsers; did you mean --clusters?"),
    (["pca", "--correlation", "x.csv"], "pca has no option --correlation"),
    (["predict", "m.json", "--row", "x.npy", "x.csv"], "predict has no option --row; did you mean --rows?"),
  ]) func namesWhatWasMeant(_ words: [String], _ sentence: String) {
    #expect(Suggestion.of(words) == sentence)
  }

  @Test(arguments: [
    [], ["--version"], ["help"], ["kmeans", "--clusters", "3", "x.csv"], ["kmeans", "--help"],
    ["kmeans", "-n", "2", "--json"],
    ["moments", "--", "--cluster"], ["plan", "kmeans", "--clusters", "3"], ["qr", "--quiet", "--no-values", "x.csv"],
  ]) func saysNothingOfWhatExists(_ words: [String]) {
    #expect(Suggestion.of(words) == nil)
  }
}

struct HelpTextTests {
  @Test(arguments: LockstepCommand.configuration.subcommands.map { $0.configuration.commandName ?? "" })
  func ownOptionsComeFirst(_ name: String) throws {
    let verb = try #require(
      LockstepCommand.configuration.subcommands.first { $0.configuration.commandName == name })
    let help = LockstepCommand.helpMessage(for: verb, columns: 80)
    let ordered = HelpText.withOwnOptionsFirst(help)
    #expect(ordered.split(separator: "\n").sorted() == help.split(separator: "\n").sorted())
    guard let own = ordered.range(of: "\nOPTIONS:\n") else { return }
    for title in ["\nDATA:\n", "\nOUTPUT:\n", "\nCOMMON:\n"] {
      if let shared = ordered.range(of: title) { #expect(own.lowerBound < shared.lowerBound) }
    }
  }
}
