// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Lockstep
import Synchronization
import Testing

@testable import LockstepCommandLine

struct ProgressDisplayTests {
  /// What a display has written, and a way to wait for more.
  private final class Record: Sendable {
    let texts = Mutex<[String]>([])
    let semaphore = DispatchSemaphore(value: 0)

    func write(_ text: String) {
      texts.withLock { $0.append(text) }
      semaphore.signal()
    }

    /// Waits until `count` more pieces are written.
    func wait(_ count: Int) { for _ in 0..<count { semaphore.wait() } }
  }

  private let step = ProgressStep(
    phase: "Lloyd", step: 7, stepLimit: 100, figures: [("rows moved", 1234), ("centroid shift", 0.0125)])

  @Test func aStepIsOneLine() {
    #expect(ProgressDisplay.text(of: step) == "Lloyd, step 7 of at most 100, rows moved 1234, centroid shift 0.0125")
  }

  @Test func aTerminalGetsOneLineThatIsRewrittenAndRemoved() {
    let record = Record()
    let display = ProgressDisplay(.line, interval: .milliseconds(5)) { record.write($0) }
    display.show(step)
    record.wait(3)
    display.end()
    let texts = record.texts.withLock { $0 }
    #expect(texts[1].hasPrefix("\rLloyd, step 7 of at most 100"))
    #expect(texts[1].hasSuffix("\u{1B}[K") && !texts[1].contains("\n"))
    #expect(texts.last == "\r\u{1B}[K")
  }

  @Test func aLogGetsLines() {
    let record = Record()
    let display = ProgressDisplay(.heartbeat, interval: .milliseconds(5)) { record.write($0) }
    display.begin("reading")
    record.wait(2)
    display.end()
    let texts = record.texts.withLock { $0 }
    #expect(texts[1] == "lockstep: reading, 0 s\n" || texts[1].hasPrefix("lockstep: reading, "))
    #expect(texts.allSatisfy { $0.hasSuffix("\n") })
  }

  @Test func aLogNamesWhomTheFirstRankWaitsFor() {
    let record = Record()
    let display = ProgressDisplay(
      .heartbeat, interval: .milliseconds(5), write: { record.write($0) },
      waitingFor: { "waiting for rank 2 (hpc3) for 60 s" })
    record.wait(2)
    display.end()
    let texts = record.texts.withLock { $0 }
    #expect(texts.contains { $0.hasSuffix(" s, waiting for rank 2 (hpc3) for 60 s\n") }, "\(texts)")
    #expect(ProgressDisplay.waitForRank() == nil)
  }

  @Test func nothingIsWrittenAfterTheEnd() {
    let record = Record()
    let display = ProgressDisplay(.line, interval: .milliseconds(1)) { record.write($0) }
    record.wait(1)
    display.end()
    let count = record.texts.withLock(\.count)
    display.show(step)
    display.end()
    #expect(record.texts.withLock(\.count) == count)
  }

  @Test func onlyRankZeroTells() {
    #expect(ProgressDisplay.Style.forRank(1, isQuiet: false) == .none)
    #expect(ProgressDisplay.Style.forRank(0, isQuiet: true) == .none)
    #expect(ProgressDisplay.Style.forRank(0, isQuiet: false) != .none)
  }
}
