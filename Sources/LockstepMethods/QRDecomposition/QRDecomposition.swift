// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// The thin QR factorization of tall data: X = Q R, with orthonormal columns in Q and an upper triangular R.
///
/// X is n × p over all ranks, Q n × k and R k × p with k = min(n, p), p in all but the smallest tables. The diagonal of R is
/// not negative; if X has full column rank, this makes Q and R unique.
///
/// ```swift
/// let model = try QRDecomposition().fit(rows, in: world)               // R
/// let (model, q) = try QRDecomposition().decompose(rows, in: world)    // and this rank's rows of Q, in their order
/// ```
/// - Method: Cholesky QR repeated until the columns are orthonormal (Yamamoto et al. 2015), from a first factor that a part
///   of the rows gives (after Garrison & Ipsen 2024), where the condition of X, with its columns scaled, is below about 1e6,
///   as checked after the fact; else Householder QR in a tree over blocks of rows (TSQR: Demmel et al. 2012), which any
///   condition, dependent columns, columns of zeros and blocks of fewer rows than columns suit.
/// - Accuracy: ‖X − QR‖ ≤ c·pε‖X‖ and ‖QᵀQ − I‖ ≤ c·pε with c below 1 as a rule, whatever the condition. Q, not only R, has the
///   same bits for any number of ranks and threads.
/// - Sweeps: two readings of the data as a rule, the first of a part; a few more where the routes change. Streams: R alone, by `TriangularFactor`.
/// - Memory per rank: the rows of Q, and p² numbers for each of 2 log₂(blocks) summaries; on the safe route also ½p² numbers for
///   each block, at most an eighth of the rows' own size.
/// - Communication: ½p² numbers up and down, 2⌈log₂ P⌉ messages a sweep.
/// - Not for: rank-revealing questions (see ``SVD``), or wide data: time grows with p², and rank 0 solves p × p problems.
public struct QRDecomposition: Estimator, Hashable {
  /// A QR factorization; there is nothing to choose.
  public init() {}

  /// Nothing can be wrong.
  public func validate() throws {}

  /// Computes R.
  ///
  /// Collective; the same bits on every rank, and the same as ``decompose(_:in:)`` gives.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.tooFewRows` if no rank has a row.
  /// - Complexity: 2np² flops in two readings, as a rule.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    return try factor(try context.align(tall: rows), writing: nil, in: context)
  }

  /// Computes R and this rank's rows of Q, in the order of the rows.
  ///
  /// Collective.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows, n × p over all ranks. Not modified.
  ///   - context: The ranks and threads.
  /// - Returns: The model, the same on all ranks, and n_r × min(n, p) numbers of Q for the n_r rows of this rank.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.tooFewRows` if no rank has a row.
  /// - Complexity: 3np² flops on the fast route, as a rule, 6np² on the safe one.
  /// - Postcondition: ‖QᵀQ − I‖ ≤ 10pε, ‖X − QR‖ ≤ 10√n·ε‖X‖.
  public func decompose(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, q: DenseRows<Double>) {
    let (model, q) = try decomposeInRuns(rows, in: context)
    return (model, try context.inMemory(q, columnCount: model.r.rowCount))
  }

  /// The same, with the rows of Q in runs, which are in a scratch file if the context limits the memory.
  func decomposeInRuns(_ rows: some RowSource, in context: ExecutionContext) throws -> (model: Model, q: [RowRun]) {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(tall: rows)
    let output = try context.makeRowOutput(for: aligned, valuesPerRow: aligned.columnCount)
    let model = try factor(aligned, writing: output, in: context)
    return (model, try context.returnRows(output, for: aligned).columns(prefix: model.r.rowCount))
  }

  /// The model of R, if doubles can hold it.
  private static func model(_ r: Matrix) throws -> Model {
    try r.requireFinite()
    return Model(r: r)
  }

  private func factor(
    _ aligned: AlignedRows, writing output: RowMemory<Double>?, in context: ExecutionContext
  ) throws -> Model {
    if let basis = try context.nearlyOrthonormalBasis(aligned, writing: output) {
      if let output, let correction = basis.correction {
        let triangle = PackedTriangle(correction.elements, columnCount: correction.columnCount)
        try context.update(output, aligned.sweptRange, blockRowCount: aligned.blockRowCount) { rows, out, scratch in
          rows.solve(triangle, into: out, stride: rows.columnCount, gram: nil, scratch: scratch)
        }
      }
      return Model(r: basis.corrected.matrix)  // finite, as the Gram matrices were
    }
    return try context.factor(aligned, writing: output) { factor in
      (try Self.model(factor.r), output == nil ? Matrix(zeros: factor.heldRowCount, 0) : .identity(factor.heldRowCount))
    }
  }
}
