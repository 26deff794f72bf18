// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepLinearAlgebra

/// What the sum W of all weights, the number of rows where there are none, allows.
package enum TotalWeight {
  /// W − k, what is left when k numbers are estimated from the rows; nil where that is nothing.
  ///
  /// Weights that were divided by their sum add up to 1 but for their rounding. Nothing can be divided by what is left then: a
  /// difference within a millionth of k counts as 0.
  package static func degreesOfFreedom(_ weight: DoubleDouble, estimating k: Double) -> DoubleDouble? {
    let rest = weight - k
    return rest.high > 0x1p-20 * k ? rest : nil
  }

  /// Throws ``LockstepError`` with code `.notFinite` if weights add up to more than a double holds.
  package static func requireFinite(_ weight: DoubleDouble) throws {
    guard !weight.isFinite else { return }
    throw LockstepError(
      .notFinite, "the weights add up to more than a double can hold", remedy: "divide all weights by the largest")
  }
}
