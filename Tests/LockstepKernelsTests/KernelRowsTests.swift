// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct KernelRowsTests {
    /// The definition of a squared distance, in Swift.
    func reference(_ x: ArraySlice<Double>, _ c: ArraySlice<Double>) -> Double {
      let differences = zip(x, c).map { $0 - $1 }
      let p = differences.count
      var lanes = [Double](repeating: 0, count: 8)
      for j in 0..<p - p % 8 { lanes[j % 8].addProduct(differences[j], differences[j]) }
      for j in p - p % 8..<p {
        let lane = p < 8 ? j : j - (p - 8)
        lanes[lane].addProduct(differences[j], differences[j])
      }
      return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
    }

    @Test(arguments: [1, 2, 7, 8, 9, 15, 16, 50, 129]) func `distances are the definition on every level`(p: Int) {
      let n = 23
      let k = 4
      let rows = DataKind.farAway.rows(count: n, columnCount: p, seed: p)
      let centroids = DataKind.farAway.rows(count: k, columnCount: p, seed: p + 1)
      let labels = (0..<n).map { Int32($0 % k) }
      let expected = (0..<n).map { i in
        let c = Int(labels[i])
        return reference(rows[i * p..<(i + 1) * p], centroids[c * p..<(c + 1) * p])
      }
      for level in levels {
        level.use()
        let view = testRows(rows, columnCount: p)
        var distances = [Double](repeating: 0, count: n)
        let sum = view.squaredDistances(to: centroids, labels: labels, into: &distances)
        #expect(distances == expected)
        #expect(sum == expected.reduce(0, +))
        #expect(view.squaredDistances(to: centroids, labels: labels, into: nil) == sum)
      }
    }

    @Test(arguments: [1, 5, 8, 50]) func `minimums fall`(p: Int) {
      let n = 57
      let trials = 3
      let rows = DataKind.clustered.rows(count: n, columnCount: p, seed: p)
      let centres = startingCentroids(rows, clusterCount: trials, columnCount: p)
      for level in levels {
        level.use()
        let view = testRows(rows, columnCount: p)
        var minimums = (0..<n).map { Double($0 % 5) * Double(p) }
        minimums[3] = .infinity
        for t in 0..<trials {
          let centre = Array(centres[t * p..<(t + 1) * p])
          let expected = (0..<n).map { min(minimums[$0], reference(rows[$0 * p..<($0 + 1) * p], centre[...])) }
          var lowered = minimums
          let sum = view.lowerMinimums(to: centre, &lowered)
          #expect(lowered == expected)
          #expect(sum == expected.reduce(0, +))
        }
      }
    }

    @Test(arguments: [1, 3, 8, 21]) func `the first number that is not finite is found`(p: Int) {
      let n = 30
      for level in levels {
        level.use()
        var rows = DataKind.uniform.rows(count: n, columnCount: p, seed: p)
        rows[0] = 1.7e308
        rows[1] = -0.0
        #expect(testRows(rows, columnCount: p).firstNonFinite() == nil)
        for index in stride(from: n * p - 1, through: 0, by: -4) {
          rows[index] = [Double.nan, .infinity, -.infinity][index % 3]
          let found = testRows(rows, columnCount: p).firstNonFinite()
          #expect(found?.row == index / p && found?.column == index % p)
          let floats = rows.map { Float($0.isFinite ? 0 : $0) }
          let inFloats = testRows(floats, columnCount: p).firstNonFinite()
          #expect(inFloats?.row == index / p && inFloats?.column == index % p)
        }
      }
    }

    @Test(arguments: [1, 3, 8, 21]) func `extremes of columns`(p: Int) {
      let n = 30
      for level in levels {
        level.use()
        var rows = DataKind.clustered.rows(count: n, columnCount: p, seed: p)
        rows[5 * p] = .nan
        var minimums = [Double](repeating: .infinity, count: p)
        var maximums = [Double](repeating: -.infinity, count: p)
        testRows(rows, columnCount: p).widenExtremes(minimums: &minimums, maximums: &maximums)
        for j in 0..<p {
          let column = (0..<n).map { rows[$0 * p + j] }.filter { !$0.isNaN }
          #expect(minimums[j] == column.min() && maximums[j] == column.max())
        }
      }
    }
  }
}
