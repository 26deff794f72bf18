// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

/// Rows of which about one entry in `one` is not zero, dense and compressed; column 1 has them all, far from the origin.
private struct SparseData {
  let n: Int
  let p: Int
  var elements: [Double] = []
  var offsets = [0]
  var columns: [Int32] = []
  var values: [Double] = []

  init(n: Int, p: Int, oneIn one: Int, seed: Int = 1, far: Double = 1e6) {
    self.n = n
    self.p = p
    var generator = Generator(seed: seed)
    for i in 0..<n {
      for j in 0..<p {
        let isStored = j == 1 || Int.random(in: 0..<one, using: &generator) == 0 && i % 11 != 4 && j != 2
        let value = isStored ? (j == 1 ? far : 0) + generator.normal() : 0
        elements.append(value)
        if value != 0 {
          columns.append(Int32(j))
          values.append(value)
        }
      }
      offsets.append(values.count)
    }
  }

  func withSparse<R>(_ body: (KernelSparseRows<Double>) -> R) -> R {
    offsets.withUnsafeBufferPointer { offsets in
      columns.withUnsafeBufferPointer { columns in
        values.withUnsafeBufferPointer {
          body(KernelSparseRows(offsets: offsets, columns: columns, values: $0, columnCount: p))
        }
      }
    }
  }

  func withDense<R>(_ body: (KernelRows<Double>) -> R) -> R {
    elements.withUnsafeBufferPointer { body(KernelRows($0, rowCount: n, columnCount: p)) }
  }
}

private struct Summary: Equatable {
  var moments: [Double]
  var means: [Double]
  var highs: [Double]
  var lows: [Double]
  var mapped: [Double]
  var distances: [Double]
  var gram: [Double]

  var bits: [UInt64] { (moments + means + highs + lows + mapped + distances + gram).map(\.bitPattern) }
}

extension AllKernelTests {
  @Suite struct SparseKernelTests {
    private func responses(_ n: Int) -> [Double] { (0..<n).map { 1e5 + Double($0 * $0 % 17) } }

    private func map(_ p: Int) -> AffineMap {
      AffineMap(
        matrix: (0..<3 * p).map { Double($0 % 7) - 2.5 }, shift: (0..<p).map { $0 == 1 ? 1e6 : 0.25 },
        constants: [1, 2, 3])
    }

    private func centroids(_ data: SparseData, _ k: Int) -> [Double] {
      var all: [Double] = []
      for c in 0..<k {
        let row = c * 7 % data.n
        all += data.elements[row * data.p..<(row + 1) * data.p].map { $0 * 0.75 }
      }
      return all
    }

    private func products(
      _ data: SparseData, exactly isExact: Bool,
      _ make: (KernelRows<Double>, CrossProductBuffer) -> PairedSum
    ) -> (means: [Double], highs: [Double], lows: [Double]) {
      let m = data.p + 1
      var means = [Double](repeating: 0, count: 2 * m)
      var highs = [Double](repeating: 0, count: m * (m + 1) / 2)
      var lows = highs
      responses(data.n).withUnsafeBufferPointer { y in
        means.withUnsafeMutableBufferPointer { means in
          highs.withUnsafeMutableBufferPointer { highs in
            lows.withUnsafeMutableBufferPointer { lows in
              guard let a = means.baseAddress, let b = highs.baseAddress else { return }
              _ = make(
                KernelRows(y, rowCount: data.n, columnCount: 1),
                CrossProductBuffer(means: a, highs: b, lows: isExact ? lows.baseAddress : nil))
            }
          }
        }
      }
      return (means, highs, lows)
    }

    private func sparseSummary(_ data: SparseData, weights: [Double]?, exactly isExact: Bool) -> Summary {
      data.withSparse { rows in
        var moments = [Double](repeating: 0, count: 6 * data.p)
        _ = rows.columnMoments(weights: weights, into: &moments)
        let (means, highs, lows) = products(data, exactly: isExact) {
          rows.crossProducts(responses: $0, weights: weights, into: $1)
        }
        var mapped = [Double](repeating: 0, count: 3 * data.n)
        rows.mapped(by: map(data.p), into: &mapped)
        var distances = [Double](repeating: .infinity, count: data.n)
        rows.lowerMinimums(to: centroids(data, 1), &distances)
        var gram = [Double](repeating: 0, count: data.p * (data.p + 1) / 2)
        rows.addGram(to: &gram, rowStep: 2, scratch: FactorScratch(columnCount: data.p))
        return Summary(
          moments: moments, means: means, highs: highs, lows: lows, mapped: mapped, distances: distances, gram: gram)
      }
    }

