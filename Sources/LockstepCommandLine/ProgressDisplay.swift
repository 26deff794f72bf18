// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Lockstep
import Synchronization

/// Tells people how far the work is: a line that is rewritten on a terminal, a line every 30 seconds in a log.
final class ProgressDisplay: Sendable {
  /// The ways of telling.
  enum Style: Sendable {
    /// Not at all.
    case none
    /// One line, rewritten a few times a second.
    case line
    /// A new line from time to time.
    case heartbeat

    /// The style for a process: only rank 0 tells, and nobody with `-q`.
    static func forRank(_ rank: Int, isQuiet: Bool) -> Style {
      if rank != 0 || isQuiet { return .none }
      return Terminal.showsProgress ? .line : .heartbeat
    }
  }

  private struct State {
    var text = ""
    var isLineShown = false
    var isEnded = false
  }

  private let style: Style
  private let interval: Duration
  private let write: @Sendable (String) -> Void
  private let waitingFor: @Sendable () -> String?
  private let start = ContinuousClock.now
  private let state = Mutex(State())

  /// Starts the clock.
  ///
  /// - Parameters:
  ///   - style: How to tell.
  ///   - interval: The time between two lines, or two versions of the line; `nil` for 30 seconds, or a fifth of one.
  ///   - write: Where to; standard error.
  ///   - waitingFor: Whom this process waits for, if it has waited long.
  init(
    _ style: Style, interval: Duration? = nil, write: @escaping @Sendable (String) -> Void = StandardError.write,
    waitingFor: @escaping @Sendable () -> String? = ProgressDisplay.waitForRank
  ) {
    self.style = style
    self.waitingFor = waitingFor
    self.interval = interval ?? (style == .line ? .milliseconds(200) : .seconds(30))
    self.write = write
    if style != .none {
      scheduleTick(after: style == .line ? max(self.interval, interval ?? .seconds(1)) : self.interval)
    }
  }

  /// A new stage of the work.
  func begin(_ text: String) { state.withLock { $0.text = text } }

  /// A step of an iterative fit.
  func show(_ step: ProgressStep) {
    guard style != .none else { return }
    let text = Self.text(of: step)
    state.withLock { $0.text = text }
  }

  /// Removes the line, for good: results or errors follow.
  func end() {
    state.withLock { state in
      state.isEnded = true
      if state.isLineShown { write("\r\u{1B}[K") }
      state.isLineShown = false
    }
  }

  /// `waiting for rank 2 (hpc3) for 60 s`, from 5 seconds on, and `, which has not answered for 58 s`.
  static func waitForRank() -> String? {
    guard let wait = MPI.currentWait, wait.seconds >= 5 else { return nil }
    var text = "waiting for rank \(wait.rank)" + (wait.host.map { " (\($0))" } ?? "") + " for \(wait.seconds) s"
    if let seconds = MPI.silentSeconds, seconds >= 5 { text += ", which has not answered for \(seconds) s" }
    return text
  }

  /// `Lloyd, step 7 of at most 100, rows moved 1234, centroid shift 0.0123`.
  static func text(of step: ProgressStep) -> String {
    ([step.phase, "step \(step.step) of at most \(step.stepLimit)"]
      + step.figures.map { "\($0.name) \(NumberText.short($0.value))" }).joined(separator: ", ")
  }

  private func tick() {
    let goesOn = state.withLock { state in
      guard !state.isEnded else { return false }
      let seconds = Int(start.duration(to: .now) / .seconds(1))
      let text = "\(state.text), \(seconds) s" + (waitingFor().map { ", \($0)" } ?? "")
      if style == .line {
        write("\r\(text.prefix(Terminal.errorWidth - 1))\u{1B}[K")
        state.isLineShown = true
      } else {
        write("lockstep: \(text)\n")
      }
      return true
    }
    if goesOn { scheduleTick(after: interval) }
  }

  private func scheduleTick(after delay: Duration) {
    let nanoseconds = Int(delay / .nanoseconds(1))
    DispatchQueue.global().asyncAfter(deadline: .now() + .nanoseconds(nanoseconds)) { [weak self] in self?.tick() }
  }
}
