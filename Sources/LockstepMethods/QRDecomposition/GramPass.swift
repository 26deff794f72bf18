// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics

/// The first sweep of the fast route: the Gram matrix, and whether its Cholesky factor can be trusted.
struct GramPass: Pass {
  /// What the Gram matrix allows.
  enum Outcome: Codable, Sendable {
    /// Its Cholesky factor R, and the bound of the condition of X with its columns scaled.
    case factored(r: UpperTriangle, scaledCondition: Double)
    /// The columns are dependent to working precision, or squares leave the range of doubles.
    case unsafe
    /// X holds a NaN or an infinity, or so large numbers that their squares are infinite.
    case notFinite
  }

  func makePartial(columnCount: Int) -> GramMatrix { GramMatrix(columnCount: columnCount) }

  func accumulate(_ samples: Samples, into partial: inout GramMatrix) { partial.observe(samples.rows) }

  func finalize(_ partial: GramMatrix) -> Outcome {
    guard partial.upper.diagonal.allSatisfy(\.isFinite) else { return .notFinite }
    guard let cholesky = GramCholesky(partial.upper) else { return .unsafe }
    return .factored(r: cholesky.factor, scaledCondition: cholesky.scaledCondition)
  }
}
