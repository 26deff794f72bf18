// SPDX-License-Identifier: Apache-2.0

/// Chooses the rows that random initialization takes.
///
/// This is the Fisher–Yates shuffle, stopped after `count` steps and without the array: draw `i` swaps place `i` with a
/// place of `i ..< rowCount`, and only the places that were touched are remembered.
///
/// - Parameters:
///   - count: How many rows are needed.
///   - rowCount: How many rows there are on all ranks.
///   - seed: The seed of the stream.
/// - Returns: The indices of `count` different rows, in the order of the draws.
/// - Precondition: `count` is not more than `rowCount`.
/// - Complexity: O(count) time and memory.
package func randomRowIndices(count: Int, rowCount: Int, seed: UInt64) -> [Int] {
  precondition(count >= 0 && count <= rowCount, "\(count) different rows of \(rowCount)")
  var stream = MersenneTwister(seed: seed)
  // What stands at a place, if it is not the place's own index.
  var moved: [Int: Int] = [:]
  return (0..<count).map { step in
    let place = stream.nextInteger(in: step..<rowCount)
    let row = moved[place] ?? place
    moved[place] = moved[step] ?? step
    return row
  }
}
