// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Rows of which about a fifth of the entries are not zero; every seventh row is empty, and column 3 of more than four too if
/// asked.
///
/// Where `responses` are wanted, that many last columns depend on the others; a weight is 1, 2 or 3.
func mostlyZeros<Element: Scalar>(
  rowCount: Int, columnCount: Int, responses: Int = 0, hasWeights: Bool = false, hasEmptyColumn: Bool = true,
  stored: Double = 0.2, as type: Element.Type = Double.self
) -> Table<Element> {
  var generator = SplitMix64(state: UInt64(rowCount * 1000 + columnCount))
  return Table(
    rows: (0..<rowCount).map { i in
      let x = (0..<columnCount).map { j -> Double in
        let value = Double.random(in: -1...2, using: &generator) * Double(1 + j % 5)
        guard Double.random(in: 0..<1, using: &generator) < stored, i % 7 != 5 else { return 0 }
        return hasEmptyColumn && columnCount > 4 && j == 3 ? 0 : value
      }
      let y = (0..<responses).map { k in
        x.enumerated().reduce(Double(k)) { $0 + Double(($1.offset + k) % 4 - 1) * $1.element }
          + Double.random(in: -1...1, using: &generator)
      }
      return (x + y + (hasWeights ? [Double(1 + i % 3)] : [])).map { Element($0) }
    })
}

/// Every method on sparse rows: the bits of dense rows, and the same bits by every driver.
@Suite struct SparseMethodsTests {
  private func check<Element: Scalar, Model: Codable & Sendable>(
    _ dense: Table<Element>, _ fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
  ) throws {
    let sparse = SparseTable(SparseRows(dense.rows))
    let expected = try PackedEncoder().encode(try fit(dense, .local))
    #expect(try PackedEncoder().encode(try fit(sparse, .local)) == expected, "sparse and dense rows differ")
    try checkDriversAgree(sparse, fit: fit)
  }

  private func checkBoth<Model: Codable & Sendable>(
    _ rowCount: Int, _ columnCount: Int, responses: Int = 0, hasWeights: Bool = false, hasEmptyColumn: Bool = true,
    _ fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
  ) throws {
    try check(
      mostlyZeros(
        rowCount: rowCount, columnCount: columnCount, responses: responses, hasWeights: hasWeights,
        hasEmptyColumn: hasEmptyColumn), fit)
    try check(
      mostlyZeros(
        rowCount: rowCount / 4, columnCount: columnCount, responses: responses, hasWeights: hasWeights,
        hasEmptyColumn: hasEmptyColumn, as: Float.self), fit)
  }

  @Test(arguments: KMeansInitialization.Method.allCases) func kMeansFromEveryStart(method: KMeansInitialization.Method)
    throws
  {
    try checkBoth(2500, 11) { source, context in
      var kmeans = KMeans(clusterCount: 6)
      kmeans.initialization = method
      kmeans.maxIterations = 10
      let (model, labels) = try kmeans.fitAssigning(source, in: context)
      return Clustering(model: model, labels: Array(try context.gathered(labels).joined()))
    }
  }

  @Test func kMeansWithBoundsAndManyClusters() throws {
    try check(mostlyZeros(rowCount: 4500, columnCount: 40)) { source, context in
      var kmeans = KMeans(clusterCount: 60)
      kmeans.maxIterations = 8
      return try kmeans.fit(source, in: context)
    }
  }

  @Test func kMeansWhereClustersRunEmpty() throws {
    // Three distinct rows, one of them empty.
    try check(Table(rows: (0..<50).map { i in [i % 3 == 0 ? 1.0 : 0, i % 3 == 1 ? 2.0 : 0] })) { source, context in
      try KMeans(clusterCount: 3, maxIterations: 5).fit(
        source, startingAt: Matrix(rows: [[0, 0], [0, 0], [1, 1]]), in: context)
    }
  }

  @Test(arguments: KMeansInitialization.Method.allCases) func kMeansInitialization(
    method: KMeansInitialization.Method
  ) throws {
    try checkBoth(8300, 5) { source, context in
      try KMeansInitialization(clusterCount: 8, method: method, trials: 2).fit(source, in: context)
    }
  }

  @Test func lowOrderMoments() throws {
    try checkBoth(2000, 3) { try LowOrderMoments().fit($0, in: $1) }
    try checkBoth(8300, 40) { try LowOrderMoments().fit($0, in: $1) }
    try checkBoth(2000, 9, hasWeights: true) {
      try LowOrderMoments().fit(SplitSource($0, responses: 0, hasWeights: true), in: $1)
    }
  }

