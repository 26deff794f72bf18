// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepTables
import Testing

@Suite struct MatrixProductsTests {
  @Test func transposedSwapsRowsAndColumns() {
    #expect(Matrix(rows: [[1, 2, 3], [4, 5, 6]]).transposed == Matrix(rows: [[1, 4], [2, 5], [3, 6]]))
  }
}
