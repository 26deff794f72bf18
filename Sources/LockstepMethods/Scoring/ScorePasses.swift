// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The sweep over rows with targets.
struct RegressionScorePass<Model: ScoredRegression>: Pass {
  let model: Model

  struct Partial: Mergeable {
    /// The targets' means and squares about them.
    var targets = CrossProduct()
    /// Of each response Σ w (y − ŷ)², then of each Σ w |y − ŷ|.
    var sums: [DoubleDouble] = []

    mutating func merge(_ later: Self) {
      targets.merge(later.targets)
      guard !sums.isEmpty else {
        sums = later.sums
        return
      }
      for i in later.sums.indices { sums[i] += later.sums[i] }
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    let q = model.responseCount
    guard let responses = samples.responses, responses.columnCount == q else {
      throw LockstepError(
        .usage, "rows of \(samples.responses?.columnCount ?? 0) targets for a model of \(q)",
        remedy: "give the columns that the model explains as targets, in the same order")
    }
    var part = Partial(sums: Array(repeating: .zero, count: 2 * q))
    let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
    guard case .numbers(let values) = try model.rowValues(of: features) else {
      throw LockstepError(.internalInconsistency, "predictions of a \(Model.methodName) model that are no numbers")
    }
    try part.targets.observe(
      Samples(SupervisedRows(features: responses, weights: samples.weights), firstRow: samples.firstRow),
      includingResponses: false, precision: .automatic)
    try samples.requireFinite(responses: false)
    let predicted = try values.inMemory()
    try samples.withCheckedWeights { weights in
      predicted.withUnsafeElements { predicted in
        responses.withUnsafeElements { responses in
          for i in 0..<samples.rowCount {
            let weight = weights?[i] ?? 1
            for k in 0..<q {
              let residual = responses[i * q + k] - predicted[i * q + k]
              part.sums[k] += DoubleDouble.product(weight, residual * residual)
              part.sums[q + k] += DoubleDouble.product(weight, abs(residual))
            }
          }
        }
      }
    }
    partial.merge(part)
  }

  func finalize(_ partial: Partial) throws -> RegressionScores {
    let (targets, q) = (partial.targets, model.responseCount)
    try targets.requireRows(for: "scores")
    let weight = targets.weight
    return RegressionScores(
      rowCount: targets.weighedRowCount, weight: weight.high,
      rSquared: (0..<q).map {
        targets[$0, $0].high > 0 ? Double(DoubleDouble(1) - partial.sums[$0] / targets[$0, $0]) : .nan
      },
      rootMeanSquaredErrors: (0..<q).map { (partial.sums[$0] / weight).high.squareRoot() },
      meanAbsoluteErrors: (0..<q).map { (partial.sums[q + $0] / weight).high })
  }
}

/// The sweep over rows with labels.
struct ClassificationScorePass<Model: ScoredClassifier>: Pass {
  let model: Model

  struct Partial: Mergeable {
    var rowCount = 0
    /// The weights of rows by class and predicted class, c × c.
    var confusion: [DoubleDouble] = []
    /// Σ w ln P(class of the row).
    var logLikelihood = DoubleDouble.zero
    /// Of each class, how rows are spread over its log-odds; of two classes, of the second alone.
    var spreads: [LogOddsSpread] = []

    mutating func merge(_ later: Self) {
      rowCount += later.rowCount
      logLikelihood += later.logLikelihood
      guard !confusion.isEmpty else {
        (confusion, spreads) = (later.confusion, later.spreads)
        return
      }
      for i in later.confusion.indices { confusion[i] += later.confusion[i] }
      for k in later.spreads.indices { spreads[k].merge(later.spreads[k]) }
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
    }
    let (n, c) = (samples.rowCount, model.classes.count)
    try samples.requireFinite(responses: false)
    let places = Dictionary(uniqueKeysWithValues: zip(model.classes, 0...))
    func codes(_ labels: RowLabels) throws -> [Int] {
      let (present, codes) = labels.coded
      let known = present.map { places[$0] ?? -1 }
      return codes.map { known[Int($0)] }
    }
    let found = try codes(labels)
    if let row = found.firstIndex(of: -1) {
      throw LockstepError(
        .malformedInput, "\(labels[row]) is none of the model's classes",
        remedy: "leave the row out, or fit the model again with such rows", place: .init(row: samples.firstRow + row))
    }
    let features = (samples.rows as? SupervisedRows)?.features ?? samples.rows
    guard case .labels(let values) = try model.rowValues(of: features) else {
      throw LockstepError(.internalInconsistency, "predictions of a \(Model.methodName) model that are no labels")
    }
    let predicted = try codes(values)
    let probabilities = try model.predictedLogProbabilities(features)
    var part = Partial(confusion: Array(repeating: .zero, count: c * c))
    var odds = [[(key: Int64, weight: Double, isMember: Bool)]](repeating: [], count: c == 2 ? 1 : c)
    try samples.withCheckedWeights { weights in
      for i in 0..<n {
        let weight = weights?[i] ?? 1
        guard weight > 0 else { continue }
        part.rowCount += 1
        part.confusion[found[i] * c + predicted[i]] += DoubleDouble(weight)
        part.logLikelihood += DoubleDouble.product(weight, probabilities[i, found[i]])
        for k in odds.indices {
          let place = c == 2 ? 1 : k
          let logarithm = probabilities[i, place]
          // ln P − ln(1 − P), which rounding does not change where P is near 1 only for two classes.
          let other = c == 2 ? probabilities[i, 0] : log(max(-expm1(logarithm), .leastNormalMagnitude))
          odds[k].append((LogOddsSpread.key(logarithm - other), weight, found[i] == place))
        }
      }
    }
    part.spreads = odds.map(LogOddsSpread.init)
    partial.merge(part)
  }

