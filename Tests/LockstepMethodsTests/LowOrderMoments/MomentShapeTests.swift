// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// Moments of generated rows, in exact arithmetic (`Scripts/golden/moments.py`).
private struct MomentsReference: Decodable {
  struct Columns: Decodable {
    var count: [Double]
    var mean: [Double]
    var variance: [Double]
    var skewness: [Double]
    var kurtosis: [Double]
    var zeroCount: [Double]
  }
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var plain: Columns
  var missing: Columns
  var weighted: Columns

  static func all() throws -> [MomentsReference] {
    let url = try #require(Bundle.module.url(forResource: "Golden/moments", withExtension: "json"))
    return try JSONDecoder().decode([MomentsReference].self, from: Data(contentsOf: url))
  }
}

/// Rows of which some numbers are missing: entry (i, j) where 7 i + 3 j is a multiple of 5.
private func withGaps(_ elements: [Double], columnCount: Int) -> [Double] {
  elements.enumerated().map { e, x in
    (7 * (e / columnCount) + 3 * (e % columnCount)) % 5 == 0 ? .nan : x
  }
}

@Suite struct MomentShapeTests {
  private func check(_ model: LowOrderMoments.Model, _ expected: MomentsReference.Columns, _ name: String) {
    #expect(model.count == expected.count, "\(name)")
    #expect(model.zeroCount == expected.zeroCount, "\(name)")
    #expect(relativeDifference(model.mean, expected.mean) < 1e-15, "\(name)")
    #expect(relativeDifference(model.variance, expected.variance) < 1e-14, "\(name)")
    // On the scale of the normal distribution's: both are differences of numbers of that size.
    for (found, exact) in zip(model.skewness ?? [], expected.skewness) {
      #expect(abs(found - exact) < 1e-14 * max(1, abs(exact)), "\(name): \(found), \(exact)")
    }
    for (found, exact) in zip(model.kurtosis ?? [], expected.kurtosis) {
      #expect(abs(found - exact) < 3e-14 * max(1, abs(exact)), "\(name): \(found), \(exact)")
    }
    #expect(model.skewness?.count == expected.skewness.count && model.kurtosis?.count == expected.kurtosis.count)
  }

  @Test(arguments: ["dense", "float", "sparse", "wide sparse"]) func equalsExactArithmetic(layout: String) throws {
    let references = try MomentsReference.all()
    #expect(references.count == 5)
    for reference in references {
      let (p, elements) = (reference.rows.columns, reference.rows.elements())
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      // Floats hold whole numbers only.
      guard layout != "float" || reference.rows.whole else { continue }
      func table(_ elements: [Double]) throws -> any RowSource {
        switch layout {
        case "float": return Table(DenseRows(elements.map(Float.init), columnCount: p))
        case "dense": return Table(DenseRows(elements, columnCount: p))
        default:
          // Beyond 256 columns the kernels see stored entries only.
          let columnCount = layout == "sparse" ? p : 300
          let rows = (0..<elements.count / p).map { i in
            (0..<p).filter { elements[i * p + $0] != 0 }.map { (Int32($0), elements[i * p + $0]) }
          }
          return SparseTable(
            try SparseRows(
              offsets: rows.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
              columns: rows.flatMap { $0.map(\.0) }, values: rows.flatMap { $0.map(\.1) }, columnCount: columnCount))
        }
      }
      func first(_ model: LowOrderMoments.Model) throws -> LowOrderMoments.Model {
        // Columns of nothing but zeros have no shape.
        #expect(model.skewness?.dropFirst(p).allSatisfy(\.isNaN) == true)
        return try LowOrderMoments.Model(
          fields: ModelFields(
            methodName: "moments",
            model.fields.map { field in
              guard case .doubles(let values, _) = field.value else { return field }
              return ModelField(field.name, .vector(Array(values.prefix(p))))
            }))
      }
      let estimator = LowOrderMoments(includesShape: true, skipsMissing: true)
      let name = "\(reference.name), \(layout)"
      let rows = try table(elements)
      check(try first(LowOrderMoments(includesShape: true).fit(rows)), reference.plain, name)
      let gaps = try first(estimator.fit(table(withGaps(elements, columnCount: p))))
      check(gaps, reference.missing, name + ", missing")
      func weighted(_ rows: some RowSource) throws -> LowOrderMoments.Model {
        let weights = DenseRows((0..<rows.rowCount).map { Double(1 + $0 % 3) }, columnCount: 1)
        return try LowOrderMoments(includesShape: true).fit(TrainingRows(rows, weights: weights))
      }
      check(try first(weighted(rows)), reference.weighted, name + ", weighted")
    }
  }

