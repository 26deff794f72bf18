// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// What a rank contributes to a collective: a value, or the failure that kept it from making one.
///
/// A failure absorbs whatever it meets, so it reaches every rank in the messages that the data would have used. Where
/// several ranks fail at once, the lowest rank's failure is the one that all ranks throw.
enum Contribution<Value: Codable & Sendable>: Sendable {
  case value(Value)
  case failed(LockstepError)

  init(rank: Int, of size: Int, _ body: () throws -> Value) {
    do {
      let value = try body()
      try LateFailure.check()
      self = .value(value)
    } catch {
      let failure = LockstepError(wrapping: error)
      self = .failed(size > 1 ? failure.seen(byRank: rank) : failure)
    }
  }

  func get() throws -> Value {
    switch self {
    case .value(let value): return value
    case .failed(let failure): throw failure
    }
  }

  /// One tag byte, then the packed value: the value's bytes are not wrapped a second time.
  ///
  /// A wish that the checkpoint be written, of which the first rank must learn, goes along if `tellsWish`.
  func packed(tellsWish: Bool = false) throws -> [UInt8] {
    let wish: UInt8 = tellsWish && SavingRequest.takeForOutputs() ? ContributionTag.wish : 0
    return switch self {
    case .value(let value): try [wish] + PackedEncoder().encode(value)
    case .failed(let failure): try [ContributionTag.failure | wish] + PackedEncoder().encode(failure)
    }
  }

  init(unpacking bytes: [UInt8]) throws {
    guard let tag = bytes.first, tag <= ContributionTag.failure | ContributionTag.wish else {
      throw LockstepError.malformedMessage(byteCount: bytes.count)
    }
    if tag & ContributionTag.wish != 0 { SavingRequest.requestOutputs() }
    let content = Array(bytes.dropFirst())
    self =
      tag & ContributionTag.failure == 0
      ? .value(try PackedDecoder().decode(from: content)) : .failed(try PackedDecoder().decode(from: content))
  }
}

/// The bits of a contribution's first byte.
private enum ContributionTag {
  static let failure: UInt8 = 1
  static let wish: UInt8 = 2
}
