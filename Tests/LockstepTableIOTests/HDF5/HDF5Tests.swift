// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// HDF5 files that h5py wrote, where the library is here; skipped elsewhere.
@Suite(.enabled(if: HDF5Library.isHere, "no libhdf5, nor LOCKSTEP_HDF5"))
struct HDF5Tests {
  static let expected = (0..<10).map { [Double($0), Double($0 * $0) / 8, -Double($0)] }

  @Test(arguments: [1, 2, 3, 12]) func processesShareADataset(size: Int) throws {
    let path = try Fixture.path("one.h5")
    #expect(try parts(of: path, size: size).flatMap { $0.table.nested } == Self.expected)
    #expect(try parts(of: path + ":x", size: size).flatMap { $0.table.nested } == Self.expected)
    let options = ReadOptions(
      columns: ColumnSelection(numbers: [2, 0]), targets: ColumnSelection(numbers: [1]), threadCount: 2)
    let chosen = try parts(of: path, size: size, options)
    #expect(chosen.flatMap { $0.table.nested } == Self.expected.map { [$0[2], $0[0]] })
    #expect(chosen.flatMap { $0.extraTables[0].table.nested } == Self.expected.map { [$0[1]] })
    let singles = try parts(of: path, size: size, as: Float.self)
    #expect(singles.flatMap { $0.table.nested } == Self.expected.map { $0.map { Float($0) } })
    #expect(try ReadOptions().columnNames(ofFile: path) == nil)
  }

  @Test func numbersOfAllKindsAreRead() throws {
    let path = try Fixture.path("many.h5")
    func rows(_ name: String) throws -> [[Double]] {
      try parts(of: "\(path):\(name)", size: 3).flatMap { $0.table.nested }
    }
    #expect(try rows("/whole") == Self.expected.map { [$0[0], $0[2]] })
    #expect(try rows("group/half") == Self.expected)
    #expect(try rows("/group/single") == Self.expected)
    #expect(try rows("/group/column") == Self.expected.map { [$0[1]] })
    #expect(
      try rows("/flags")
        == Self.expected.map { row in row.map { $0.truncatingRemainder(dividingBy: 2) == 0 ? 1 : 0 } })
    let single = try parts(of: "\(path):group/single", size: 2, as: Float.self)
    #expect(single.flatMap { $0.table.nested } == Self.expected.map { $0.map { Float($0) } })
  }

  @Test func structuresAreColumnsWithNames() throws {
    let path = try Fixture.path("many.h5") + ":table"
    #expect(try ReadOptions().columnNames(ofFile: path) == ["id", "note", "value", "yes"])
    let options = ReadOptions(columns: ColumnSelection(names: ["value", "id"]), label: ColumnSelection(names: ["yes"]))
    let found = try parts(of: path, size: 2, options)
    #expect(found.flatMap { $0.table.nested } == Self.expected.map { [$0[1], $0[0]] })
    #expect(found[0].columnNames == ["value", "id"])
    let labels = try #require(found[0].labels).appending(found.dropFirst().compactMap(\.labels))
    #expect(labels == RowLabels((0..<10).map { $0 % 3 == 0 ? 1 : 0 }))
    let error = #expect(throws: LockstepError.self) { try parts(of: path) }
    #expect(error?.code == .unsupported && error?.place?.columnName == "note")
  }

  @Test func whatCannotBeReadIsSaid() throws {
    let path = try Fixture.path("many.h5")
    func failure(_ name: String) -> LockstepError? {
      #expect(throws: LockstepError.self) { try parts(of: name) }
    }
    let many = failure(path)
    #expect(many?.code == .usage && many?.remedy?.contains(":/group/half") == true)
    #expect(failure(path + ":nothing")?.code == .usage)
    #expect(failure(path + ":group")?.message.contains("group") == true)
    #expect(failure(path + ":cube")?.code == .shapeMismatch)
    #expect(failure(path + ":texts")?.code == .unsupported)
    let directory = try TemporaryDirectory()
    let text = try directory.write("1,2\n")
    #expect(failure(text + ":x")?.code == .usage)
    let bytes = try Fixture.bytes("one.h5")
    for cut in 1..<16 {
      let damaged = try directory.write(bytes.prefix(max(8, bytes.count * cut / 16)), to: "cut.h5")
      #expect(failure(damaged)?.code == .malformedInput)
    }
  }

  @Test func aFileWithThatVeryNameComesFirst() throws {
    let directory = try TemporaryDirectory()
    let bytes = try Fixture.bytes("one.h5")
    let path = try directory.write(bytes, to: "a1.h5")
    _ = try directory.write(bytes, to: "a10.h5")
    _ = try directory.write(bytes, to: "a2.h5")
    let names = try DataNames.parts(of: [directory.path + "/a*.h5:x"], rank: 0, size: 1).map(\.path)
    #expect(names == ["a1.h5:x", "a2.h5:x", "a10.h5:x"].map { "\(directory.path)/\($0)" })
    #expect(try parts(of: directory.path + "/a*.h5:/x", size: 2).flatMap { $0.table.nested }.count == 30)
    #expect(try parts(of: path + ":x")[0].rowCount == 10)
    _ = try directory.write("7,8\n", to: "a1.h5:x")
    #expect(try parts(of: path + ":x")[0].table.nested == [[7, 8]])
  }

  @Test(arguments: ["raw", "virtual", "link", "soft", "rows", "columns"])
  func nothingIsReadOfOtherFilesNorMadeUp(name: String) throws {
    let path = try Fixture.path("elsewhere.h5")
    let error = #expect(throws: LockstepError.self) { try parts(of: "\(path):\(name)") }
    #expect([.unsupported, .usage, .malformedInput].contains(error?.code), "\(String(describing: error))")
    #expect(throws: LockstepError.self) { try ReadOptions().columnNames(ofFile: "\(path):\(name)") }
  }

  @Test func groupsThatHoldThemselvesAreLookedIntoOnce() throws {
    #expect(try parts(of: Fixture.path("loops.h5"))[0].rowCount == 10)
  }
}
