// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// Newton's method on the penalized deviance: a sweep a step, steps halved where they would make it worse.
///
/// It ends where the next step would explain no more than `tolerance` of the residuals' squares, and takes that step too.
struct NewtonIteration {
  /// What messages call what is fitted.
  var phase: String
  var tolerance: Double
  var maxIterations: Int
  /// λ ‖b‖², at some predictors.
  var penalty: @Sendable (Predictor) -> Double
  /// Whether coefficients may run off to infinity.
  var checksSeparation: Bool

  struct Result {
    var predictor: Predictor
    /// The deviance at the predictor, without the penalty.
    var deviance: Double
    var spread: PredictorSpread
    var iterations: Int
    var isConverged: Bool
  }

  /// The most times that a step is halved.
  private static let halvingLimit = 40

  /// Iterates from a start, or from what a pass makes of nothing.
  ///
  /// Collective.
  ///
  /// - Parameters:
  ///   - start: The first predictors; `nil` lets the first pass find some.
  ///   - origin: What the change of a first pass without predictors is to be added to.
  ///   - fallback: Where to start instead if the deviance is not finite where the first pass leads.
  ///   - aligned: The rows.
  ///   - context: The ranks and threads.
  ///   - makePass: The sweep at some predictors, with the direction that led there, and whether the spread is wanted in any case.
  /// - Returns: Where the iteration ends.
  /// - Throws: ``LockstepError`` with code `.rankDeficient` where coefficients run off to infinity, `.notFinite`, and what a sweep throws.
  func run<P: Pass>(
    from start: Predictor?, startingAt origin: Predictor, or fallback: Predictor, over aligned: AlignedRows,
    in context: ExecutionContext,
    _ makePass: (_ at: Predictor?, _ direction: Predictor?, _ isLast: Bool) -> P
  ) throws -> Result where P.Output == NewtonStep {
    var place = start
    var direction: Predictor?
    var last: (place: Predictor, change: Predictor, objective: Double)?
    var (halvings, iterations) = (0, 0)
    var deviations: [Double]?
    while true {
      let isLast = iterations + 1 >= maxIterations
      let step = try context.reduce(makePass(place, direction, isLast), over: aligned)
      iterations += 1
      deviations = deviations ?? step.columnDeviations
      guard let here = place else {
        // The first pass started from the targets.
        (place, direction) = (origin.adding(step.change, times: 1), nil)
        continue
      }
      let objective = step.sums.deviance + penalty(here)
      let limit = last.map { $0.objective + 1e-12 * (abs($0.objective) + 1) } ?? .infinity
      guard objective.isFinite, objective <= limit else {
        // From targets straight to where no deviance is: the plain start.
        guard let last else {
          (place, direction) = (fallback, nil)
          guard here != fallback else { throw try Self.failure(in: context) }
          continue
        }
        halvings += 1
        guard halvings <= Self.halvingLimit, !isLast else {
          return try finish(last.place, iterations, over: aligned, in: context, makePass)
        }
        place = last.place.adding(last.change, times: (0..<halvings).reduce(1) { factor, _ in factor / 2 })
        continue
      }
      context.progress?(
        ProgressStep(
          phase: phase, step: iterations, stepLimit: maxIterations,
          figures: [("deviance", step.sums.deviance), ("next", step.decrement)]))
      if step.decrement <= tolerance, let spread = step.spread {
        return Result(
          predictor: here.adding(step.change, times: 1), deviance: step.sums.deviance, spread: spread,
          iterations: iterations, isConverged: true)
      }
      if checksSeparation, let direction { try requireOverlap(step, direction, deviations ?? [], aligned, context) }
      if isLast, let spread = step.spread {
        return Result(
          predictor: here, deviance: step.sums.deviance, spread: spread, iterations: iterations, isConverged: false)
      }
      last = (here, step.change, objective)
      halvings = 0
      (place, direction) = (here.adding(step.change, times: 1), step.change)
    }
  }

  /// No step improves: the rounding of the deviance is reached, or nothing is.
  private func finish<P: Pass>(
    _ place: Predictor, _ iterations: Int, over aligned: AlignedRows, in context: ExecutionContext,
    _ makePass: (Predictor?, Predictor?, Bool) -> P
  ) throws -> Result where P.Output == NewtonStep {
    let step = try context.reduce(makePass(place, nil, true), over: aligned)
    guard let spread = step.spread else { throw try Self.failure(in: context) }
    return Result(
      predictor: place, deviance: step.sums.deviance, spread: spread, iterations: iterations,
      isConverged: step.decrement <= 1e-12)
  }

  private static func failure(in context: ExecutionContext) throws -> LockstepError {
    try context.decide {
      LockstepError(
        .notFinite, "the deviance is beyond what a double can hold", remedy: "scale the columns down, or give a penalty"
      )
    }
  }

  /// Throws if every row's predictor moves the row's way along a direction, or not at all: then coefficients have no finite estimate.
  private func requireOverlap(
    _ step: NewtonStep, _ direction: Predictor, _ deviations: [Double], _ aligned: AlignedRows,
    _ context: ExecutionContext
  ) throws {
    let (least, greatest) = (step.sums.leastMargin, step.sums.greatestMargin)
    guard greatest > 0, least > -1e-6 * greatest else { return }
    try context.decide { () throws -> Bool in
      let shares = (0..<direction.coefficients.columnCount).map { j in
        (0..<direction.intercepts.count).map { abs(direction.coefficients[$0, j]) }.reduce(0, max)
          * (j < deviations.count ? deviations[j] : 0)
      }
      let largest = shares.max() ?? 0
      // Those that do most of it first.
      let columns = shares.indices.filter { shares[$0] > 1e-3 * largest }.sorted {
        shares[$0] == shares[$1] ? $0 < $1 : shares[$0] > shares[$1]
      }
      let names = columns.prefix(5).map { j in aligned.columnNames.map { "\"\($0[j])\"" } ?? "column \(j + 1)" }
      let list = names.joined(separator: ", ") + (columns.count > 5 ? " and \(columns.count - 5) more" : "")
      throw LockstepError(
        .rankDeficient,
        (least > 0 ? "\(list) separate the rows perfectly" : "\(list) separate some rows perfectly")
          + ": the likelihood grows without end as coefficients do, so these have no estimate",
        remedy: "give a penalty (regularization), or leave such columns out",
        place: columns.first.map { .init(column: $0 + 1, columnName: aligned.columnNames?[$0]) })
    }
  }
}
