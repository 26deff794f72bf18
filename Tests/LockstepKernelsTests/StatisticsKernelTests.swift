// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct StatisticsKernelTests {
    /// All that the kernels make of some rows, bit by bit.
    func results(_ elements: [Double], n: Int, p: Int, responses: [Double], q: Int, weights: [Double]?) -> [UInt64] {
      var bits: [UInt64] = []
      func add(_ values: [Double]) { bits += values.map { $0.isNaN ? 1 : $0.bitPattern } }
      let floats = elements.map(Float.init)
      func run<Element>(_ rows: KernelRows<Element>) {
        var moments = [Double](repeating: 0, count: 6 * p)
        let sum = rows.columnMoments(weights: weights, into: &moments)
        add(moments + [sum.high, sum.low])
        let m = p + q
        for isExact in [false, true] {
          var means = [Double](repeating: 0, count: 2 * m)
          var highs = [Double](repeating: 0, count: m * (m + 1) / 2)
          var lows = highs
          means.withUnsafeMutableBufferPointer { means in
            highs.withUnsafeMutableBufferPointer { highs in
              lows.withUnsafeMutableBufferPointer { lows in
                responses.withUnsafeBufferPointer { responses in
                  guard let a = means.baseAddress, let b = highs.baseAddress else { return }
                  _ = rows.crossProducts(
                    responses: KernelRows(responses, rowCount: n, columnCount: q), weights: weights,
                    into: CrossProductBuffer(means: a, highs: b, lows: isExact ? lows.baseAddress : nil))
                }
              }
            }
          }
          add(means + highs + lows)
        }
        let map = AffineMap(
          matrix: (0..<3 * p).map { Double($0 % 7) - 2.5 }, shift: Array(repeating: 0.25, count: p),
          constants: [1, 2, 3])
        var out = [Double](repeating: 0, count: 3 * n)
        rows.mapped(by: map, into: &out)
        add(out)
      }
      elements.withUnsafeBufferPointer { run(KernelRows($0, rowCount: n, columnCount: p)) }
      floats.withUnsafeBufferPointer { run(KernelRows($0, rowCount: n, columnCount: p)) }
      return bits
    }

    @Test(arguments: [1, 2, 3, 5, 6, 7, 8, 9, 14, 16, 20, 25, 33, 50]) func `all levels give the same bits`(p: Int) {
      let before = KernelLevel.current
      defer { before.use() }
      for (kind, n) in [
        (DataKind.clustered, 300), (.farAway, 131), (.grid, 17), (.uniform, 1), (.nearlyEqual, 70), (.clustered, 1100),
      ] {
        let elements = kind.rows(count: n, columnCount: p, seed: p)
        let responses = kind.rows(count: n, columnCount: 2, seed: p + 1)
        for weights in [nil, (0..<n).map { Double($0 % 3) + 0.1 }] {
          let all = levels.map { level -> [UInt64] in
            level.use()
            return results(elements, n: n, p: p, responses: responses, q: 2, weights: weights)
          }
          for bits in all.dropFirst() { #expect(bits == all[0], "\(kind), \(n) × \(p)") }
        }
      }
    }

    @Test func `sums in double and in double-double agree where both are exact`() {
      // Whole numbers, and a power of two of rows, of which the mean is exact.
      let n = 256
      for m in 1...34 {
        let x = (0..<n * m).map { Double(($0 * 7919 + $0 / m * $0 % 31) % 16) }
        var means = [[Double]](repeating: Array(repeating: 0, count: 2 * m), count: 2)
        var highs = [[Double]](repeating: Array(repeating: 0, count: m * (m + 1) / 2), count: 2)
        var lows = highs[0]
        for isExact in [false, true] {
          let k = isExact ? 1 : 0
          means[k].withUnsafeMutableBufferPointer { means in
            highs[k].withUnsafeMutableBufferPointer { highs in
              lows.withUnsafeMutableBufferPointer { lows in
                x.withUnsafeBufferPointer { x in
                  guard let a = means.baseAddress, let b = highs.baseAddress else { return }
                  _ = KernelRows(x, rowCount: n, columnCount: m).crossProducts(
                    responses: KernelRows<Double>(
                      UnsafeBufferPointer(start: nil, count: 0), rowCount: n, columnCount: 0),
                    weights: nil,
                    into: CrossProductBuffer(means: a, highs: b, lows: isExact ? lows.baseAddress : nil))
                }
              }
            }
          }
        }
        #expect(means[0] == means[1], "\(m) columns")
        #expect(highs[0] == highs[1], "\(m) columns")
      }
    }

    @Test(arguments: [1, 3, 4, 5, 10, 16, 17])
    func `sums of whole numbers in double-double are exact, at every level`(m: Int) {
      let before = KernelLevel.current
      defer { before.use() }
      // Numbers that grow along the rows, so that no scale fits all; a power of two of rows, of which the mean is exact.
      let n = 1024
      var seed: UInt64 = 5
      let whole = (0..<n * m).map { i -> Int64 in
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int64(bitPattern: seed) >> (63 - Int64(2 + i / m * 28 / n))
      }
      let x = whole.map(Double.init)
      for level in levels {
        level.use()
        var means = [Double](repeating: 0, count: 2 * m)
        var highs = [Double](repeating: 0, count: m * (m + 1) / 2)
        var lows = highs
        means.withUnsafeMutableBufferPointer { means in
          highs.withUnsafeMutableBufferPointer { highs in
            lows.withUnsafeMutableBufferPointer { lows in
              x.withUnsafeBufferPointer { x in
                guard let a = means.baseAddress, let b = highs.baseAddress else { return }
                _ = KernelRows(x, rowCount: n, columnCount: m).crossProducts(
                  responses: KernelRows<Double>(UnsafeBufferPointer(start: nil, count: 0), rowCount: n, columnCount: 0),
                  weights: nil, into: CrossProductBuffer(means: a, highs: b, lows: lows.baseAddress))
              }
            }
          }
        }
        let sums = (0..<m).map { j in (0..<n).reduce(Int128(0)) { $0 + Int128(whole[$1 * m + j]) } }
        var place = 0
        for i in 0..<m {
          #expect(means[i] == Double(sums[i]) / Double(n))
          for j in i..<m {
            let products = (0..<n).reduce(Int128(0)) { $0 + Int128(whole[$1 * m + i]) * Int128(whole[$1 * m + j]) }
            let expected = products * Int128(n) - sums[i] * sums[j]
            let high = highs[place] * Double(n)
            #expect(high == Double(expected), "\(level), \(i), \(j)")
            #expect(lows[place] * Double(n) == Double(expected - Int128(high)), "\(level), \(i), \(j)")
            place += 1
          }
        }
      }
    }

    @Test(arguments: [1, 3, 8, 11]) func `a stride makes no difference`(p: Int) {
      let n = 77
      let elements = DataKind.clustered.rows(count: n, columnCount: p, seed: p)
      let stride = p + 3
      let spread = (0..<n * stride).map { $0 % stride < p ? elements[$0 / stride * p + $0 % stride] : .nan }
      var dense = [Double](repeating: 0, count: 6 * p)
      var strided = dense
      elements.withUnsafeBufferPointer {
        _ = KernelRows($0, rowCount: n, columnCount: p).columnMoments(weights: nil, into: &dense)
      }
      spread.withUnsafeBufferPointer {
        _ = KernelRows($0, rowCount: n, columnCount: p, rowStride: stride).columnMoments(weights: nil, into: &strided)
      }
      #expect(dense == strided)
    }

    @Test func `exact sums hold what doubles cannot`() {
      // z = 1 + k·2⁻⁴⁰ and −1: products need 80 bits and more.
      let n = 1000
      let x = (0..<n).flatMap { (k: Int) -> [Double] in
        let fine: Double = 1 + Double(k) * 0x1p-40
        return [fine, k % 2 == 0 ? 1 : -1]
      }
      var means = [Double](repeating: 0, count: 4)
      var highs = [Double](repeating: 0, count: 3)
      var lows = highs
      means.withUnsafeMutableBufferPointer { means in
        highs.withUnsafeMutableBufferPointer { highs in
          lows.withUnsafeMutableBufferPointer { lows in
            x.withUnsafeBufferPointer { x in
              guard let a = means.baseAddress, let b = highs.baseAddress else { return }
              _ = KernelRows(x, rowCount: n, columnCount: 2).crossProducts(
                responses: KernelRows<Double>(UnsafeBufferPointer(start: nil, count: 0), rowCount: n, columnCount: 0),
                weights: nil, into: CrossProductBuffer(means: a, highs: b, lows: lows.baseAddress))
            }
          }
        }
      }
      // Σ (k − k̄)² 2⁻⁸⁰ = n (n² − 1) / 12 · 2⁻⁸⁰; Σ ±(k − k̄) 2⁻⁴⁰ = −n / 2 · 2⁻⁴⁰.
      #expect(highs[0] == Double(n * (n * n - 1) / 12) * 0x1p-80)
      #expect(highs[1] == -Double(n / 2) * 0x1p-40)
      #expect(highs[2] == Double(n))
    }
  }
}