  @Test(arguments: [1, 3, 8, 11, 300]) func `the other estimates have the bits that they have alone`(columnCount: Int)
    throws
  {
    let table = unequalTable(rowCount: columnCount > 8 ? 500 : 9_500, columnCount: columnCount)
    let plain = try LowOrderMoments().fit(table)
    for estimator in [LowOrderMoments(includesShape: true), .init(includesShape: false, skipsMissing: true)] {
      var model = try estimator.fit(table)
      (model.skewness, model.kurtosis, model.zeroCount) = (nil, nil, nil)
      #expect(model == plain)
    }
  }

  @Test(arguments: [1, 5, 8, 11]) func mergeLaws(columnCount: Int) throws {
    let rows = unequalTable(rowCount: 23, columnCount: columnCount).rows
    for estimator in [LowOrderMoments(includesShape: true), .init(includesShape: true, skipsMissing: true)] {
      try checkMergeLaws(estimator, rows, tolerance: 1e-13) { numbers($0).map { $0.isNaN ? 0 : $0 } }
    }
    let gaps = withGaps((0..<23).flatMap { rows.row($0) }, columnCount: columnCount)
    try checkMergeLaws(
      LowOrderMoments(includesShape: true, skipsMissing: true), DenseRows(gaps, columnCount: columnCount),
      tolerance: 1e-13
    ) { numbers($0).map { $0.isNaN ? 0 : $0 } }
  }

  @Test(arguments: [3, 9]) func driversAgree(columnCount: Int) throws {
    let table = unequalTable(rowCount: 20_000, columnCount: columnCount)
    let gaps = withGaps((0..<20_000).flatMap { table.rows.row($0) }, columnCount: columnCount)
    try checkDriversAgree(Table(DenseRows(gaps, columnCount: columnCount))) { source, context in
      try LowOrderMoments(includesShape: true, skipsMissing: true).fit(source, in: context)
    }
  }

  @Test func edgeCases() throws {
    let estimator = LowOrderMoments(includesShape: true, skipsMissing: true)
    let nan = Double.nan
    for padding in [0, 7] {
      // The last column has no number at all, the one before a single one, the second equal ones.
      let rows = [[1, 0.1, nan, nan], [nan, 0.1, nan, nan], [2, nan, 4, nan], [6, 0.1, nan, nan]].map {
        $0 + Array(repeating: 1.0, count: padding)
      }
      let model = try estimator.fit(Table(rows: rows))
      #expect(model.count?.prefix(4) == [3, 3, 1, 0] && model.missingCount?.prefix(4) == [1, 1, 3, 4])
      #expect(model.mean.prefix(3) == [3, 0.1, 4] && model.mean[3].isNaN && model.minimum[3].isNaN)
      #expect(model.variance[0] == 7 && model.variance[1] == 0 && model.variance[2].isNaN && model.variance[3].isNaN)
      #expect(model.skewness?[1].isNaN == true && model.kurtosis?[3].isNaN == true)
      // 3 Σz³/3 / (Σz²/3)^1.5 of −2, −1, 3: 18/3 / (14/3)^1.5.
      #expect(abs((model.skewness?[0] ?? 0) - 6 / (14.0 / 3 * (14.0 / 3).squareRoot())) < 1e-15)
    }
    let error = #expect(throws: LockstepError.self) { try estimator.fit(Table(rows: [[nan, 1], [2, .infinity]])) }
    #expect(error?.code == .notFinite && error?.place == .init(row: 1, column: 2))
    #expect(throws: LockstepError.self) { try LowOrderMoments(includesShape: true).fit(Table(rows: [[nan, 1]])) }
    // Fourth powers that are beyond the range of doubles say nothing; the rest is as it was.
    let huge = try LowOrderMoments(includesShape: true).fit(Table(rows: [[1e100], [3e100], [4e100]]))
    #expect(huge.kurtosis?[0].isNaN == true && huge.variance[0].isFinite)
  }
}
