// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where the thread of a process hears that answers for it.
struct PeerContact: Sendable, Hashable {
  /// A number drawn by the process: who does not know it gets no answer.
  var token: UInt64
  var port: UInt16
  /// The addresses of its machine, in numbers.
  var addresses: [String]

  /// Without blanks.
  var text: String { "\(token)/\(port)/\(addresses.joined(separator: ","))" }

  init(token: UInt64, port: UInt16, addresses: [String]) {
    self.token = token
    self.port = port
    self.addresses = addresses
  }

  /// Reads ``text``.
  init?(text: some StringProtocol) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 3, let token = UInt64(parts[0]), let port = UInt16(parts[1]) else { return nil }
    self.init(token: token, port: port, addresses: parts[2].split(separator: ",").map { String($0) })
  }
}

/// What the threads of processes tell one another.
struct PeerDatagram: Equatable {
  enum Kind: Int {
    /// Are you there?
    case question
    /// This process is.
    case answer
    /// A process is lost.
    case loss
  }

  /// The receiver's number, or of an answer that of its sender.
  var token: UInt64
  var kind: Kind
  /// Of a question and its answer: which of the receiver's addresses was asked; of a loss: the number of the lost process.
  var subject: UInt64
  /// Of a loss: for how many seconds there was no answer; 0 if the process is gone from a machine that answers.
  var seconds: Int

  static let byteCount = 32

  var bytes: [UInt8] {
    Integers.bytes(of: [Int(bitPattern: UInt(token)), kind.rawValue, Int(bitPattern: UInt(subject)), seconds])
  }

  init(token: UInt64, kind: Kind, subject: UInt64, seconds: Int = 0) {
    self.token = token
    self.kind = kind
    self.subject = subject
    self.seconds = seconds
  }

  /// Reads ``bytes``; `nil` for anything else, which may come from anywhere.
  init?(bytes: [UInt8]) {
    guard let values = try? Integers.integers(of: bytes, count: 4), let kind = Kind(rawValue: values[1]) else {
      return nil
    }
    self.init(
      token: UInt64(UInt(bitPattern: values[0])), kind: kind, subject: UInt64(UInt(bitPattern: values[2])),
      seconds: values[3])
  }
}