  func finalize(_ partial: Partial) throws -> ClassificationScores {
    let c = model.classes.count
    guard partial.rowCount > 0 else { throw LockstepError(.tooFewRows, "scores of no rows of a weight above 0") }
    let weight = partial.confusion.reduce(.zero, +)
    try TotalWeight.requireFinite(weight)
    let correct = (0..<c).reduce(DoubleDouble.zero) { $0 + partial.confusion[$1 * c + $1] }
    let areas = partial.spreads.map(\.area)
    return ClassificationScores(
      rowCount: partial.rowCount, weight: weight.high, classes: model.classes, accuracy: (correct / weight).high,
      logLoss: -(partial.logLikelihood / weight).high,
      confusion: Matrix(rowCount: c, columnCount: c, elements: partial.confusion.map(\.high)),
      areas: c == 2 ? [areas[0].value, areas[0].value] : areas.map(\.value),
      areaErrors: c == 2 ? [areas[0].error, areas[0].error] : areas.map(\.error))
  }
}

/// The weights of the rows of a class, and of all others, at each log-odds of the class, which are kept to twelve bits.
struct LogOddsSpread: Codable, Sendable {
  private var keys: [Int64] = []
  private var members: [DoubleDouble] = []
  private var others: [DoubleDouble] = []

  /// Rows in any order.
  init(_ rows: [(key: Int64, weight: Double, isMember: Bool)]) {
    for row in rows.sorted(by: { $0.key < $1.key }) {
      if keys.last != row.key {
        keys.append(row.key)
        members.append(.zero)
        others.append(.zero)
      }
      if row.isMember { members[keys.count - 1] += row.weight } else { others[keys.count - 1] += row.weight }
    }
  }

  /// A number that orders log-odds as they are, but for what comes after their twelfth bit.
  static func key(_ odds: Double) -> Int64 {
    let bits = Int64(bitPattern: odds.bitPattern)
    // The bits of negative numbers count down.
    return (bits < 0 ? Int64.min &- bits : bits) >> 41
  }

  mutating func merge(_ later: Self) {
    var all = self
    (all.keys, all.members, all.others) = ([], [], [])
    var (i, j) = (0, 0)
    while i < keys.count || j < later.keys.count {
      let key = min(i < keys.count ? keys[i] : .max, j < later.keys.count ? later.keys[j] : .max)
      var (member, other) = (DoubleDouble.zero, DoubleDouble.zero)
      if i < keys.count, keys[i] == key {
        (member, other) = (members[i], others[i])
        i += 1
      }
      if j < later.keys.count, later.keys[j] == key {
        member += later.members[j]
        other += later.others[j]
        j += 1
      }
      all.keys.append(key)
      all.members.append(member)
      all.others.append(other)
    }
    self = all
  }

  /// The share of pairs of a member and another row in which the member has the higher odds, pairs of equal odds counted half; and by how
  /// much it may be off, since odds are kept to twelve bits.
  var area: (value: Double, error: Double) {
    let (memberWeight, otherWeight) = (members.reduce(.zero, +), others.reduce(.zero, +))
    guard memberWeight.high > 0, otherWeight.high > 0 else { return (.nan, .nan) }
    var (below, higher, equal) = (DoubleDouble.zero, DoubleDouble.zero, DoubleDouble.zero)
    for i in keys.indices {
      higher += members[i] * below
      equal += members[i] * others[i]
      below += others[i]
    }
    let pairs = memberWeight * otherWeight
    let half = equal / pairs / DoubleDouble(2)
    return ((higher / pairs + half).high, half.high)
  }
}
