// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Synchronization
import Testing

/// NIST's reference sets, by four drivers: whole, on 4 thread-ranks, streamed in pieces of 7 rows, and merged from
/// streams of 7 rows.
///
/// Prints the table of digits that the guides show.
@Suite struct CertifiedDigitsTests {
  static let univariate: [(name: String, digits: Double)] = [
    ("Lew", 13), ("Mavro", 13), ("NumAcc1", 14), ("NumAcc2", 14), ("NumAcc3", 9.4),
  ]
  static let regressions: [(name: String, digits: Double)] = [
    ("Longley", 13), ("Wampler1", 14), ("Norris", 13), ("NoInt1", 14),
  ]

  /// The model by each driver.
  static func byAllDrivers<E: OnePassEstimator>(
    _ estimator: E, _ table: Table<Double>, responses: Int
  ) throws -> [(driver: String, model: E.Model)] {
    let whole = try estimator.fit(SplitSource(table, responses: responses))
    let ranks = ThreadRanks.run(4) { communicator in
      let n = table.rowCount
      let share = Table(table.rows.rows(n * communicator.rank / 4..<n * (communicator.rank + 1) / 4))
      return try estimator.fit(
        SplitSource(share, responses: responses), in: ExecutionContext(communicator: communicator))
    }
    var stream = Online(estimator, columnCount: table.columnCount - responses)
    try Chunked(table, rowCount: 7).forEachChunk { try stream.observe(SplitSource.split($0, responses, false)) }
    // Streams of 7 rows each, merged: here every 7 rows are a summary of their own.
    var merged = Online(estimator, columnCount: table.columnCount - responses)
    try Chunked(table, rowCount: 7).forEachChunk {
      var piece = Online(estimator, columnCount: table.columnCount - responses)
      try piece.observe(SplitSource.split($0, responses, false))
      merged.merge(piece)
    }
    return [
      ("whole", whole), ("4 ranks", try ranks[3].get()), ("streamed", try stream.output()),
      ("merged", try merged.output()),
    ]
  }

  static func text(_ digits: Double) -> String { "\((digits * 10).rounded(.down) / 10)" }

  @Test(arguments: univariate) func `moments have their certified digits`(name: String, digits: Double) throws {
    let data = try NISTData(name)
    for (driver, model) in try Self.byAllDrivers(LowOrderMoments(), Table(rows: data.rows), responses: 0) {
      let mean = certifiedDigits(model.mean[0], data.mean)
      let deviation = certifiedDigits(model.standardDeviation[0], data.standardDeviation)
      print("digits | \(name) | \(driver) | mean \(Self.text(mean)) | standard deviation \(Self.text(deviation))")
      #expect(min(mean, deviation) >= digits, "\(name), \(driver)")
    }
  }

  @Test(arguments: regressions) func `regressions have their certified digits`(name: String, digits: Double) throws {
    let data = try NISTData(name)
    let isPolynomial = name.hasPrefix("Wampler")
    let hasIntercept = !name.hasPrefix("NoInt")
    let rows = data.rows.map { row -> [Double] in
      guard isPolynomial else { return Array(row.dropFirst()) + [row[0]] }
      let x = row[1]
      return [x, x * x, x * x * x, x * x * x * x, x * x * x * x * x, row[0]]
    }
    let estimator = LinearRegression(fitsIntercept: hasIntercept)
    for (driver, model) in try Self.byAllDrivers(estimator, Table(rows: rows), responses: 1) {
      var (estimates, errors) = (15.0, 15.0)
      for parameter in data.parameters {
        let j = parameter.index - 1
        let (estimate, error) =
          j < 0
          ? (model.intercepts[0], model.interceptStandardErrors[0])
          : (model.coefficients[0, j], model.standardErrors[0, j])
        estimates = min(estimates, certifiedDigits(estimate, parameter.estimate))
        errors = min(errors, certifiedDigits(error, parameter.deviation))
      }
      let rest = min(
        certifiedDigits(model.residualStandardDeviations[0], data.residualDeviation),
        certifiedDigits(model.rSquared[0], data.rSquared))
      print(
        "digits | \(name) | \(driver) | coefficients \(Self.text(estimates)) | standard errors \(Self.text(errors))"
          + " | residual deviation and R² \(Self.text(rest))")
      #expect(data.parameters.count == model.rank + (hasIntercept ? 1 : 0))
      #expect(min(estimates, errors, rest) >= digits, "\(name), \(driver)")
    }
  }
}
