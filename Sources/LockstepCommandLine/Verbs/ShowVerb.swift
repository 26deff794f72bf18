// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep show`.
struct ShowVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: "Print the tables and figures of a saved model.",
    discussion: """
      Examples:
        lockstep show model.json
        lockstep show --json model.npz
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @OptionGroup var form: FormatOptions

  func run() throws {
    let file = try ModelFile(reading: model)
    let format = form.resultFormat
    guard format != .json else {
      try StandardOutput.write(try file.encodedAsJSON())
      return
    }
    try StandardOutput.write(try file.text(format, width: Terminal.width, isBold: Terminal.hasColor) + "\n")
  }
}
