// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The second sweep of the fast route: makes the rows of a basis, X R⁻¹ or X W, and measures how orthonormal it is while
/// they are in the cache.
struct BasisPass: Pass {
  /// How a row of X becomes one of the basis.
  enum Map: Sendable {
    case solving(PackedTriangle)
    case multiplying(PackedMatrix)

    var columnCount: Int {
      switch self {
      case .solving(let triangle): triangle.columnCount
      case .multiplying(let matrix): matrix.columnCount
      }
    }
  }

  /// How orthonormal the basis B is.
  enum Outcome: Codable, Sendable {
    /// ‖BᵀB − I‖ ≤ pε: as good as it gets.
    case orthonormal
    /// Nearly: B R⁻¹ is orthonormal, for this R.
    case nearly(r: UpperTriangle)
    /// Too far from it to be mended.
    case lost
  }

  let map: Map
  /// Where the rows go; nil if only the outcome is wanted.
  let output: RowMemory<Double>?

  func makePartial(columnCount: Int) -> GramMatrix { GramMatrix(columnCount: map.columnCount) }

  func accumulate(_ samples: Samples, into partial: inout GramMatrix) {
    let scratch = FactorScratch(columnCount: samples.columnCount, seedColumnCount: map.columnCount)
    func write(_ out: UnsafeMutablePointer<Double>?, _ stride: Int) {
      partial.withUnsafeMutableElements { gram in
        switch map {
        case .solving(let triangle):
          samples.rows.solve(triangle, into: out, stride: stride, gram: gram, scratch: scratch)
        case .multiplying(let matrix):
          samples.rows.multiply(matrix, into: out, stride: stride, gram: gram, scratch: scratch)
        }
      }
    }
    guard let output else { return write(nil, 0) }
    output.withValues(firstRow: samples.firstRow, count: samples.rowCount) {
      write($0.baseAddress, output.valuesPerRow)
    }
  }

  func finalize(_ partial: GramMatrix) -> Outcome {
    let distance = partial.upper.distanceFromIdentity
    if distance <= Double(map.columnCount) * Double.ulpOfOne { return .orthonormal }
    // Written so that a NaN is lost too.
    guard distance <= 0.1, let r = partial.upper.cholesky() else { return .lost }
    return .nearly(r: r)
  }
}

extension ExecutionContext {
  /// Replaces rows that this rank has swept by their images, in place, without communication.
  func map(_ output: RowMemory<Double>, _ rows: Range<Int>, blockRowCount: Int, by map: BasisPass.Map) throws {
    let p = output.valuesPerRow
    try forEachBlock(of: rows, blockRowCount: blockRowCount) { block in
      output.withValues(firstRow: block.lowerBound, count: block.count) { values in
        guard let first = values.baseAddress else { return }
        let scratch = FactorScratch(columnCount: p, seedColumnCount: map.columnCount)
        let rows = KernelRows(UnsafeBufferPointer(values), rowCount: block.count, columnCount: p)
        switch map {
        case .solving(let triangle): rows.solve(triangle, into: first, stride: p, gram: nil, scratch: scratch)
        case .multiplying(let matrix): rows.multiply(matrix, into: first, stride: p, gram: nil, scratch: scratch)
        }
      }
    }
  }
}
