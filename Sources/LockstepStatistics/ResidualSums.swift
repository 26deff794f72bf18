// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// Of the residuals r of each response: Σ w r (x − shift), Σ w r and Σ w r².
package struct ResidualSums: Mergeable {
  private let columnCount: Int
  private var elements: [Double]

  /// The sums of no rows.
  package init(columnCount: Int, responseCount: Int) {
    self.columnCount = columnCount
    elements = Array(repeating: 0, count: responseCount * (columnCount + 2))
  }

  /// Σ w r (x − shift) of response k.
  package func products(_ k: Int) -> [Double] {
    Array(elements[k * (columnCount + 2)..<k * (columnCount + 2) + columnCount])
  }
  /// Σ w r.
  package func sum(_ k: Int) -> Double { elements[k * (columnCount + 2) + columnCount] }
  /// Σ w r².
  package func square(_ k: Int) -> Double { elements[k * (columnCount + 2) + columnCount + 1] }

  /// Adds a block of rows with their responses.
  package mutating func observe(_ samples: Samples, coefficients: [Double], intercepts: [Double], shift: [Double])
    throws
  {
    guard samples.rowCount > 0, let responses = samples.responses else { return }
    try samples.withCheckedWeights { weights in
      responses.withKernelRows { responses in
        elements.withUnsafeMutableBufferPointer {
          guard let first = $0.baseAddress else { return }
          samples.rows.addResiduals(
            responses: responses, weights: weights,
            of: FittedCoefficients(coefficients: coefficients, intercepts: intercepts, shift: shift),
            to: first)
        }
      }
    }
  }

  /// Adds the sums of the rows that follow.
  package mutating func merge(_ later: Self) { for i in elements.indices { elements[i] += later.elements[i] } }

  /// Whether both are of as many columns and responses.
  package func canMerge(_ later: Self) -> Bool {
    columnCount == later.columnCount && elements.count == later.elements.count
  }
}
