// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepReduction

/// What a plan says of messages is what ranks then send and receive.
struct MessagePlanTests {
  @Test(arguments: Catalog.methods.map(\.name)) func messagesAreWhatWasPlanned(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let table = CatalogBatteryTests.table
    let parameters = JSONValue.object([:])
    @Sendable func companions(_ source: any RowSource) -> any RowSource {
      SplitSource(source, responses: 2, hasWeights: true, hasLabels: true, for: method)
    }
    let log = CollectiveLog()
    _ = try method.fit(parameters, to: companions(table), in: ExecutionContext(log: log))
    for rowCounts in [
      [9000, 0, 0], [2000, 2500, 2500, 2000], [1, 8999], [1125, 1125, 1125, 1125, 1125, 1125, 1125, 1125],
    ] {
      let plan = MessagePlan(log.steps, rowCounts: rowCounts)
      let results = ThreadRanks.run(rowCounts.count) { communicator -> (byteCount: Int, sweepCount: Int) in
        let counting = CountingCommunicator(communicator)
        let start = rowCounts[..<communicator.rank].reduce(0, +)
        let own = Table(table.rows.rows(start..<start + rowCounts[communicator.rank]))
        let context = ExecutionContext(communicator: counting)
        _ = try method.fit(parameters, to: companions(own), in: context)
        return (counting.sentByteCount + counting.receivedByteCount, context.ledger.sweepCount)
      }
      for (rank, result) in results.enumerated() {
        let (measured, sweepCount) = try result.get()
        #expect(sweepCount == plan.sweepCount, "\(name)")
        let planned = plan.byteCounts[rank]
        // Draws narrow down to other blocks, and what was drawn is found on other ranks: a few hundred bytes.
        #expect(
          abs(planned - measured) <= measured / 10 + 500,
          "\(name), rank \(rank) of \(rowCounts): \(planned) planned, \(measured) measured")
      }
    }
  }

  @Test func oneRankSendsNothing() {
    #expect(MessagePlan([], rowCounts: [10]).byteCounts == [0])
    #expect(MessagePlan([.init(fixedByteCount: 7, outputByteCount: 3)], rowCounts: [10]).byteCounts == [0])
    #expect(
      MessagePlan([.init(fixedByteCount: 7, outputByteCount: 3)], rowCounts: [1, 0, 0]).byteCounts == [20, 10, 10])
  }
}
