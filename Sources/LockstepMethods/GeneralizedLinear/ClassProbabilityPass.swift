// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The sweep of a Newton step for the probabilities of c ≥ 3 classes, whose predictors are about those of the first class.
///
/// The second derivative has a block for each pair of classes, of which each is a weighted cross-product of the columns.
struct ClassProbabilityPass: Pass {
  let classes: [ClassLabel]
  let fitsIntercept: Bool
  /// λ, of Σ ‖b_k‖² over all c classes where those of all classes add up to nothing.
  let regularization: Double
  let keepsCovariance: Bool
  let tolerance: Double
  let place: Predictor
  let direction: Predictor?
  let isLast: Bool

  struct Partial: Mergeable {
    /// Of the classes 1 … c − 1, with residuals; then of the pairs of them in order.
    var products: [CrossProduct] = []
    var sums = LinkSums()

    mutating func merge(_ later: Self) {
      sums.merge(later.sums)
      guard !later.products.isEmpty else { return }
      guard !products.isEmpty else {
        products = later.products
        return
      }
      for i in products.indices { products[i].merge(later.products[i]) }
    }
  }

  /// The number of predictors.
  var count: Int { classes.count - 1 }
  private var pairs: [(k: Int, l: Int)] {
    (0..<count).map { ($0, $0) } + (0..<count).flatMap { k in (k + 1..<max(count, k + 1)).map { (k, $0) } }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func blockRowCount(columnCount: Int) -> Int { max(2048, BlockSize.standard(columnCount: columnCount)) }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
    }
    try SquareMemory.require(columnCount: count * (samples.columnCount + 1))
    let (present, presentCodes) = labels.coded
    let places = Dictionary(uniqueKeysWithValues: zip(classes, (0 as Int32)...))
    // Rows of a class that is none have the weight 0.
    let codes = present.map { places[$0] ?? 0 }
    let rowCodes = presentCodes.map { codes[Int($0)] }
    let predictors = place.values(of: samples.rows, direction: direction)
    let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
    var part = Partial()
    try samples.withCheckedWeights { weights in
      let probabilities = ClassProbabilities(
        predictors: predictors, classes: rowCodes, classCount: classes.count, rowWeights: weights)
      part.sums = probabilities.sums
      guard part.sums.deviance.isFinite else { return try samples.requireFinite(responses: false) }
      part.products = try pairs.map { k, l in
        let step: (weights: [Double], residuals: [Double]) =
          k == l
          ? probabilities.step(k + 1, rowWeights: weights)
          : (probabilities.weights(k + 1, l + 1, rowWeights: weights), [])
        var products = CrossProduct()
        try products.observe(
          Samples(
            SupervisedRows(
              features: features, responses: k == l ? DenseRows(step.residuals, columnCount: 1) : nil,
              weights: DenseRows(step.weights, columnCount: 1)), firstRow: samples.firstRow),
          includingResponses: true, precision: .automatic)
        return products
      }
    }
    partial.merge(part)
  }

  func finalize(_ partial: Partial) throws -> NewtonStep {
    let (d, p) = (count, place.coefficients.columnCount)
    var step = NewtonStep(
      sums: partial.sums, change: Predictor(zeros: d, columnCount: p), decrement: .infinity,
      columnDeviations: Array(repeating: 0, count: p))
    guard partial.sums.deviance.isFinite, !partial.products.isEmpty else { return step }
    let system = ClassSystem(self, partial.products)
    let cholesky = DoubleDoubleCholesky(system.matrix, tolerance: system.tolerance)
    let solution = cholesky.solve(system.gradient)
    var decrement = DoubleDouble.zero
    for i in 0..<system.size { decrement += solution[i, 0] * system.gradient[i, 0] }
    let squares = partial.products[..<d].reduce(DoubleDouble.zero) {
      $1.weight.high > 0 ? $0 + $1[p, p] + $1.mean(p) * $1.mean(p) * $1.weight : $0
    }
    step.decrement = LinkPass.share(decrement, of: squares, weight: partial.products[0].weight)
    let first = fitsIntercept ? 1 : 0
    for k in 0..<d {
      var intercept = fitsIntercept ? solution[system.index(k, 0), 0] / system.scale(k, 0) : .zero
      for j in 0..<p {
        let change = solution[system.index(k, first + j), 0] / system.scale(k, first + j)
        step.change.coefficients[k, j] = change.high
        if fitsIntercept { intercept -= system.centre[j] * change }
      }
      step.change.intercepts[k] = intercept.high
    }
    let leading = partial.products[0]
    if leading.weight.high > 0 {
      for j in 0..<p { step.columnDeviations[j] = (leading[j, j].high / leading.weight.high).squareRoot() }
    }
    if step.decrement <= tolerance || isLast {
      step.spread = system.spread(cholesky, dependence: leading, keepsCovariance: keepsCovariance)
    }
    return step
  }
}

/// The equations of a step, scaled so that the diagonal is 1: class by class the intercept, if there is one, and the columns about
/// a centre.
private struct ClassSystem {
  let matrix: DoubleDoubleMatrix
  let gradient: DoubleDoubleMatrix
  /// What columns are about: zeros without an intercept.
  let centre: [DoubleDouble]
  let tolerance: Double
  private let scales: [DoubleDouble]
  private let d: Int
  private let p: Int
  private let hasIntercept: Bool

  var size: Int { d * (p + (hasIntercept ? 1 : 0)) }
  func index(_ k: Int, _ j: Int) -> Int { k * (p + (hasIntercept ? 1 : 0)) + j }
  func scale(_ k: Int, _ j: Int) -> DoubleDouble { scales[index(k, j)] }

