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
/// - Method: the SVD of R, of the QR factorization of X, on rank 0 (Chan 1982). For s and V alone, R is the Cholesky factor of
///   XᵀX where that loses no digit that matters; else that of Householder QR in a tree over blocks of rows.
/// - Accuracy: singular values are off by at most c·pεs₁, and ‖UᵀU − I‖ ≤ c·pε, for any condition; vectors of zero singular values
///   are completed to orthonormal ones.
/// - Sweeps: one for s and V alone where the condition is below 4p, three where it is not; with U as for QR.
/// - Memory and communication: those of ``QRDecomposition``.
/// - Not for: sparse data of many columns, or a few components of very wide data.
public struct SVD: Estimator, Hashable {
  /// The number of singular values and vectors, k ≤ min(n, p), the largest; `nil`, the default, for all.
  public var componentCount: Int?

  /// A singular value decomposition.
  public init(componentCount: Int?) { self.componentCount = componentCount }

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
  /// - Complexity: np² flops in one reading where the condition is below 4p, 3np² in three where it is not.
  public func fit(_ rows: some RowSource, in context: ExecutionContext = .local) throws -> Model {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(tall: rows)
    if case .factored(let r, _) = try context.gramOutcome(aligned),
      let model = try context.decide({ try modelBySquares(r) })
    {
      return model
    }
    return try context.factor(aligned, writing: nil) { [componentCount] in
      (try Factors($0.r, componentCount).model, Matrix(zeros: $0.heldRowCount, 0))
    }
  }

  /// The model, if the Gram matrix has lost no digit that matters.
  ///
  /// Its rounding errors, about ε·s₁², move the least singular value sₚ by about ε·s₁²/2sₚ, which must not be more than a few
  /// pε·s₁.
  private func modelBySquares(_ r: UpperTriangle) throws -> Model? {
    let all = try Factors(r.matrix, nil).model
    guard all.conditionNumber <= 4 * Double(r.columnCount) else { return nil }
    return all.prefix(componentCount ?? r.columnCount)
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
  /// - Complexity: 4np² flops on the fast route, as a rule, 6np² on the safe one.
  /// - Postcondition: ‖UᵀU − I‖ ≤ 10pε, ‖X − U·diag(s)·Vᵀ‖ ≤ 10√n·ε‖X‖ where all components are asked for.
  public func decompose(
    _ rows: some RowSource, in context: ExecutionContext = .local
  ) throws -> (model: Model, left: DenseRows<Double>) {
    let (model, left) = try decomposeInRuns(rows, in: context)
    return (model, try context.inMemory(left, columnCount: model.singularValues.count))
  }

  /// The same, with the rows of U in runs, which are in a scratch file if the context limits the memory.
  func decomposeInRuns(_ rows: some RowSource, in context: ExecutionContext) throws -> (model: Model, left: [RowRun]) {
    try context.agree { try validate(for: rows) }
    let aligned = try context.align(tall: rows)
    let output = try context.makeRowOutput(for: aligned, valuesPerRow: aligned.columnCount)
    let model = try factor(aligned, output, in: context)
    return (model, try context.returnRows(output, for: aligned).columns(prefix: model.singularValues.count))
  }

  private func factor(
    _ aligned: AlignedRows, _ output: RowMemory<Double>, in context: ExecutionContext
  ) throws -> Model {
    if let basis = try context.nearlyOrthonormalBasis(aligned, writing: output) {
      // X = B·r = (B C⁻¹)·(C r), and C r = U'·diag(s)·Vᵀ: U = B·(C⁻¹U').
      let (model, coefficients) = try context.decide { [componentCount] in
        let factors = try Factors(basis.corrected.matrix, componentCount)
        return Coefficients(
          model: factors.model, left: basis.correction.map { $0.inverse * factors.left } ?? factors.left)
      }.parts
      let matrix = PackedMatrix(coefficients.elements, columnCount: coefficients.columnCount)
      try context.update(output, aligned.sweptRange, blockRowCount: aligned.blockRowCount) { rows, out, scratch in
        rows.multiply(matrix, into: out, stride: rows.columnCount, gram: nil, scratch: scratch)
      }
      return model
    }
    return try context.factor(aligned, writing: output) { [componentCount] in
      let factors = try Factors($0.r, componentCount)
      return (factors.model, factors.left)
    }
  }

  /// What rank 0 makes of the small matrix: the model, and what the basis is multiplied by.
  private struct Coefficients: Codable, Sendable {
    var model: Model
    var left: Matrix
    var parts: (Model, Matrix) { (model, left) }
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
