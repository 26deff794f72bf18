// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// The result of a fit.
struct FitReport: Report {
  /// The model, as it is saved.
  let modelFile: ModelFile
  let run: RunFacts

  private var model: any FittedModel { modelFile.model }

  /// Gathers what the ranks know.
  ///
  /// Collective.
  init(_ outcome: FitOutcome, data: InputRows, session: Session) throws {
    modelFile = try ModelFile(
      outcome.model, fittedTo: data.rows, parameters: outcome.estimator.parameters.withoutNulls, in: session.context)
    run = try RunFacts(data, columnCount: outcome.model.columnCount, in: session.context)
  }

  /// A report of parts that are known already.
  init(_ modelFile: ModelFile, run: RunFacts) {
    self.modelFile = modelFile
    self.run = run
  }

  private var report: ModelReport? {
    (model as? any ReportedModel)?.report(
      ReportNames(
        columns: modelFile.columnNames, columnCount: run.columnCount, responses: modelFile.responseNames))
  }

  var notes: [String] {
    let missing = run.missingList.map { "rows left out: \(run.skippedRowCount); missing: \($0)" }
    return [missing].compactMap { $0 } + (report?.notes ?? [])
  }

  func lines(_ format: ReportFormat, width: Int, isBold: Bool) throws -> [String] {
    try (report ?? ModelReport(title: type(of: model).methodName)).lines(
      format, rowCount: run.rowCount, columnCount: run.columnCount,
      more: modelFile.baseLevels + [("skipped rows", "\(run.skippedRowCount)"), ("digest", model.digest)], width: width,
      isBold: isBold)
  }

  func json() throws -> [String: JSONValue] {
    var members = run.json
    members["method"] = .string(type(of: model).methodName)
    members["parameters"] = modelFile.parameters
    var fields = model.fieldsAsJSON
    // The names belong to the coefficients and centroids; the digest covers numbers alone.
    if let names = modelFile.columnNames { fields["columnNames"] = .array(names.map(JSONValue.string)) }
    if let names = modelFile.responseNames { fields["responseNames"] = .array(names.map(JSONValue.string)) }
    if let encoding = modelFile.encoding { fields["encoding"] = encoding.json }
    members["model"] = .object(fields)
    members["digest"] = .string(try model.digest)
    return members
  }
}
