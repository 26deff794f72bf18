// SPDX-License-Identifier: Apache-2.0

import LockstepReduction
import Synchronization

/// How many rows would lie in and near each box of space, for any number of ranks: what a plan's messages are made of.
final class HaloForecast: Sendable {
  private let columnCount: Int
  private let distance: Double
  private struct State {
    var sample: [Double] = []
    var shares: [Int: [[Double]]] = [:]
  }
  private let state = Mutex(State())

  init(columnCount: Int, distance: Double) {
    self.columnCount = columnCount
    self.distance = distance
  }

  /// Takes the rows that space is cut by.
  func learn(_ sample: [Double]) { state.withLock { $0.sample = sample } }

  /// Of all rows, the share that lies in one box and in or near another.
  private func pairShares(size: Int) -> [[Double]] {
    state.withLock { state in
      if let known = state.shares[size] { return known }
      let p = columnCount
      let partition = SpacePartition(sample: state.sample, columnCount: p, distance: distance, count: size)
      var counts = [[Double]](repeating: Array(repeating: 0, count: size), count: size)
      let sampleRowCount = p > 0 ? state.sample.count / p : 0
      state.sample.withUnsafeBufferPointer { elements in
        guard let first = elements.baseAddress else { return }
        var found: [Int] = []
        for row in 0..<sampleRowCount {
          found.removeAll(keepingCapacity: true)
          partition.boxes(near: first + row * p, squaredDistance: distance * distance, into: &found)
          let owner = partition.owner(of: first + row * p)
          for box in found { counts[owner][box] += 1 / Double(sampleRowCount) }
        }
      }
      state.shares[size] = counts
      return counts
    }
  }

  /// Of all rows, the share that goes to each rank.
  func shares(size: Int) -> [Double] {
    let pairs = pairShares(size: size)
    return (0..<size).map { box in pairs.reduce(0) { $0 + $1[box] } }
  }

  /// What ranks would send each other: of the rows that others have too, or else of all rows back to their ranks.
  ///
  /// - Parameters:
  ///   - byteCountPerRow: What is sent of each row.
  ///   - empty: A message of nothing.
  ///   - halo: Whether only rows are told of that another rank has too.
  /// - Returns: The forecast.
  /// - Throws: What packing a message throws.
  func exchange(byteCountPerRow: Double, _ empty: some Codable & Sendable, halo: Bool) throws -> ExchangeForecast {
    let fixed = Double(try PackedEncoder().encode(empty).count + 1)
    return ExchangeForecast { rowCounts in
      let pairs = self.pairShares(size: rowCounts.count)
      let total = Double(rowCounts.reduce(0, +))
      return rowCounts.indices.map { owner in
        rowCounts.indices.map { other in
          fixed + byteCountPerRow
            * (halo ? pairs[owner][other] * total : pairs[owner][owner] * Double(rowCounts[other]))
        }
      }
    }
  }
}
