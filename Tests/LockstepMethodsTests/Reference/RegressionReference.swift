// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep

/// What R makes of its own data sets (`Scripts/golden/regressions.R`).
struct RegressionReference: Decodable {
  /// A linear regression: intercept first, then the columns.
  struct Linear: Decodable {
    var name: String
    var x: [[Double]]
    var y: [Double]
    var coefficients: [Double]
    var standardErrors: [Double]
    var t: [Double]
    var p: [Double]
    var low: [Double]
    var high: [Double]
    var covariance: [Double]
    var inflation: [Double]
    var fPValue: Double
    var logLikelihood: Double
    var aic: Double
    var bic: Double
    var leverages: [Double]
    var standardized: [Double]
    var studentized: [Double]
    var cook: [Double]
  }
  /// A generalized linear regression: intercept first, then the columns.
  struct Generalized: Decodable {
    var name: String
    var family: String
    var x: [[Double]]
    var y: [Double]
    var weights: [Double]
    var coefficients: [Double]
    var standardErrors: [Double]
    var statistics: [Double]
    var p: [Double]
    var deviance: Double
    var nullDeviance: Double
    var dispersion: Double
    var aic: Double
  }
  var linear: [Linear]
  var generalized: [Generalized]

  static let shared = Result { try JSONDecoder().decode(RegressionReference.self, from: goldenFile("regressions")) }
}

/// The largest relative difference of single numbers; of numbers below a millionth of the largest, relative to that.
func largestDifference(_ found: [Double], _ expected: [Double]) -> Double {
  guard found.count == expected.count else { return .infinity }
  let floor = 1e-6 * (expected.map(abs).filter(\.isFinite).max() ?? 0)
  return zip(found, expected).map { a, b in
    a == b ? 0 : a.isFinite && b.isFinite ? abs(a - b) / max(abs(b), floor, .leastNormalMagnitude) : .infinity
  }.max() ?? 0
}
