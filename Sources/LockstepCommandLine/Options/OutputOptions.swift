// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// Where the model goes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Save the model: .json, or .npz that NumPy opens. (default: not saved)", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Write the result as a page with pictures, which any browser shows without a network. (default: not written)",
      valueName: "file.html"))
  var report: String?

  @OptionGroup(title: "Checkpoint") var kept: CheckpointOptions

  func validate() throws {
    if let report, !report.lowercased().hasSuffix(".html") {
      throw ValidationError("--report \(report): a report is a page of HTML; end its name in .html.")
    }
    for (option, path) in [("-o", output), ("--report", report)] {
      guard let path, RankPattern(path).dependsOnRank else { continue }
      throw ValidationError(
        "\(option) \(path): the result is the same on all processes, and written once; leave {rank} out.")
    }
    if let output { _ = try checkUsage { try ModelFile.Form(path: output) } }
  }
}
