// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The targets of a generalized linear regression of one predictor.
enum LinkTargets: Sendable {
  /// A column of the responses, from 0.
  case response(Int)
  /// Whether the class of a row is this one.
  case isClass(ClassLabel)

  /// The targets of a block.
  func values(of samples: Samples) throws -> [Double] {
    switch self {
    case .response(let k):
      guard let responses = samples.responses else {
        throw LockstepError(.usage, "the rows have no responses", remedy: "give the column that is to be explained")
      }
      let q = responses.columnCount
      return responses.withUnsafeElements { elements in (0..<samples.rowCount).map { elements[$0 * q + k] } }
    case .isClass(let label):
      guard let labels = samples.labels else {
        throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
      }
      let (classes, codes) = labels.coded
      let code = classes.firstIndex(of: label).map(Int32.init) ?? -1
      return codes.map { $0 == code ? 1 : 0 }
    }
  }
}

/// The sweep of a step of iteratively reweighted least squares: weighted cross-products of the columns and the working residuals.
struct LinkPass: Pass {
  let family: LinkFamily
  let targets: LinkTargets
  let fitsIntercept: Bool
  let regularization: Double
  /// Whether the covariances are wanted with the spread.
  let keepsCovariance: Bool
  let tolerance: Double
  /// Where the iteration stands; `nil` to start from the targets.
  let place: Predictor?
  /// The step that led there.
  let direction: Predictor?
  /// Whether the spread is wanted in any case.
  let isLast: Bool

  struct Partial: Mergeable {
    var products = CrossProduct()
    var sums = LinkSums()

    mutating func merge(_ later: Self) {
      products.merge(later.products)
      sums.merge(later.sums)
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func blockRowCount(columnCount: Int) -> Int { max(2048, BlockSize.standard(columnCount: columnCount)) }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    try SquareMemory.require(columnCount: samples.columnCount)
    let targets = try targets.values(of: samples)
    let predictors = place?.values(of: samples.rows, direction: direction)
    let step = try samples.withCheckedWeights {
      LinkKernel.step(family, predictors: predictors, targets: targets, rowWeights: $0)
    }
    partial.sums.merge(step.sums)
    let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
    // Predictors that are not finite come from columns that are not, or from a step too long, which is told by the deviance.
    if place != nil, !step.sums.deviance.isFinite {
      try samples.requireFinite(responses: false)
      return
    }
    let weighted = SupervisedRows(
      features: features, responses: DenseRows(step.residuals, columnCount: 1),
      weights: DenseRows(step.weights, columnCount: 1))
    try partial.products.observe(
      Samples(weighted, firstRow: samples.firstRow), includingResponses: true, precision: .automatic)
  }

  /// A decrement as a share of the squares of the residuals; what rounding may leave of a perfect fit is none.
  static func share(_ decrement: DoubleDouble, of squares: DoubleDouble, weight: DoubleDouble) -> Double {
    decrement.high > 1e-28 * weight.high ? decrement.high / squares.high : 0
  }

  func finalize(_ partial: Partial) throws -> NewtonStep {
    let products = partial.products
    let p = place?.coefficients.columnCount ?? max(products.featureCount, 0)
    var step = NewtonStep(
      sums: partial.sums, change: Predictor(zeros: 1, columnCount: p), decrement: .infinity,
      columnDeviations: Array(repeating: 0, count: p))
    guard place == nil || partial.sums.deviance.isFinite else { return step }
    guard products.weight.high > 0 else {
      guard products.rowCount > 0 else { throw LockstepError(.tooFewRows, "a regression of no rows") }
      throw LockstepError(.tooFewRows, "a regression of rows that all have the weight 0")
    }
    let gradient = (0..<p).map { j -> DoubleDouble in
      let product = products[j, p]
      return fitsIntercept ? product : product + products.mean(j) * products.weight * products.mean(p)
    }
    let shift = (0..<p).map { regularization * (place?.coefficients[0, $0] ?? 0) }
    let equations = NormalEquations(
      products, isCentred: fitsIntercept, regularization: regularization, responses: 0..<1, shift: shift)
    var decrement = DoubleDouble.zero
    var meanChange = products.mean(p)
    for j in 0..<p {
      let change = equations.coefficients[j, 0]
      step.change.coefficients[0, j] = change.high
      decrement += change * (gradient[j] - shift[j])
      meanChange -= products.mean(j) * change
      step.columnDeviations[j] = (products[j, j].high / products.weight.high).squareRoot()
    }
    if fitsIntercept {
      step.change.intercepts[0] = meanChange.high
      decrement += products.mean(p) * products.mean(p) * products.weight
    }
    let squares = products[p, p] + products.mean(p) * products.mean(p) * products.weight
    step.decrement = place == nil ? .infinity : Self.share(decrement, of: squares, weight: products.weight)
    guard step.decrement <= tolerance || isLast else { return step }

    let spread = CoefficientSpread(products, equations.inverseRoot)
    let dependence = Dependence(equations.nullDirections, products)
    let isKnown = dependence.movesCoefficient.map { !$0 }
    let hasKnownIntercept = fitsIntercept && !dependence.movesIntercept
    let known = (fitsIntercept ? [hasKnownIntercept] : []) + isKnown
    step.spread = PredictorSpread(
      interceptVariances: [hasKnownIntercept ? spread.interceptVariance : .nan],
      variances: Matrix(
        rowCount: 1, columnCount: p, elements: (0..<p).map { isKnown[$0] ? spread.variances[$0] : .nan }),
      covariance: keepsCovariance ? spread.covariance(withIntercept: fitsIntercept, known: known) : nil,
      rank: equations.rank, droppedColumns: equations.droppedColumns,
      conditionEstimate: equations.conditionEstimate, pearson: squares.high)
    return step
  }
}
