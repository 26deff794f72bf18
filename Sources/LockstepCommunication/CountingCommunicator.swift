// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A communicator that counts what passes through it.
package final class CountingCommunicator: Communicator {
  private let base: any Communicator
  private let sent = Atomic(0)
  private let received = Atomic(0)

  /// Passes everything on to `base`.
  package init(_ base: any Communicator) { self.base = base }

  /// The bytes sent so far.
  package var sentByteCount: Int { sent.load(ordering: .relaxed) }
  /// The bytes received so far.
  package var receivedByteCount: Int { received.load(ordering: .relaxed) }

  /// This process's number.
  package var rank: Int { base.rank }
  /// The number of ranks.
  package var size: Int { base.size }
  /// How many ranks share this machine.
  package var localSize: Int { base.localSize }

  /// Sends, and counts.
  package func send(_ bytes: [UInt8], to destination: Int) throws {
    sent.add(bytes.count, ordering: .relaxed)
    try base.send(bytes, to: destination)
  }

  /// Receives, and counts.
  package func receive(from source: Int) throws -> [UInt8] {
    let bytes = try base.receive(from: source)
    received.add(bytes.count, ordering: .relaxed)
    return bytes
  }

  /// A group of the same ranks, whose messages are not counted here.
  package func duplicate() throws -> any Communicator { try base.duplicate() }
  /// A part of the group, whose messages are not counted here.
  package func split(color: Int?, key: Int) throws -> (any Communicator)? { try base.split(color: color, key: key) }
  /// Ends every rank.
  package func abort(exitCode: Int32) -> Never { base.abort(exitCode: exitCode) }
}
