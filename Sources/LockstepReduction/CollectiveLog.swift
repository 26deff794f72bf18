// SPDX-License-Identifier: Apache-2.0

import LockstepTables
import Synchronization

/// What ranks would send each other in an exchange of a run that was logged on one process.
package final class ExchangeForecast: Hashable, Sendable {
  /// The bytes from each rank to each, given the number of rows of each.
  let byteCounts: @Sendable (_ rowCounts: [Int]) -> [[Double]]

  /// A forecast.
  package init(byteCounts: @escaping @Sendable (_ rowCounts: [Int]) -> [[Double]]) { self.byteCounts = byteCounts }

  /// Rows that go to other ranks.
  ///
  /// - Parameters:
  ///   - byteCountPerRow: What a row takes in a message.
  ///   - fixedByteCount: What a message takes besides.
  ///   - isReturn: Whether the values go back, from the ranks that the rows went to.
  ///   - shares: Of a rank's rows, the share that goes to each rank, given the number of ranks.
  package convenience init(
    byteCountPerRow: Double, fixedByteCount: Double, isReturn: Bool = false,
    shares: @escaping @Sendable (_ size: Int) -> [Double]
  ) {
    self.init { rowCounts in
      let shares = shares(rowCounts.count)
      return rowCounts.indices.map { source in
        rowCounts.indices.map { destination in
          let count =
            isReturn
            ? shares[source] * Double(rowCounts[destination]) : shares[destination] * Double(rowCounts[source])
          return fixedByteCount + byteCountPerRow * count
        }
      }
    }
  }

  /// Whether both are the same object.
  package static func == (a: ExchangeForecast, b: ExchangeForecast) -> Bool { a === b }
  /// By the object.
  package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}

/// The collectives of a run on one process, with the sizes that their messages would have: what a plan for many processes is made of.
///
/// ```swift
/// let log = CollectiveLog()
/// _ = try PCA().fit(sample, in: ExecutionContext(log: log))
/// let plan = MessagePlan(log.steps, rowCounts: [250_000, 250_000, 250_000, 250_000])
/// ```
package final class CollectiveLog: Sendable {
  /// One collective, by the sizes of its parts in bytes.
  package struct Step: Hashable, Sendable {
    /// What the message of a rank holds in any case.
    var fixedByteCount = 0.0
    /// What it holds for each rank that it speaks for.
    var byteCountPerRank = 0.0
    /// What it holds for each summary in its forest.
    var byteCountPerNode = 0.0
    /// What comes back to every rank, and what of it for each rank.
    var outputByteCount = 0.0
    /// What comes back for each rank that there is.
    var outputByteCountPerRank = 0.0
    /// What goes down to a rank for each summary that came from it.
    var seedByteCount = 0.0
    /// What is sent for each row of a fragment of a block, there or back.
    var fragmentByteCountPerRow = 0.0
    /// Whether the rows are swept.
    var isSweep = false
    /// The blocks of a sweep, or those that fragments belong to.
    var blockRowCount = 1
    /// Of a sweep over some rows: from which share of all rows to which.
    var rows: Range<Double>?
    /// What a rank's message holds for the rows of the ranks that it speaks for, if all rows together take so much.
    var byteCountOfAllRows = 0.0
    /// Of an exchange: what goes from each rank to each other.
    var exchange: ExchangeForecast?
  }

  private let recorded = Mutex<[Step]>([])

  /// An empty log.
  package init() {}

  /// What was recorded, in order.
  package var steps: [Step] { recorded.withLock { $0 } }

  func record(_ step: Step) { recorded.withLock { $0.append(step) } }

  /// Values of all ranks that all get.
  func recordGathering(_ value: some Codable & Sendable) throws {
    let one = try PackedEncoder().encode([value]).count
    let perRank = try PackedEncoder().encode([value, value]).count - one
    let fixed = Double(one - perRank + 1)
    record(
      Step(
        fixedByteCount: fixed, byteCountPerRank: Double(perRank), outputByteCount: fixed,
        outputByteCountPerRank: Double(perRank)))
  }

  /// A sweep's summaries and output.
  func recordSweep<Partial>(
    _ forest: BlockForest<Partial>, output: some Codable & Sendable, blockRowCount: Int, rows: Range<Double>? = nil,
    seed: (any Encodable)? = nil
  ) throws {
    let empty = try PackedEncoder().encode(BlockForest<Partial>()).count
    let whole = try PackedEncoder().encode(forest).count
    let nodeCount = max(forest.nodes.count, 1)
    record(
      Step(
        fixedByteCount: Double(empty + 1), byteCountPerNode: Double(whole - empty) / Double(nodeCount),
        outputByteCount: Double(try PackedEncoder().encode(output).count + 1),
        seedByteCount: try seed.map { Double(try PackedEncoder().encode($0).count) } ?? 0, isSweep: true,
        blockRowCount: blockRowCount, rows: rows))
  }

  /// What rows or their values take on their way to the rank that sweeps their block, or back.
  func recordFragments(byteCountPerRow: Double, blockRowCount: Int) {
    record(Step(fragmentByteCountPerRow: byteCountPerRow, blockRowCount: blockRowCount))
  }

  /// Rows of a source on their way.
  func recordFragments(of source: some RowSource, blockRowCount: Int) throws {
    let some = 0..<min(source.rowCount, 64)
    guard !some.isEmpty, let rows = try source.rows(some) else { return }
    let byteCount = try PackedEncoder().encode(rows.transferable()).count
    recordFragments(byteCountPerRow: Double(byteCount) / Double(some.count), blockRowCount: blockRowCount)
  }
}
