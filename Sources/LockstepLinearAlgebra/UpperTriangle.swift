// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// An upper triangular matrix, p × p, packed row after row from the diagonal on; also the upper half of a symmetric one.
package struct UpperTriangle: Codable, Hashable, Sendable {
  /// The number of columns, p.
  package let columnCount: Int
  /// The elements, p(p + 1)/2.
  package var elements: [Double]

  /// A triangle of zeros.
  package init(zeros columnCount: Int) {
    self.init(Array(repeating: 0, count: columnCount * (columnCount + 1) / 2), columnCount: columnCount)
  }

  /// A triangle of the given elements.
  ///
  /// - Precondition: there are p(p + 1)/2 of them.
  package init(_ elements: [Double], columnCount: Int) {
    precondition(
      elements.count == columnCount * (columnCount + 1) / 2,
      "\(elements.count) elements do not make a triangle of \(columnCount) columns")
    self.columnCount = columnCount
    self.elements = elements
  }

  /// Where row `i` begins, less i: element (i, j) is at `offset(i) + j`.
  @inline(__always) func offset(_ i: Int) -> Int { i * columnCount - i * (i + 1) / 2 }

  /// The element in row `i`, column `j ≥ i`.
  package subscript(i: Int, j: Int) -> Double {
    get { elements[offset(i) + j] }
    set { elements[offset(i) + j] = newValue }
  }

  /// The whole matrix, zeros below the diagonal.
  package var matrix: Matrix {
    var matrix = Matrix(zeros: columnCount, columnCount)
    for i in 0..<columnCount { for j in i..<columnCount { matrix[i, j] = self[i, j] } }
    return matrix
  }

  /// The diagonal.
  package var diagonal: [Double] { (0..<columnCount).map { self[$0, $0] } }

  /// √Σ rᵢⱼ².
  package var frobeniusNorm: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }

  /// The Cholesky factor R of the symmetric matrix whose upper half this is, RᵀR = A; nil where a pivot is not positive.
  ///
  /// - Complexity: p³/3 flops.
  package func cholesky() -> UpperTriangle? {
    let p = columnCount
    var result = self
    let isPositive = result.elements.withUnsafeMutableBufferPointer { r in
      for j in 0..<p {
        let row = offset(j)
        guard r[row + j] > 0, r[row + j].isFinite else { return false }
        let root = r[row + j].squareRoot()
        r[row + j] = root
        for k in j + 1..<max(p, j + 1) { r[row + k] /= root }
        for i in j + 1..<max(p, j + 1) {
          let (target, factor) = (offset(i), r[row + i])
          for k in i..<p { r[target + k] -= factor * r[row + k] }
        }
      }
      return true
    }
    return isPositive ? result : nil
  }

  /// The product with another upper triangle.
  ///
  /// - Complexity: p³/3 flops.
  package static func * (a: UpperTriangle, b: UpperTriangle) -> UpperTriangle {
    precondition(a.columnCount == b.columnCount, "a triangle of \(a.columnCount) columns times one of \(b.columnCount)")
    let p = a.columnCount
    var product = UpperTriangle(zeros: p)
    product.elements.withUnsafeMutableBufferPointer { c in
      a.elements.withUnsafeBufferPointer { a in
        b.elements.withUnsafeBufferPointer { b in
          for i in 0..<p {
            let row = rowOffset(i, p)
            for k in i..<p {
              let (factor, from) = (a[row + k], rowOffset(k, p))
              for j in k..<p { c[row + j] += factor * b[from + j] }
            }
          }
        }
      }
    }
    return product
  }

  @inline(__always) private static func rowOffset(_ i: Int, _ p: Int) -> Int { i * p - i * (i + 1) / 2 }

  /// The inverse.
  ///
  /// - Precondition: no element of the diagonal is zero.
  /// - Complexity: p³/3 flops.
  package var inverse: UpperTriangle {
    let p = columnCount
    var result = UpperTriangle(zeros: p)
    result.elements.withUnsafeMutableBufferPointer { x in
      elements.withUnsafeBufferPointer { r in
        for i in (0..<p).reversed() {
          let row = offset(i)
          precondition(r[row + i] != 0, "row \(i) of a triangle without an inverse")
          x[row + i] = 1
          for k in i + 1..<max(p, i + 1) {
            let (factor, from) = (r[row + k], offset(k))
            for j in k..<p { x[row + j] -= factor * x[from + j] }
          }
          let pivot = r[row + i]
          for j in i..<p { x[row + j] /= pivot }
        }
      }
    }
    return result
  }

  /// The product with a matrix, p × c.
  package static func * (a: UpperTriangle, b: Matrix) -> Matrix {
    precondition(
      a.columnCount == b.rowCount, "a triangle of \(a.columnCount) columns times a matrix of \(b.rowCount) rows")
    return a.matrix * b
  }
}
