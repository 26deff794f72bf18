// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Rows whose columns depend on each other.
func correlatedTable(rowCount: Int, columnCount: Int, seed: UInt64 = 3) -> Table<Double> {
  var generator = SplitMix64(state: seed)
  let mix = (0..<columnCount * columnCount).map { _ in Double.random(in: -1...1, using: &generator) }
  return Table(
    rows: (0..<rowCount).map { _ in
      let z = (0..<columnCount).map { Double.random(in: -1...1, using: &generator) / Double($0 + 1) }
      return (0..<columnCount).map { j in 5 + (0..<columnCount).reduce(0.0) { $0 + z[$1] * mix[$1 * columnCount + j] } }
    })
}

@Suite struct PCATests {
  @Test(arguments: [2, 9, 20], PCA.Method.allCases)
  func `components are orthonormal directions of the stated variance`(columnCount: Int, method: PCA.Method) throws {
    let table = correlatedTable(rowCount: 300, columnCount: columnCount)
    let model = try PCA(componentCount: nil, method: method).fit(table)
    let scores = try model.transform(table.rows)
    let covariance = try Covariance().fit(Table(DenseRows(scores.elements, columnCount: columnCount))).covariance
    for i in 0..<columnCount {
      #expect(abs(covariance[i, i] - model.eigenvalues[i]) < 1e-12 * model.eigenvalues[0])
      for j in 0..<columnCount {
        let dot = zip(model.components.row(i), model.components.row(j)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot - (i == j ? 1 : 0)) < 1e-13)
        if i != j { #expect(abs(covariance[i, j]) < 1e-12 * model.eigenvalues[0]) }
      }
      let row = Array(model.components.row(i))
      #expect(row.max { abs($0) < abs($1) } ?? 0 > 0)
    }
    #expect(model.eigenvalues == model.eigenvalues.sorted(by: >))
    #expect(abs(model.explainedVarianceRatio.reduce(0, +) - 1) < 1e-12)
    let whitened = try PCA(componentCount: 2, method: method, isWhitened: true).fit(table).transform(table.rows)
    let variances = try LowOrderMoments().fit(Table(DenseRows(whitened.elements, columnCount: 2))).variance
    for variance in variances { #expect(abs(variance - 1) < 1e-12) }
  }

  @Test(arguments: [4, 20]) func driversAgree(columnCount: Int) throws {
    let table = correlatedTable(rowCount: 12_000, columnCount: columnCount)
    for method in PCA.Method.allCases {
      try checkDriversAgree(table) { source, context in
        try PCA(componentCount: 3, method: method).fit(source, in: context)
      }
      var stream = Online(PCA(componentCount: 3, method: method), columnCount: columnCount)
      try Chunked(table, rowCount: 1000).forEachChunk { try stream.observe($0) }
      #expect(try stream.output() == PCA(componentCount: 3, method: method).fit(table))
    }
  }

  @Test func mergeLaws() throws {
    try checkMergeLaws(PCA(), correlatedTable(rowCount: 17, columnCount: 3).rows, tolerance: 1e-12) {
      $0.eigenvalues + $0.means
    }
  }

  @Test func failuresReachAllRanks() throws {
    try checkFailuresReachAllRanks(correlatedTable(rowCount: 100, columnCount: 2), readings: 1) { source, context in
      for _ in 0..<3 { _ = try PCA().fit(source, in: context) }
    }
  }

  @Test(arguments: PCA.Method.allCases) func `fewer rows than columns, constant columns, one row`(method: PCA.Method)
    throws
  {
    let short = try PCA(componentCount: nil, method: method).fit(correlatedTable(rowCount: 4, columnCount: 9))
    #expect(
      short.eigenvalues.count == 9 && short.eigenvalues.dropFirst(3).allSatisfy { $0 < 1e-13 * short.eigenvalues[0] })

    let table = correlatedTable(rowCount: 50, columnCount: 3)
    let constant = Table(rows: (0..<50).map { table.rows.row($0) + [0.1] })
    let model = try PCA(componentCount: nil, method: method).fit(constant)
    #expect(model.eigenvalues.allSatisfy(\.isFinite) && model.variances[3] == 0)
    #expect(abs(model.eigenvalues[3]) < 1e-13 && model.components[0, 3] == 0)
    #expect(try model.transform(constant.rows).elements.allSatisfy(\.isFinite))
    let scaled = method != .covariance
    if scaled { #expect(abs(model.eigenvalues.reduce(0, +) - 3) < 1e-12) }

    let error = #expect(throws: LockstepError.self) { try PCA().fit(Table(rows: [[1.0, 2]])) }
    #expect(error?.code == .tooFewRows)
  }

  @Test func `small variances keep their digits by svd`() throws {
    // Three directions with deviations 1, 10⁻⁵ and 10⁻¹⁰, turned.
    var generator = SplitMix64(state: 8)
    let table = Table(
      rows: (0..<400).map { _ -> [Double] in
        let z = [1, 1e-5, 1e-10].map { $0 * Double.random(in: -1...1, using: &generator) }
        return [z[0] + z[1], z[0] - z[1] + z[2], z[1] - 2 * z[2]]
      })
    let model = try PCA(componentCount: nil, method: .svd, isScaled: false).fit(table)
    let smallest = model.eigenvalues[2].squareRoot()
    #expect(smallest > 1e-11 && smallest < 1e-9)
    // The score along the smallest direction, taken from the rows, has that deviation to the digits the rows carry.
    let scores = try model.transform(table.rows)
    let deviation = try LowOrderMoments().fit(Table(rows: (0..<400).map { [scores[$0, 2]] })).standardDeviation[0]
    #expect(abs(deviation - smallest) < 1e-4 * smallest)
  }

  @Test func `the share of variance decides the number of components`() throws {
    let table = correlatedTable(rowCount: 200, columnCount: 6)
    let all = try PCA().fit(table)
    for share in [0.01, 0.5, 0.9, 0.999, 1] {
      let model = try PCA(varianceShare: share).fit(table)
      let k = model.componentCount
      #expect(all.explainedVarianceRatio.prefix(k).reduce(0, +) >= share - 1e-12)
      #expect(k == 1 || all.explainedVarianceRatio.prefix(k - 1).reduce(0, +) < share)
      #expect(model.eigenvalues == Array(all.eigenvalues.prefix(k)))
    }
    for estimator in [PCA(componentCount: 0), PCA(componentCount: 7), PCA(varianceShare: 1.5), PCA(varianceShare: 0)] {
      let error = #expect(throws: LockstepError.self) { try estimator.fit(table) }
      #expect(error?.code == .usage)
    }
    #expect(try PCA.Model(fields: .init(methodName: "pca", all.fields)) == all)
  }
}
