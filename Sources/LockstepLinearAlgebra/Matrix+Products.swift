// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension Matrix {
  /// The transpose.
  public var transposed: Matrix {
    var result = Matrix(zeros: columnCount, rowCount)
    for i in 0..<rowCount { for j in 0..<columnCount { result[j, i] = self[i, j] } }
    return result
  }
}
