// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepReduction
import LockstepTables

/// Doubles as whole numbers of the same order; −0 is 0.
package enum OrderedKey {
  /// The key of a number.
  package static func of(_ value: Double) -> UInt64 {
    let bits = Int64(bitPattern: (value + 0).bitPattern)
    return UInt64(bitPattern: bits ^ ((bits >> 63) | .min))
  }

  /// The number of a key.
  package static func value(_ key: UInt64) -> Double {
    let bits = Int64(bitPattern: key)
    return Double(bitPattern: UInt64(bitPattern: bits < 0 ? bits ^ .min : ~bits))
  }
}

/// What is known of some order statistics of each of p columns: where in the range of doubles each of them is.
///
/// A sweep counts the numbers in the buckets of each interval that holds a wanted one, and so makes the interval a bucket of the one
/// before; where few numbers are left, it fetches them. Whole numbers are counted, so the answers are exact, and no order of addition matters.
package struct OrderStatistics: Codable, Sendable {
  /// Some keys of one column that are neighbours, and among which a wanted number is.
  struct Interval: Codable, Sendable {
    var column: Int
    var low: UInt64
    var high: UInt64
    /// How many numbers of the column are below.
    var below: Int
    /// How many are in it.
    var count: Int
    var isKnown: Bool { low == high }
  }

  /// The wanted numbers of each column, by rank from 0, ascending.
  let ranks: [[Int]]
  /// By column and key.
  private(set) var intervals: [Interval]

  /// So many numbers are fetched in one sweep, at the most.
  private static let keptCount = 1 << 20
  /// So many buckets are counted in one sweep, unless intervals of sixteen buckets each are more.
  private static let bucketCount = 1 << 20

  /// Numbers of columns of which counts and extremes are known.
  ///
  /// - Parameters:
  ///   - ranks: The wanted numbers of each column, by rank from 0, ascending, each below the count.
  ///   - counts: How many numbers each column has.
  ///   - minimums: The least of each.
  ///   - maximums: The greatest.
  package init(ranks: [[Int]], counts: [Int], minimums: [Double], maximums: [Double]) {
    self.ranks = ranks
    intervals = ranks.indices.filter { !ranks[$0].isEmpty }.map { j in
      Interval(
        column: j, low: OrderedKey.of(minimums[j]), high: OrderedKey.of(maximums[j]), below: 0, count: counts[j])
    }
  }

  /// Whether all are known.
  package var isComplete: Bool { intervals.allSatisfy(\.isKnown) }

  /// The wanted numbers of each column, by rank; call it once all are known.
  package var numbers: [[Int: Double]] {
    var all = Array(repeating: [Int: Double](), count: ranks.count)
    for interval in intervals {
      for rank in ranks[interval.column] where interval.below <= rank && rank < interval.below + interval.count {
        all[interval.column][rank] = OrderedKey.value(interval.low)
      }
    }
    return all
  }

  // MARK: One sweep

  /// The intervals that are still open, as the kernels want them; `numbers` of a block say how many buckets are worth while.
  func plan(columnCount: Int, numbers: Int) -> RankIntervals {
    let open = intervals.filter { !$0.isKnown }
    var kept = 0
    let isKept = open.map { interval -> Bool in
      guard kept + interval.count <= Self.keptCount else { return false }
      kept += interval.count
      return true
    }
    let countedCount = max(isKept.count { !$0 }, 1)
    let budget = max(min(numbers, Self.bucketCount), 16 * countedCount)
    let bits = min((budget / countedCount).bitWidth - 1 - (budget / countedCount).leadingZeroBitCount, 16)
    var (first, place, shifts, places) = (Array(repeating: 0, count: columnCount + 1), 0, [Int32](), [Int]())
    for (interval, isKept) in zip(open, isKept) {
      first[interval.column + 1] += 1
      let width = 64 - (interval.high - interval.low).leadingZeroBitCount
      let shift = max(width - bits, 0)
      shifts.append(Int32(shift))
      places.append(isKept ? -1 : place)
      if !isKept { place += Int((interval.high - interval.low) >> UInt64(shift)) + 1 }
    }
    for j in 0..<columnCount { first[j + 1] += first[j] }
    return RankIntervals(
      first: first, lows: open.map(\.low), highs: open.map(\.high), shifts: shifts, places: places)
  }

  /// Narrows the open intervals by what a sweep has found.
  mutating func narrow(_ plan: RankIntervals, counts: [Int64], keys: [UInt64], owners: [Int32]) {
    var fetched: [Int32: [UInt64]] = [:]
    for (key, owner) in zip(keys, owners) { fetched[owner, default: []].append(key) }
    var (next, open) = ([Interval](), 0)
    for interval in intervals {
      guard !interval.isKnown else {
        next.append(interval)
        continue
      }
      let wanted = ranks[interval.column].filter { interval.below <= $0 && $0 < interval.below + interval.count }
      if plan.places[open] < 0 {
        next += Self.narrowed(interval, wanted, to: (fetched[Int32(open)] ?? []).sorted())
      } else {
        next += Self.narrowed(interval, wanted, place: plan.places[open], shift: UInt64(plan.shifts[open]), counts)
      }
      open += 1
    }
    intervals = next
  }

  /// The wanted ones of the keys themselves.
  private static func narrowed(_ interval: Interval, _ wanted: [Int], to keys: [UInt64]) -> [Interval] {
    var found: [Interval] = []
    for rank in wanted where found.last.map({ $0.below + $0.count <= rank }) ?? true {
      let key = keys[rank - interval.below]
      var (start, end) = (rank - interval.below, rank - interval.below + 1)
      while start > 0, keys[start - 1] == key { start -= 1 }
      while end < keys.count, keys[end] == key { end += 1 }
      found.append(
        Interval(column: interval.column, low: key, high: key, below: interval.below + start, count: end - start))
    }
    return found
  }

  /// The buckets that hold a wanted one.
  private static func narrowed(
    _ interval: Interval, _ wanted: [Int], place: Int, shift: UInt64, _ counts: [Int64]
  ) -> [Interval] {
    var found: [Interval] = []
    var (bucket, below) = (0, interval.below)
    for rank in wanted where found.last.map({ $0.below + $0.count <= rank }) ?? true {
      while below + Int(counts[place + bucket]) <= rank {
        below += Int(counts[place + bucket])
        bucket += 1
      }
      let low = interval.low + UInt64(bucket) << shift
      let rest = interval.high - low
      found.append(
        Interval(
          column: interval.column, low: low, high: low + min(rest, (1 << shift) - 1), below: below,
          count: Int(counts[place + bucket])))
    }
    return found
  }
}

