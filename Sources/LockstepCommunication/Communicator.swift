// SPDX-License-Identifier: Apache-2.0

/// A group of ranks that run the same program.
///
/// Point-to-point only: every collective of the library is built on `send` and `receive`, in an order fixed by the ranks,
/// so that no implementation's reduction order can touch the bits of a result. Messages between a pair of ranks arrive in
/// the order sent. A message may have any length, 2³¹ bytes and more included.
///
/// A communicator is used by one thread at a time.
public protocol Communicator: Sendable {
  /// This process's number in the group, from 0.
  var rank: Int { get }
  /// The number of ranks in the group.
  var size: Int { get }
  /// How many ranks of the group share this machine, this one included: what the machine's cores are divided by.
  var localSize: Int { get }

  /// Sends `bytes` to another rank. May return before they are received.
  func send(_ bytes: [UInt8], to destination: Int) throws
  /// Waits for the next message of `source`.
  func receive(from source: Int) throws -> [UInt8]

  /// A group of the same ranks whose messages never meet this group's; collective.
  func duplicate() throws -> any Communicator
  /// The group of all ranks that give the same `color`, ordered by `key`, ties by rank; `nil` for those that give `nil`.
  ///
  /// Collective.
  func split(color: Int?, key: Int) throws -> (any Communicator)?

  /// Ends every rank of the program at once, with `exitCode`. Never collective.
  func abort(exitCode: Int32) -> Never
}