    private func denseSummary(_ data: SparseData, weights: [Double]?, exactly isExact: Bool) -> Summary {
      data.withDense { rows in
        var moments = [Double](repeating: 0, count: 6 * data.p)
        _ = rows.columnMoments(weights: weights, into: &moments)
        let (means, highs, lows) = products(data, exactly: isExact) {
          rows.crossProducts(responses: $0, weights: weights, into: $1)
        }
        var mapped = [Double](repeating: 0, count: 3 * data.n)
        rows.mapped(by: map(data.p), into: &mapped)
        var distances = [Double](repeating: .infinity, count: data.n)
        _ = rows.lowerMinimums(to: centroids(data, 1), &distances)
        var gram = [Double](repeating: 0, count: data.p * (data.p + 1) / 2)
        data.elements.withUnsafeBufferPointer {
          KernelRows($0, rowCount: (data.n + 1) / 2, columnCount: data.p, rowStride: 2 * data.p)
            .addGram(to: &gram, scratch: FactorScratch(columnCount: data.p))
        }
        return Summary(
          moments: moments, means: means, highs: highs, lows: lows, mapped: mapped, distances: distances, gram: gram)
      }
    }

    @Test(arguments: [2, 5, 9, 100, 256]) func `rows that are scattered have the bits of dense rows`(p: Int) {
      let data = SparseData(n: 201, p: p, oneIn: 5)
      for weights in [nil, (0..<data.n).map { Double($0 % 3) + 0.1 }] {
        for isExact in [false, true] {
          #expect(
            sparseSummary(data, weights: weights, exactly: isExact)
              == denseSummary(data, weights: weights, exactly: isExact))
        }
      }
    }