/// A sweep that narrows the intervals of order statistics.
package struct OrderStatisticsPass: Pass, Codable {
  private let statistics: OrderStatistics
  private let intervals: RankIntervals
  private let rowCount: Int

  /// The next sweep over rows of so many columns in blocks of so many rows.
  package init(_ statistics: OrderStatistics, columnCount: Int, blockRowCount: Int) {
    self.statistics = statistics
    rowCount = blockRowCount
    intervals = statistics.plan(columnCount: columnCount, numbers: columnCount * blockRowCount)
  }

  /// The counts of all buckets, and what was fetched.
  package struct Partial: Mergeable {
    var counts: [Int64] = []
    var keys: [UInt64] = []
    var owners: [Int32] = []

    /// Absorbs the counts of other rows.
    package mutating func merge(_ later: Partial) {
      keys += later.keys
      owners += later.owners
      StatisticsMerge.counts(&counts, later: later.counts)
    }
  }

  /// The blocks that the rows are in already.
  package func blockRowCount(columnCount: Int) -> Int { rowCount }

  /// The counts of no rows.
  package func makePartial(columnCount: Int) -> Partial { Partial() }

  /// Adds a block of rows.
  package func accumulate(_ samples: Samples, into partial: inout Partial) {
    guard samples.rowCount > 0 else { return }
    var counts = [Int64](repeating: 0, count: max(bucketCount, 1))
    var (keys, owners) = ([UInt64](), [Int32]())
    counts.withUnsafeMutableBufferPointer { buffer in
      guard let first = buffer.baseAddress else { return }
      guard intervals.keepsKeys else {
        _ = samples.rows.countRanks(in: intervals, counts: first, kept: KeptKeysBuffer(keys: nil, owners: nil))
        return
      }
      let capacity = samples.rowCount * samples.columnCount
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: capacity) { keyBuffer in
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: capacity) { ownerBuffer in
          let count = samples.rows.countRanks(
            in: intervals, counts: first,
            kept: KeptKeysBuffer(keys: keyBuffer.baseAddress, owners: ownerBuffer.baseAddress))
          keys = Array(keyBuffer[..<count])
          owners = Array(ownerBuffer[..<count])
        }
      }
    }
    partial.merge(Partial(counts: counts, keys: keys, owners: owners))
  }

  /// The intervals, narrowed.
  package func finalize(_ partial: Partial) throws -> OrderStatistics {
    var next = statistics
    let counts = partial.counts.isEmpty ? Array(repeating: 0, count: bucketCount) : partial.counts
    next.narrow(intervals, counts: counts, keys: partial.keys, owners: partial.owners)
    return next
  }

  private var bucketCount: Int {
    intervals.places.indices.map { i in
      intervals.places[i] < 0
        ? 0
        : intervals.places[i] + Int((intervals.highs[i] - intervals.lows[i]) >> UInt64(intervals.shifts[i])) + 1
    }.max() ?? 0
  }
}

extension ExecutionContext {
  /// The wanted numbers of the rows of all ranks: some order statistics of each column, exactly.
  ///
  /// Collective: a sweep for each narrowing, of which as a rule two or three are needed, and at most sixteen.
  package func orderStatistics(
    _ wanted: OrderStatistics, of rows: AlignedRows
  ) throws -> OrderStatistics {
    var statistics = wanted
    while !statistics.isComplete {
      statistics = try reduce(
        OrderStatisticsPass(statistics, columnCount: rows.columnCount, blockRowCount: rows.blockRowCount), over: rows)
    }
    return statistics
  }
}
