// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Compressed CSV, made by the system's own commands.
struct DecompressionTests {
  static let commands = ["gzip", "zstd", "bzip2", "xz"].filter { name in
    ["/bin/\(name)", "/usr/bin/\(name)"].contains { FileManager.default.isExecutableFile(atPath: $0) }
  }
  static let text =
    "a,b\n" + (0..<70_000).map { "\($0),\(Double($0 * $0 % 1009) / 8)\n" }.joined()

  /// The text as a file, compressed by a command.
  static func compressed(_ command: String, _ text: String, in directory: TemporaryDirectory) throws -> String {
    let path = try directory.write(text)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [command, "-q", "-k", "-f", path]
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return path + (["gzip": ".gz", "zstd": ".zst", "bzip2": ".bz2", "xz": ".xz"][command] ?? "")
  }

  private func read(_ path: String, _ shard: FileShard = .whole) throws -> LoadedRows<Double> {
    try DataReading<Double>([DataPart(path, shard: shard)]).resolved()
  }

  @Test(arguments: commands) func readsWhatTheTextHolds(_ command: String) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.compressed(command, Self.text, in: directory)
    let expected = try read(try directory.write(Self.text, to: "plain.csv"))
    let found = try read(path)
    #expect(found.columnNames == ["a", "b"] && found.rowCount == 70_000)
    #expect(found.table.nested == expected.table.nested)
    // Whoever shares the file leaves it to the first.
    let parts = try (0..<3).map { try read(path, FileShard(index: $0, count: 3)) }
    #expect(parts.map(\.rowCount) == [70_000, 0, 0] && parts.allSatisfy { $0.columnCount == 2 })
  }

  @Test(arguments: commands) func readsOnePartAfterTheOther(_ command: String) throws {
    let directory = try TemporaryDirectory()
    let first = try Data(contentsOf: URL(fileURLWithPath: Self.compressed(command, "1,2\n3,4", in: directory)))
    let second = try Data(contentsOf: URL(fileURLWithPath: Self.compressed(command, "5\n6,7\n", in: directory)))
    let path = try directory.write(first + second, to: "joined")
    #expect(try read(path).table.nested == [[1, 2], [3, 45], [6, 7]])
  }

  @Test(arguments: commands) func saysWhatIsWrong(_ command: String) throws {
    let directory = try TemporaryDirectory()
    let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: Self.compressed(command, Self.text, in: directory))))
    func failure(_ bytes: [UInt8]) throws -> LockstepError? {
      let path = try directory.write(bytes, to: "bad")
      return #expect(throws: LockstepError.self) { try read(path) }
    }
    #expect(try failure(Array(bytes.prefix(bytes.count / 2)))?.message == "the compressed file is cut off")
    var damaged = bytes
    for i in 0..<64 { damaged[bytes.count / 2 + i] ^= 0x5A }
    #expect(try failure(damaged)?.code == .malformedInput)
    #expect(try failure(Array(bytes.prefix(8)))?.code == .malformedInput)
    let wrong = try Self.compressed(command, "1,2\n3,x\n", in: directory)
    let error = #expect(throws: LockstepError.self) { try read(wrong) }
    #expect(error?.place?.line == 2 && error?.place?.column == 2)
  }

  @Test func textsMayBeginLikeACompressedFile() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("xyz,BZ\n1,2\n")
    #expect(try read(path).columnNames == ["xyz", "BZ"])
    for size in 0..<10 { #expect(!Bzip2Decoder.isHead(Array("BZh91AY&SY".utf8.prefix(size)))) }
    #expect(Bzip2Decoder.isHead(Array("BZh91AY&SY".utf8)))
  }

  @Test(arguments: commands.filter { $0 == "gzip" || $0 == "zstd" }) func aBombOfZerosIsAnError(_ command: String)
    throws
  {
    let directory = try TemporaryDirectory()
    let zeros = String(repeating: "\0", count: 1 << 27)
    let path = try Self.compressed(command, zeros, in: directory)
    let error = #expect(throws: LockstepError.self) { try read(path) }
    #expect(error?.code == .malformedInput)
    // After a good first row, what has no line end is refused long before it fills the memory.
    let row = try Self.compressed(command, "1,2\n" + zeros + zeros + zeros, in: directory)
    let later = #expect(throws: LockstepError.self) { try read(row) }
    #expect(later?.message.hasPrefix("a row has more than") == true)
  }
}
