// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// The thin singular value decomposition of tall data: X = U · diag(s) · Vᵀ.
///
/// X is n × p over all ranks; U, n × k, and V, p × k, have orthonormal columns, and s descends and is not negative, with
/// k = min(n, p), or fewer if asked. Nothing is centred or scaled: for that, see PCA. The signs are fixed: the largest number of
/// each right singular vector, the first of equals in magnitude, is positive.
///
/// ```swift
/// let model = try SVD().fit(rows, in: world)                              // s and Vᵀ
/// let (model, u) = try SVD(componentCount: 5).decompose(rows, in: world)  // and this rank's rows of U
/// ```
/// - Method: the SVD of R, of the QR factorization of X, on rank 0 (Chan 1982). R is the Cholesky factor of XᵀX where the
///   columns are so far from dependent that no digit is lost; else that of Householder QR in a tree over blocks of rows.
/// - Accuracy: singular values are off by at most c·pεs₁, and ‖UᵀU − I‖ ≤ c·pε, for any condition; vectors of zero singular values
///   are completed to orthonormal ones.
/// - Sweeps: one for s and V alone where the condition is good, two where it is not; two or three with U.
/// - Memory and communication: those of ``QRDecomposition``.
/// - Not for: sparse data of many columns, or a few components of very wide data.
public struct SVD: Estimator, Hashable {
  /// Below this bound of the condition, divided by p, squares lose no digit that matters.
  private static let harmlessCondition = 8.0

  /// The number of singular values and vectors, k ≤ min(n, p), the largest; `nil`, the default, for all.
  public var componentCount: Int?

  /// A singular value decomposition.
  public init(componentCount: Int? = nil) { self.componentCount = componentCount }

  /// Throws ``LockstepError`` with code `.usage` if a hyperparameter makes no sense.
  public func validate() throws {
    if let componentCount, componentCount < 1 {
      throw LockstepError(.usage, "\(componentCount) components", remedy: "ask for 1 or more, or leave the number out")
    }
  }

