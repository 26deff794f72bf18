// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// Checks what the catalogue promises of a method: all drivers give one model, summaries of parts can be merged, streams agree, a weight
/// counts a row that often, single-precision rows are taken, and models can be saved.
///
/// A new method joins by its line in the catalogue.
///
/// - Parameters:
///   - method: The method, with all its defaults.
///   - table: The rows, in double, whose numbers are also exact in single precision.
///   - tolerance: The largest relative difference that rounding explains, between a fit and merged summaries.
///   - weightColumn: The column of the table that `prepare` makes the weights, whole numbers from 0.
///   - prepare: What makes rows of the method of rows of the table: the last columns as responses, for example.
/// - Throws: ``Violation`` naming the first promise that is broken, or what the fit throws.
public func checkCatalogPromises(
  of method: Method, _ table: Table<Double>, tolerance: Double, weightColumn: Int,
  prepare: @escaping @Sendable (any RowSource) -> any RowSource
) throws {
  let parameters = JSONValue.object([:])
  let whole = try method.fit(parameters, to: prepare(table), in: .local)
  try checkDriversAgree(table) { source, context in
    try method.fit(parameters, to: prepare(source), in: context).digest
  }

  let floats = Table<Float>(
    DenseRows(table.rows.withUnsafeElements { $0.map { Float($0) } }, columnCount: table.columnCount))
  try checkAgreement(
    "single-precision rows", try method.fit(parameters, to: prepare(floats), in: .local), whole, tolerance)

  let file = ModelFile(whole, rowCount: table.rowCount, parameters: method.defaultParameters)
  guard try ModelFile(json: try file.encodedAsJSON(), file: "the model").model.digest == whole.digest else {
    throw Violation(description: "the model changes when it is saved")
  }

  if method.rowOutput != nil {
    let (model, values) = try method.fitWithRowValues(parameters, to: prepare(table), in: .local)
    try checkAgreement("a fit with values of rows", model, whole, tolerance)
    guard values.rowCount == table.rowCount else {
      throw Violation(description: "\(values.rowCount) values of \(table.rowCount) rows")
    }
    let limited = try method.fitWithRowValues(
      parameters, to: prepare(Elsewhere(table.rows, rowCount: 7)),
      in: ExecutionContext(memoryLimit: MemoryLimit(windowByteCount: 512)))
    guard try limited.model.digest == model.digest, try limited.rowValues.json() == values.json() else {
      throw Violation(description: "a limit of memory changes the fit or its values of rows")
    }
  }

  // Methods of several sweeps take no weights.
  guard method.isStreamable else { return }
  // Where weights may be something else too, they are counts here.
  let counting: JSONValue =
    method.parameters.contains { $0.name == "weightKind" } ? .object(["weightKind": .string("frequency")]) : parameters
  let weighted = try method.fit(counting, to: prepare(table), in: .local)
  let repeated = try method.fit(counting, to: prepare(table.repeatingRows(by: weightColumn)), in: .local)
  // Counts of rows are those of the rows that are there.
  try checkAgreement(
    "rows repeated as often as their weights say", repeated, weighted, tolerance, ignoring: ["classCounts"])
  let cuts = [0, table.rowCount / 7, table.rowCount / 2, table.rowCount / 2, table.rowCount]
  let parts = try (0..<4).map { i in
    try method.stream(parameters, of: prepare(Table(table.rows.rows(cuts[i]..<cuts[i + 1]))), in: .local)
  }
  func merged(_ streams: [MethodStream]) throws -> MethodStream {
    var all = streams[0]
    for stream in streams.dropFirst() { try all.merge(stream) }
    return all
  }
  try checkAgreement("merged summaries", try merged(parts).model(), whole, tolerance)
  let left = try merged([try merged([parts[0], parts[1]]), try merged([parts[2], parts[3]])])
  try checkAgreement("summaries merged in pairs", try left.model(), whole, tolerance)

  if let estimator = method.estimatorType as? any (CatalogEstimator & OnePassEstimator).Type {
    try checkStreams(of: estimator, prepare(Table(table.rows.rows(0..<min(table.rowCount, 300)))), tolerance)
  }
}

extension Table<Double> {
  /// Each row as often as the number in a column says, with 1 in that column.
  fileprivate func repeatingRows(by column: Int) -> Table<Double> {
    let elements = (0..<rowCount).flatMap { i -> [Double] in
      var row = rows.row(i)
      let count = Int(row[column])
      row[column] = 1
      return (0..<count).flatMap { _ in row }
    }
    return Table(DenseRows(elements, columnCount: columnCount))
  }
}

private func checkStreams<E: CatalogEstimator & OnePassEstimator>(
  of type: E.Type, _ source: any RowSource, _ tolerance: Double
) throws {
  func check(_ source: some RowSource) throws {
    try checkStreamsAgree(E(), source, tolerance: tolerance) { $0.numbers }
  }
  try check(source)
}

/// Throws unless two models have the same fields up to rounding.
func checkAgreement(
  _ way: String, _ found: any FittedModel, _ expected: any FittedModel, _ tolerance: Double,
  ignoring ignored: Set<String> = []
) throws {
  let (a, b) = (found.numbers, expected.numbers)
  guard a.count == b.count else { throw Violation(description: "\(way) give other fields") }
  for (i, field) in expected.fields.enumerated() where !ignored.contains(field.name) {
    let difference = relativeDifference(a[i], b[i])
    guard difference <= tolerance else {
      throw Violation(description: "\(way): \(field.name) differs by \(difference) > \(tolerance)")
    }
  }
}

extension FittedModel {
  /// The numbers of each field.
  var numbers: [[Double]] {
    fields.map { field in
      switch field.value {
      case .doubles(let values, _): values
      case .integers(let values, _): values.map(Double.init)
      case .bool(let value): [value ? 1 : 0]
      case .strings(let values): values.map { Double($0.utf8.reduce(0) { $0 &* 31 &+ Int($1) }) }
      }
    }
  }
}
