// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// The form in which a result is printed.
struct FormatOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Print the result as table, csv (all digits), markdown or json. (default: table)", valueName: "form"),
    transform: ReportFormat.init(option:))
  var format: ReportFormat?

  @Flag(name: .customLong("json"), help: "Print the result as one JSON object: short for --format json.")
  var wantsJSON = false

  func validate() throws {
    if wantsJSON, let format, format != .json {
      throw ValidationError("--json and --format \(format.rawValue) exclude each other.")
    }
  }

  /// The form that the options ask for.
  var resultFormat: ReportFormat { format ?? (wantsJSON ? .json : .table) }
}

extension ReportFormat {
  /// The form that `--format` names.
  init(option name: String) throws {
    if let form = Self(rawValue: name) {
      self = form
    } else {
      let forms = Self.allCases.map(\.rawValue).joined(separator: ", ")
      let hint = PinnedFormat(rawValue: name) == nil ? "" : "; --input-format \(name) is for the format of the data"
      throw ValidationError("\(name) is no form of a result: \(forms)\(hint).")
    }
  }
}
