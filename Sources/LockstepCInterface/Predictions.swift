// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep

@c @implementation
public func lockstep_predict(
  _ context: OpaquePointer, _ model: OpaquePointer, _ rows: OpaquePointer, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let question = try Question(context, model, rows)
    return try ValuesBox(try Interrupts.guarding { try question.values(of: question.model, question.rows) })
      .handedOver()
  }
}

@c @implementation
public func lockstep_log_probabilities(
  _ context: OpaquePointer, _ model: OpaquePointer, _ rows: OpaquePointer, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let question = try Question(context, model, rows)
    guard let classifier = question.model as? any ProbabilisticModel else {
      throw LockstepError(.usage, "a \(question.methodName) model has no probabilities")
    }
    return try ValuesBox(try Interrupts.guarding { try question.logProbabilities(of: classifier, question.rows) })
      .handedOver()
  }
}

@c @implementation
public func lockstep_predict_intervals(
  _ context: OpaquePointer, _ model: OpaquePointer, _ rows: OpaquePointer, _ interval: UnsafePointer<CChar>,
  _ confidence: Double, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let question = try Question(context, model, rows)
    guard let model = question.model as? any IntervalModel else {
      throw LockstepError(.usage, "a \(question.methodName) model does not know how sure its predictions are")
    }
    let word = String(cString: interval)
    guard let interval = PredictionInterval(rawValue: word) else {
      throw LockstepError(
        .usage, "no interval is called \"\(word)\"",
        remedy: "it is one of " + PredictionInterval.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return try ValuesBox(
      try Interrupts.guarding { try question.intervals(of: model, question.rows, interval, confidence) }
    ).handedOver()
  }
}

@c @implementation
public func lockstep_score(
  _ context: OpaquePointer, _ model: OpaquePointer, _ rows: OpaquePointer, _ error: FailureOut
) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    let question = try Question(context, model, rows)
    guard let scored = question.model as? any ScoredModel else {
      throw LockstepError(.usage, "a \(question.methodName) model predicts nothing that rows could be held against")
    }
    let scores = try Interrupts.guarding { try question.scores(of: scored, question.rows) }
    return text(.object(Dictionary(scores.fields.map { ($0.name, $0.value.json) }) { first, _ in first }))
  } ?? nil
}

/// A model, and the rows that it is asked about.
private struct Question {
  let context: ExecutionContext
  let model: any RowValuedModel
  let methodName: String
  let rows: any RowSource

  init(_ context: OpaquePointer, _ model: OpaquePointer, _ rows: OpaquePointer) throws {
    self.context = try ContextBox.at(context).context
    let box = try RowsBox.at(rows)
    self.rows = box.source
    let file = try ModelBox.at(model).file
    methodName = type(of: file.model).methodName
    guard let model = file.model as? any RowValuedModel else {
      throw LockstepError(.usage, "a \(methodName) model says nothing of single rows")
    }
    guard box.source.columnCount == model.columnCount else {
      throw LockstepError(
        .shapeMismatch, "rows of \(box.source.columnCount) columns for a model of \(model.columnCount)",
        remedy: "give the columns that the model was fitted to, in the same order")
    }
    let categories = box.encoding?.columns.compactMap(\.values) ?? []
    guard categories.isEmpty || categories == file.encoding?.columns.compactMap(\.values) else {
      throw LockstepError(
        .usage, "the categorical columns of these rows have other values than the model's",
        remedy: "read the rows with the model's encoding")
    }
    self.model = model
  }

  func values(of model: some RowValuedModel, _ rows: some RowSource) throws -> RowValues {
    try model.rowValues(of: rows, in: context)
  }

  func intervals(
    of model: some IntervalModel, _ rows: some RowSource, _ interval: PredictionInterval, _ confidence: Double
  ) throws -> RowValues {
    try model.intervalValues(of: rows, interval, confidence: confidence, in: context)
  }

  func scores(of model: some ScoredModel, _ rows: some RowSource) throws -> ModelScores {
    try model.scores(of: rows, in: context)
  }

  func logProbabilities(of model: some ProbabilisticModel, _ rows: some RowSource) throws -> RowValues {
    try model.logProbabilityValues(of: rows, in: context)
  }
}
