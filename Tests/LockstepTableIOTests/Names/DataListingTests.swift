// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Testing

@testable import LockstepTableIO

/// Files as one process lists them, and another one sees them.
@Suite struct DataListingTests {
  private let directory: TemporaryDirectory
  private let path: String
  private let listing: DataListing
  private static let lines = (0..<3000).map { "\($0),\($0 % 7)\n" }

  init() throws {
    directory = try TemporaryDirectory()
    path = try directory.write(Self.lines.joined())
    listing = try #require(try DataNames.listing(of: .names([path]), processCount: 2))
  }

  /// What rank 1 of 2 finds when it holds its part against the listing.
  private func seen() throws -> [GrownFile] { try GrownFile.check(listing.parts(rank: 1, size: 2), rank: 1) }

  private func append(_ text: String) throws {
    let file = try #require(fopen(path, "a"))
    fputs(text, file)
    fclose(file)
  }

  @Test func theSameFileIsAccepted() throws {
    #expect(try seen().isEmpty)
    #expect(try listing.parts(rank: 1, size: 2) == [DataPart(path, shard: FileShard(index: 1, count: 2))])
  }

  @Test func aGrowingFileIsReadUpToTheListedSize() throws {
    try append("1,2\n3,4\n")
    let grown = try seen()
    #expect(grown.count == 1)
    // Rank 0 sees the new size by now, as it does of a file that grows.
    try GrownFile.check(grown)
    let rows = try (0..<2).map { try DataReading<Double>(listing.parts(rank: $0, size: 2)).resolved().rowCount }
    #expect(rows.reduce(0, +) == Self.lines.count)
  }

  @Test func aRowThatIsBeingWrittenIsNoRow() throws {
    let size = Self.lines.joined().utf8.count
    try #require(truncate(path, size - 2) == 0)
    let cut = try #require(try DataNames.listing(of: .names([path]), processCount: 2))
    try append("55\n")
    let error = #expect(throws: LockstepError.self) {
      for rank in 0..<2 { _ = try DataReading<Double>(cut.parts(rank: rank, size: 2)).resolved() }
    }
    #expect(error?.code == .malformedInput && error?.message.contains("its last row had no end") == true)
  }

  @Test func aShorterFileIsAnother() throws {
    let size = Self.lines.joined().utf8.count
    try #require(truncate(path, 700) == 0)
    let error = #expect(throws: LockstepError.self) { try seen() }
    #expect(error?.code == .malformedInput && error?.place?.file == path)
    let message = try #require(error?.message)
    #expect(message.hasPrefix("rank 1 (") && message.hasSuffix(") sees 700 bytes, rank 0 \(size)"), "\(message)")
    #expect(throws: LockstepError.self) { try DataReading<Double>(listing.parts(rank: 0, size: 2)) }
  }

  @Test func aLongerFileThatRankZeroDoesNotSeeIsAnother() throws {
    let size = Self.lines.joined().utf8.count
    try append("1,2\n")
    let grown = try seen()
    try #require(truncate(path, size) == 0)  // as the host of rank 0 has it
    let error = #expect(throws: LockstepError.self) { try GrownFile.check(grown) }
    #expect(error?.message.hasSuffix(" sees \(size + 4) bytes, rank 0 \(size)") == true)
  }

  @Test func otherBytesAreAnotherFile() throws {
    var text = Array(Self.lines.joined().utf8)
    for place in [10, text.count - 4] {
      text[place] ^= 1
      _ = try directory.write(text)
      let error = #expect(throws: LockstepError.self) { try seen() }
      #expect(error?.code == .malformedInput && error?.message.contains("sees other bytes") == true)
      text[place] ^= 1
    }
  }

  @Test func anotherTimeIsAnotherFile() throws {
    // Only bytes in the middle differ: the time tells.
    var text = Array(Self.lines.joined().utf8)
    text[text.count / 2] = UInt8(ascii: "1")
    _ = try directory.write(text)
    var times = [timespec(tv_sec: 1_000_000, tv_nsec: 0), timespec(tv_sec: 1_000_000, tv_nsec: 0)]
    try #require(utimensat(AT_FDCWD, path, &times, 0) == 0)
    let error = #expect(throws: LockstepError.self) { try seen() }
    #expect(error?.message.contains("older than rank 0 does") == true)
  }

  @Test func aMissingFileIsNamed() throws {
    unlink(path)
    let error = #expect(throws: LockstepError.self) { try seen() }
    #expect(error?.code == .noInput && error?.place?.file == path)
  }

  @Test func aFileThatChangesWhileItIsReadIsRefused() throws {
    let reading = try DataReading<Double>(listing.parts(rank: 0, size: 2))
    _ = try directory.write(Self.lines.reversed().joined())
    let error = #expect(throws: LockstepError.self) { try reading.resolved() }
    #expect(error?.code == .malformedInput && error?.message.contains("while it was read") == true)
  }

  @Test func emptyFilesAmongOthersHaveNoRows() throws {
    let a = try directory.write("1,2\n", to: "a.csv")
    let b = try directory.write("", to: "b.csv")
    let c = try directory.write("", to: "c.csv")
    for size in 1...3 {
      let listing = try #require(try DataNames.listing(of: .names([b, a, c]), processCount: size))
      #expect(listing.notes == ["\(b) and another have no bytes, and so no rows"])
      #expect(try listing.parts(rank: 0, size: size).map(\.path) == [a])
    }
    for names in [[b], [b, c]] {
      let error = #expect(throws: LockstepError.self) { try DataNames.parts(of: names, rank: 0, size: 1) }
      #expect(error?.description == "\(b): the file is empty")
    }
  }

  @Test func aFolderStandsForItsFiles() throws {
    try directory.makeFolder("table")
    for name in ["part10.csv", "part9.csv", "_SUCCESS", ".part9.csv.crc"] {
      _ = try directory.write("1\n", to: "table/\(name)")
    }
    let expected = ["part9.csv", "part10.csv"].map { "\(directory.path)/table/\($0)" }
    for name in ["table", "table/", "table/*"] {
      #expect(
        try DataNames.parts(of: ["\(directory.path)/\(name)"], rank: 0, size: 1).map(\.path)
          == expected, "\(name)")
    }
    #expect(
      try DataNames.parts(of: ["\(directory.path)/table/_*"], rank: 0, size: 1).map(\.path)
        == ["\(directory.path)/table/_SUCCESS"])
    try directory.makeFolder("nothing")
    let error = #expect(throws: LockstepError.self) {
      try DataNames.parts(of: ["\(directory.path)/nothing"], rank: 0, size: 1)
    }
    #expect(error?.code == .noInput)
  }

  @Test func doubledBracesAreThoseOfAName() throws {
    #expect(RankPattern("lit{{rank}}.csv").name(for: 3) == "lit{rank}.csv")
    #expect(!RankPattern("lit{{rank}}.csv").dependsOnRank && RankPattern("{{}}{rank}").name(for: 3) == "{}3")
    #expect(RankPattern("{{x}}").name(for: 3) == "{{x}}")
    let file = try directory.write("1\n", to: "lit{rank}.csv")
    #expect(
      try DataNames.parts(of: ["\(directory.path)/lit{{rank}}.csv"], rank: 0, size: 1).map(\.path) == [file])
  }
}
