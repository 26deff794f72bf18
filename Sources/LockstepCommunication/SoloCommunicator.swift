// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One rank alone: the default, for which nothing else need be installed.
public struct SoloCommunicator: Communicator {
  /// Creates the group of one.
  public init() {}

  public var rank: Int { 0 }
  public var size: Int { 1 }
  public var localSize: Int { 1 }

  public func send(_ bytes: [UInt8], to destination: Int) throws {
    preconditionFailure("a group of one has no rank \(destination) to send to")
  }
  public func receive(from source: Int) throws -> [UInt8] {
    preconditionFailure("a group of one has no rank \(source) to receive from")
  }
  public func duplicate() throws -> any Communicator { SoloCommunicator() }
  public func split(color: Int?, key: Int) throws -> (any Communicator)? { color == nil ? nil : SoloCommunicator() }
  public func abort(exitCode: Int32) -> Never { exit(exitCode) }
}
