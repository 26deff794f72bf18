// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

extension Communicator {
  /// Sends `bytes` of rank 0 to every rank, along a binomial tree; collective.
  ///
  /// What other ranks pass in is not looked at.
  ///
  /// - Complexity: ⌈log₂ P⌉ messages on the longest path.
  public func broadcast(_ bytes: [UInt8]) throws -> [UInt8] {
    var bytes = bytes
    var bit = 1
    if rank != 0 {
      // The highest set bit of a rank is the step at which it receives.
      while bit << 1 <= rank { bit <<= 1 }
      bytes = try receive(from: rank - bit)
      bit <<= 1
    }
    while bit < size {
      if rank + bit < size { try send(bytes, to: rank + bit) }
      bit <<= 1
    }
    return bytes
  }

  /// Every rank's bytes, in rank order, on rank 0, and an empty array elsewhere; collective.
  ///
  /// Along the same tree as ``broadcast(_:)``, so that rank 0 receives ⌈log₂ P⌉ messages, not P.
  public func gather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    var parts = [bytes]
    var bit = 1
    while bit < size {
      if rank & bit != 0 {
        try send(Self.frame(parts), to: rank - bit)
        return []
      }
      if rank + bit < size { parts += try Self.unframe(try receive(from: rank + bit)) }
      bit <<= 1
    }
    return parts
  }

  /// Every rank's bytes, in rank order, on every rank; collective.
  public func allGather(_ bytes: [UInt8]) throws -> [[UInt8]] {
    let parts = try gather(bytes)
    return try Self.unframe(try broadcast(rank == 0 ? Self.frame(parts) : []))
  }

  /// Returns on no rank before every rank has called it; collective.
  public func barrier() throws { _ = try allGather([]) }

  private static func frame(_ parts: [[UInt8]]) -> [UInt8] {
    var framed: [UInt8] = []
    framed.reserveCapacity(parts.reduce(8) { $0 + 8 + $1.count })
    append(parts.count, to: &framed)
    for part in parts {
      append(part.count, to: &framed)
      framed += part
    }
    return framed
  }

  private static func append(_ value: Int, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: Int64(value).littleEndian) { bytes.append(contentsOf: $0) }
  }

  private static func unframe(_ framed: [UInt8]) throws -> [[UInt8]] {
    var position = 0
    func next() throws -> Int {
      guard framed.count - position >= 8 else { throw LockstepError.truncatedMessage(byteCount: framed.count) }
      defer { position += 8 }
      return framed.withUnsafeBytes {
        Int(Int64(littleEndian: $0.loadUnaligned(fromByteOffset: position, as: Int64.self)))
      }
    }
    var parts: [[UInt8]] = []
    let partCount = try next()
    guard partCount >= 0 else { throw LockstepError.truncatedMessage(byteCount: framed.count) }
    for _ in 0..<partCount {
      let count = try next()
      guard count >= 0, framed.count - position >= count else {
        throw LockstepError.truncatedMessage(byteCount: framed.count)
      }
      parts.append(Array(framed[position..<position + count]))
      position += count
    }
    return parts
  }
}

extension LockstepError {
  /// A message that ends before what it announces.
  static func truncatedMessage(byteCount: Int) -> LockstepError {
    LockstepError(
      .communication, "a message of \(byteCount) bytes ends before what it announces",
      remedy: "check that all processes run the same build")
  }
}
