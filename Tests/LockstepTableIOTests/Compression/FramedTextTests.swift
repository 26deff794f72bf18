// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Foundation
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Compressed files of many frames, cut wherever it hurts.
struct FramedTextTests {
  static let hasZstd = DecompressionTests.commands.contains("zstd")
  static let text =
    "a,\"b\nc\",d\n"
    + (0..<4_000).map { $0 % 97 == 5 ? "\($0),,\"x\n,y\n\"\n" : "\($0),\(Double($0 * $0 % 1009) / 8),\"p\nq\"\n" }
    .joined()
  static let options = ReadOptions(
    columns: ColumnSelection(numbers: [0, 1]), label: ColumnSelection(numbers: [2]), missing: .skipRow)

  /// A way to make a file of many frames.
  enum Method: CaseIterable, CustomTestStringConvertible {
    case blocks
    case frames
    case seekable

    var testDescription: String { "\(self)" }

    static var here: [Method] { FramedTextTests.hasZstd ? allCases : [.blocks] }

    func packed(_ pieces: [[UInt8]], in directory: TemporaryDirectory) throws -> [UInt8] {
      switch self {
      case .blocks: return FramedTextTests.bgzf(pieces)
      case .frames:
        let frames = try pieces.map { try FramedTextTests.zstd($0, knowsSize: true, in: directory) }
        return Array(frames.joined(separator: FramedTextTests.skippable(0x53, Array("not text".utf8))))
      case .seekable:
        let frames = try pieces.map { try FramedTextTests.zstd($0, knowsSize: false, in: directory) }
        var table: [UInt8] = []
        for (frame, piece) in zip(frames, pieces) {
          table += FramedTextTests.bytes(frame.count, 4) + FramedTextTests.bytes(piece.count, 4)
        }
        table += FramedTextTests.bytes(frames.count, 4) + [0] + FramedTextTests.bytes(0x8F92_EAB1, 4)
        return frames.joined() + FramedTextTests.skippable(0x5E, table)
      }
    }
  }

