// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// What the fast route finds: X = B·r with B C⁻¹ orthonormal, C the correction; without one, B is.
struct NearlyOrthonormalBasis {
  var r: UpperTriangle
  var correction: UpperTriangle?
  /// The R of X = Q R.
  var corrected: UpperTriangle { correction.map { $0 * r } ?? r }
}

extension ExecutionContext {
  /// Above this bound of the condition, a Gram matrix has lost too much: its error, about κ²ε, must stay far below 1.
  private static let largestCondition = 1e6
  /// Up to this one, the Cholesky factor of a Gram matrix makes columns orthonormal without a second look.
  private static let harmlessCondition = 1.5
  /// Every n-th row is enough for a start if there are 32 of them for each column.
  private static let rowStep = 16

  /// Aligns rows for a factorization; throws if there are none.
  func align(tall rows: some RowSource) throws -> AlignedRows {
    let aligned = try align(rows, blockRowCount: BlockSize.standard)
    _ = try decide {
      guard aligned.totalRowCount > 0, aligned.columnCount > 0 else {
        throw LockstepError(
          .tooFewRows, "a factorization of \(aligned.totalRowCount) rows of \(aligned.columnCount) columns",
          remedy: "give at least one row and one column")
      }
      try SquareMemory.require(columnCount: aligned.columnCount)
      return true
    }
    return aligned
  }

  /// The fast route: divides X by Cholesky factors until the columns are orthonormal, but for a last division that is left to
  /// the caller; nil where it is not safe.
  ///
  /// The first factor need only be near, and comes from a part of the rows of a tall table. All that counts is what the
  /// basis that it gives turns out to be, which is measured on all rows.
  func nearlyOrthonormalBasis(
    _ aligned: AlignedRows, writing output: RowMemory<Double>?
  ) throws -> NearlyOrthonormalBasis? {
    let p = aligned.columnCount
    let isVeryTall = aligned.totalRowCount >= 32 * Self.rowStep * p
    let step = isVeryTall ? Self.rowStep : 1
    guard case .factored(var r, let condition) = try gramOutcome(aligned, rowStep: step),
      condition <= Self.largestCondition
    else { return nil }
    // The part stands for the whole: squares are so many times greater.
    if isVeryTall { for i in r.elements.indices { r.elements[i] *= Double(Self.rowStep).squareRoot() } }
    for _ in 0..<3 {
      let pass = BasisPass(triangle: PackedTriangle(r.elements, columnCount: p), output: output)
      switch try reduce(pass, over: aligned) {
      case .orthonormal: return NearlyOrthonormalBasis(r: r)
      case .correctable(let correction, let condition) where condition <= Self.harmlessCondition:
        return NearlyOrthonormalBasis(r: r, correction: correction)
      case .correctable(let correction, let condition) where condition <= Self.largestCondition: r = correction * r
      default: return nil
      }
    }
    return nil
  }

  /// What the Gram matrix, of all rows or of a part, allows.
  func gramOutcome(_ aligned: AlignedRows, rowStep: Int = 1) throws -> GramPass.Outcome {
    // With hardly more rows than columns it would tell nothing.
    let isTall = aligned.totalRowCount >= 2 * aligned.columnCount
    return isTall ? try reduce(GramPass(rowStep: rowStep), over: aligned) : .unsafe
  }

  /// Multiplies rows that this rank has swept by a matrix, or divides them by a triangle, in place, without communication.
  func update(
    _ output: RowMemory<Double>, _ rows: Range<Int>, blockRowCount: Int,
    by kernel: @Sendable (KernelRows<Double>, UnsafeMutablePointer<Double>, borrowing FactorScratch) -> Void
  ) throws {
    let p = output.valuesPerRow
    try forEachBlock(of: rows, blockRowCount: blockRowCount) { block in
      output.withValues(firstRow: block.lowerBound, count: block.count) { values in
        guard let first = values.baseAddress else { return }
        let scratch = FactorScratch(columnCount: p)
        kernel(KernelRows(UnsafeBufferPointer(values), rowCount: block.count, columnCount: p), first, scratch)
      }
    }
  }
}
