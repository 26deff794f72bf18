// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The eigenvalues and eigenvectors of a symmetric matrix.
package struct SymmetricEigen: Codable, Hashable, Sendable {
  /// The eigenvalues, p, descending.
  package let values: [Double]
  /// The eigenvectors as rows, p × p, orthonormal, in the order of their values; the sign of each is arbitrary.
  package let vectors: Matrix
}

/// The singular values and vectors of a matrix: A = U · diag(s) · Vᵀ.
package struct SingularValueDecomposition: Codable, Hashable, Sendable {
  /// U, m × k, with k = min(m, n).
  package let left: Matrix
  /// s, k, descending and not negative.
  package let values: [Double]
  /// Vᵀ, k × n: the right singular vectors as rows.
  package let right: Matrix
}

extension Matrix {
  /// The eigenvalues and eigenvectors of a symmetric matrix, of which the upper triangle is read.
  ///
  /// - Throws: ``LockstepError`` with code `.missingLibrary` if no LAPACK library is found, `.notFinite` for a matrix with an
  ///   infinity or a NaN, `.internalInconsistency` if it does not converge, which finite matrices do not bring about.
  /// - Complexity: about 9p³ flops on one thread.
  /// - Precondition: the matrix is square.
  package func symmetricEigen() throws -> SymmetricEigen {
    precondition(rowCount == columnCount, "eigenvalues of a matrix of \(rowCount) × \(columnCount)")
    let p = columnCount
    guard p > 0 else { return SymmetricEigen(values: [], vectors: self) }
    for i in 0..<p { try requireFinite(i * p + i..<(i + 1) * p) }
    // The rows' upper triangle is the columns' lower one, and LAPACK's eigenvectors are columns: rows here.
    var a = elements
    var values = [Double](repeating: 0, count: p)
    try LAPACK.call { library in
      var info = 0
      var work = [Double](repeating: 0, count: 1 + 6 * p + 2 * p * p)
      var integers = [Int](repeating: 0, count: 3 + 5 * p)
      library.symmetricEigen(
        "V", "L", [p], &a, [p], &values, &work, [work.count], &integers, [integers.count], &info, 1, 1)
      try Self.check(info, "dsyevd", self)
    }
    var vectors = Matrix(zeros: p, p)
    for i in 0..<p {
      let from = (p - 1 - i) * p
      vectors.elements.replaceSubrange(i * p..<(i + 1) * p, with: a[from..<from + p])
    }
    return SymmetricEigen(values: values.reversed(), vectors: vectors)
  }

  /// The singular values and vectors.
  ///
  /// - Throws: ``LockstepError`` with code `.missingLibrary` if no LAPACK library is found, `.notFinite` for a matrix with an
  ///   infinity or a NaN, `.internalInconsistency` if it does not converge, which finite matrices do not bring about.
  /// - Complexity: about 22p³ flops for p × p, on one thread.
  /// - Postcondition: singular values are off by at most a small multiple of pε times the largest.
  package func singularValueDecomposition() throws -> SingularValueDecomposition {
    let (m, n, k) = (rowCount, columnCount, Swift.min(rowCount, columnCount))
    guard k > 0 else {
      return SingularValueDecomposition(left: Matrix(zeros: m, 0), values: [], right: Matrix(zeros: 0, n))
    }
    try requireFinite()
    // Row-major A is column-major Aᵀ = V · diag(s) · Uᵀ: LAPACK's U is our Vᵀ by rows, and its Vᵀ our U.
    var a = elements
    var values = [Double](repeating: 0, count: k)
    var right = Matrix(zeros: k, n)
    var left = Matrix(zeros: m, k)
    try LAPACK.call { library in
      var info = 0
      var work = [Double](repeating: 0, count: 4 * k * k + 7 * k + 2 * Swift.max(m, n) + 64 * (m + n))
      var integers = [Int](repeating: 0, count: 8 * k)
      library.singularValues(
        "S", [n], [m], &a, [n], &values, &right.elements, [n], &left.elements, [k], &work, [work.count], &integers,
        &info, 1)
      try Self.check(info, "dgesdd", self)
    }
    return SingularValueDecomposition(left: left, values: values, right: right)
  }

  /// Throws ``LockstepError`` with code `.notFinite` if an element is infinite or a NaN: LAPACK may never return from such a matrix.
  public func requireFinite() throws { try requireFinite(elements.indices) }

  private func requireFinite(_ range: Range<Int>) throws {
    guard let bad = elements[range].firstIndex(where: { !$0.isFinite }) else { return }
    throw LockstepError(
      .notFinite, "a matrix of \(rowCount) × \(columnCount) holds \(elements[bad])", remedy: "scale the data down")
  }

  private static func check(_ info: Int, _ routine: String, _ matrix: Matrix) throws {
    let code = Int(Int32(truncatingIfNeeded: info))
    guard code != 0 else { return }
    throw LockstepError(
      .internalInconsistency,
      "\(routine) gave up on a matrix of \(matrix.rowCount) × \(matrix.columnCount) with code \(code)")
  }
}
