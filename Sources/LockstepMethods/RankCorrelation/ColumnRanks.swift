// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables
import Synchronization

/// The rank of each number in its column, over all ranks: a sort that is distributed by values.
struct ColumnRanks {
  private let aligned: AlignedRows
  private let context: ExecutionContext

  init(of aligned: AlignedRows, in context: ExecutionContext) {
    self.aligned = aligned
    self.context = context
  }

  /// Numbers of some columns on their way, column by column.
  private typealias Columns = [[Double]]

  /// This rank's rows with ranks in the place of their numbers.
  ///
  /// Collective.
  func ranks() throws -> ComputedRows {
    let (p, own) = (aligned.columnCount, aligned.sourceRange)
    let output = try context.agree { try context.makeRowMemory(own, valuesPerRow: p) }
    let most = (0..<context.size).reduce(0) { max($0, aligned.rankStarts[$1 + 1] - aligned.rankStarts[$1]) }
    // So many columns that their numbers take 256 MiB.
    let width = max(1, (1 << 25) / max(most, 1))
    for first in stride(from: 0, to: p, by: width) {
      try rank(first..<min(first + width, p), into: output)
    }
    return ComputedRows(output.runs(own), columnCount: p)
  }

  private func rank(_ columns: Range<Int>, into output: RowMemory<Double>) throws {
    let forecast = RankForecast(columnCount: columns.count)
    let limits = try limits(of: columns, forecast)
    let perRow = Double(8 * columns.count)
    var numbers: Columns = []
    let arrived = try context.exchange(isSweep: true, forecast: forecast.exchange(byteCountPerRow: perRow)) {
      numbers = try read(columns)
      return divided(numbers, by: limits)
    }
    let ranked = try context.agree { try rankEach(arrived) }
    // Ranks before this one have the lesser numbers.
    let counts = try context.gathered(ranked.map { $0.reduce(0) { $0 + $1.count } })
    let before = columns.indices.map { j in
      (0..<context.rank).reduce(0.0) { $0 + Double(counts[$1][j - columns.lowerBound]) }
    }
    let back = try context.exchange(forecast: forecast.exchange(byteCountPerRow: perRow, isReturn: true)) {
      (0..<context.size).map { source in
        ranked.indices.map { j in ranked[j][source].map { $0 + before[j] } }
      }
    }
    try context.agree { try write(back, of: numbers, limits, columns, into: output) }
  }

  /// This rank's numbers of some columns.
  private func read(_ columns: Range<Int>) throws -> Columns {
    var numbers = Columns(repeating: [], count: columns.count)
    for j in columns.indices { numbers[j - columns.lowerBound].reserveCapacity(aligned.sourceRange.count) }
    try aligned.forEachRun(of: aligned.sourceRange) { run in
      try Cancellation.check()
      let rows = run.rows.inDoubles()
      rows.withUnsafeElements { elements in
        for j in columns {
          var column = numbers[j - columns.lowerBound]
          numbers[j - columns.lowerBound] = []
          for i in 0..<rows.rowCount { column.append(elements[i * rows.columnCount + j]) }
          numbers[j - columns.lowerBound] = column
        }
      }
    }
    return numbers
  }

  /// The numbers that part the ranks' shares of each column: one fewer than there are ranks.
  private func limits(of columns: Range<Int>, _ forecast: RankForecast) throws -> Columns {
    guard context.size > 1 || context.log != nil else { return Columns(repeating: [], count: columns.count) }
    let total = aligned.totalRowCount
    let count = min(total, max(64 * context.size, 1 << 12))
    return try context.concatenated {
      var sample: [Double] = []
      try aligned.forEachSampledRow(of: count) { sample += $0[columns] }
      return sample
    } finalize: { sample, size in
      if context.log != nil { forecast.learn(sample) }
      return RankForecast.limits(in: sample, columnCount: columns.count, size: size)
    }
  }

  /// The numbers of each column that each rank gets.
  private func divided(_ numbers: Columns, by limits: Columns) -> [Columns] {
    var parts = [Columns](repeating: Columns(repeating: [], count: numbers.count), count: context.size)
    guard context.size > 1 else { return [numbers] }
    for (j, column) in numbers.enumerated() {
      for number in column { parts[RankForecast.place(of: number, in: limits[j])][j].append(number) }
    }
    return parts
  }

