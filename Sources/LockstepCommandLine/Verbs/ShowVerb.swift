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

  @Option(
    help: ArgumentHelp(
      "Print the model as table, csv (all digits), markdown or json. (default: table)", valueName: "form"),
    transform: ReportFormat.init(option:))
  var format: ReportFormat?

  @Flag(name: .customLong("json"), help: "Print the model file as one object of JSON: short for --format json.")
  var wantsJSON = false

  func validate() throws {
    if wantsJSON, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
    }
  }

  func run() throws {
    let file = try ModelFile(reading: model)
    let format = format ?? (wantsJSON ? .json : .table)
    guard format != .json else {
      try StandardOutput.write(try file.encodedAsJSON())
      return
    }
    try StandardOutput.write(try file.text(format, width: Terminal.width, isBold: Terminal.hasColor) + "\n")
  }
}
