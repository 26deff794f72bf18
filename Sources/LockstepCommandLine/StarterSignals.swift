// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep
import Synchronization

/// How processes that were started together have ended.
struct RunEnd: Equatable {
  /// What the launcher says; 128 + n if signal n has ended the launcher itself.
  var exitCode: Int32

  /// Whether another start may come further: not after success, and not after errors that would come again.
  var isWorthRestart: Bool {
    switch exitCode {
    case 0, 64...74, 130: false
    default: true
    }
  }

  /// Whether a process is gone, and not only stopped.
  var hasLostProcess: Bool { isWorthRestart && exitCode != LockstepError.Code.stoppedWithCheckpoint.exitCode }
}

/// Signals to a process that stays beside the processes that it has started: it passes them on, and starts nothing again after them.
///
/// They go to the processes, not to the launcher between, which may end them a second later: Open MPI's does. One that hears of the signal
/// has all stop together.
enum StarterSignals {
  private static let signals: [Int32] = [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]
  /// A signal that is to be passed on; 0 for none.
  private static let pending = Atomic<Int32>(0)
  private static let stopped = Atomic<Bool>(false)
  private static let setChildSubreaper: Int32 = 36  // PR_SET_CHILD_SUBREAPER
  /// Of a signal that the terminal sends, to all processes in the foreground at once.
  private static let sentByKernel: Int32 = 0x80  // SI_KERNEL

  /// Whether a signal has asked for an end.
  static var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// Handles signals from now on, and takes over what launchers leave behind.
  static func install() {
    _ = pending.load(ordering: .relaxed) + (isStopped ? 1 : 0)
    typealias Control = @convention(c) (Int32, UInt, UInt, UInt, UInt) -> Int32
    if let control = dlsym(nil, "prctl").map({ unsafeBitCast($0, to: Control.self) }) {
      _ = control(setChildSubreaper, 1, 0, 0, 0)
    }
    for signal in signals {
      var ours = sigaction()
      ours.sa_flags = SA_RESTART | SA_SIGINFO
      ours.__sigaction_handler.sa_sigaction = { signal, details, _ in
        if signal != SIGUSR1 { StarterSignals.stopped.store(true, ordering: .relaxed) }
        let isFromTerminal = details.map { $0.pointee.si_code == StarterSignals.sentByKernel } ?? false
        if !isFromTerminal { StarterSignals.pending.store(signal, ordering: .relaxed) }
      }
      sigaction(signal, &ours, nil)
    }
  }

  /// Waits until a launcher has ended, and ends what it has left behind, so that two runs never meet.
  static func wait(for launcher: pid_t) -> RunEnd {
    var status: Int32 = 0
    while true {
      let signal = pending.exchange(0, ordering: .relaxed)
      if signal != 0 {
        let processes = descendants().filter { isOurProgram($0) }
        for process in processes.isEmpty ? [launcher] : processes { kill(process, signal) }
      }
      if waitpid(launcher, &status, WNOHANG) == launcher { break }
      usleep(20_000)
    }
    endOrphans()
    let signal = status & 0x7F
    return RunEnd(exitCode: signal == 0 ? (status >> 8) & 0xFF : 128 + signal)
  }

  /// Ends the processes that have become this one's because their parents have ended.
  private static func endOrphans() {
    // Agents of a launcher that is gone end their processes by themselves, in an instant.
    for attempt in 0..<200 {
      var status: Int32 = 0
      while waitpid(-1, &status, WNOHANG) > 0 {}
      let processes = descendants()
      guard !processes.isEmpty else { return }
      if attempt >= 20 { for process in processes { kill(process, SIGKILL) } }
      usleep(50_000)
    }
  }

  /// This process's children, their children, and so on.
  static func descendants() -> [pid_t] {
    var parents: [pid_t: [pid_t]] = [:]
    guard let directory = opendir("/proc") else { return [] }
    defer { closedir(directory) }
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
      guard let process = pid_t(name), let parent = parent(of: process) else { continue }
      parents[parent, default: []].append(process)
    }
    var found: [pid_t] = []
    var open = [getpid()]
    while let process = open.popLast() {
      let children = parents[process] ?? []
      found += children
      open += children
    }
    return found
  }

  private static func parent(of process: pid_t) -> pid_t? {
    guard let file = fopen("/proc/\(process)/stat", "r") else { return nil }
    defer { fclose(file) }
    var bytes = [UInt8](repeating: 0, count: 1024)
    let count = fread(&bytes, 1, bytes.count, file)
    let text = String(decoding: bytes[..<count], as: UTF8.self)
    // "pid (name) state ppid …": a name may hold blanks and parentheses.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    return fields.count > 1 ? pid_t(fields[1]) : nil
  }

  private static func isOurProgram(_ process: pid_t) -> Bool {
    var (one, other) = (stat(), stat())
    return stat("/proc/\(process)/exe", &one) == 0 && stat("/proc/self/exe", &other) == 0 && one.st_ino == other.st_ino
      && one.st_dev == other.st_dev
  }
}