  static func bytes(_ value: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  static func skippable(_ kind: UInt8, _ content: [UInt8]) -> [UInt8] {
    [kind, 0x2A, 0x4D, 0x18] + bytes(content.count, 4) + content
  }

  /// A frame of zstd; its size is unknown to the command where the text comes through a pipe.
  static func zstd(_ text: [UInt8], knowsSize: Bool, in directory: TemporaryDirectory) throws -> [UInt8] {
    let path = try directory.write(text, to: "piece")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", knowsSize ? "zstd -q -c '\(path)'" : "cat '\(path)' | zstd -q -c"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let packed = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return [UInt8](packed)
  }

  /// Blocks of BGZF with the text as it is (deflate's stored blocks), and the empty block at the end.
  static func bgzf(_ pieces: [[UInt8]]) -> [UInt8] {
    var file: [UInt8] = []
    for piece in pieces + [[]] {
      let deflated: [UInt8] = [1] + bytes(piece.count, 2) + bytes(~piece.count, 2) + piece
      let crc = piece.withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) }
      let blockCount = 12 + 11 + deflated.count + 8
      file += [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 255, 11, 0]
      // An extra field of somebody else's comes first.
      file += [0x58, 0x59, 1, 0, 7, 0x42, 0x43, 2, 0]
      file += bytes(blockCount - 1, 2)
      file += deflated
      file += bytes(Int(crc), 4)
      file += bytes(piece.count, 4)
    }
    return file
  }

  /// Pieces of a text, some of them of a byte or none.
  static func pieces(_ text: String, byteCount: Int) -> [[UInt8]] {
    let bytes = Array(text.utf8)
    let pieces = stride(from: 3, to: bytes.count, by: byteCount).map {
      Array(bytes[$0..<min($0 + byteCount, bytes.count)])
    }
    return [[bytes[0]], Array(bytes[1..<3]), []] + pieces
  }

  /// Reads a file in parts, as processes would.
  static func read(_ path: String, _ options: ReadOptions, count: Int) throws -> (rows: LoadedParts, counts: [Int]) {
    let readings = try (0..<count).map {
      try DataReading<Double>([DataPart(path, shard: FileShard(index: $0, count: count))], options: options)
    }
    var (parts, counts, quoteCount) = (LoadedParts(), [Int](), 0)
    for reading in readings {
      let loaded = try reading.resolved(startingInsideQuotes: quoteCount % 2 == 1)
      quoteCount += reading.quoteCount
      parts.rows += loaded.table.nested.map { $0.map(\.bitPattern) }
      parts.skippedRowCount += loaded.skippedRowCount
      parts.labels += (0..<loaded.rowCount).compactMap { i in loaded.labels.map { "\($0[i])" } }
      counts.append(loaded.rowCount)
    }
    return (parts, counts)
  }

  struct LoadedParts: Equatable {
    var rows: [[UInt64]] = []
    var labels: [String] = []
    var skippedRowCount = 0
  }

  @Test(arguments: Method.here, [1, 2]) func hasTheRowsOfThePlainText(_ method: Method, threadCount: Int) throws {
    let directory = try TemporaryDirectory()
    var options = Self.options
    options.threadCount = threadCount
    options.pieceByteCount = 1000
    let plain = try directory.write(Self.text, to: "plain.csv")
    let packed = try directory.write(
      try method.packed(Self.pieces(Self.text, byteCount: 3001), in: directory), to: "packed")
    for count in 1...5 {
      let expected = try Self.read(plain, options, count: count)
      let found = try Self.read(packed, options, count: count)
      #expect(found.rows == expected.rows && found.counts == expected.counts)
      #expect(found.rows.rows.count > 3900 && found.rows.skippedRowCount > 30 && !found.counts.contains(0))
    }
  }

  @Test(arguments: Method.here) func givesTheTextOfAnyPlace(_ method: Method) throws {
    let directory = try TemporaryDirectory()
    let text = Array(Self.text.utf8)
    let bytes = try method.packed(Self.pieces(Self.text, byteCount: 2000), in: directory)
    let file = try InputFile(try directory.write(bytes, to: "packed"))
    let found = try FramedText(
      file, byteCount: bytes.count, method == .blocks ? .gzip : .zstd, keptByteCount: 5000)
    let framed = try #require(found)
    #expect(framed.byteCount == text.count)
    var generator = SeededGenerator(seed: 7)
    for _ in 0..<200 {
      let start = Int.random(in: 0...text.count, using: &generator)
      let count = Int.random(in: 0...7000, using: &generator)
      let read = try [UInt8](unsafeUninitializedCapacity: count + 1) { buffer, filled in
        filled = try framed.read(
          at: start, into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<count]))
      }
      #expect(read == Array(text[start..<min(start + count, text.count)]))
    }
    #expect(try framed.lineEndCount(before: text.count) == text.count { $0 == 0x0A })
  }

  @Test(arguments: Method.here) func namesTheLineOfAnError(_ method: Method) throws {
    let directory = try TemporaryDirectory()
    let text = (0..<999).map { "\($0),1\n" }.joined() + "1,x\n"
    let packed = try directory.write(try method.packed(Self.pieces(text, byteCount: 500), in: directory), to: "packed")
    for count in 1...3 {
      let error = #expect(throws: LockstepError.self) { try Self.read(packed, ReadOptions(), count: count) }
      #expect(error?.place?.line == 1000 && error?.place?.column == 2 && error?.place?.file == packed)
    }
  }

  @Test(arguments: Method.here) func damageIsAnErrorInWords(_ method: Method) throws {
    let directory = try TemporaryDirectory()
    let bytes = try method.packed(Self.pieces(Self.text, byteCount: 9000), in: directory)
    let expected = try Self.read(try directory.write(bytes, to: "whole"), Self.options, count: 1).rows
    var options = Self.options
    options.threadCount = 2
    options.pieceByteCount = 4096
    var generator = SeededGenerator(seed: 3)
    var damages = (1...20).map { Array(bytes.prefix(bytes.count * $0 / 21)) }
    for i in 0..<150 {
      var damaged = bytes
      // The headers at the beginning and the end have the most to say.
      let place =
        i < 60 ? i : i < 100 ? bytes.count - 1 - (i - 60) : Int.random(in: 0..<bytes.count, using: &generator)
      damaged[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      damages.append(damaged)
    }
    var errorCount = 0
    for damaged in damages {
      let path = try directory.write(damaged, to: "damaged")
      for count in [1, 3] {
        do {
          let found = try Self.read(path, options, count: count).rows
          // Only what nobody looks at may be different: times, skipped frames, where a file could be cut between two frames.
          #expect(found == expected || damaged.count < bytes.count)
        } catch let error as LockstepError {
          #expect([.malformedInput, .noInput, .usage].contains(error.code), "\(error)")
          errorCount += 1
        }
      }
    }
    #expect(errorCount > damages.count)
  }

  @Test func aFrameOfAnotherSizeThanItClaimsIsDamaged() throws {
    let directory = try TemporaryDirectory()
    let block = Self.bgzf([Array("1,2\n3,4\n".utf8)]).dropLast(Self.bgzf([]).count)
    for claimed in [7, 9, 65_536] {
      let path = try directory.write(Self.bgzf([Array("5,6\n".utf8)]) + block.dropLast(4) + Self.bytes(claimed, 4))
      let error = #expect(throws: LockstepError.self) { try Self.read(path, ReadOptions(), count: 1) }
      #expect(error?.code == .malformedInput && error?.message == "the compressed file is damaged")
    }
    // An empty block whose text is there all the same is no piece: the file is read as a stream, which sees it.
    let path = try directory.write(Self.bgzf([Array("5,6\n".utf8)]) + block.dropLast(4) + [0, 0, 0, 0])
    #expect(throws: LockstepError.self) { try Self.read(path, ReadOptions(), count: 1) }
  }

  @Test func whatIsOneFrameIsReadByOne() throws {
    let directory = try TemporaryDirectory()
    let rows = Array("1,2\n3,4\n5,6\n".utf8)
    var files = [Self.bgzf([rows]), Self.bgzf([rows, []])]
    if Self.hasZstd {
      files.append(try Self.zstd(rows, knowsSize: true, in: directory))
      let unsized = try Self.zstd(rows, knowsSize: false, in: directory)
      // As pzstd writes them: frames that tell no size, with others between them that tell where they end.
      files.append(Self.skippable(0x50, Self.bytes(unsized.count, 4)) + unsized)
    }
    for bytes in files {
      let found = try Self.read(try directory.write(bytes), ReadOptions(), count: 3).counts
      #expect(found == [3, 0, 0])
    }
  }

  @Test func memoryThatIsNotThereIsNotTaken() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.write("MemAvailable: \(100 << 10) kB\n", to: "meminfo")
    // 10 million numbers take 76 MiB.
    let rows = Array(repeatElement(Array("0\n".utf8), count: 30_000).joined())
    let bytes = Self.bgzf(Array(repeating: rows, count: 334))
    let file = try InputFile(try directory.write(bytes))
    let memory = MemoryGuard(AvailableMemory(processes: directory.path, groups: directory.path))
    let text = try #require(try FramedText(file, byteCount: bytes.count, .gzip, memory: memory))
    let error = #expect(throws: LockstepError.self) {
      try CSVReading<Double>(file: text, byteCount: text.byteCount, options: ReadOptions(threadCount: 2), shard: .whole)
    }
    #expect(error?.code == .outOfMemory)
  }
}
