// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepMPI

@Suite struct MessageFrameTests {
  @Test(arguments: [0, 1, 65_536, 65_537, 1 << 31 + 10, 1 << 47])
  func aLengthComesBackFromItsPrefix(count: Int) throws {
    let prefix = withUnsafeBytes(of: MessageFrame.prefix(byteCount: count), Array.init)
    #expect(prefix.count == MessageFrame.prefixByteCount)
    let lengthBack = try prefix.withUnsafeBytes { try MessageFrame.byteCount(ofMessageIn: $0) }
    #expect(lengthBack == count)
  }

  @Test(arguments: [0, 5, UInt64.max, 0x4C4C_0000_0000_0001])
  func aForeignMessageIsNoticed(prefix: UInt64) {
    #expect(throws: LockstepError.self) {
      try withUnsafeBytes(of: prefix.littleEndian) { try MessageFrame.byteCount(ofMessageIn: $0) }
    }
  }

  @Test(arguments: [0, 1, 65_535, 65_536])
  func aSmallMessageIsOnePiece(count: Int) {
    #expect(MessageFrame.pieces(byteCount: count).isEmpty)
  }

  @Test(arguments: [65_537, 5_000_000, 1 << 28, 1 << 28 + 65_536, 1 << 28 + 65_537, 1 << 31 + 10])
  func thePiecesOfALargeMessageCoverItAndFitACInt(count: Int) {
    let pieces = MessageFrame.pieces(byteCount: count)
    #expect(pieces.first?.lowerBound == MessageFrame.firstByteCount && pieces.last?.upperBound == count)
    #expect(pieces.allSatisfy { !$0.isEmpty && Int32(exactly: $0.count) != nil })
    for (piece, next) in zip(pieces, pieces.dropFirst()) { #expect(piece.upperBound == next.lowerBound) }
  }

  @Test func integersComeBackFromTheirBytes() throws {
    let integers = [0, -1, .max, .min, 42]
    #expect(try Integers.integers(of: Integers.bytes(of: integers), count: 5) == integers)
    #expect(throws: LockstepError.self) { try Integers.integers(of: [1, 2, 3], count: 1) }
  }
}
