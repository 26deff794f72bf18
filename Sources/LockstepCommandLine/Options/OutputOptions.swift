// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// Where the model goes.
struct OutputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Save the model: .json, or .npz that NumPy opens. (default: not saved)", valueName: "file"))
  var output: String?

  func validate() throws {
    if let output { _ = try checkUsage { try ModelFile.Form(path: output) } }
  }
}
