// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Synchronization

/// The text of a compressed file that consists of many frames, read at any place: the frames that are wanted are unpacked.
///
/// Each thread unpacks frames of its own. Where two want the same, one unpacks it and the other one that will be wanted next.
final class FramedText: TextSource {
  let name: String
  /// The size of the text.
  let byteCount: Int
  let memory: MemoryGuard?

  private let file: InputFile
  private let index: FrameIndex
  private let unpacking: FrameUnpacking
  private let kept = Mutex(KeptFrames())
  private let keptByteCount: Int

  /// The text of a frame, once somebody has unpacked it.
  private final class Slot: Sendable {
    let text = Mutex<[UInt8]?>(nil)
  }

  /// The frames that were wanted last.
  private struct KeptFrames: Sendable {
    var slots: [Int: (slot: Slot, lastUse: Int)] = [:]
    var byteCount = 0
    var useCount = 0
  }

  /// Finds the frames of a file; `nil` if it must be read from its beginning.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - byteCount: Its size.
  ///   - method: How it is compressed.
  ///   - keptByteCount: The most bytes of unpacked text to keep, as long as a frame or two have fewer.
  ///   - largestFrame: The most bytes of text that a frame may have.
  ///   - memory: What watches the memory that rows take.
  /// - Throws: `LockstepError`: `.noInput` if it cannot be read, `.unsupported` if the library for it is not here.
  init?(
    _ file: InputFile, byteCount: Int, _ method: Decompression.Method, keptByteCount: Int = 1 << 26,
    largestFrame: Int = .max, memory: MemoryGuard = MemoryGuard()
  ) throws {
    guard let index = try FrameIndex(file, byteCount: byteCount, method, largestFrame: largestFrame) else { return nil }
    self.file = file
    self.index = index
    self.keptByteCount = keptByteCount
    self.memory = memory
    name = file.name
    self.byteCount = index.textByteCount
    do {
      unpacking = try FrameUnpacking(method)
    } catch var error as LockstepError {
      error.place = .init(file: file.name)
      throw error
    }
  }

  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    guard offset < byteCount else { return 0 }
    var filled = 0
    var number = index.number(at: offset)
    while filled < buffer.count, number < index.frames.count {
      let start = offset + filled - index.frames[number].textStart
      let count = min(index.textCount(number) - start, buffer.count - filled)
      try text(of: number).withUnsafeBytes { text in
        UnsafeMutableRawBufferPointer(rebasing: buffer[filled...])
          .copyMemory(from: UnsafeRawBufferPointer(rebasing: text[start..<start + count]))
      }
      filled += count
      number += 1
    }
    return filled
  }

  /// The text of a frame.
  private func text(of number: Int) throws -> [UInt8] {
    let slot = slot(number)
    if let text = try slot.text.withLockIfAvailable({ try unpack(number, into: &$0) }) { return text }
    unpackAhead(of: number)
    return try slot.text.withLock { try unpack(number, into: &$0) }
  }

  /// Unpacks the first frame behind another that nobody has unpacked, of those that will be kept.
  private func unpackAhead(of number: Int) {
    var byteCount = index.textCount(number)
    for next in index.frames.indices[(number + 1)...] {
      byteCount += index.textCount(next)
      guard byteCount <= keptByteCount / 2 else { return }
      let isDone = slot(next).text.withLockIfAvailable { text in
        guard text == nil else { return false }
        // Whoever wants the frame will meet what is wrong with it.
        _ = try? unpack(next, into: &text)
        return true
      }
      if isDone == true { return }
    }
  }

  /// Where a frame's text belongs, in place of those that were not wanted for the longest time.
  private func slot(_ number: Int) -> Slot {
    kept.withLock { kept in
      kept.useCount += 1
      if let slot = kept.slots[number]?.slot {
        kept.slots[number]?.lastUse = kept.useCount
        return slot
      }
      kept.byteCount += index.textCount(number)
      if kept.byteCount > keptByteCount {
        // Several at a time, so that there is not always one to look for. The end of a frame and the beginning of the next are often
        // wanted together: one always stays.
        for (oldest, _) in kept.slots.sorted(by: { $0.value.lastUse < $1.value.lastUse }).dropLast() {
          guard kept.byteCount > keptByteCount / 4 * 3 else { break }
          kept.slots[oldest] = nil
          kept.byteCount -= index.textCount(oldest)
        }
      }
      let slot = Slot()
      kept.slots[number] = (slot, kept.useCount)
      return slot
    }
  }

  private func unpack(_ number: Int, into text: inout [UInt8]?) throws -> [UInt8] {
    if let text { return text }
    let place = index.frames[number].packed
    let packed: [UInt8] = try Array(unsafeUninitializedCapacity: place.count) { buffer, count in
      let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<place.count])
      count = try file.read(at: place.lowerBound, into: room)
    }
    guard packed.count == place.count else {
      throw LockstepError(
        .malformedInput, "the file became shorter while it was read", remedy: "wait until it is written completely",
        place: .init(file: name))
    }
    let textCount = index.textCount(number)
    let unpacked = try [UInt8](unsafeUninitializedCapacity: textCount) { buffer, count in
      let room = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<textCount])
      try packed.withUnsafeBytes { try unpacking.unpack($0, into: room, name: name) }
      count = textCount
    }
    text = unpacked
    return unpacked
  }
}
