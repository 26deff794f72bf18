// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

/// Signals concern the whole process, so each test has one of its own.
struct StopSignalsTests {
  /// A sweep during which a signal comes.
  private struct Signalled: Pass {
    struct Partial: Mergeable {
      var count = 0
      mutating func merge(_ later: Self) { count += later.count }
    }
    let row: Int
    let signal: Int32
    func makePartial(columnCount: Int) -> Partial { Partial() }
    func accumulate(_ samples: Samples, into partial: inout Partial) {
      if (samples.firstRow..<samples.firstRow + samples.rowCount).contains(row) { StopSignalsTests.send(signal) }
      partial.count += samples.rowCount
    }
    func finalize(_ partial: Partial) -> Int { partial.count }
    func blockRowCount(columnCount: Int) -> Int { 4 }
  }

  /// Signals this process, as others do, and waits until it has noticed.
  ///
  /// Not `raise`, which signals the calling thread: those of tests and of sweeps block signals.
  private static func send(_ signal: Int32) {
    kill(getpid(), signal)
    for _ in 0..<5000 where !Cancellation.isRequested { usleep(1000) }
    precondition(Cancellation.isRequested, "the signal has not arrived")
  }

  private static var table: Table<Double> { Table(DenseRows(Array(repeating: 1, count: 100), columnCount: 1)) }

  @Test func aSignalStopsAllRanks() async {
    await #expect(processExitsWith: .success) {
      StopSignals.install()
      let results = ThreadRanks.run(3) { communicator in
        let context = ExecutionContext(communicator: communicator)
        do { return "\(try context.reduce(Signalled(row: 150, signal: SIGUSR2), over: Self.table))" } catch let error
          as LockstepError
        {
          precondition(error.code.exitCode == 128 + SIGUSR2 && error.code.stoppingSignal == SIGUSR2)
          return error.message
        }
      }
      for result in results {
        let words = try result.get()
        precondition(words == "stopped by SIGUSR2", words)
      }
    }
  }

  @Test(arguments: [SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU]) func aProgramEndsWithTheSignalsCode(
    signal: Int32
  )
    async
  {
    let result = await #expect(processExitsWith: .exitCode(128 + signal), observing: [\.standardErrorContent]) {
      [signal = signal as Int32] in
      StopSignals.install()
      Lockstep.run(threadCount: 1) { _ = try $0.reduce(Signalled(row: 50, signal: signal), over: Self.table) }
    }
    let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    #expect(said.contains("lockstep: stopped by SIG"))
  }

  @Test func theSecondSignalEndsAtOnceAndRemovesWhatIsNotComplete() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    await #expect(processExitsWith: .exitCode(128 + SIGTERM)) { [path = path as String] in
      StopSignals.install()
      _ = try AtomicFile(creating: path + "/model.json")
      let count = try FileManager.default.contentsOfDirectory(atPath: path).count
      precondition(count == 1)
      Self.send(SIGTERM)
      usleep(600_000)
      kill(getpid(), SIGINT)
      sleep(5)
      preconditionFailure("the process goes on")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == [])
  }

  @Test func aProgramThatDoesNotStopIsEnded() async {
    await #expect(processExitsWith: .exitCode(128 + SIGTERM)) {
      StopSignals.install(graceSeconds: 1)
      Self.send(SIGTERM)
      while true { sleep(60) }
    }
  }

  @Test func whatTheThreadBlockedReachesIt() async {
    await #expect(processExitsWith: .success) {
      var blocked = sigset_t()
      sigfillset(&blocked)
      pthread_sigmask(SIG_SETMASK, &blocked, nil)
      StopSignals.install()
      pthread_sigmask(SIG_SETMASK, nil, &blocked)
      precondition(sigismember(&blocked, SIGTERM) == 0 && sigismember(&blocked, SIGALRM) == 0)
      precondition(sigismember(&blocked, SIGCHLD) == 1)
    }
  }

  @Test func aReadingThatWaitsForAPipeIsStopped() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    for hasWriter in [false, true] {
      let result = await #expect(
        processExitsWith: .exitCode(128 + SIGTERM), observing: [\.standardErrorContent]
      ) { [path = path as String, hasWriter = hasWriter as Bool] in
        StopSignals.install()
        Thread.detachNewThread {
          if hasWriter {
            let text = Array("a,b\n1,2\n".utf8)
            precondition(write(open(path, O_WRONLY), text, text.count) == text.count)
          }
          usleep(300_000)
          kill(getpid(), SIGTERM)
        }
        Lockstep.run(threadCount: 1) { world in _ = try world.agree { try CSVFile<Double>(path) } }
      }
      // It is not the end of the grace that ended it, which says nothing.
      let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
      #expect(said.contains("lockstep: stopped by SIGTERM"))
    }
  }

  @Test func aSignalDoesNotEndAReadingThatWaits() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try #require(mkfifo(path, 0o600) == 0)
    defer { unlink(path) }
    await #expect(processExitsWith: .success) { [path = path as String] in
      signal(SIGUSR1) { _ in }
      let reader = pthread_self()
      Thread.detachNewThread {
        for _ in 0..<20 {
          usleep(20_000)
          pthread_kill(reader, SIGUSR1)
        }
        let text = Array("a,b\n1,2\n".utf8)
        let descriptor = open(path, O_WRONLY)
        precondition(write(descriptor, text, text.count) == text.count)
        close(descriptor)
      }
      var mask = sigset_t()
      sigemptyset(&mask)
      pthread_sigmask(SIG_SETMASK, &mask, nil)
      let count = try CSVFile<Double>(path).rowCount
      precondition(count == 1)
    }
  }

  @Test func aFileThatGrowsOverItsLimitIsAnError() async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    await #expect(processExitsWith: .success) { [path = path as String] in
      StopSignals.install()
      var limit = rlimit(rlim_cur: 1000, rlim_max: 1_000_000)
      setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      do {
        try AtomicFile.write(Array(repeating: 1, count: 2000), to: path)
        preconditionFailure("2,000 bytes were written")
      } catch let error as LockstepError {
        precondition(error.code == .outputFailed && error.cause == String(cString: strerror(EFBIG)))
      }
      precondition(access(path, F_OK) != 0)
    }
  }
}
