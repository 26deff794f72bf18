// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Matrices in NPZ files that NumPy wrote.
@Suite struct NPZStoreTests {
  static let expected = (0..<10).map { [Double($0), Double($0 * $0) / 8, -Double($0)] }

  @Test(arguments: ["stored.npz", "stored.npz:x", "stored.npz:x.npy", "compressed.npz:x"], [1, 2, 3, 12])
  func processesShareAMatrix(name: String, size: Int) throws {
    let parts = name.split(separator: ":")
    let path = try Fixture.path(String(parts[0])) + parts.dropFirst().map { ":" + $0 }.joined()
    #expect(try LockstepTableIOTests.parts(of: path, size: size).flatMap { $0.table.nested } == Self.expected)
    let options = ReadOptions(columns: ColumnSelection(numbers: [2, 1]), label: ColumnSelection(numbers: [0]))
    let chosen = try LockstepTableIOTests.parts(of: path, size: size, options, as: Float.self)
    #expect(chosen.flatMap { $0.table.nested } == Self.expected.map { [Float($0[2]), Float($0[1])] })
    let labels = try #require(chosen[0].labels).appending(chosen.dropFirst().compactMap(\.labels))
    #expect(labels == RowLabels(Array(0..<10)))
    #expect(try ReadOptions().columnNames(ofFile: path) == nil)
  }

  @Test(arguments: ["stored.npz", "compressed.npz"]) func whatIsLetGoComesAgain(name: String) throws {
    let path = try Fixture.path(name)
    let file = try InputFile(path)
    let store = try NPZStore(file, byteCount: try #require(file.byteCount), member: "x")
    for _ in 0..<2 {
      #expect(
        try ColumnStoreRows<Double>(store, options: ReadOptions()).rows(2..<9).table.nested
          == Array(Self.expected[2..<9]))
      store.release()
    }
  }

  @Test func numbersOfAllKindsAreRead() throws {
    let path = try Fixture.path("compressed.npz")
    for name in ["columns", "swapped", "half"] {
      #expect(try parts(of: "\(path):\(name)", size: 3).flatMap { $0.table.nested } == Self.expected, "\(name)")
    }
    #expect(try parts(of: "\(path):whole", size: 2).flatMap { $0.table.nested } == Self.expected.map { [$0[0]] })
    #expect(try parts(of: "\(path):line", size: 2).flatMap { $0.table.nested } == Self.expected.map { [$0[1]] })
  }

  @Test func whatCannotBeReadIsSaid() throws {
    let path = try Fixture.path("compressed.npz")
    func failure(_ name: String) -> LockstepError? {
      #expect(throws: LockstepError.self) { try parts(of: name) }
    }
    #expect(failure(path)?.remedy?.contains(":columns") == true)
    #expect(failure(path + ":nothing")?.code == .usage)
    #expect(failure(path + ":cube")?.code == .shapeMismatch)
    #expect(failure(path + ":texts")?.code == .unsupported)
    let directory = try TemporaryDirectory()
    let model = directory.path + "/model.npz"
    try NPZFile([
      ("metadata", NPYArray(shape: [], .string(["{}"]))), ("mean", NPYArray(shape: [1, 2], .double([1, 2]))),
    ]).write(to: model)
    #expect(failure(model)?.message.contains("saved model") == true)
    #expect(failure(try directory.write(Array("PK\u{3}\u{4} and so on".utf8), to: "x.zip"))?.code == .malformedInput)
  }

  @Test(arguments: ["stored.npz", "compressed.npz"]) func damageIsRefusedInWords(file: String) throws {
    try checkDamage(to: try Fixture.bytes(file), name: file, suffix: ":x")
  }
}
