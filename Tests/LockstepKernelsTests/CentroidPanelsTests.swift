// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct CentroidPanelsTests {
    @Test(arguments: DataKind.allCases) func `plain sweeps are the definition, bit for bit, on every level`(kind: DataKind)
    {
      for (n, k, p) in [(37, 3, 1), (41, 8, 2), (50, 9, 7), (33, 5, 8), (40, 12, 17), (20, 20, 33)] {
        let rows = kind.rows(count: n, columnCount: p, seed: n)
        let start = startingCentroids(rows, clusterCount: k, columnCount: p)
        let expected = referenceSweep(rows, centroids: start, shift: columnMeans(start, columnCount: p))
        for level in levels {
          level.use()
          for groupCount in [nil, 1, 2, 8] {
            var run = LloydRun(
              rows, start: start, columnCount: p, bounds: groupCount.map { LloydBounds(groupCount: $0) })
            let result = run.sweep()
            #expect(result.labels == expected.labels, "\(level) \(n) × \(p), k = \(k), \(groupCount ?? 0) groups")
            #expect(result.sums == expected.sums, "\(level) \(n) × \(p), k = \(k), \(groupCount ?? 0) groups")
          }
        }
      }
    }

    @Test(arguments: DataKind.allCases) func `bounds change no bit of thirty sweeps`(kind: DataKind) {
      var skipped = 0
      for (number, p) in [1, 2, 3, 8, 17, 50, 129].enumerated() {
        for k in [1, 2, 7, 8, 9, 100, 257] {
          let n = max(2 * k, min(400, 400_000 / (k * p)))
          let rows = kind.rows(count: n, columnCount: p, seed: 100 * number + k)
          skipped += expectSameSweeps(rows, clusterCount: k, columnCount: p, "\(kind)")
        }
      }
      #expect(skipped > 0)
    }

    /// Compares thirty sweeps with bounds, on all levels, in blocks of odd sizes, with the plain ones. Returns the number
    /// of scores skipped.
    @discardableResult
    func expectSameSweeps<Element: KernelElement & BinaryFloatingPoint>(
      _ rows: [Element], clusterCount k: Int, columnCount p: Int, _ comment: Comment
    ) -> Int {
      let start = startingCentroids(rows.map { Double($0) }, clusterCount: k, columnCount: p)
      levels.last?.use()
      var plain = LloydRun(rows, start: start, columnCount: p, bounds: nil)
      var runs = zip(levels, [97, 1000, 256]).flatMap { level, blockRows in
        [1, 2, 4, 8, 16].map { groupCount in
          var run = LloydRun(rows, start: start, columnCount: p, bounds: LloydBounds(groupCount: groupCount))
          run.blockRows = blockRows
          return (level: level, run: run)
        }
      }
      for sweep in 0..<30 {
        levels.last?.use()
        let expected = plain.sweep()
        for r in runs.indices {
          // The slow level only now and then.
          if runs[r].level == .generic && (runs[r].run.bounds?.groupCount != 2 || k * p > 200) { continue }
          runs[r].level.use()
          let result = runs[r].run.sweep()
          // Blocks of rows are summed in the order of rows here, so the sums agree too.
          if result != expected {
            Issue.record(
              "\(comment) sweep \(sweep) k \(k) p \(p) \(runs[r].level) \(runs[r].run.bounds?.groupCount ?? 0) groups")
            return 0
          }
        }
        if expected.changedCount == 0 { break }
      }
      return plain.scoredCount - (runs.last?.run.scoredCount ?? 0)
    }

    @Test func `bounds change no bit of rows stored as Float`() {
      for p in [3, 8, 50] {
        for k in [2, 9, 100] {
          let rows = DataKind.clustered.rows(count: 500, columnCount: p, seed: k).map { Float($0) }
          expectSameSweeps(rows, clusterCount: k, columnCount: p, "Float")
        }
      }
    }

    @Test func `bounds save most scores of separate clusters`() {
      let p = 50
      let k = 20
      let rows = DataKind.clustered.rows(count: 1000, columnCount: p, seed: 5)
      let start = startingCentroids(rows, clusterCount: k, columnCount: p)
      var plain = LloydRun(rows, start: start, columnCount: p, bounds: nil)
      var bounded = LloydRun(rows, start: start, columnCount: p, bounds: LloydBounds(groupCount: 2))
      for _ in 0..<10 { #expect(plain.sweep() == bounded.sweep()) }
      #expect(bounded.scoredCount < plain.scoredCount / 2, "\(bounded.scoredCount) of \(plain.scoredCount)")
    }

    @Test func `a tie goes to the lowest index, in whichever group it is`() {
      let p = 9
      let k = 40
      // Every centroid exists four times.
      let distinct = DataKind.uniform.rows(count: k / 4, columnCount: p, seed: 3)
      let centroids = (0..<4).flatMap { _ in distinct }
      let rows = DataKind.uniform.rows(count: 300, columnCount: p, seed: 4)
      let shift = columnMeans(centroids, columnCount: p)
      for groupCount in [1, 2, 4, 8, 64] {
        let panels = CentroidPanels(centroids, shift: shift, groupCount: groupCount)
        var labels = [Int32](repeating: 0, count: 300)
        panels.assign(KernelRows(rows, rowCount: 300, columnCount: p), labels: &labels, isFirstSweep: true)
        #expect(labels.allSatisfy { $0 < k / 4 })
      }
    }

    @Test func `numbers that are not finite crash nothing and get a label`() {
      for level in levels {
        level.use()
        for value in [Double.nan, .infinity, -.infinity, 1e200, -1e308, 5e-324] {
          for p in [1, 5, 8, 11] {
            var rows = DataKind.clustered.rows(count: 40, columnCount: p, seed: p)
            let start = startingCentroids(rows, clusterCount: 6, columnCount: p)
            rows[7 * p] = value
            rows[39 * p + p - 1] = value
            var plain = LloydRun(rows, start: start, columnCount: p, bounds: nil)
            var bounded = LloydRun(rows, start: start, columnCount: p, bounds: LloydBounds(groupCount: 2))
            for _ in 0..<5 {
              let expected = plain.sweep()
              let result = bounded.sweep()
              #expect(result.labels == expected.labels, "\(value) \(p) columns, \(level)")
              #expect(expected.labels.allSatisfy { 0..<6 ~= $0 })
            }
            if value.isNaN { #expect(plain.sweep().labels[7] == 0) }
          }
        }
      }
    }

    @Test func `rows apart by a stride and an empty run of rows`() {
      let rows: [Double] = [0, 0, 99, 5, 5, 99, 1, 0, 99]
      let panels = CentroidPanels([0, 0, 5, 4], shift: [0, 0])
      var labels: [Int32] = [9, 9, 9]
      panels.assign(
        KernelRows(rows, rowCount: 3, columnCount: 2, rowStride: 3), labels: &labels, isFirstSweep: true)
      #expect(labels == [0, 1, 0])
      let outcome = panels.assign(
        KernelRows<Double>(nil, rowCount: 0, columnCount: 2), labels: &labels, isFirstSweep: true)
      #expect(outcome.changedCount == 0 && outcome.scoredCount == 0)
    }
  }
}
