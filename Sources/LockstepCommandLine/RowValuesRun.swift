// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// What `predict` and `transform` do: load a model, read rows, write what the model says of each.
struct RowValuesRun {
  let verb: RowValuesDescription.Verb
  let model: String
  let data: DataOptions
  let rows: RowFile?
  var probabilities: ProbabilityForm?
  var interval: PredictionInterval?
  var confidence = 0.95

  /// How probabilities are written.
  enum ProbabilityForm {
    /// As they are.
    case shares
    /// As logarithms.
    case logarithms
  }

  /// Runs on all processes.
  func run(_ common: CommonOptions) throws {
    try common.requireFormat(.csv, .json)
    try Session.run(common) { session in
      let context = session.context
      try session.checkOutputs(models: [], rows: [rows].compactMap { $0 }, data: data.request, files: [model])
      // Rank 0 alone has to see the file; JSON carries the model to the others, to the bit.
      let bytes = try context.decide { try ModelFile(reading: model).encodedAsJSON() }
      let (saved, fitted) = try context.agree { try load(bytes) }
      try context.agree { try data.checkMissing(for: saved, file: model) }
      let input = try session.read(
        data, columns: try data.columns(for: saved, in: context),
        columnCount: data.columns == nil ? fitted.columnCount : nil, encoding: saved.encoding)
      try context.agree { try input.checkColumns(of: fitted) }
      let values = try context.agree {
        if let interval, let model = fitted as? any IntervalModel {
          return try model.intervalValues(of: input.rows, interval, confidence: confidence, in: context)
        }
        guard let probabilities, let classifier = fitted as? any ProbabilisticModel else {
          return try fitted.rowValues(of: input.rows, in: context)
        }
        return try probabilities == .shares
          ? classifier.probabilityValues(of: input.rows, in: context)
          : classifier.logProbabilityValues(of: input.rows, in: context)
      }
      session.progress.end()
      var all: [JSONValue]?
      if let rows {
        try rows.write(values, in: context)
      } else if common.json {
        all = try OrderedOutput.collected(values, in: context)
      } else {
        try OrderedOutput.print(values, in: context)
      }
      let run = try RunFacts(input, columnCount: fitted.columnCount, in: context)
      try session.finish(RowValuesReport(model: fitted, values: all, run: run))
    }
  }

  private func load(_ bytes: [UInt8]) throws -> (ModelFile, any RowValuedModel) {
    let file = try ModelFile(json: bytes, file: model)
    let name = type(of: file.model).methodName
    guard let model = file.model as? any RowValuedModel else {
      throw LockstepError(.usage, "a \(name) model says nothing of single rows", place: .init(file: model))
    }
    if probabilities != nil {
      guard let classifier = model as? any ProbabilisticModel else {
        throw LockstepError(.usage, "a \(name) model has no probabilities", place: .init(file: self.model))
      }
      return (file, classifier)
    }
    if interval != nil {
      guard let model = model as? any IntervalModel else {
        throw LockstepError(
          .usage, "a \(name) model does not know how sure its predictions are", place: .init(file: self.model))
      }
      try model.requireIntervals()
      return (file, model)
    }
    let description = type(of: model).rowValuesDescription
    guard description.verb == verb else {
      throw LockstepError(
        .usage, "a \(name) model does not \(verb.rawValue)",
        remedy: "lockstep \(description.verb.rawValue) gives "
          + description.meaning, place: .init(file: self.model))
    }
    return (file, model)
  }
}

/// Gathers values of all ranks on rank 0 in row order, a piece at a time.
private enum OrderedOutput {
  /// The most rows of a piece.
  private static var pieceRowCount: Int { 1 << 16 }

  /// Prints them as CSV.
  static func print(_ values: RowValues, in context: ExecutionContext) throws {
    let counts = try context.gathered(values.pieceCount(ofAtMost: pieceRowCount))
    let communicator = context.communicator
    if context.rank != 0 {
      return try values.forEachPiece(ofAtMost: pieceRowCount) { try communicator.send(RowFile.lines($0), to: 0) }
    }
    try values.forEachPiece(ofAtMost: pieceRowCount) { try StandardOutput.write(RowFile.lines($0)) }
    for rank in 1..<max(context.size, 1) {
      for _ in 0..<counts[rank] { try StandardOutput.write(try communicator.receive(from: rank)) }
    }
  }

  /// Collects them as JSON, on rank 0.
  static func collected(_ values: RowValues, in context: ExecutionContext) throws -> [JSONValue] {
    let mine = try JSONValue.array(values.json()).encoded()
    return try context.communicator.gather(mine).flatMap { bytes -> [JSONValue] in
      guard case .array(let values) = try JSONValue(parsing: bytes) else { return [] }
      return values
    }
  }
}

/// The result of `predict` or `transform`; the values themselves are out already, unless they are part of the JSON.
struct RowValuesReport: Report {
  let model: any RowValuedModel
  let values: [JSONValue]?
  let run: RunFacts

  var notes: [String] {
    guard run.skippedRowCount > 0 else {
      return run.missingList.map { ["missing: \($0); the model's means stand for numbers"] } ?? []
    }
    let columns = run.missingList.map { " (\($0))" } ?? ""
    return [
      "\(count(run.skippedRowCount, "row")) with missing values\(columns) left out; the result has no lines for them"
    ]
  }

  func lines(_: ReportFormat, width: Int, isBold: Bool) -> [String] { [] }

  func json() throws -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(type(of: model).methodName)
    members["digest"] = .string(try model.digest)
    if let values { members["values"] = .array(values) }
    return members
  }
}

extension DataOptions {
  /// The columns to read for a model.
  ///
  /// Those that the user chose, else those of the names that the model was fitted to if the data has a header, else all.
  /// Collective.
  func columns(for saved: ModelFile, in context: ExecutionContext) throws -> ColumnSelection {
    if let columns { return columns }
    guard let names = saved.encoding.map(\.sourceNames) ?? saved.columnNames else { return .all }
    let hasNames = try context.decide { try firstColumnNames(size: context.size) != nil }
    return hasNames ? ColumnSelection(names: names) : .all
  }

  /// Throws if the options ask for what a saved model does not have.
  func checkMissing(for saved: ModelFile, file model: String) throws {
    if missing == .pairwise { throw Self.pairwiseRefusal }
    guard saved.encoding == nil else { return }
    guard missing != .mean else {
      throw LockstepError(
        .usage, "the model has no means to put in the place of missing values",
        remedy: "fit it with --missing mean, or pass --missing skip-row", place: .init(file: model))
    }
    guard categorical == nil else {
      throw LockstepError(
        .usage, "the model was fitted without categorical columns", remedy: "leave --categorical out",
        place: .init(file: model))
    }
  }
}

extension InputRows {
  /// Throws if the rows have other columns than a model.
  func checkColumns(of model: any FittedModel) throws {
    guard rows.rowCount > 0, rows.columnCount != model.columnCount else { return }
    throw LockstepError(
      .shapeMismatch,
      "rows of \(count(rows.columnCount, "column")) for a model of \(count(model.columnCount, "column"))",
      remedy: "choose the columns that the model was fitted to with --columns, in the same order")
  }
}
