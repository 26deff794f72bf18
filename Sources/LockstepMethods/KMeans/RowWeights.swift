// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// How often the rows of all ranks count, where they have weights.
///
/// A row of weight 0 gets a cluster like any other, and is otherwise as if it were not there.
struct RowWeights: Codable, Sendable {
  /// The largest weight.
  var largest = 0.0
  /// The number of rows whose weight is not 0.
  var rowCount = 0
  /// The last of them.
  var lastRow = 0
  /// The first of them, as many as were asked for.
  var firstRows: [Int] = []

  /// The power of two by which weights are multiplied, so that no product with a squared distance overflows or is lost: 1 but for
  /// weights that are very large or very small.
  var factor: Double {
    largest == 0 || (1e-60...1e60).contains(largest)
      ? 1 : Double(sign: .plus, exponent: -Int(largest.exponent), significand: 1)
  }

  /// The weights of the rows, or `nil` if they have none; collective.
  ///
  /// - Throws: ``LockstepError`` with code `.notFinite` or `.malformedInput` for a weight that is not finite or is negative,
  ///   `.tooFewRows` if fewer rows count than there are clusters.
  static func of(_ aligned: AlignedRows, clusterCount: Int, in context: ExecutionContext) throws -> RowWeights? {
    guard aligned.hasWeights else { return nil }
    return try context.reduce(WeightPass(clusterCount: clusterCount), over: aligned)
  }

  /// Calls `body` with the weights of the rows of a block, multiplied by ``factor``.
  func withWeights<R>(of samples: Samples, _ body: (UnsafeBufferPointer<Double>) -> R) -> R {
    guard let weights = samples.weights else { preconditionFailure("rows without weights among others") }
    return weights.withUnsafeElements { given in
      let factor = factor
      guard factor != 1 else { return body(given) }
      return given.map { $0 * factor }.withUnsafeBufferPointer(body)
    }
  }

  /// Looks at the weights alone.
  private struct WeightPass: Pass {
    let clusterCount: Int

    struct Partial: Mergeable {
      var weights = RowWeights()
      let limit: Int
      mutating func merge(_ later: Self) {
        guard later.weights.rowCount > 0 else { return }
        weights.largest = max(weights.largest, later.weights.largest)
        weights.rowCount += later.weights.rowCount
        weights.lastRow = later.weights.lastRow
        weights.firstRows += later.weights.firstRows.prefix(limit - weights.firstRows.count)
      }
    }

    func makePartial(columnCount: Int) -> Partial { Partial(limit: clusterCount) }

    func accumulate(_ samples: Samples, into partial: inout Partial) throws {
      try samples.withCheckedWeights { weights in
        guard let weights else { return }
        var found = RowWeights()
        for i in 0..<samples.rowCount where weights[i] > 0 {
          found.largest = max(found.largest, weights[i])
          found.rowCount += 1
          found.lastRow = samples.firstRow + i
          if found.firstRows.count < clusterCount { found.firstRows.append(samples.firstRow + i) }
        }
        partial.merge(Partial(weights: found, limit: clusterCount))
      }
    }

    func finalize(_ partial: Partial) throws -> RowWeights {
      guard partial.weights.rowCount >= clusterCount else {
        throw LockstepError(
          .tooFewRows, "\(clusterCount) clusters of \(partial.weights.rowCount) rows whose weight is not 0",
          remedy: "ask for at most as many clusters as there are rows that count")
      }
      return partial.weights
    }
  }
}

extension RowWeights? {
  /// Calls `body` with the weights of the rows of a block, or with `nil` where rows have none.
  func withWeights<R>(of samples: Samples, _ body: (UnsafeBufferPointer<Double>?) -> R) -> R {
    self?.withWeights(of: samples) { body($0) } ?? body(nil)
  }

  /// Calls `body` with numbers of some rows of a block, each times the row's weight, if there are weights.
  func withProducts<R>(
    _ numbers: UnsafeMutableBufferPointer<Double>, of samples: Samples, _ rows: Range<Int>,
    _ body: (UnsafeBufferPointer<Double>) -> R
  ) -> R {
    withWeights(of: samples) { weights in
      guard let weights else { return body(UnsafeBufferPointer(numbers)) }
      return withUnsafeTemporaryAllocation(of: Double.self, capacity: numbers.count) { products in
        let first = rows.lowerBound - samples.firstRow
        for i in numbers.indices { products.initializeElement(at: i, to: weights[first + i] * numbers[i]) }
        return body(UnsafeBufferPointer(products))
      }
    }
  }
}
