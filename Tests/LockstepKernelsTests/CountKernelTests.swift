// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct CountKernelTests {
    @Test(arguments: [1, 3, 8, 21, 64]) func `sums of classes are the definition on every level`(p: Int) {
      let n = 57
      let classCount = 5
      let rows = DataKind.uniform.rows(count: n, columnCount: p, seed: p).map { $0.magnitude }
      let classes = (0..<n).map { Int32($0 * $0 % classCount) }
      let before = KernelLevel.current
      defer { before.use() }
      for weights in [nil, (0..<n).map { Double($0 % 3) + 0.1 }] {
        var expected = (0..<classCount * p).map { Double($0) / 3 }
        var inFloats = expected
        for i in 0..<n {
          for j in 0..<p {
            let (place, weight) = (Int(classes[i]) * p + j, weights?[i] ?? 1)
            expected[place].addProduct(weight, rows[i * p + j])
            inFloats[place].addProduct(weight, Double(Float(rows[i * p + j])))
          }
        }
        for level in levels {
          level.use()
          var sums = (0..<classCount * p).map { Double($0) / 3 }
          testRows(rows, columnCount: p).addClassSums(classes: classes, weights: weights, to: &sums)
          #expect(sums == expected)
          sums = (0..<classCount * p).map { Double($0) / 3 }
          testRows(rows.map(Float.init), columnCount: p).addClassSums(classes: classes, weights: weights, to: &sums)
          #expect(sums == inFloats)
        }
      }
    }

    @Test(arguments: [1, 3, 8, 21]) func `the first number that cannot be a count is found`(p: Int) {
      let n = 30
      let before = KernelLevel.current
      defer { before.use() }
      for level in levels {
        level.use()
        var rows = DataKind.uniform.rows(count: n, columnCount: p, seed: p).map { $0.magnitude }
        rows[0] = 1.7e308
        rows[1] = -0.0
        rows[2] = 0
        #expect(testRows(rows, columnCount: p).firstUncountable() == nil)
        for index in stride(from: n * p - 1, through: 0, by: -4) {
          rows[index] = [Double.nan, .infinity, -.infinity, -.leastNonzeroMagnitude, -1][index % 5]
          let found = testRows(rows, columnCount: p).firstUncountable()
          #expect(found?.row == index / p && found?.column == index % p)
          let floats = rows.map { Float($0 >= 0 && $0.isFinite ? 0 : $0.isNaN ? $0 : -1) }
          let inFloats = testRows(floats, columnCount: p).firstUncountable()
          #expect(inFloats?.row == index / p && inFloats?.column == index % p)
        }
      }
    }
  }
}