  /// The ranks of all numbers here, in each column, by the rank that each came from; equal numbers have the mean of their ranks.
  private func rankEach(_ arrived: [Columns]) throws -> [[[Double]]] {
    let columnCount = arrived.first?.count ?? 0
    let results = Mutex([[[Double]]](repeating: [], count: columnCount))
    try context.forEachBlock(of: 0..<columnCount, blockRowCount: 1) { block in
      for j in block {
        try Cancellation.check()
        let ranked = Self.ranks(of: arrived.map { $0[j] })
        results.withLock { $0[j] = ranked }
      }
    }
    return results.withLock { $0 }
  }

  private static func ranks(of parts: [[Double]]) -> [[Double]] {
    var places: [(number: Double, part: Int32, index: Int)] = []
    places.reserveCapacity(parts.reduce(0) { $0 + $1.count })
    for (part, numbers) in parts.enumerated() {
      for (index, number) in numbers.enumerated() { places.append((number, Int32(part), index)) }
    }
    places.sort { $0.number < $1.number }
    var ranks = parts
    var start = 0
    while start < places.count {
      var end = start + 1
      while end < places.count, places[end].number == places[start].number { end += 1 }
      let mean = Double(start + end + 1) / 2
      for place in places[start..<end] { ranks[Int(place.part)][place.index] = mean }
      start = end
    }
    return ranks
  }

  /// Puts ranks where the numbers were that they are of.
  private func write(
    _ back: [Columns], of numbers: Columns, _ limits: Columns, _ columns: Range<Int>, into output: RowMemory<Double>
  ) throws {
    let own = aligned.sourceRange
    guard !own.isEmpty else { return }
    try output.withValues(firstRow: own.lowerBound, count: own.count) { values in
      for (j, column) in numbers.enumerated() {
        var next = [Int](repeating: 0, count: context.size)
        for (i, number) in column.enumerated() {
          let rank = context.size > 1 ? RankForecast.place(of: number, in: limits[j]) : 0
          guard next[rank] < back[rank][j].count else {
            throw LockstepError(.internalInconsistency, "\(back[rank][j].count) ranks have come for more numbers")
          }
          values[i * output.valuesPerRow + columns.lowerBound + j] = back[rank][j][next[rank]]
          next[rank] += 1
        }
      }
    }
  }
}

/// How many numbers each rank would sort, for any number of ranks: what a plan's messages are made of.
final class RankForecast: Sendable {
  private let columnCount: Int
  private let sample = Mutex<[Double]>([])

  init(columnCount: Int) { self.columnCount = columnCount }

  func learn(_ rows: [Double]) { sample.withLock { $0 = rows } }

  /// The numbers that part the shares of ranks in each column.
  static func limits(in sample: [Double], columnCount: Int, size: Int) -> [[Double]] {
    (0..<columnCount).map { j in
      let numbers = stride(from: j, to: sample.count, by: columnCount).map { sample[$0] }.sorted()
      guard !numbers.isEmpty else { return Array(repeating: 0, count: size - 1) }
      return (1..<max(size, 1)).map { numbers[$0 * numbers.count / size] }
    }
  }

  /// The rank that sorts a number: the number of limits that are not above it.
  static func place(of number: Double, in limits: [Double]) -> Int {
    var (low, high) = (0, limits.count)
    while low < high {
      let middle = (low + high) / 2
      if limits[middle] <= number { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// What ranks would send each other of the columns' numbers, or of their ranks on the way back.
  func exchange(byteCountPerRow: Double, isReturn: Bool = false) -> ExchangeForecast {
    // Of each message a byte, and the lengths of columns.
    ExchangeForecast(
      byteCountPerRow: byteCountPerRow, fixedByteCount: Double(1 + 8 * columnCount), isReturn: isReturn
    ) { size in
      let sample = self.sample.withLock { $0 }
      var shares = [Double](repeating: 0, count: size)
      let limits = Self.limits(in: sample, columnCount: self.columnCount, size: size)
      for (i, number) in sample.enumerated() {
        shares[Self.place(of: number, in: limits[i % self.columnCount])] += 1 / Double(sample.count)
      }
      return shares
    }
  }
}
