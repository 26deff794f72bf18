// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// A verb that fits a model to the data: everything but the fit itself is the same for all.
protocol FitVerb: ParsableCommand {
  var common: CommonOptions { get }
  var data: DataOptions { get }
  var output: OutputOptions { get }
  /// The columns that are no features.
  var roles: ColumnRoles { get }
  /// The files of rows that the fit will write besides.
  var rowFiles: [RowFile] { get }
  /// Files that are read besides the data.
  var inputFiles: [String] { get }
  /// The file for the summary of the rows, if one is wanted.
  var partialFile: String? { get }
  /// Whether the fit can leave out missing numbers, each column for itself.
  var leavesOutMissing: Bool { get }
  /// The fit; collective.
  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome
}

/// A verb that fits a method of the catalogue with parameters that its options say.
protocol MethodVerb: FitVerb {
  associatedtype Fitted: CatalogEstimator
  /// The method with its parameters.
  var estimator: Fitted { get }
}

/// What a fit gives.
struct FitOutcome {
  /// The model.
  var model: any FittedModel
  /// What it was fitted by.
  var estimator: any CatalogEstimator
  /// Files of rows to write, each with this rank's values.
  var rowOutputs: [(file: RowFile, values: RowValues)] = []
  /// What was learned of the rows, if it is to be saved.
  var stream: MethodStream?
}

extension FitVerb {
  var roles: ColumnRoles { ColumnRoles() }
  var rowFiles: [RowFile] { [] }
  var inputFiles: [String] { [] }
  var partialFile: String? { nil }
  var leavesOutMissing: Bool { false }

  func run() throws {
    try Session.run(common, checkpoint: try output.kept.makeCheckpoint(), restarts: output.kept.restarts) { session in
      _ = try perform(in: session, read: { try $0.read(data, roles: roles) }, show: session.finish)
    }
  }

  /// All that a run does; `plan` does it with the first rows, with places for its outputs that are thrown away, and shows nothing.
  ///
  /// Collective.
  ///
  /// - Parameters:
  ///   - session: The run.
  ///   - read: Reads this rank's rows; collective.
  ///   - place: Where an output goes that the options name.
  ///   - show: Prints the result.
  /// - Returns: What was read, and what was made of it.
  /// - Throws: What reading, the fit and the outputs throw.
  func perform(
    in session: Session, read: (Session) throws -> InputRows, place: (String) -> String = { $0 },
    show: (FitReport) throws -> Void
  ) throws -> (input: InputRows, outcome: FitOutcome) {
    try session.checkOutputs(
      models: [output.output, output.report, partialFile, output.kept.checkpoint].compactMap { $0 }, rows: rowFiles,
      data: data.request, files: inputFiles)
    if data.missing == .pairwise, !leavesOutMissing {
      try session.context.agree { throw DataOptions.pairwiseRefusal }
    }
    if partialFile != nil { try session.context.agree { try data.checkSummarizable() } }
    let input = try read(session)
    let outcome = try fit(input.rows, in: session.context)
    let report = try FitReport(outcome, data: input, session: session)
    // What one output fails of must not cost the others: the model first, then the result, then the rows.
    var failures: [any Error] = []
    func attempt(_ body: () throws -> Void) { do { try body() } catch { failures.append(error) } }
    func write(to path: String?, _ body: (String) throws -> Void) {
      guard let path = path.map(place) else { return }
      attempt { try session.context.agree { if session.isFirst { try body(path) } } }
    }
    write(to: output.output) { try report.modelFile.write(to: $0) }
    write(to: output.report) { try report.page(data: data).write(to: $0) }
    if let stream = outcome.stream { write(to: partialFile) { try stream.write(to: $0) } }
    try show(report)
    for output in outcome.rowOutputs {
      attempt { try RowFile(place(output.file.name)).write(output.values, in: session.context) }
    }
    // The work of hours is not to be done again because a disk was full.
    if !failures.isEmpty { attempt { try session.context.saveCheckpoint() } }
    if let first = failures.first { throw first }
    try session.context.endCheckpoint()
    return (input, outcome)
  }

  /// Fits a method of the catalogue, and makes what the files want that the options name.
  func fit<E: CatalogEstimator>(
    _ estimator: E, to rows: any RowSource, in context: ExecutionContext
  ) throws -> FitOutcome {
    try context.resumingFit(of: E.Model.methodName, estimator.parameters, to: rows) {
      try fitOrGoOn(estimator, to: rows, in: $0)
    }
  }

  private func fitOrGoOn<E: CatalogEstimator>(
    _ estimator: E, to rows: any RowSource, in context: ExecutionContext
  ) throws -> FitOutcome {
    if partialFile != nil, let onePass = estimator as? any (CatalogEstimator & OnePassEstimator) {
      let (model, stream) = try onePass.fitWithStream(rows, in: context)
      return FitOutcome(model: model, estimator: estimator, stream: stream)
    }
    guard !rowFiles.isEmpty else {
      return FitOutcome(model: try estimator.fit(rows, in: context), estimator: estimator)
    }
    let (model, values) = try estimator.fitWithValues(rows, in: context)
    return FitOutcome(model: model, estimator: estimator, rowOutputs: rowFiles.map { ($0, values) })
  }
}

extension MethodVerb {
  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome {
    try fit(estimator, to: rows, in: context)
  }
}
