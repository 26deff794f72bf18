// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct FactorKernelTests {
    /// Everything that the factorization kernels make of some rows, one after the other.
    private func results<Element: KernelElement & BinaryFloatingPoint>(_ x: [Element], _ n: Int, _ p: Int) -> [Double] {
      let scratch = FactorScratch(columnCount: p, seedColumnCount: p)
      let k = min(n, p)
      var gram = [Double](repeating: 0, count: p * (p + 1) / 2)
      var r = gram
      var reflectors = [Double](repeating: 0, count: n * p)
      var solved = reflectors
      var product = reflectors
      var q = [Double](repeating: 0, count: n * k)
      var triangle = gram
      var next = 0
      for i in 0..<p {
        for j in i..<p {
          triangle[next] = i == j ? 2 : 0.25 / Double(1 + j - i)
          next += 1
        }
      }
      var identity = [Double](repeating: 0, count: k * k)
      for i in 0..<k { identity[i * k + i] = 1 }
      x.withUnsafeBufferPointer { buffer in
        let rows = KernelRows(buffer, rowCount: n, columnCount: p)
        rows.addGram(to: &gram, scratch: scratch)
        rows.factor(
          scales: [Double](repeating: 1, count: p), into: &r, reflectors: &reflectors, stride: p, scratch: scratch)
        rows.solve(PackedTriangle(triangle, columnCount: p), into: &solved, stride: p, gram: nil, scratch: scratch)
        rows.multiply(
          PackedMatrix((0..<p * p).map { 1 / Double(1 + $0) }, columnCount: p), into: &product, stride: p, gram: nil,
          scratch: scratch)
      }
      FactorKernels.expand(
        reflectors, stride: p, rowCount: n, columnCount: p, seed: identity, seedColumnCount: k, into: &q, outStride: k,
        scratch: scratch)
      return gram + r + solved + product + q
    }

    private func numbers(_ count: Int) -> [Double] {
      (0..<count).map { (k: Int) -> Double in
        let residue = (k * k * 31 + 7 * k) % 1009
        return Double(residue) / 1009 - 0.5
      }
    }

    @Test(
      .enabled(if: levels.count > 1, "this CPU runs one level of kernels"),
      arguments: [(1, 1), (3, 5), (40, 3), (100, 9), (70, 33), (300, 17)])
    func allLevelsGiveTheSameBits(n: Int, p: Int) {
      let before = KernelLevel.current
      defer { before.use() }
      let x = numbers(n * p)
      KernelLevel.generic.use()
      let expected = results(x, n, p)
      for level in levels.dropFirst() {
        level.use()
        #expect(results(x, n, p) == expected, "\(level), \(n) × \(p)")
      }
    }

    @Test(arguments: [(1, 1), (3, 5), (40, 3), (100, 9), (70, 33), (300, 17)])
    func floatsGiveTheBitsOfTheSameNumbersInDouble(n: Int, p: Int) {
      let x = numbers(n * p)
      #expect(results(x.map { Float($0) }, n, p) == results(x.map { Double(Float($0)) }, n, p))
    }

    @Test(arguments: [(1, 1), (3, 5), (40, 3), (70, 33)]) func factorsMultiplyBackToTheRows(n: Int, p: Int) {
      let x = numbers(n * p)
      let k = min(n, p)
      let all = results(x, n, p)
      let half = p * (p + 1) / 2
      let (gram, r) = (Array(all[..<half]), Array(all[half..<2 * half]))
      let q = Array(all[(2 * half + 2 * n * p)...])
      for i in 0..<n {
        for j in 0..<p {
          var sum = 0.0
          for l in 0...min(j, k - 1) { sum += q[i * k + l] * r[l * p - l * (l + 1) / 2 + j] }
          #expect(abs(sum - x[i * p + j]) <= 1e-14)
        }
      }
      for i in 0..<p {
        for j in i..<p {
          let sum = (0..<n).reduce(0.0) { $0 + x[$1 * p + i] * x[$1 * p + j] }
          #expect(abs(sum - gram[i * p - i * (i + 1) / 2 + j]) <= 1e-13)
        }
      }
    }
  }
}
