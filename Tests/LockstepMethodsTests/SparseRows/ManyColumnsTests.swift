// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// Methods on sparse rows of more columns than are scattered: the same bits by every driver, and the numbers of dense rows.
@Suite struct ManyColumnsTests {
  private let columnCount = 280

  private func dense(_ rowCount: Int, stored: Double = 0.03) -> Table<Double> {
    mostlyZeros(rowCount: rowCount, columnCount: columnCount, stored: stored)
  }

  private func sparse(_ table: Table<Double>) -> SparseTable<Double> { SparseTable(SparseRows(table.rows)) }

  /// On threads, in chunks, and on three ranks, one of them without rows.
  private func checkFewDriversAgree<Model: Codable & Sendable>(
    _ table: SparseTable<Double>, _ fit: @escaping @Sendable (any RowSource, ExecutionContext) throws -> Model
  ) throws {
    let expected = try PackedEncoder().encode(try fit(table, .local))
    #expect(
      try PackedEncoder().encode(try fit(Chunked(table.rows, rowCount: 100), ExecutionContext(threadCount: 2)))
        == expected)
    let cuts = [0, 701, 701, table.rowCount]
    for result in ThreadRanks.run(
      3,
      { communicator in
        let rank = communicator.rank
        return try PackedEncoder().encode(
          try fit(
            SparseTable(table.rows.rows(cuts[rank]..<cuts[rank + 1])), ExecutionContext(communicator: communicator)))
      })
    {
      #expect(try result.get() == expected)
    }
  }

  private func expectClose(_ a: [Double], _ b: [Double], _ tolerance: Double, _ what: String) {
    let scale = b.reduce(0) { max($0, abs($1)) }
    #expect(a.count == b.count && zip(a, b).allSatisfy { abs($0 - $1) <= tolerance * scale }, "\(what)")
  }

  @Test func lowOrderMoments() throws {
    let table = dense(9000)
    try checkDriversAgree(sparse(table)) { try LowOrderMoments().fit($0, in: $1) }
    let (found, expected) = (try LowOrderMoments().fit(sparse(table)), try LowOrderMoments().fit(table))
    #expect(found.minimum == expected.minimum && found.maximum == expected.maximum)
    // The dense kernel adds eight rows at a time in double.
    expectClose(found.mean, expected.mean, 0x1p-49, "means")
    expectClose(found.variance, expected.variance, 0x1p-48, "variances")
  }

  @Test func kMeans() throws {
    let table = dense(5000)
    let fit: @Sendable (any RowSource, ExecutionContext) throws -> KMeans.Model = { source, context in
      var kmeans = KMeans(clusterCount: 7)
      kmeans.maxIterations = 6
      return try kmeans.fit(source, in: context)
    }
    try checkDriversAgree(sparse(table), fit: fit)
    let (found, expected) = (try fit(sparse(table), .local), try fit(table, .local))
    #expect(found.clusterSizes == expected.clusterSizes)
    expectClose(found.centroids.elements, expected.centroids.elements, 0x1p-46, "centroids")
    expectClose([found.objective], [expected.objective], 0x1p-46, "objective")
  }

  @Test func covariance() throws {
    let table = dense(2500)
    try checkFewDriversAgree(sparse(table)) { try Covariance().fit($0, in: $1) }
    let (found, expected) = (try Covariance().fit(sparse(table)), try Covariance().fit(table))
    expectClose(found.covariance.elements, expected.covariance.elements, 2500 * 0x1p-52, "covariance")
    expectClose(found.means, expected.means, 0x1p-45, "means")
  }

  @Test func regressions() throws {
    let table = mostlyZeros(
      rowCount: 2500, columnCount: columnCount, responses: 2, hasWeights: true, hasEmptyColumn: false, stored: 0.05)
    let source = SplitSource(sparse(table), responses: 2, hasWeights: true)
    let expected = try LinearRegression().fit(SplitSource(table, responses: 2, hasWeights: true))
    let found = try LinearRegression().fit(source)
    expectClose(found.coefficients.elements, expected.coefficients.elements, 0x1p-40, "coefficients")
    try checkFewDriversAgree(sparse(table)) {
      try RidgeRegression().fit(SplitSource($0, responses: 2, hasWeights: true), in: $1)
    }
    let rows = SplitSource.split(SparseRows(table.rows), 2, true)
    let predicted = try found.predict(rows)
    expectClose(
      predicted.elements, try found.predict(SplitSource.split(table.rows, 2, true)).elements, 0x1p-44, "predictions")
  }

  @Test func factorizations() throws {
    let table = mostlyZeros(rowCount: 2500, columnCount: columnCount, hasEmptyColumn: false, stored: 0.05)
    let (found, expected) = (
      try WholeDecomposition.decompose(sparse(table), .local), try WholeDecomposition.decompose(table, .local)
    )
    expectClose(found.model.singularValues, expected.model.singularValues, 0x1p-44, "singular values")
    try checkFewDriversAgree(sparse(table)) { try WholeFactors.decompose($0, $1) }
    // A column is empty: by reflectors.
    let deficient = sparse(dense(1500, stored: 0.05))
    try checkFewDriversAgree(deficient) { try WholeFactors.decompose($0, $1) }
  }
}
