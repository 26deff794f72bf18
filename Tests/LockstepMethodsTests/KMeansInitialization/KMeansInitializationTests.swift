// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct KMeansInitializationTests {
  typealias Method = KMeansInitialization.Method
  /// 1,000 rows (i, 0): a centroid's first number is its row.
  static let line = Table(rows: (0..<1000).map { [Double($0), 0] })

  /// The rows that daal4py 2026.2 chose.
  @Test(arguments: [
    (Method.firstRows, UInt64(777_777), 1, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    (.random, 777_777, 1, [911, 99, 927, 715, 573, 811, 878, 847, 72, 208]),
    (.random, 777, 1, [229, 446, 1, 991, 371, 577, 274, 832, 341, 541]),
    (.plusPlus, 777_777, 1, [911, 30, 684, 425, 298, 787, 727, 608, 110, 206]),
    (.plusPlus, 777, 1, [229, 811, 492, 997, 96, 637, 333, 891, 351, 551]),
    (.plusPlus, 777_777, 3, [911, 159, 716, 475, 357, 621, 830, 1, 72, 248]),
    (.parallel, 777_777, 1, [532, 997, 80, 799, 615, 911, 312, 170, 224, 388]),
  ]) func takesThePredecessorsRows(method: Method, seed: UInt64, trials: Int, rows: [Int]) throws {
    let initialization = KMeansInitialization(clusterCount: 10, method: method, seed: seed, trials: trials)
    let model = try initialization.fit(Self.line)
    #expect(model.rows == rows)
    #expect((0..<10).map { model.centroids[$0, 0] } == rows.map(Double.init))
  }

  @Test(arguments: Method.allCases) func driversAgree(method: Method) throws {
    let table = clusteredTable(rowCount: 9000, columnCount: 5, centerCount: 6)
    try checkDriversAgree(table) { source, context in
      try KMeansInitialization(clusterCount: 8, method: method, trials: 2).fit(source, in: context)
    }
  }

  /// Large enough that rows are rounded to bytes, which spares distances and changes no draw.
  @Test(arguments: [Method.plusPlus, .parallel]) func codesChangeNoDraw(method: Method) throws {
    let table = clusteredTable(rowCount: 20_000, columnCount: 18, centerCount: 12)
    for trials in [1, 2] {
      var initialization = KMeansInitialization(clusterCount: 24, method: method, trials: trials)
      for seed in [1, 2, 3] as [UInt64] {
        initialization.seed = seed
        let coded = try initialization.fit(table)
        // Sweeps out of order do without codes.
        let plain = try initialization.fit(table, in: ExecutionContext(isReproducible: false))
        #expect(coded == plain, "seed \(seed), \(trials) trials")
      }
    }
    try checkDriversAgree(table) { source, context in
      try KMeansInitialization(clusterCount: 24, method: method).fit(source, in: context)
    }
  }

  @Test(arguments: [Method.plusPlus, .parallel]) func theFirstNumberThatIsNotFiniteIsFound(method: Method) throws {
    let rows = clusteredTable(rowCount: 20_000, columnCount: 18, centerCount: 12).rows
    var values = (0..<20_000).map { rows.row($0) }
    values[15_000][7] = .infinity
    values[9_000][3] = .nan
    let table = Table(rows: values)
    let error = #expect(throws: LockstepError.self) {
      try KMeansInitialization(clusterCount: 24, method: method).fit(table)
    }
    #expect(error?.code == .notFinite && error?.place?.row == 9_000 && error?.place?.column == 4)
  }

  @Test(arguments: Method.allCases) func duplicatesAndTinyTables(method: Method) throws {
    // Fewer distinct rows than clusters: some rows are taken twice, none is invented.
    let table = Table(rows: (0..<12).map { [Double($0 % 3)] })
    let model = try KMeansInitialization(clusterCount: 6, method: method, oversampling: 2).fit(table)
    #expect(model.centroids.rowCount == 6)
    #expect(model.centroids.elements.allSatisfy { [0, 1, 2].contains($0) })

    let single = try KMeansInitialization(clusterCount: 1, method: method, oversampling: 2).fit(Table(rows: [[5.0]]))
    #expect(single.centroids.elements == [5])
  }

  @Test(arguments: Method.allCases) func tooFewRowsAndNaNAreErrors(method: Method) throws {
    let initialization = KMeansInitialization(clusterCount: 4, method: method, oversampling: 2)
    let few = #expect(throws: LockstepError.self) { try initialization.fit(Table(rows: [[1.0], [2.0]])) }
    #expect(few?.code == .tooFewRows)
    let bad = #expect(throws: LockstepError.self) {
      try initialization.fit(Table(rows: [[1.0], [2.0], [.nan], [4.0], [5.0]]))
    }
    #expect(bad?.code == .notFinite && bad?.place?.row == 2)
  }

  @Test func errorsThatAllRanksComeToHaveCrossedRanks() throws {
    // The mark of a rank says that the error came through a collective: one message is printed of it.
    let few = ThreadRanks.run(3) { communicator in
      let context = ExecutionContext(communicator: communicator)
      _ = try KMeansInitialization(clusterCount: 7).fit(Table(rows: [[1.0], [2.0]]), in: context)
    }
    let overflowing = ThreadRanks.run(3) { communicator in
      let context = ExecutionContext(communicator: communicator)
      _ = try KMeansInitialization(clusterCount: 3).fit(Table(rows: [[-1e200], [1e200]]), in: context)
    }
    for result in few + overflowing {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.rank == 0)
    }
  }

  @Test func outliersDoNotExhaustTheWeights() throws {
    // Once the outlier is a centroid, all distances left are 10⁻²⁰ of the largest before.
    var rows = (0..<1000).map { [Double($0 % 100)] }
    rows[500] = [1e12]
    let model = try KMeansInitialization(clusterCount: 5).fit(Table(rows: rows))
    #expect(Set(model.centroids.elements).count == 5)
    #expect(model.centroids.elements.contains(1e12))
  }

  @Test func manyBlocksAreSearchedInSteps() throws {
    // More than 128 blocks, so that runs of blocks are put together and taken apart again.
    let table = clusteredTable(rowCount: 16384 * 2 + 17, columnCount: 1, centerCount: 50)
    let wide = Table(rows: (0..<140_000).map { [table.rows.row($0 % table.rowCount)[0]] })
    let expected = try KMeansInitialization(clusterCount: 6).fit(wide)
    #expect(expected.rows.count == 6)
  }

  @Test func failuresReachAllRanks() throws {
    let table = clusteredTable(rowCount: 20_000, columnCount: 3, centerCount: 4)
    try checkFailuresReachAllRanks(table, readings: 5) { source, context in
      _ = try KMeansInitialization(clusterCount: 4).fit(source, in: context)
    }
  }
}
