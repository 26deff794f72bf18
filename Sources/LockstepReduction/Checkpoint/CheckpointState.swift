// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// What the file of a checkpoint holds.
struct CheckpointContent: Codable, Sendable {
  /// What is computed.
  var subject: String
  var layout: String
  var rowCount: Int
  var columnCount: Int
  var rowDigest: UInt64
  var outputs: [Output] = []
  var milestones: [Milestone] = []

  /// What one sweep came to.
  struct Output: Codable, Sendable {
    /// Which of the sweeps it was.
    var position: Int
    /// Of the pass, so that no other takes it for its own.
    var digest: UInt64
    var bytes: [UInt8]
  }

  /// What a loop, or a part of a computation that is over, goes on with.
  struct Milestone: Codable, Sendable {
    var key: String
    /// The number of sweeps before it began.
    var start: Int
    /// The number of sweeps before what comes next.
    var end: Int
    var bytes: [UInt8]
  }

  /// Throws `LockstepError` with code `.usage` unless this is of the same computation.
  func requireFit(to expected: CheckpointContent, path: String) throws {
    func refusal(_ message: String) -> LockstepError {
      LockstepError(
        .usage, "the checkpoint is that of \(message)",
        remedy: "name another file, or begin anew with \(option: .fresh)",
        place: .init(file: path))
    }
    func short(_ text: String) -> String { text.count > 300 ? text.prefix(300) + " …" : text }
    guard subject == expected.subject else {
      throw refusal("another computation: \(short(subject)), and this is \(short(expected.subject))")
    }
    guard rowCount == expected.rowCount, columnCount == expected.columnCount else {
      throw refusal(
        "\(rowCount) × \(columnCount) numbers, and these are \(expected.rowCount) × \(expected.columnCount)")
    }
    guard layout == expected.layout else { throw refusal("\(layout) rows, and these are \(expected.layout)") }
    guard rowDigest == expected.rowDigest else {
      throw refusal("other rows: they have changed, or come in another order")
    }
  }
}

/// When to write again.
struct WritingTime {
  private var last = ContinuousClock.now
  private var cost = Duration.zero

  /// Whether the interval is over, and writing would take a hundredth of the time at most; always if there is none.
  func isDue(_ interval: Duration) -> Bool {
    if interval == .zero { return true }
    let elapsed = last.duration(to: .now)
    return elapsed >= interval && elapsed >= cost * 100
  }

  mutating func begin() { last = .now }

  mutating func end(since start: ContinuousClock.Instant) {
    last = .now
    cost = start.duration(to: last)
  }

  mutating func measure(_ body: () throws -> Void) rethrows {
    let start = ContinuousClock.now
    last = start
    try body()
    end(since: start)
  }
}

/// Where a computation is, and what is kept of it.
///
/// All ranks go through the same changes; rank 0 alone has the bytes of what was added.
struct CheckpointState {
  var content: CheckpointContent?
  var blockIdentities: Set<UInt64> = []
  var hasChanged = false
  var outputWriting = WritingTime()
  var blockWriting = WritingTime()
  var blockFailure: LockstepError?
  /// The number of the sweep or milestone that comes next.
  private var position = 0
  /// Whether there may be something in the file that was not used yet.
  private var isResuming = false
  /// Milestones whose values are made into bytes when they are written, by their beginning.
  private var pending: [Int: @Sendable () throws -> [UInt8]] = [:]
  private var hasFailed = false
  private var isWritingBlocks = false

  init() {}

  init(_ opening: Checkpoint.Opening) {
    content = opening.content
    blockIdentities = Set(opening.blockIdentities)
    isResuming = !opening.content.outputs.isEmpty || !opening.content.milestones.isEmpty
  }

  // MARK: Sweeps

  mutating func keptOutput(digest: UInt64) -> [UInt8]? {
    guard isResuming, let kept = content?.outputs.first(where: { $0.position == position }) else { return nil }
    guard kept.digest == digest else {
      // The program is another one: what it kept is of no use from here on.
      forget(from: position)
      return nil
    }
    position += 1
    return kept.bytes
  }

  mutating func keep(digest: UInt64, _ bytes: [UInt8]?) {
    guard content != nil else { return }
    if let bytes { content?.outputs.append(.init(position: position, digest: digest, bytes: bytes)) }
    position += 1
    hasChanged = true
  }

  func identity(ofSweep digest: UInt64) -> UInt64 {
    guard let content else { return 0 }
    let words = [
      UInt64(content.rowCount), UInt64(content.columnCount), content.rowDigest, UInt64(position), digest,
      RowDigest.hash(Array((content.subject + "\n" + content.layout).utf8)),
    ]
    return RowDigest.hash(words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } })
  }

  // MARK: Milestones

  mutating func beginMilestone(_ key: String) -> (start: Int, kept: [UInt8]?) {
    let start = position
    position += 1
    guard isResuming, let kept = content?.milestones.first(where: { $0.key == key && $0.start == start })
    else { return (start, nil) }
    position = kept.end
    return (start, kept.bytes)
  }

  mutating func keep(_ key: String, since start: Int, _ bytes: (@Sendable () throws -> [UInt8])?) {
    guard content != nil else { return }
    forget(from: start)
    guard let bytes else { return }
    content?.milestones.append(.init(key: key, start: start, end: position, bytes: []))
    pending[start] = bytes
    hasChanged = true
  }

  /// Drops what was kept of all that comes from `position` on.
  private mutating func forget(from position: Int) {
    content?.outputs.removeAll { $0.position >= position }
    content?.milestones.removeAll { $0.start >= position }
    pending = pending.filter { $0.key < position }
  }

  // MARK: Writing

  /// What the file is to hold, if it does not.
  mutating func contentToWrite() throws -> CheckpointContent? {
    guard hasChanged, content != nil else { return nil }
    for (index, milestone) in (content?.milestones ?? []).enumerated() {
      if let bytes = pending.removeValue(forKey: milestone.start) { content?.milestones[index].bytes = try bytes() }
    }
    return content
  }

  mutating func isFirstFailure() -> Bool {
    defer { hasFailed = true }
    return !hasFailed
  }

  mutating func takeTurnToWriteBlocks(isWished: Bool, _ interval: Duration) -> Bool {
    guard !isWritingBlocks, isWished || blockWriting.isDue(interval) else { return false }
    isWritingBlocks = true
    return true
  }

  mutating func endTurnToWriteBlocks(since start: ContinuousClock.Instant) {
    isWritingBlocks = false
    blockWriting.end(since: start)
  }
}
