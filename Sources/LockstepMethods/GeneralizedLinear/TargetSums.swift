// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// What the targets alone say of a regression of counts or positive numbers: their mean, and what deviance and likelihood lack.
struct TargetSums: Mergeable {
  /// The number of responses that rows have.
  var responseCount = 0
  /// The number of rows of a weight above 0.
  var rowCount = 0
  /// Σ w.
  var weight = DoubleDouble.zero
  /// Σ w y.
  var sum = DoubleDouble.zero
  /// Σ w ln y, of y above 0.
  var logs = DoubleDouble.zero
  /// Σ w y ln y.
  var productLogs = DoubleDouble.zero
  /// Σ w ln Γ(y + 1).
  var logFactorials = DoubleDouble.zero

  mutating func merge(_ later: Self) {
    responseCount = max(responseCount, later.responseCount)
    rowCount += later.rowCount
    weight += later.weight
    sum += later.sum
    logs += later.logs
    productLogs += later.productLogs
    logFactorials += later.logFactorials
  }

  mutating func add(_ y: Double, _ w: Double) {
    guard w > 0 else { return }
    rowCount += 1
    weight += w
    sum += .product(w, y)
    var sign: Int32 = 0
    logFactorials += .product(w, lgamma_r(y + 1, &sign))
    guard y > 0 else { return }
    let logarithm = log(y)
    logs += .product(w, logarithm)
    productLogs += .product(w, y * logarithm)
  }

  /// The mean of the targets.
  var mean: Double { (sum / weight).high }
}

/// The sweep over the targets.
struct TargetSumsPass: Pass {
  let family: LinkFamily
  let response: Int

  func makePartial(columnCount: Int) -> TargetSums { TargetSums() }

  func accumulate(_ samples: Samples, into partial: inout TargetSums) throws {
    guard samples.rowCount > 0 else { return }
    guard let responses = samples.responses else {
      throw LockstepError(.usage, "the rows have no responses", remedy: "give the column that is to be explained")
    }
    let q = responses.columnCount
    partial.responseCount = q
    try samples.withCheckedWeights { weights in
      try responses.withUnsafeElements { elements in
        for i in 0..<samples.rowCount {
          let y = elements[i * q + response]
          guard y > 0 || y == 0 && family == .poisson, y < .infinity else {
            throw LockstepError(
              y.isFinite ? .malformedInput : .notFinite,
              "a target of \(y): \(family == .poisson ? "counts are not negative" : "all must be above 0")",
              remedy: "leave the row out, or use another method", place: .init(row: samples.firstRow + i))
          }
          partial.add(y, weights?[i] ?? 1)
        }
      }
    }
  }

  func finalize(_ partial: TargetSums) throws -> TargetSums {
    guard partial.weight.high > 0 else {
      throw LockstepError(
        .tooFewRows,
        "a regression of \(partial.rowCount == 0 ? "no rows" : "rows that all have the weight 0")")
    }
    try TotalWeight.requireFinite(partial.weight)
    guard partial.sum.high > 0, partial.sum.isFinite else {
      throw LockstepError(
        .malformedInput, "the targets add up to \(partial.sum.high)",
        remedy: "a regression on a log scale needs targets above 0, and a sum that a double can hold")
    }
    return partial
  }
}

/// The classes that occur, with their rows and weights.
struct ClassCounts: Mergeable {
  var classes: [ClassLabel] = []
  var rowCounts: [Int] = []
  var weights: [DoubleDouble] = []

  mutating func merge(_ later: Self) {
    for (i, label) in later.classes.enumerated() { add(label, later.rowCounts[i], later.weights[i]) }
  }

  mutating func add(_ label: ClassLabel, _ rowCount: Int, _ weight: DoubleDouble) {
    let place = classes.firstIndex { !($0 < label) } ?? classes.count
    if place == classes.count || classes[place] != label {
      classes.insert(label, at: place)
      rowCounts.insert(0, at: place)
      weights.insert(.zero, at: place)
    }
    rowCounts[place] += rowCount
    weights[place] += weight
  }
}

/// The sweep over the labels.
struct ClassPass: Pass {
  func makePartial(columnCount: Int) -> ClassCounts { ClassCounts() }

  func accumulate(_ samples: Samples, into partial: inout ClassCounts) throws {
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "the rows have no labels", remedy: "give the class of each row")
    }
    let (classes, codes) = labels.coded
    var counts = [Int](repeating: 0, count: classes.count)
    var weights = [DoubleDouble](repeating: .zero, count: classes.count)
    try samples.withCheckedWeights { rowWeights in
      for (i, code) in codes.enumerated() {
        counts[Int(code)] += 1
        if let rowWeights { weights[Int(code)] += rowWeights[i] }
      }
      if rowWeights == nil { weights = counts.map { DoubleDouble(Double($0)) } }
    }
    for (i, label) in classes.enumerated() { partial.add(label, counts[i], weights[i]) }
  }

  /// The classes of a weight above 0.
  func finalize(_ partial: ClassCounts) throws -> ClassCounts {
    var result = ClassCounts()
    for (i, label) in partial.classes.enumerated() where partial.weights[i].high > 0 {
      result.add(label, partial.rowCounts[i], partial.weights[i])
    }
    try TotalWeight.requireFinite(result.weights.reduce(.zero, +))
    guard let first = result.classes.first else {
      throw LockstepError(
        .tooFewRows,
        partial.classes.isEmpty ? "a regression of no rows" : "a regression of rows that all have the weight 0")
    }
    guard result.classes.count > 1 else {
      throw LockstepError(
        .malformedInput, "all rows are of the class \(first)", remedy: "give rows of two classes or more")
    }
    return result
  }
}
