// SPDX-License-Identifier: Apache-2.0

import LockstepLinearAlgebra
import LockstepReduction
import LockstepStatistics

/// The first sweep of the fast route: the Gram matrix, and whether its Cholesky factor can be trusted.
///
/// A part of the rows will do where more sweeps follow, which measure what they get.
struct GramPass: Pass, Codable {
  /// Takes every n-th row of a block.
  var rowStep = 1

  /// What the Gram matrix allows.
  enum Outcome: Codable, Sendable {
    /// Its Cholesky factor R, and the bound of the condition of X with its columns scaled.
    case factored(r: UpperTriangle, scaledCondition: Double)
    /// The columns are dependent to working precision, squares leave the range of doubles, or X is not finite.
    case unsafe
  }

  func makePartial(columnCount: Int) -> GramMatrix { GramMatrix(columnCount: columnCount) }

  func accumulate(_ samples: Samples, into partial: inout GramMatrix) {
    partial.observe(samples.rows, rowStep: rowStep)
  }

  func finalize(_ partial: GramMatrix) -> Outcome {
    guard let cholesky = GramCholesky(partial.upper) else { return .unsafe }
    return .factored(r: cholesky.factor, scaledCondition: cholesky.scaledCondition)
  }
}
