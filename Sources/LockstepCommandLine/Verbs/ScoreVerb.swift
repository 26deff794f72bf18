// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep score`.
struct ScoreVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "score",
    abstract: "Tell how well a saved model predicts rows whose targets or labels are known.",
    discussion: """
      Of regressions: R², the root of the mean squared error and the mean absolute error of each target. Of classifiers: accuracy, log loss, how \
      often each class is predicted as each (the confusion matrix), and the area under the ROC curve of each class against the others, with \
      how much it may be off at most. The rows are read as "lockstep predict" reads them, once, with the same result on any number of \
      processes.

      Examples:
        lockstep score model.json new.csv
        lockstep score --targets price model.json houses.csv
        lockstep score --json --label kind --weights times flowers.json new.csv
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @Option(
    help: ArgumentHelp(
      "Of regressions: the columns of the targets, in the order of the model. (default: those of the names that the model explains, or the "
        + "last columns)", valueName: "list"),
    transform: ColumnSelection.init(parsing:))
  var targets: ColumnSelection?

  @Option(
    help: ArgumentHelp(
      "Of classifiers: the column of the class of each row. (default: the last column)", valueName: "column"),
    transform: ColumnSelection.init(parsing:))
  var label: ColumnSelection?

  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try Session.run(common) { session in
      let context = session.context
      try session.checkOutputs(models: [], rows: [], data: data.request, files: [model])
      let bytes = try context.decide { try ModelFile(reading: model).encodedAsJSON() }
      let (saved, scored) = try context.agree { try load(bytes) }
      try context.agree { try data.checkMissing(for: saved, file: model) }
      let columns = try data.columns(for: saved, in: context)
      let input = try session.read(
        data, columns: columns, roles: try roles(for: saved, scored, columns, in: context),
        columnCount: data.columns == nil ? scored.columnCount : nil, encoding: saved.encoding)
      try context.agree { try input.checkColumns(of: scored) }
      let scores = try scored.scores(of: input.rows, in: context)
      let run = try RunFacts(input, columnCount: scored.columnCount, in: context)
      try session.finish(ScoreReport(model: saved, scores: scores, run: run))
    }
  }

  private func load(_ bytes: [UInt8]) throws -> (ModelFile, any ScoredModel) {
    let file = try ModelFile(json: bytes, file: model)
    let name = type(of: file.model).methodName
    guard let scored = file.model as? any ScoredModel else {
      throw LockstepError(
        .usage, "a \(name) model predicts nothing that rows could be held against",
        remedy: "give the model of a regression or a classifier", place: .init(file: model))
    }
    let hasLabels = scored.scoredTargetCount == 0
    guard hasLabels ? targets == nil : label == nil else {
      throw LockstepError(
        .usage, hasLabels ? "a \(name) model has no targets" : "a \(name) model has no label",
        remedy: hasLabels ? "give the column of the classes with --label" : "give the targets with --targets",
        place: .init(file: model))
    }
    return (file, scored)
  }

  /// The columns that are no features; collective.
  private func roles(
    for saved: ModelFile, _ scored: any ScoredModel, _ columns: ColumnSelection, in context: ExecutionContext
  ) throws -> ColumnRoles {
    let count = scored.scoredTargetCount
    guard count > 0 else { return ColumnRoles(label: label ?? .last, weights: weighting.weights) }
    if let targets { return ColumnRoles(targets: targets, weights: weighting.weights) }
    let names = try context.decide { try data.firstColumnNames(size: context.size) }
    if let names, let wanted = saved.responseNames, wanted.count == count, Set(wanted).isSubset(of: names) {
      return ColumnRoles(targets: ColumnSelection(names: wanted), weights: weighting.weights)
    }
    guard count == 1 else {
      throw LockstepError(
        .usage, "a model of \(count) targets, whose names the data does not have",
        remedy: "name their columns with --targets", place: .init(file: model))
    }
    return ColumnRoles(targets: .last, weights: weighting.weights)
  }
}

/// The result of `score`.
struct ScoreReport: Report {
  let model: ModelFile
  let scores: ModelScores
  let run: RunFacts

  var notes: [String] {
    run.missingList.map { ["rows left out: \(run.skippedRowCount); missing: \($0)"] } ?? []
  }

  private var methodName: String { type(of: model.model).methodName }

  func lines(_ format: ReportFormat, width: Int, isBold: Bool) throws -> [String] {
    try scores.report(of: methodName, model.responseNames).lines(
      format, rowCount: run.rowCount, columnCount: run.columnCount,
      more: [("skipped rows", "\(run.skippedRowCount)"), ("digest", model.model.digest)], width: width, isBold: isBold)
  }

  func json() throws -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(methodName)
    members["digest"] = .string(try model.model.digest)
    members["scores"] = .object(
      Dictionary(scores.fields.map { ($0.name, $0.value.json) }) { first, _ in first })
    return members
  }
}