    @Test func `all levels give the same bits`() {
      let before = KernelLevel.current
      defer { before.use() }
      let data = SparseData(n: 150, p: 261, oneIn: 20)
      for weights in [nil, (0..<data.n).map { Double($0 % 3) + 0.1 }] {
        let all = levels.map { level -> [UInt64] in
          level.use()
          return sparseSummary(data, weights: weights, exactly: weights == nil).bits
            + sweeps(data, k: 11, count: 2, sparse: true, shift: 0).flatMap { $0.sums.map(\.bitPattern) }
        }
        for bits in all.dropFirst() { #expect(bits == all[0]) }
      }
    }

    @Test func `rows of many columns agree with dense rows to the last digits`() {
      let data = SparseData(n: 400, p: 263, oneIn: 20)
      let (n, p, m) = (data.n, data.p, data.p + 1)
      for weights in [nil, (0..<n).map { Double($0 % 3) }] {
        // Double-double sums of the dense kernel are the reference for all but moments.
        let exact = denseSummary(data, weights: weights, exactly: true)
        let found = sparseSummary(data, weights: weights, exactly: true)
        let plain = sparseSummary(data, weights: weights, exactly: false)
        #expect(found.moments[..<(2 * p)] == exact.moments[..<(2 * p)], "extremes")
        #expect(Array(found.means[..<m]) == Array(exact.means[..<m]), "means")
        func place(_ i: Int, _ j: Int) -> Int { i * m - i * (i - 1) / 2 + j - i }
        for i in 0..<m {
          let square = exact.highs[place(i, i)]
          if i < p {
            #expect(abs(found.moments[2 * p + i] - exact.means[i]) <= exact.means[i].ulp, "mean of column \(i)")
            #expect(abs(found.moments[4 * p + i] - square) <= 2 * square.ulp, "square of column \(i)")
          }
          for j in i..<m {
            let scale = (square * exact.highs[place(j, j)]).squareRoot()
            let expected = exact.highs[place(i, j)]
            #expect(abs(found.highs[place(i, j)] - expected) <= 1e-18 * scale + expected.ulp, "exact (\(i), \(j))")
            #expect(abs(plain.highs[place(i, j)] - expected) <= Double(n) * 0x1p-52 * scale, "plain (\(i), \(j))")
          }
        }
        // |x − shift|·|M| is at most about 10 · 3 a column; where the shift is 1e6 the difference is as exact.
        for (a, b) in zip(found.mapped, exact.mapped) { #expect(abs(a - b) <= Double(p) * 100 * 0x1p-52) }
        for (a, b) in zip(found.distances, exact.distances) { #expect(abs(a - b) <= Double(p) * b.ulp) }
        for (a, b) in zip(found.gram, exact.gram) { #expect(abs(a - b) <= Double(n) * 0x1p-53 * 2e14) }
      }
    }

    private struct Sweep: Equatable {
      var labels: [Int32]
      var changedCount: Int
      var sums: [Double]
      var counts: [Int]
    }

    /// Sweeps of Lloyd's iteration, with bounds and kept sums or without either.
    private func sweeps(
      _ data: SparseData, k: Int, count: Int, sparse: Bool, shift: Double, groupCount: Int? = nil
    ) -> [Sweep] {
      let p = data.p
      let shift = [Double](repeating: shift, count: p)
      var panels = CentroidPanels(centroids(data, k), shift: shift, groupCount: groupCount ?? 1)
      var labels = [Int32](repeating: -1, count: data.n)
      var bounds = [Float](repeating: 0, count: data.n * (1 + (groupCount ?? 1)))
      var sums = [Double](repeating: 0, count: k * p)
      var counts = [Int](repeating: 0, count: k)
      return (0..<count).map { sweep in
        if groupCount == nil {
          sums = [Double](repeating: 0, count: k * p)
          counts = [Int](repeating: 0, count: k)
        }
        let outcome = bounds.withUnsafeMutableBufferPointer { bounds in
          let bounds = groupCount == nil ? nil : bounds.baseAddress
          return sparse
            ? data.withSparse {
              panels.assign(
                $0, labels: &labels, bounds: bounds, isFirstSweep: sweep == 0, sums: &sums, counts: &counts,
                keepsSums: groupCount != nil)
            }
            : data.withDense {
              panels.assign(
                $0, labels: &labels, bounds: bounds, isFirstSweep: sweep == 0, sums: &sums, counts: &counts,
                keepsSums: groupCount != nil)
            }
        }
        var moved = panels.centroids
        for c in 0..<k where counts[c] > 0 {
          for j in 0..<p { moved[c * p + j] = shift[j] + sums[c * p + j] / Double(counts[c]) }
        }
        panels = CentroidPanels(moved, shift: shift, following: panels)
        return Sweep(labels: labels, changedCount: outcome.changedCount, sums: sums, counts: counts)
      }
    }

    @Test(arguments: [3, 40, 256]) func `scattered k-means is dense k-means`(p: Int) {
      let data = SparseData(n: 700, p: p, oneIn: 4, far: 0)
      for groupCount in [nil, 1, 2] {
        #expect(
          sweeps(data, k: 12, count: 6, sparse: true, shift: 0.5, groupCount: groupCount)
            == sweeps(data, k: 12, count: 6, sparse: false, shift: 0.5, groupCount: groupCount))
      }
    }

    @Test func `k-means over entries has the labels of dense k-means`() {
      let data = SparseData(n: 900, p: 270, oneIn: 12, far: 3)
      let expected = sweeps(data, k: 21, count: 8, sparse: false, shift: 0)
      for groupCount in [nil, 1, 2, 4, 8] {
        let found = sweeps(data, k: 21, count: 8, sparse: true, shift: 0, groupCount: groupCount)
        // About the origin the additions, too, are the same.
        #expect(found == expected, "groups: \(String(describing: groupCount))")
      }
      let shifted = sweeps(data, k: 21, count: 8, sparse: true, shift: 0.5, groupCount: 2)
      #expect(shifted.map(\.labels) == expected.map(\.labels))
    }

    @Test func `ties go to the lowest index`() {
      let data = SparseData(n: 60, p: 300, oneIn: 30, far: 0)
      let one = [Double](data.elements[..<300])
      let panels = CentroidPanels(one + one + one, shift: [Double](repeating: 0, count: 300))
      var labels = [Int32](repeating: -1, count: 60)
      data.withSparse { _ = panels.assign($0, labels: &labels, isFirstSweep: true) }
      #expect(labels.allSatisfy { $0 == 0 })
    }
  }
}
