// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// One rank alone: the default, for which nothing else need be installed.
public struct SoloCommunicator: Communicator {
  /// What the rank has sent to itself.
  private final class Mail: Sendable {
    let messages = Mutex<[[UInt8]]>([])
  }

  private let mail = Mail()

  /// Creates the group of one.
  public init() {}

  /// Always 0.
  public var rank: Int { 0 }
  /// Always 1.
  public var size: Int { 1 }
  /// Always 1.
  public var localSize: Int { 1 }

  /// Keeps `bytes` for the rank itself: there is no other.
  public func send(_ bytes: [UInt8], to destination: Int) throws {
    precondition(destination == 0, "rank \(destination) is not in a group of 1")
    mail.messages.withLock { $0.append(bytes) }
  }

  /// The next message that the rank has sent to itself.
  ///
  /// - Throws: `LockstepError` with code `.communication` if there is none: nobody could send it.
  public func receive(from source: Int) throws -> [UInt8] {
    precondition(source == 0, "rank \(source) is not in a group of 1")
    return try mail.messages.withLock { messages in
      guard !messages.isEmpty else { throw LockstepError.deadlock([0]) }
      return messages.removeFirst()
    }
  }

  /// Another group of one.
  public func duplicate() throws -> any Communicator { SoloCommunicator() }

  /// Another group of one, or `nil` for `nil`.
  public func split(color: Int?, key: Int) throws -> (any Communicator)? { color == nil ? nil : SoloCommunicator() }

  /// Ends the process with `exitCode`.
  public func abort(exitCode: Int32) -> Never { exit(exitCode) }
}
