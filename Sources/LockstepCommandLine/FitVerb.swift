// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// A verb that fits a model to the data: everything but the fit itself is the same for all.
protocol FitVerb: ParsableCommand {
  var common: CommonOptions { get }
  var data: DataOptions { get }
  var output: OutputOptions { get }
  /// The files of rows that the fit will write besides.
  var rowFiles: [RowFile] { get }
  /// The fit; collective.
  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome
}

/// What a fit gives.
struct FitOutcome {
  /// The model.
  var model: any FittedModel
  /// The parameters it was fitted with, as an object of JSON.
  var parameters: JSONValue
  /// Files of rows to write, each with this rank's values.
  var rowOutputs: [(file: RowFile, values: RowValues)] = []
}

extension FitVerb {
  var rowFiles: [RowFile] { [] }

  func run() throws {
    try Session.run(common) { session in
      try session.checkOutputs(models: [output.output].compactMap { $0 }, rows: rowFiles)
      let input = try session.read(data)
      let outcome = try fit(input.rows, in: session.context)
      for output in outcome.rowOutputs { try output.file.write(output.values, in: session.context) }
      let report = try FitReport(outcome, data: input, session: session)
      if let path = output.output {
        try session.context.agree { if session.isFirst { try report.modelFile.write(to: path) } }
      }
      try session.finish(report)
    }
  }
}
