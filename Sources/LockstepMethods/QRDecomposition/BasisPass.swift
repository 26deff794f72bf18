// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The second sweep of the fast route: makes the rows of a basis, B = X R⁻¹, and measures how orthonormal it is while they are
/// in the cache.
struct BasisPass: Pass {
  /// How orthonormal the basis is.
  enum Outcome: Codable, Sendable {
    /// ‖BᵀB − I‖ ≤ pε: as good as it gets.
    case orthonormal
    /// B C⁻¹ is, for this Cholesky factor C; the bound of B's condition is divided by p.
    case correctable(by: UpperTriangle, condition: Double)
    /// Its columns are dependent to working precision, or not finite.
    case lost
  }

  let triangle: PackedTriangle
  /// Where the rows go; nil if only the outcome is wanted.
  let output: RowMemory<Double>?

  func makePartial(columnCount: Int) -> GramMatrix { GramMatrix(columnCount: columnCount) }

  func accumulate(_ samples: Samples, into partial: inout GramMatrix) {
    let scratch = FactorScratch(columnCount: samples.columnCount)
    func write(_ out: UnsafeMutablePointer<Double>?, _ stride: Int) {
      partial.withUnsafeMutableElements {
        samples.rows.solve(triangle, into: out, stride: stride, gram: $0, scratch: scratch)
      }
    }
    guard let output else { return write(nil, 0) }
    output.withValues(firstRow: samples.firstRow, count: samples.rowCount) {
      write($0.baseAddress, output.valuesPerRow)
    }
  }

  func finalize(_ partial: GramMatrix) -> Outcome {
    if partial.upper.distanceFromIdentity <= Double(triangle.columnCount) * Double.ulpOfOne { return .orthonormal }
    guard let cholesky = GramCholesky(partial.upper) else { return .lost }
    return .correctable(by: cholesky.factor, condition: cholesky.scaledCondition)
  }
}
