// SPDX-License-Identifier: Apache-2.0

import Lockstep
import Testing

/// A wish to stop concerns the whole process, so each test has one of its own.
struct CancellationTests {
  /// A sweep that asks for its own end at some row.
  private struct Cancelling: Pass {
    let row: Int
    func makePartial(columnCount: Int) -> ColumnTotals.Partial { ColumnTotals().makePartial(columnCount: columnCount) }
    func accumulate(_ samples: Samples, into partial: inout ColumnTotals.Partial) {
      if (samples.firstRow..<samples.firstRow + samples.rowCount).contains(row) { Cancellation.request() }
    }
    func finalize(_ partial: ColumnTotals.Partial) -> Int { 1 }
    func blockRowCount(columnCount: Int) -> Int { 4 }
  }

  @Test func aSweepStopsOnAllRanks() async {
    await #expect(processExitsWith: .success) {
      let results = ThreadRanks.run(3) { communicator in
        let context = ExecutionContext(communicator: communicator)
        let table = Table<Double>(DenseRows(Array(repeating: 1, count: 100), columnCount: 1))
        let code: String
        do { code = "\(try context.reduce(Cancelling(row: 150), over: table))" } catch let error as LockstepError {
          code = error.code.rawValue
        }
        // All ranks have seen it: the next sweep is like any.
        try communicator.barrier()
        Cancellation.withdraw()
        try communicator.barrier()
        return code + " \(try context.reduce(Cancelling(row: -1), over: table))"
      }
      for result in results {
        let words = try result.get()
        precondition(words == "cancelled 1", words)
      }
    }
  }

  @Test func aStreamIsAsItWas() async {
    await #expect(processExitsWith: .success) {
      var stream = Online(LowOrderMoments(), columnCount: 1)
      try stream.observe(DenseRows<Double>([1, 2, 3], columnCount: 1))
      Cancellation.request()
      do {
        try stream.observe(DenseRows<Double>(Array(repeating: 9, count: 1 << 20), columnCount: 1))
        preconditionFailure("nothing was cancelled")
      } catch let error as LockstepError { precondition(error.code == .cancelled) }
      Cancellation.withdraw()
      let mean = try stream.output().mean
      precondition(mean == [2] && stream.rowCount == 3)
    }
  }

  @Test func aWaitIsGivenAMoment() async {
    await #expect(processExitsWith: .success) {
      Cancellation.request()
      try Cancellation.checkWaiting()
      precondition(Cancellation.isRequested)
      do {
        try Cancellation.check()
        preconditionFailure("nothing was cancelled")
      } catch let error as LockstepError { precondition(error.code == .cancelled) }
      Cancellation.withdraw()
      try Cancellation.check()
    }
  }
}