  init(_ pass: ClassProbabilityPass, _ products: [CrossProduct]) {
    let (d, p, first) = (pass.count, pass.place.coefficients.columnCount, pass.fitsIntercept ? 1 : 0)
    let m = p + first
    (self.d, self.p, hasIntercept) = (d, p, pass.fitsIntercept)
    let heaviest = products[..<d].max { $0.weight.high < $1.weight.high } ?? products[0]
    let centre = (0..<p).map { first == 1 && heaviest.weight.high > 0 ? heaviest.mean($0) : DoubleDouble.zero }
    self.centre = centre
    var matrix = DoubleDoubleMatrix(zeros: d * m, d * m)
    var gradient = DoubleDoubleMatrix(zeros: d * m, 1)
    var next = d
    for k in 0..<d {
      for l in k..<d {
        let part = products[k == l ? k : next]
        if k != l { next += 1 }
        guard part.weight.high > 0 else { continue }
        let offsets = (0..<p).map { part.mean($0) - centre[$0] }
        func put(_ i: Int, _ j: Int, _ value: DoubleDouble) {
          let signed = k == l ? value : -value
          matrix[k * m + i, l * m + j] = signed
          matrix[l * m + j, k * m + i] = signed
        }
        if first == 1 { put(0, 0, part.weight) }
        for i in 0..<p {
          let scaled = offsets[i] * part.weight
          if first == 1 {
            put(0, 1 + i, scaled)
            put(1 + i, 0, scaled)
          }
          for j in i..<p {
            let value = part[i, j] + scaled * offsets[j]
            put(first + i, first + j, value)
            if i != j { put(first + j, first + i, value) }
          }
        }
        guard k == l else { continue }
        let mean = part.mean(p)
        if first == 1 { gradient[k * m, 0] = part.weight * mean }
        for j in 0..<p { gradient[k * m + first + j, 0] = part[j, p] + offsets[j] * part.weight * mean }
      }
    }
    let (lambda, share) = (pass.regularization, pass.regularization / Double(d + 1))
    if lambda > 0 {
      for j in 0..<p {
        let sum = (0..<d).reduce(0) { $0 + pass.place.coefficients[$1, j] }
        for k in 0..<d {
          gradient[k * m + first + j, 0] -= DoubleDouble(lambda * pass.place.coefficients[k, j] - share * sum)
          for l in 0..<d {
            matrix[k * m + first + j, l * m + first + j] += DoubleDouble((k == l ? lambda : 0) - share)
          }
        }
      }
    }
    let scales = (0..<d * m).map { i in matrix[i, i].high > 0 ? matrix[i, i].squareRoot() : DoubleDouble(1) }
    for i in 0..<d * m {
      gradient[i, 0] = gradient[i, 0] / scales[i]
      for j in 0..<d * m { matrix[i, j] = matrix[i, j] / scales[i] / scales[j] }
    }
    (self.matrix, self.gradient, self.scales) = (matrix, gradient, scales)
    tolerance = min(Double(d * m) * (heaviest.isDoubleDouble ? 0x1p-80 : 0x1p-40), 0.01)
  }

  /// The variances in the columns' own units, and of the intercepts at columns of 0.
  func spread(_ cholesky: DoubleDoubleCholesky, dependence: CrossProduct, keepsCovariance: Bool) -> PredictorSpread {
    let (first, m) = (hasIntercept ? 1 : 0, p + (hasIntercept ? 1 : 0))
    let inverse = cholesky.inverseFactor
    // Rows of T R⁻¹, T from parameters about the centre, scaled, to those at 0.
    var root = Matrix(zeros: size, size)
    for k in 0..<d {
      for c in 0..<size {
        var intercept = hasIntercept ? inverse[index(k, 0), c] / scale(k, 0) : .zero
        for j in 0..<p {
          let value = inverse[index(k, first + j), c] / scale(k, first + j)
          root[index(k, first + j), c] = value.high
          if hasIntercept { intercept -= centre[j] * value }
        }
        if hasIntercept { root[index(k, 0), c] = intercept.high }
      }
    }
    let dropped = Set(cholesky.droppedColumns)
    let columns = NormalEquations(dependence, isCentred: hasIntercept, responses: 0..<1)
    let moves = Dependence(columns.nullDirections, dependence)
    var covariance = root * root.transposed
    func isKnown(_ i: Int) -> Bool {
      if hasIntercept, i % m == 0 { return !moves.movesIntercept && !dropped.contains(i) }
      return !moves.movesCoefficient[i % m - first] && !dropped.contains(i)
    }
    let unknown = (0..<size).filter { !isKnown($0) }
    for i in unknown { for j in 0..<size { (covariance[i, j], covariance[j, i]) = (.nan, .nan) } }
    let kept = (0..<size).filter { !dropped.contains($0) }
    let factor = cholesky.factor
    return PredictorSpread(
      interceptVariances: (0..<d).map { hasIntercept ? covariance[index($0, 0), index($0, 0)] : .nan },
      variances: Matrix(
        rowCount: d, columnCount: p,
        elements: (0..<d).flatMap { k in (0..<p).map { covariance[index(k, first + $0), index(k, first + $0)] } }),
      covariance: keepsCovariance ? covariance : nil, rank: columns.rank, droppedColumns: columns.droppedColumns,
      conditionEstimate: NormalEquations.condition(
        kept.map { i in kept.map { j in factor[i, j].high } }, kept.map { i in kept.map { j in inverse[i, j].high } }),
      pearson: .nan)
  }
}
