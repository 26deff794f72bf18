// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The second sweep of a fit that is nearly exact.
///
/// It takes the residuals of the first sweep's coefficients in double-double, and corrects the coefficients by what the columns
/// explain of them (iterative refinement). It costs little more than reading the rows.
struct ResidualPass: Pass, Codable {
  let first: LinearRegression.FirstFit

  func blockRowCount(columnCount: Int) -> Int { LinearRegression().blockRowCount(columnCount: columnCount) }

  func makePartial(columnCount: Int) -> ResidualSums {
    ResidualSums(columnCount: columnCount, responseCount: first.model.responseCount)
  }

  func accumulate(_ samples: Samples, into partial: inout ResidualSums) throws {
    try partial.observe(
      samples, coefficients: first.model.coefficients.elements, intercepts: first.model.intercepts, shift: first.means)
  }

  func finalize(_ sums: ResidualSums) -> LinearRegression.Model { first.refined(by: sums) }
}

extension LinearRegression {
  /// One sweep of a fit, whose robust errors, if there are any, come of another one.
  struct SingleSweep: Pass, Codable {
    let regression: LinearRegression

    func blockRowCount(columnCount: Int) -> Int { regression.blockRowCount(columnCount: columnCount) }
    func makePartial(columnCount: Int) -> CrossProduct { regression.makePartial(columnCount: columnCount) }
    func accumulate(_ samples: Samples, into partial: inout CrossProduct) throws {
      try regression.add(samples, to: &partial)
    }
    func finalize(_ products: CrossProduct) throws -> Model { try regression.finalize(products) }
  }

  /// The first sweep, with what a second one over the residuals needs if the fit is nearly exact, or robust errors and diagnostics.
  struct FirstSweep: Pass, Codable {
    let regression: LinearRegression
    /// Whether a second sweep needs B in any case.
    let keepsRoot: Bool

    func blockRowCount(columnCount: Int) -> Int { regression.blockRowCount(columnCount: columnCount) }
    func makePartial(columnCount: Int) -> CrossProduct { regression.makePartial(columnCount: columnCount) }
    func accumulate(_ samples: Samples, into partial: inout CrossProduct) throws {
      try regression.add(samples, to: &partial)
    }
    func finalize(_ products: CrossProduct) throws -> FirstFit {
      let (model, root) = try regression.fitted(products)
      let isRefinable = model.wantsDoubleDouble && model.conditionEstimate <= 1e3 && model.droppedColumns.isEmpty
      guard isRefinable || keepsRoot else { return FirstFit(model: model) }
      let p = products.featureCount
      let isCentred = regression.fitsIntercept
      var fit = FirstFit(
        model: model, root: root, isRefinable: isRefinable,
        means: isCentred ? products.means(0..<p) : Array(repeating: 0, count: p),
        weight: products.weight.high, observations: regression.observationCount(products).high,
        totals: (0..<model.responseCount).map { k in
          isCentred ? products[p + k, p + k].high : products.raw(p + k..<p + k + 1, p + k..<p + k + 1)[0, 0].high
        })
      guard keepsRoot else { return fit }
      let all = p..<p + model.responseCount
      let right = isCentred ? products.centred(0..<p, all) : products.raw(0..<p, all)
      for k in 0..<model.responseCount {
        fit.projections += (0..<root.columnCount).map { c in
          (0..<p).reduce(DoubleDouble.zero) { $0 + right[$1, k] * root[$1, c] }.high
        }
      }
      return fit
    }
  }

  /// A model, and what refines it or tells of its residuals.
  struct FirstFit: Codable, Sendable {
    var model: Model
    /// B of (XᵀX)⁻¹ = B Bᵀ; `nil` if nothing needs it.
    var root: Matrix?
    /// Whether the residuals would refine the model.
    var isRefinable = false
    /// What residuals are multiplied with the columns about: their means, or 0 without an intercept.
    var means: [Double] = []
    /// The sum of the weights.
    var weight = 0.0
    /// The number of rows, as the kind of their weights has it.
    var observations = 0.0
    /// Of each response, Σ w (y − ȳ)², or Σ w y².
    var totals: [Double] = []
    /// Of each response Bᵀ Xᵀ y: coefficients are B times that.
    var projections: [Double] = []

    /// b + δ, δ = (XᵀX)⁻¹ Xᵀr, and the figures that depend on the residuals.
    func refined(by sums: ResidualSums) -> Model {
      guard let root else { return model }
      var model = model
      model.isDoubleDouble = true
      let p = model.columnCount
      for k in 0..<model.responseCount {
        let products = sums.products(k)
        let half = (0..<root.columnCount).map { c in (0..<p).reduce(0.0) { $0 + root[$1, c] * products[$1] } }
        let change = (0..<p).map { i in half.indices.reduce(0.0) { $0 + root[i, $1] * half[$1] } }
        let mean = model.fitsIntercept ? sums.sum(k) / weight : 0
        // Σ w (r − r̄ − (x − x̄)δ)².
        var residual = sums.square(k) - weight * mean * mean
        for j in 0..<p { residual -= change[j] * products[j] }
        // Less than the rounding of the response's own numbers is nothing, as with all sums in double-double.
        if residual <= totals[k] * 0x1p-97 { residual = 0 }
        for j in 0..<p { model.coefficients[k, j] += change[j] }
        if model.fitsIntercept { model.intercepts[k] += mean - zip(means, change).reduce(0) { $0 + $1.0 * $1.1 } }
        model.setResidual(residual, total: totals[k], observations: observations, response: k)
        let deviation = model.residualStandardDeviations[k]
        for i in 0..<p {
          model.standardErrors[k, i] = deviation * root.row(i).reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
        if model.fitsIntercept {
          let variance = (0..<root.columnCount).reduce(1 / weight) { sum, c in
            let projected = (0..<p).reduce(0.0) { $0 + means[$1] * root[$1, c] }
            return sum + projected * projected
          }
          model.interceptStandardErrors[k] = deviation * variance.squareRoot()
        }
      }
      return model
    }
  }
}

extension LinearRegression.Model {
  /// Sets the figures of a response that follow from its sum of squared residuals.
  fileprivate mutating func setResidual(_ residual: Double, total: Double, observations: Double, response k: Int) {
    let unexplained = DoubleDouble(residual) / DoubleDouble(total)
    let hasFreedom = degreesOfFreedom > 0
    residualStandardDeviations[k] = hasFreedom ? (residual / degreesOfFreedom).squareRoot() : .nan
    rSquared[k] = total > 0 ? Double(DoubleDouble(1) - unexplained) : .nan
    let all = observations - (fitsIntercept ? 1 : 0)
    adjustedRSquared[k] = total > 0 && hasFreedom ? 1 - unexplained.high * all / degreesOfFreedom : .nan
    let explained = Double(DoubleDouble(total) - DoubleDouble(residual)) / Double(rank)
    fStatistics[k] = hasFreedom && rank > 0 ? explained / (residual / degreesOfFreedom) : .nan
  }
}