  /// Computes singular values and right singular vectors.
  ///
  /// Collective; the same bits on every rank.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, `.tooFewRows` if no rank has a row,
  ///   `.usage` for senseless hyperparameters, `.unsupported` if rank 0 finds no LAPACK.
  /// - Complexity: np² or 3np² flops, in one reading or two.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate() }
    let aligned = try context.align(tall: rows)
    if case .factored(let r, let condition) = try context.gramOutcome(aligned), condition <= Self.harmlessCondition {
      return try context.decide { try Factors(r.matrix, componentCount).model }
    }
    let pass = ReflectorPass<Model>(output: nil) { [componentCount] in
      (try Factors($0.r, componentCount).model, Matrix(zeros: $0.heldRowCount, 0))
    }
    return try context.reduce(pass, over: aligned)
  }

  /// Computes the singular values and right singular vectors, and this rank's rows of U, in the order of the rows.
  ///
  /// Collective.
  ///
  /// - Parameters:
  ///   - rows: This rank's rows, n × p over all ranks. Not modified.
  ///   - context: The ranks and threads.
  /// - Returns: The model, the same on all ranks, with the singular values of ``fit(_:in:)`` up to rounding; and n_r × k numbers
  ///   of U for the n_r rows of this rank.
  /// - Throws: What ``fit(_:in:)`` throws.
  /// - Complexity: 4np² flops where the condition is good, 5np² or 6np² where it is not.
  /// - Postcondition: ‖UᵀU − I‖ ≤ 10pε, ‖X − U·diag(s)·Vᵀ‖ ≤ 10√n·ε‖X‖ where all components are asked for.
  public func decompose(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, left: DenseRows<Double>) {
    try context.agree { try validate() }
    let aligned = try context.align(tall: rows)
    let output = context.makeRowOutput(for: aligned, valuesPerRow: aligned.columnCount)
    let model = try factor(aligned, output, in: context)
    return (model, try context.returnRows(output, for: aligned).columns(prefix: model.singularValues.count))
  }

  private func factor(
    _ aligned: AlignedRows, _ output: RowMemory<Double>, in context: ExecutionContext
  ) throws -> Model {
    if case .factored(let r, let condition) = try context.gramOutcome(aligned),
      condition <= QRDecomposition.largestCondition,
      let model = try factorBySquares(r, condition, aligned, output, in: context)
    {
      return model
    }
    let pass = ReflectorPass<Model>(output: output) { [componentCount] in
      let factors = try Factors($0.r, componentCount)
      return (factors.model, factors.left)
    }
    return try context.retrace(pass, over: aligned)
  }

  /// The fast route; nil where it is not safe.
  ///
  /// A basis B of the columns' space that is nearly orthonormal, X = B·C; then, with the Cholesky factor R of
  /// BᵀB, the SVD of R·C = U'·diag(s)·Vᵀ gives U = B·R⁻¹U'.
  private func factorBySquares(
    _ r: UpperTriangle, _ condition: Double, _ aligned: AlignedRows, _ output: RowMemory<Double>,
    in context: ExecutionContext
  ) throws -> Model? {
    let p = aligned.columnCount
    let triangle = BasisPass.Map.solving(PackedTriangle(r.elements, columnCount: p))
    var start = Start(model: nil, map: nil)
    if condition <= Self.harmlessCondition {
      start = try context.decide { try Start(r, componentCount) }
    }
    // With all digits in hand, U itself is the basis, and as a rule that is the end of it.
    let basis = start.map.map { BasisPass.Map.multiplying(PackedMatrix($0.elements, columnCount: p)) } ?? triangle
    let outcome = try context.reduce(BasisPass(map: basis, output: output), over: aligned)
    if case .lost = outcome { return nil }
    if case .orthonormal = outcome, let model = start.model { return model }
    let (model, coefficients) = try context.decide { [componentCount] in
      let inBasis = start.model.map { $0.scaledRight(p) } ?? r.matrix
      guard case .nearly(let correction) = outcome else {
        let factors = try Factors(inBasis, componentCount)
        return Finish(model: factors.model, coefficients: factors.left)
      }
      let factors = try Factors(correction * inBasis, componentCount)
      return Finish(model: factors.model, coefficients: correction.inverse * factors.left)
    }.parts
    let last = PackedMatrix(coefficients.elements, columnCount: coefficients.columnCount)
    try context.map(output, aligned.sweptRange, blockRowCount: aligned.blockRowCount, by: .multiplying(last))
    return model
  }

  /// What rank 0 makes of R where no digit is lost.
  private struct Start: Codable, Sendable {
    /// The decomposition, if U may be computed as X·V·diag(1/s) and all of it is wanted.
    var model: Model?
    /// V·diag(1/s), p × p.
    var map: Matrix?

    init(model: Model?, map: Matrix?) {
      self.model = model
      self.map = map
    }

    init(_ r: UpperTriangle, _ componentCount: Int?) throws {
      let p = r.columnCount
      let factors = try Factors(r.matrix, nil)
      let values = factors.model.singularValues
      guard componentCount ?? p >= p, values[p - 1] * 16 >= values[0] else { return }
      model = factors.model
      var scaled = factors.model.rightSingularVectors.transposed
      for i in 0..<p { for j in 0..<p { scaled[i, j] /= values[j] } }
      map = scaled
    }
  }

  /// What rank 0 makes of the basis.
  private struct Finish: Codable, Sendable {
    var model: Model
    var coefficients: Matrix
    var parts: (Model, Matrix) { (model, coefficients) }
  }
}

/// The singular value decomposition of a small matrix, with the signs fixed and cut to so many components.
struct Factors {
  let model: SVD.Model
  /// The left singular vectors of the small matrix, as columns.
  let left: Matrix

  init(_ matrix: Matrix, _ componentCount: Int?) throws {
    let all = try matrix.singularValueDecomposition()
    let count = min(componentCount ?? .max, all.values.count)
    var (left, right) = (all.left.columns(prefix: count), all.right.rows(prefix: count))
    for k in 0..<count {
      // The first of the largest.
      let loadings = right.row(k)
      let largest = loadings.reduce(0) { abs($1) > abs($0) ? $1 : $0 }
      guard largest < 0 else { continue }
      for j in 0..<right.columnCount { right[k, j] = 0 - right[k, j] }
      for i in 0..<left.rowCount { left[i, k] = 0 - left[i, k] }
    }
    self.left = left
    model = SVD.Model(singularValues: Array(all.values[..<count]), rightSingularVectors: right)
  }
}
