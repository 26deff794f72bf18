// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// What a verb has to say at its end, for people and for programs.
protocol Report {
  /// How the run went.
  var run: RunFacts { get }
  /// What people should know that is no result, a line each.
  var notes: [String] { get }
  /// The result for people, or as comma-separated values.
  func lines(_ format: ReportFormat, width: Int, isBold: Bool) throws -> [String]
  /// The result for programs.
  func json() throws -> [String: JSONValue]
}

/// How a run went on all ranks: the rows that each had, and where its time went.
struct RunFacts: Sendable {
  /// The facts of one rank.
  struct Share: Codable, Sendable {
    var rowCount: Int
    var skippedRowCount: Int
    var missing: [MissingCount] = []
    var seconds: TimeLedger.Seconds
    /// The number of sweeps over the rows.
    var sweepCount = 0
    /// The bytes sent and received.
    var messageByteCount = 0
    /// The memory that the run took at its peak, beyond what the process had at its beginning.
    var memoryByteCount = 0
  }

  let shares: [Share]
  let columnCount: Int
  let threadCount: Int
  /// The collectives until then, where they are logged.
  var collectives: [CollectiveLog.Step] = []

  var rowCount: Int { shares.reduce(0) { $0 + $1.rowCount } }
  var skippedRowCount: Int { shares.reduce(0) { $0 + $1.skippedRowCount } }

  /// The columns in which values were missing, and how many on all ranks.
  var missing: [MissingCount] { MissingCount.sums(shares.map(\.missing)) }

  /// The columns in which values were missing, the most of them first: `price 7, size 5`.
  var missingList: String? {
    let missing = missing
    guard !missing.isEmpty else { return nil }
    let order = missing.indices.sorted {
      missing[$0].count != missing[$1].count ? missing[$0].count > missing[$1].count : $0 < $1
    }
    let listed = order.prefix(Self.listedColumnCount).map { "\(missing[$0].column) \(missing[$0].count)" }
    let more = order.count > listed.count ? ", and in \(order.count - listed.count) more columns" : ""
    return listed.joined(separator: ", ") + more
  }

  /// The most columns that the note on missing values lists.
  private static let listedColumnCount = 20

  /// Gathers the facts of all ranks.
  ///
  /// Collective.
  init(_ data: InputRows, columnCount: Int, in context: ExecutionContext) throws {
    collectives = context.log?.steps ?? []
    shares = try context.gathered(
      Share(
        rowCount: data.rows.rowCount, skippedRowCount: data.skippedRowCount, missing: data.missing,
        seconds: context.ledger.total,
        sweepCount: context.ledger.sweepCount,
        messageByteCount: (context.communicator as? CountingCommunicator).map {
          $0.sentByteCount + $0.receivedByteCount
        } ?? 0,
        memoryByteCount: ProcessMemory.peakByteCount - ProcessMemory.startByteCount))
    self.columnCount = columnCount
    threadCount = context.threadCount
  }

  /// Facts that are known already.
  init(shares: [Share], columnCount: Int, threadCount: Int) {
    self.shares = shares
    self.columnCount = columnCount
    self.threadCount = threadCount
  }

  /// The members that every result in JSON has; seconds are the largest over the ranks.
  var json: [String: JSONValue] {
    func largest(_ kind: KeyPath<TimeLedger.Seconds, Double>) -> JSONValue {
      .double(shares.map { $0.seconds[keyPath: kind] }.max() ?? 0)
    }
    var members: [String: JSONValue] = [
      "rowCount": .integer(rowCount), "columnCount": .integer(columnCount),
      "skippedRowCount": .integer(skippedRowCount), "processCount": .integer(shares.count),
      "threadCount": .integer(threadCount), "sweepCount": .integer(shares.map(\.sweepCount).max() ?? 0),
      "messageByteCounts": .array(shares.map { .integer($0.messageByteCount) }),
      "seconds": .object([
        "read": largest(\.read), "compute": largest(\.compute), "communicate": largest(\.communicate),
      ]),
    ]
    if !missing.isEmpty {
      members["missingCounts"] = .object(
        Dictionary(missing.map { ($0.column, .integer($0.count)) }) { first, _ in first })
    }
    return members
  }

  /// The most ranks that the table of times lists one by one.
  private static let listedRankCount = 64

  /// Rows and seconds of each rank, then the smallest, mean and largest, and how far the largest is above the mean.
  func timingTable() -> [String] {
    func summarized(_ values: [Double], _ text: (Double) -> String) -> [String] {
      let mean = values.reduce(0, +) / Double(max(values.count, 1))
      let largest = values.max() ?? 0
      let listed = values.count <= Self.listedRankCount ? values.map(text) : []
      guard values.count > 1 else { return listed }
      let imbalance = mean > 0 ? NumberText.fixed(100 * (largest / mean - 1), decimals: 0) + " %" : "-"
      return listed + [text(values.min() ?? 0), text(mean), text(largest), imbalance]
    }
    func seconds(_ heading: String, _ kind: KeyPath<TimeLedger.Seconds, Double>) -> TextTable.Column {
      .init(heading, summarized(shares.map { $0.seconds[keyPath: kind] }) { NumberText.fixed($0, decimals: 3) })
    }
    func figures(
      _ heading: String, _ kind: KeyPath<Share, Int>, _ text: (Int) -> String
    ) -> TextTable.Column {
      .init(heading, summarized(shares.map { Double($0[keyPath: kind]) }) { text(Int($0)) })
    }
    var names = shares.count <= Self.listedRankCount ? shares.indices.map { "\($0)" } : []
    if shares.count > 1 { names += ["least", "mean", "most", "imbalance"] }
    let table = TextTable(
      keys: [.init("rank", names)],
      columns: [
        .init("rows", summarized(shares.map { Double($0.rowCount) }) { NumberText.fixed($0, decimals: 0) }),
        seconds("read s", \.read), seconds("compute s", \.compute), seconds("communicate s", \.communicate),
        figures("sweeps", \.sweepCount) { "\($0)" }, figures("memory MB", \.memoryByteCount, ByteText.megabytes),
        figures("messages MB", \.messageByteCount, ByteText.megabytes),
      ])
    return table.lines(width: 160)
  }
}
