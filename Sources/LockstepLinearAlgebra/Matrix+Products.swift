// SPDX-License-Identifier: Apache-2.0

import LockstepTables

extension Matrix {
  /// The transpose.
  public var transposed: Matrix {
    var result = Matrix(zeros: columnCount, rowCount)
    for i in 0..<rowCount { for j in 0..<columnCount { result[j, i] = self[i, j] } }
    return result
  }

  /// The identity, `count × count`.
  public static func identity(_ count: Int) -> Matrix {
    var result = Matrix(zeros: count, count)
    for i in 0..<count { result[i, i] = 1 }
    return result
  }

  /// The product.
  ///
  /// - Complexity: 2mkn flops, one thread; for the small matrices of results.
  /// - Precondition: the left one has as many columns as the right one rows.
  public static func * (a: Matrix, b: Matrix) -> Matrix {
    precondition(
      a.columnCount == b.rowCount, "\(a.rowCount) × \(a.columnCount) times \(b.rowCount) × \(b.columnCount)")
    let (m, k, n) = (a.rowCount, a.columnCount, b.columnCount)
    var product = Matrix(zeros: m, n)
    product.elements.withUnsafeMutableBufferPointer { c in
      a.elements.withUnsafeBufferPointer { a in
        b.elements.withUnsafeBufferPointer { b in
          for i in 0..<m {
            for l in 0..<k {
              let factor = a[i * k + l]
              for j in 0..<n { c[i * n + j] += factor * b[l * n + j] }
            }
          }
        }
      }
    }
    return product
  }

  /// √Σ aᵢⱼ², without overflow or underflow on the way.
  public var frobeniusNorm: Double {
    guard let largest = elements.lazy.map(abs).max(), largest > 0, largest.isFinite else {
      return elements.contains { !$0.isFinite } ? .infinity : 0
    }
    return largest * elements.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }

  /// The first `count` columns.
  public func columns(prefix count: Int) -> Matrix {
    precondition(count <= columnCount, "\(count) of \(columnCount) columns")
    return Matrix(
      rowCount: rowCount, columnCount: count,
      elements: (0..<rowCount).flatMap { elements[$0 * columnCount..<$0 * columnCount + count] })
  }

  /// The first `count` rows.
  public func rows(prefix count: Int) -> Matrix {
    precondition(count <= rowCount, "\(count) of \(rowCount) rows")
    return Matrix(rowCount: count, columnCount: columnCount, elements: Array(elements[..<(count * columnCount)]))
  }
}
