// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct CentroidPanelsTests {
    @Test(arguments: DataKind.allCases) func `plain sweeps are the definition, bit for bit, on every level`(
      kind: DataKind
    ) {
      for (n, k, p) in [(37, 3, 1), (41, 8, 2), (50, 9, 7), (33, 5, 8), (40, 12, 17), (20, 20, 33)] {
        let rows = kind.rows(count: n, columnCount: p, seed: n)
        let start = startingCentroids(rows, clusterCount: k, columnCount: p)
        let expected = referenceSweep(rows, centroids: start, shift: columnMeans(start, columnCount: p))
        for level in levels {
          level.use()
          for groupCount in [nil, 1, 8] {
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
      let isLong = getenv("LOCKSTEP_LONG_TESTS") != nil
      for (number, p) in [1, 2, 3, 8, 17, 50, 129].enumerated() {
        // On ordinary days every third pair, so that each width and each number of clusters is there.
        for (place, k) in [1, 2, 7, 8, 9, 100, 257].enumerated() where isLong || (number + place) % 3 == 0 {
          let n = max(k + k / 4, min(400, 40_000 / (k * p)))
          let rows = kind.rows(count: n, columnCount: p, seed: 100 * number + k)
          skipped += expectSameSweeps(rows, clusterCount: k, columnCount: p, "\(kind)")
        }
      }
      #expect(skipped > 0)
    }

    /// Compares thirty sweeps with bounds and kept sums with the plain ones.
    ///
    /// All numbers of groups on the best level, one on the others. Returns the number of scores skipped.
    @discardableResult
    func expectSameSweeps<Element: KernelElement & BinaryFloatingPoint>(
      _ rows: [Element], clusterCount k: Int, columnCount p: Int, _ comment: Comment
    ) -> Int {
      let start = startingCentroids(rows.map { Double($0) }, clusterCount: k, columnCount: p)
      let blockRows = 97 + k
      let best = levels.last ?? .generic
      best.use()
      var plain = LloydRun(rows, start: start, columnCount: p, bounds: nil, blockRows: blockRows)
      // All numbers of groups on the best level; one on the others, the slow one only where it takes little.
      var configurations = [1, 2, 4, 8, 16].filter { $0 < 2 * k }.map {
        (level: best, groupCount: $0, codeStep: nil as Double?)
      }
      configurations += levels.dropLast().filter { $0 != .generic || k * p < 200 }.map { ($0, 2, nil) }
      // Rows rounded to bytes, well and badly.
      let shift = columnMeans(start, columnCount: p)
      let farthest = rows.indices.map { abs(Double(rows[$0]) - shift[$0 % p]) }.max() ?? 0
      for step in [farthest / 120, farthest / 9, farthest / 3000] {
        configurations.append((best, k < 20 ? 1 : 8, step))
        if step == farthest / 120 {
          configurations += levels.dropLast().filter { $0 != .generic || k * p < 200 }.map { ($0, 2, step) }
        }
      }
      var runs = configurations.map { level, groupCount, codeStep in
        level.use()
        return LloydRun(
          rows, start: start, columnCount: p, bounds: LloydBounds(groupCount: groupCount), blockRows: blockRows,
          codeStep: codeStep)
      }
      for sweep in 0..<30 {
        best.use()
        let expected = plain.sweep()
        for (r, configuration) in configurations.enumerated() {
          configuration.level.use()
          if runs[r].sweep() != expected {
            Issue.record("\(comment): \(rows.count / p) × \(p), k = \(k), sweep \(sweep), \(configuration)")
            return 0
          }
        }
        if expected.changedCount == 0 { break }
      }
      return plain.scoredCount - runs[0].scoredCount
    }

    @Test func `bounds change no bit of rows stored as Float`() {
      for p in [3, 8, 50] {
        for k in [2, 9, 100] {
          let rows = DataKind.clustered.rows(count: 500, columnCount: p, seed: k).map { Float($0) }
          expectSameSweeps(rows, clusterCount: k, columnCount: p, "Float")
        }
      }
    }

    @Test(arguments: [1, 2, 4, 8, 16]) func `bounds hold wherever the centroids go`(groupCount: Int) {
      levels.last?.use()
      for (seed, kind) in [DataKind.clustered, .uniform, .farApart, .grid].enumerated() {
        for (k, p) in [(5, 1), (60, 20), (250, 5), (100, 12)] {
          var generator = Generator(seed: 1000 + seed)
          let rows = kind.rows(count: 400, columnCount: p, seed: seed)
          var centroids = startingCentroids(rows, clusterCount: k, columnCount: p)
          var plain = LloydRun(rows, start: centroids, columnCount: p, bounds: nil)
          var bounded = LloydRun(
            rows, start: centroids, columnCount: p, bounds: LloydBounds(groupCount: groupCount))
          for sweep in 0..<30 {
            // All move a little, some far, and many come back, so that rows leave and return.
            let next = (0..<centroids.count / p).flatMap { c -> [Double] in
              let reach = [0.001, 0.01, 0.1, 3][Int.random(in: 0..<4, using: &generator)]
              return (0..<p).map { j in
                centroids[c * p + j] + reach * generator.normal() * (sweep % 3 == 0 ? 0.01 : 1)
              }
            }
            let expected = plain.sweep(then: next)
            #expect(bounded.sweep(then: next) == expected, "\(kind), \(k) × \(p), sweep \(sweep)")
            if sweep % 10 == 9 { centroids = next }
          }
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
        panels.assign(testRows(rows, columnCount: p), labels: &labels, isFirstSweep: true)
        #expect(labels.allSatisfy { $0 < k / 4 })
      }
    }

    @Test func `numbers that are not finite crash nothing and get a label`() {
      for level in levels {
        level.use()
        for value in [Double.nan, .infinity, -.infinity, 1e200, -1e308, Double.leastNonzeroMagnitude] {
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

    @Test func `sums go on from call to call, row by row`() {
      let p = 11
      let k = 5
      let rows = DataKind.clustered.rows(count: 200, columnCount: p, seed: 8)
      let panels = CentroidPanels(
        startingCentroids(rows, clusterCount: k, columnCount: p), shift: [Double](repeating: 0.5, count: p))
      var labels = [Int32](repeating: 0, count: 200)
      var whole = [Double](repeating: 3, count: k * p)
      var counts = [Int](repeating: 1, count: k)
      panels.assign(
        testRows(rows, columnCount: p), labels: &labels, isFirstSweep: true, sums: &whole,
        counts: &counts)
      #expect(counts.reduce(0, +) == 200 + k)
      var parts = [Double](repeating: 3, count: k * p)
      for part in [0..<37, 37..<200] {
        panels.assign(
          testRows(Array(rows[part.lowerBound * p..<part.upperBound * p]), columnCount: p),
          labels: &labels, isFirstSweep: true, sums: &parts, counts: &counts)
      }
      #expect(parts == whole)
    }

    @Test func `rows apart by a stride and an empty run of rows`() {
      let rows: [Double] = [0, 0, 99, 5, 5, 99, 1, 0, 99]
      let panels = CentroidPanels([0, 0, 5, 4], shift: [0, 0])
      var labels: [Int32] = [9, 9, 9]
      panels.assign(
        testRows(rows, columnCount: 2, rowStride: 3), labels: &labels, isFirstSweep: true)
      #expect(labels == [0, 1, 0])
      let outcome = panels.assign(
        testRows([Double](), columnCount: 2), labels: &labels, isFirstSweep: true)
      #expect(outcome.changedCount == 0 && outcome.scoredCount == 0)
    }
  }
}
