// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One rank alone: the default, for which nothing else need be installed.
public struct SoloCommunicator: Communicator {
  /// Creates the group of one.
  public init() {}

  /// Always 0.
  public var rank: Int { 0 }
  /// Always 1.
  public var size: Int { 1 }
  /// Always 1.
  public var localSize: Int { 1 }

  /// Traps: there is no other rank.
  public func send(_ bytes: [UInt8], to destination: Int) throws {
    preconditionFailure("a group of one has no rank \(destination) to send to")
  }

  /// Traps: there is no other rank.
  public func receive(from source: Int) throws -> [UInt8] {
    preconditionFailure("a group of one has no rank \(source) to receive from")
  }

  /// Another group of one.
  public func duplicate() throws -> any Communicator { SoloCommunicator() }

  /// Another group of one, or `nil` for `nil`.
  public func split(color: Int?, key: Int) throws -> (any Communicator)? { color == nil ? nil : SoloCommunicator() }

  /// Ends the process with `exitCode`.
  public func abort(exitCode: Int32) -> Never { exit(exitCode) }
}
