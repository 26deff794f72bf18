// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// The result of a fit.
struct FitReport: Report {
  let model: any FittedModel
  let parameters: JSONValue
  let columnNames: [String]?
  let responseNames: [String]?
  let encoding: ColumnEncoding?
  let run: RunFacts

  /// Brings together what the ranks know.
  ///
  /// Collective.
  init(_ outcome: FitOutcome, data: InputRows, session: Session) throws {
    model = outcome.model
    parameters = outcome.parameters.withoutNulls
    // A rank whose file has no rows may not know the names.
    let names = try session.context.gathered([data.rows.columnNames, data.responseNames])
    columnNames = names.lazy.compactMap { $0[0] }.first
    responseNames = names.lazy.compactMap { $0[1] }.first
    encoding = data.encoding
    run = try RunFacts(data, columnCount: outcome.model.columnCount, in: session.context)
  }

  /// A report of parts that are known already.
  init(
    model: any FittedModel, parameters: JSONValue, columnNames: [String]?, responseNames: [String]?,
    encoding: ColumnEncoding? = nil, run: RunFacts
  ) {
    self.model = model
    self.parameters = parameters
    self.columnNames = columnNames
    self.responseNames = responseNames
    self.encoding = encoding
    self.run = run
  }

  /// The model as it is saved.
  var modelFile: ModelFile {
    ModelFile(
      model, rowCount: run.rowCount, columnNames: columnNames, responseNames: responseNames, encoding: encoding,
      parameters: parameters)
  }

  /// The summary of the rows as it is saved.
  func partialFile(_ summary: [UInt8], responseCount: Int) -> PartialFile {
    guard let method = Catalog.method(named: type(of: model).methodName) else {
      preconditionFailure("\(type(of: model).methodName) is not in the catalogue")
    }
    return PartialFile(
      summary, method: method, parameters: parameters, rowCount: run.rowCount, columnCount: run.columnCount,
      responseCount: responseCount, columnNames: columnNames, responseNames: responseNames)
  }

  var notes: [String] {
    let missing = run.missingList.map { "rows left out: \(run.skippedRowCount); missing: \($0)" }
    return [missing].compactMap { $0 } + ((model as? any ReportedModel)?.notes ?? [])
  }

  func lines(width: Int, isBold: Bool) throws -> [String] {
    let reported = model as? any ReportedModel
    let names = ReportNames(
      columns: columnNames ?? (0..<run.columnCount).map { "column \($0)" }, responses: responseNames)
    var lines = [
      "\(reported?.title ?? type(of: model).methodName): "
        + "\(count(run.rowCount, "row")) of \(count(run.columnCount, "column"))", "",
    ]
    lines += reported?.body(names, width: width, isBold: isBold) ?? []
    var figures = reported?.figures ?? []
    figures.append(("skipped rows", "\(run.skippedRowCount)"))
    figures.append(("digest", try model.digest))
    let nameWidth = figures.map(\.name.count).max() ?? 0
    return lines + figures.map { $0.name + String(repeating: " ", count: nameWidth + 2 - $0.name.count) + $0.text }
  }

  func json() throws -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(type(of: model).methodName)
    members["parameters"] = parameters
    members["model"] = .object(model.fieldsAsJSON)
    members["digest"] = .string(try model.digest)
    return members
  }
}

/// A model that has a table for people.
protocol ReportedModel: FittedModel {
  /// The method's name in prose.
  var title: String { get }
  /// Tables of the model's arrays.
  func tables(_ names: ReportNames) -> [TextTable]
  /// What stands between the title and the figures; the tables, unless there is something better.
  func body(_ names: ReportNames, width: Int, isBold: Bool) -> [String]
  /// Single figures.
  var figures: [(name: String, text: String)] { get }
  /// What people should know besides, a line each.
  var notes: [String] { get }
}

extension ReportedModel {
  var figures: [(name: String, text: String)] { [] }
  var notes: [String] { [] }

  func tables(_ names: ReportNames) -> [TextTable] { [] }

  func body(_ names: ReportNames, width: Int, isBold: Bool) -> [String] {
    tables(names).flatMap { $0.lines(width: width, isBold: isBold) + [""] }
  }
}

/// What the columns of a model are called.
struct ReportNames {
  /// The columns.
  var columns: [String]
  /// The responses, if they have names.
  var responses: [String]?

  /// The names of `count` responses.
  func responses(_ count: Int) -> [String] {
    responses ?? (count == 1 ? ["y"] : (0..<count).map { "y\($0 + 1)" })
  }

  /// The most columns, or rows, that a table shows.
  static let shownCount = 100

  /// A note if a table does not show all of so many columns.
  static func note(of count: Int) -> [String] {
    count <= shownCount
      ? [] : ["tables show the first \(shownCount) of \(count) columns; --json and --output have all"]
  }
}

extension JSONValue {
  /// An object without the members that are null: parameters that were not given.
  var withoutNulls: JSONValue {
    guard case .object(let members) = self else { return self }
    return .object(members.filter { $0.value != .null })
  }
}
