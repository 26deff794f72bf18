// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// Working memory of the factorization kernels, for one thread at a time.
public struct FactorScratch: ~Copyable {
  let memory: UnsafeMutableRawPointer

  /// Memory for blocks of `columnCount` columns and seeds or products of up to `seedColumnCount`.
  public init(columnCount: Int, seedColumnCount: Int = 0) {
    memory = .allocate(byteCount: lockstep_factor_scratch(columnCount, seedColumnCount), alignment: 64)
  }

  deinit { memory.deallocate() }
}

/// An upper triangular matrix without zeros on its diagonal, as ``KernelRows/solve(_:into:stride:gram:scratch:)`` reads it.
public struct PackedTriangle: Sendable {
  /// The number of columns, p.
  public let columnCount: Int
  let elements: [Double]

  /// Packs R, given row after row from the diagonal on: p(p + 1)/2 numbers.
  public init(_ upper: [Double], columnCount: Int) {
    precondition(
      upper.count == columnCount * (columnCount + 1) / 2,
      "\(upper.count) numbers in a triangle of \(columnCount) columns")
    self.columnCount = columnCount
    elements = Array(unsafeUninitializedCapacity: lockstep_packed_triangle_count(columnCount)) { buffer, count in
      if let first = buffer.baseAddress { lockstep_pack_triangle(upper, columnCount, first) }
      count = buffer.count
    }
  }
}

/// A matrix p × c, as ``KernelRows/multiply(_:into:stride:gram:scratch:)`` reads it.
public struct PackedMatrix: Sendable {
  /// The number of rows, p.
  public let rowCount: Int
  /// The number of columns, c.
  public let columnCount: Int
  let elements: [Double]

  /// Packs a row-major matrix.
  public init(_ matrix: [Double], columnCount: Int) {
    precondition(
      columnCount > 0 && matrix.count % columnCount == 0, "\(matrix.count) numbers in \(columnCount) columns")
    rowCount = matrix.count / columnCount
    self.columnCount = columnCount
    elements = Array(
      unsafeUninitializedCapacity: lockstep_packed_matrix_count(rowCount, columnCount)
    ) { [rowCount] buffer, count in
      if let first = buffer.baseAddress { lockstep_pack_matrix(matrix, rowCount, columnCount, first) }
      count = buffer.count
    }
  }
}
