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
    parameters = outcome.estimator.parameters.withoutNulls
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

  private var report: ModelReport? {
    (model as? any ReportedModel)?.report(
      ReportNames(columns: columnNames, columnCount: run.columnCount, responses: responseNames))
  }

  var notes: [String] {
    let missing = run.missingList.map { "rows left out: \(run.skippedRowCount); missing: \($0)" }
    return [missing].compactMap { $0 } + (report?.notes ?? [])
  }

  func lines(width: Int, isBold: Bool) throws -> [String] {
    try (report ?? ModelReport(title: type(of: model).methodName)).lines(
      rowCount: run.rowCount, columnCount: run.columnCount,
      more: [("skipped rows", "\(run.skippedRowCount)"), ("digest", model.digest)], width: width, isBold: isBold)
  }

  func json() throws -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(type(of: model).methodName)
    members["parameters"] = parameters
    var fields = model.fieldsAsJSON
    // The names belong to the coefficients and centroids; the digest covers numbers alone.
    if let columnNames { fields["columnNames"] = .array(columnNames.map(JSONValue.string)) }
    if let responseNames { fields["responseNames"] = .array(responseNames.map(JSONValue.string)) }
    members["model"] = .object(fields)
    members["digest"] = .string(try model.digest)
    return members
  }
}