  @Test func covariance() throws {
    try checkBoth(8300, 6) { try Covariance(includesCorrelation: false).fit($0, in: $1) }
    try checkBoth(4200, 20, hasWeights: true) {
      try Covariance().fit(SplitSource($0, responses: 0, hasWeights: true), in: $1)
    }
  }

  @Test(arguments: PCA.Method.allCases) func pca(method: PCA.Method) throws {
    try checkBoth(4200, 20, hasEmptyColumn: false) { try PCA(componentCount: 3, method: method).fit($0, in: $1) }
  }

  @Test func regressions() throws {
    try checkBoth(2000, 6, responses: 2, hasEmptyColumn: false) {
      try LinearRegression().fit(SplitSource($0, responses: 2), in: $1)
    }
    try checkBoth(4200, 20, responses: 1, hasWeights: true, hasEmptyColumn: false) {
      try LinearRegression().fit(SplitSource($0, responses: 1, hasWeights: true), in: $1)
    }
    try checkBoth(2000, 6, responses: 2) {
      try RidgeRegression(regularization: [0.5, 3]).fit(SplitSource($0, responses: 2), in: $1)
    }
  }

  @Test func qrDecomposition() throws {
    try checkBoth(2200, 65, hasEmptyColumn: false) { try WholeFactors.decompose($0, $1) }
    try checkBoth(2000, 12) { try WholeFactors.decompose($0, $1) }  // by reflectors: a column is empty
    try check(mostlyZeros(rowCount: 17_000, columnCount: 3, hasEmptyColumn: false)) {
      try WholeFactors.decompose($0, $1)
    }
  }

  @Test func svd() throws {
    try checkBoth(4200, 20, hasEmptyColumn: false) { try WholeDecomposition.decompose($0, $1) }
    try checkBoth(2000, 12) { try WholeDecomposition.decompose($0, $1, componentCount: 4) }
    try checkBoth(3000, 9) { try SVD().fit($0, in: $1) }
  }

  @Test func streams() throws {
    let dense = mostlyZeros(rowCount: 9000, columnCount: 9, hasEmptyColumn: false)
    let sparse = SparseRows(dense.rows)
    var moments = Online(LowOrderMoments(), columnCount: 9)
    var covariance = Online(Covariance(), columnCount: 9)
    try Chunked(sparse, rowCount: 999).forEachChunk {
      try moments.observe($0)
      try covariance.observe($0)
    }
    let saved = try PackedDecoder().decode(
      Online<LowOrderMoments>.self, from: try PackedEncoder().encode(moments))
    #expect(try saved.output() == LowOrderMoments().fit(dense))
    #expect(try covariance.output() == Covariance().fit(dense))
  }

  @Test func predictionsAndScores() throws {
    let dense = mostlyZeros(rowCount: 3000, columnCount: 9, responses: 2, hasEmptyColumn: false)
    let model = try LinearRegression().fit(SplitSource(dense, responses: 2))
    let features = SplitSource.split(dense.rows, 2, false)
    let sparse = SplitSource.split(SparseRows(dense.rows), 2, false)
    #expect(sparse.features.layout == "sparse Double")
    #expect(try model.predict(sparse) == model.predict(features))
    let clusters = try KMeans(clusterCount: 5).fit(dense)
    #expect(try clusters.predict(SparseRows(dense.rows)) == clusters.predict(dense.rows))
  }

  @Test func aNaNIsNamedByRowAndColumn() throws {
    let table = try SparseTable(offsets: [0, 1, 1, 3], columns: [0, 1, 2], values: [1, 2, .nan], columnCount: 4)
    for fit in [
      { _ = try LowOrderMoments().fit(table) }, { _ = try Covariance().fit(table) },
      { _ = try KMeans(clusterCount: 1).fit(table) }, { _ = try QRDecomposition().fit(table) },
    ] {
      let error = #expect(throws: LockstepError.self) { try fit() }
      #expect(
        error?.code == .notFinite && error?.place?.row == 2 && error?.place?.column == 3, "\(String(describing: error))"
      )
    }
  }

  @Test func ranksOfDifferentLayoutsAreRefused() throws {
    let dense = mostlyZeros(rowCount: 10, columnCount: 3)
    let results = ThreadRanks.run(2) { communicator in
      let context = ExecutionContext(communicator: communicator)
      return communicator.rank == 0
        ? try LowOrderMoments().fit(dense, in: context)
        : try LowOrderMoments().fit(SparseTable(SparseRows(dense.rows)), in: context)
    }
    for result in results {
      let error = #expect(throws: LockstepError.self) { _ = try result.get() }
      #expect(error?.code == .shapeMismatch)
    }
  }
}

private struct Clustering: Codable, Sendable {
  var model: KMeans.Model
  var labels: [Int32]
}
