// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// The result of a fit.
struct FitReport: Report {
  let model: any FittedModel
  let parameters: JSONValue
  let columnNames: [String]?
  let run: RunFacts

  /// Brings together what the ranks know.
  ///
  /// Collective.
  init(_ outcome: FitOutcome, data: InputRows, session: Session) throws {
    model = outcome.model
    parameters = outcome.parameters.withoutNulls
    // A rank whose file has no rows may not know the names.
    columnNames = try session.context.gathered(data.rows.columnNames).lazy.compactMap { $0 }.first
    run = try RunFacts(data, columnCount: outcome.model.columnCount, in: session.context)
  }

  /// A report of parts that are known already.
  init(model: any FittedModel, parameters: JSONValue, columnNames: [String]?, run: RunFacts) {
    self.model = model
    self.parameters = parameters
    self.columnNames = columnNames
    self.run = run
  }

  /// The model as it is saved.
  var modelFile: ModelFile {
    ModelFile(model, rowCount: run.rowCount, columnNames: columnNames, parameters: parameters)
  }

  var notes: [String] { (model as? any ReportedModel)?.notes ?? [] }

  func lines(width: Int, isBold: Bool) -> [String] {
    let reported = model as? any ReportedModel
    let names = columnNames ?? (0..<run.columnCount).map { "column \($0)" }
    var lines = [
      "\(reported?.title ?? type(of: model).methodName): "
        + "\(count(run.rowCount, "row")) of \(count(run.columnCount, "column"))", "",
    ]
    for table in reported?.tables(columnNames: names) ?? [] {
      lines += table.lines(width: width, isBold: isBold) + [""]
    }
    var figures = reported?.figures ?? []
    figures.append(("skipped rows", "\(run.skippedRowCount)"))
    figures.append(("digest", model.digest))
    let nameWidth = figures.map(\.name.count).max() ?? 0
    return lines + figures.map { $0.name + String(repeating: " ", count: nameWidth + 2 - $0.name.count) + $0.text }
  }

  func json() -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(type(of: model).methodName)
    members["parameters"] = parameters
    members["model"] = .object(model.fieldsAsJSON)
    members["digest"] = .string(model.digest)
    return members
  }
}

/// A model that has a table for people.
protocol ReportedModel: FittedModel {
  /// The method's name in prose.
  var title: String { get }
  /// Tables of the model's arrays.
  func tables(columnNames: [String]) -> [TextTable]
  /// Single figures.
  var figures: [(name: String, text: String)] { get }
  /// What people should know besides, a line each.
  var notes: [String] { get }
}

extension JSONValue {
  /// An object without the members that are null: parameters that were not given.
  var withoutNulls: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.value != .null })
  }
}
