// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepMethods
import LockstepReduction
import LockstepTables
import Testing

struct SquareMemoryTests {
  @Test func millionsOfColumnsAreAnErrorNotTheEnd() throws {
    // Two rows of three numbers, the last of them in column 16,777,215.
    let rows = try SparseRows<Double>(
      offsets: [0, 2, 3], columns: [0, 16_777_215, 1], values: [1, 1, 3], columnCount: 16_777_216)
    let table = SparseTable(rows, columnNames: nil)
    func check(_ fit: () throws -> Void) {
      let error = #expect(throws: LockstepError.self) { try fit() }
      #expect(error?.code == .outOfMemory)
    }
    check { _ = try Covariance().fit(table) }
    check { _ = try PCA(componentCount: 1).fit(table) }
    check { _ = try QRDecomposition().fit(table) }
    check { _ = try SVD().fit(table) }
  }
}
