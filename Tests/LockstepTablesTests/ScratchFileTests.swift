// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

struct ScratchFileTests {
  @Test func whatIsStoredComesBack() throws {
    let file = try ScratchFile()
    var places: [(offset: Int, numbers: [Double])] = []
    for count in [1, 0, 700, 3] {
      let numbers = (0..<count).map { Double($0) + Double(count) / 8 }
      let half = count / 2
      let offset = try numbers.withUnsafeBytes { bytes in
        try file.append([
          UnsafeRawBufferPointer(rebasing: bytes[..<(8 * half)]),
          UnsafeRawBufferPointer(rebasing: bytes[(8 * half)...]),
        ])
      }
      places.append((offset, numbers))
    }
    for (offset, numbers) in places {
      let found = try file.elements(at: offset, count: numbers.count, of: Double.self)
      #expect(Array(found.elements) == numbers)
    }
  }

  @Test func roomThatIsReleasedKeepsWhatWasWritten() throws {
    let file = try ScratchFile()
    let room = try file.room(at: try file.reserve(80_000), count: 10_000, of: Int.self)
    for i in 0..<10_000 { room.elements[i] = i }
    room.release()
    #expect((0..<10_000).allSatisfy { room.elements[$0] == $0 })
  }

  @Test func aDirectoryThatCannotBeWrittenToIsNamed() {
    do {
      _ = try ScratchFile(in: "/nowhere/at all")
      Issue.record("a file was made in a directory that is not there")
    } catch let error as LockstepError {
      #expect(error.code == .outputFailed && error.description.contains("/nowhere/at all"))
    } catch { Issue.record(error) }
  }

  @Test func amountsOfMemory() throws {
    for (text, byteCount) in [
      ("512M", 512 << 20), ("2G", 2 << 30), ("1.5GiB", 3 << 29), ("100000000", 100_000_000), ("131072KB", 1 << 27),
      ("67108864B", 1 << 26),
    ] {
      #expect(try MemoryLimit(parsing: text).byteCount == byteCount, "\(text)")
    }
    for text in ["", "M", "12Q", "-1G", "1M", "1e30T", "5 G", "0x10M", "1GG"] {
      #expect(throws: LockstepError.self, "\(text)") { try MemoryLimit(parsing: text) }
    }
  }
}
