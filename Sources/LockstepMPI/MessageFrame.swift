// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// How a message of any length is cut for MPI, whose counts are C `int`.
///
/// First one MPI message with a prefix of 8 bytes and up to 64 KiB of the payload, into a buffer of fixed size on the
/// receiver's side; then the rest, if any, in pieces. So a small message is one MPI message, and no length needs a probe.
enum MessageFrame {
  static let prefixByteCount = 8
  /// The payload of the first MPI message at most.
  static let firstByteCount = 64 << 10
  /// The buffer that any first MPI message fits into.
  static let bufferByteCount = prefixByteCount + firstByteCount
  /// A piece of the rest at most.
  ///
  /// Larger ones are no faster.
  static let pieceByteCount = 1 << 28

  /// In the top 16 bits of the prefix, so that a foreign or misread message is noticed; the length has the other 48.
  private static let mark: UInt64 = 0x4C4B << 48
  private static let lengthMask: UInt64 = 1 << 48 - 1

  /// The prefix of a message of `byteCount` bytes.
  static func prefix(byteCount: Int) -> UInt64 { (mark | UInt64(byteCount)).littleEndian }

  /// The length of the message that `buffer` begins with.
  static func byteCount(ofMessageIn buffer: UnsafeRawBufferPointer) throws -> Int {
    let prefix = UInt64(littleEndian: buffer.loadUnaligned(as: UInt64.self))
    guard prefix & ~lengthMask == mark else {
      throw LockstepError(
        .communication, "a message does not begin as one of this library's",
        remedy: "check that all processes run the same build")
    }
    return Int(prefix & lengthMask)
  }

  /// The ranges of the payload that follow the first MPI message.
  static func pieces(byteCount: Int) -> [Range<Int>] {
    stride(from: firstByteCount, to: byteCount, by: pieceByteCount).map { $0..<min($0 + pieceByteCount, byteCount) }
  }
}
