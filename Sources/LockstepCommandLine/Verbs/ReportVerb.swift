// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep
import LockstepGraphics

/// `lockstep report`.
struct ReportVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Make a page with pictures and tables of a saved model.",
    discussion: """
      The page is one file that needs no network, no script and no other file; any browser shows it, and prints it.

      Examples:
        lockstep report model.json > model.html
        lockstep report model.npz -o model.html
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write the page to this file. (default: standard output)", valueName: "file.html"))
  var output: String?

  func run() throws {
    let page = try ModelFile(reading: model).page()
    guard let output else {
      try StandardOutput.write(Array(page.html().utf8))
      return
    }
    try WholeFile.checkWritable(output)
    try page.write(to: output)
  }
}
