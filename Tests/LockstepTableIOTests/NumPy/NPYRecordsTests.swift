// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Structured arrays, as NumPy writes them: `Scripts/golden/npz.py`.
@Suite struct NPYRecordsTests {
  private let numbers = ["flag", "x", "pair[0]", "pair[1]", "inner.a", "inner.b"]

  private func expected(_ i: Int) -> [Double] {
    [i % 2 == 0 ? 1 : 0, Double(i) / 4, -Double(i), 300 * Double(i), Double(i) / 2, Double(200 + i)]
  }

  @Test(arguments: [1, 2, 3]) func fieldsAreColumnsWithNames(size: Int) throws {
    let path = try Fixture.path("records.npy")
    #expect(try ReadOptions().columnNames(ofFile: path) == ["flag", "x", "kind", "code"] + numbers[2...])
    let options = ReadOptions(columns: ColumnSelection(names: numbers), missing: .skipRow)
    let rows = try parts(of: path, size: size, options)
    #expect(rows.flatMap { $0.table.nested } == [0, 1, 2, 4].map(expected))
    #expect(rows.reduce(0) { $0 + $1.skippedRowCount } == 1)
    let floats = try parts(of: path, size: size, options, as: Float.self)
    #expect(floats.flatMap { $0.table.nested } == [0, 1, 2, 4].map { expected($0).map { Float($0) } })
    #expect(try DataLook(.file(path), options: options).rowCount == 4)
    try PinnedFormat.npy.require(of: .file(path))
  }

  @Test func textsAreLabelsAndNoNumbers() throws {
    let path = try Fixture.path("records.npy")
    for (name, texts) in [("kind", ["", "ä", "äb", "", "ä"]), ("code", ["", "x", "xy", "", "x"])] {
      let loaded = try parts(of: path, ReadOptions(columns: ["x"], label: ColumnSelection(names: [name])))[0]
      let labels = try #require(loaded.labels)
      #expect((0..<5).map { labels[$0].text } == texts)
    }
    let numbers = try parts(of: path, ReadOptions(columns: ["x"], label: "inner.b"))[0].withLabels(asWholeNumbers: true)
    #expect(numbers.labels?[4].text == "204")
    let error = #expect(throws: LockstepError.self) { try parts(of: path) }
    #expect(error?.place?.columnName == "kind" && error?.message.contains("strings (<U3)") == true)
  }

  @Test func damagedHeadersAreRefused() throws {
    try checkDamage(
      to: try Fixture.bytes("records.npy"), name: "damaged.npy", flips: 200,
      options: [ReadOptions(except: ["kind", "code"]), ReadOptions(columns: ["x"], label: "kind")])
    let directory = try TemporaryDirectory()
    for (fields, shape) in [
      ("[]", "(4,)"), ("[('a', '<f8', (4611686018427387904, 4))]", "(1,)"), ("[('a', '|O')]", "(1,)"),
      ("[('a', '<f8')]", "(4611686018427387904,)"), ("[('a', '<U268435455')]", "(1,)"),
      (String(repeating: "[('a', ", count: 2000), "(1,)"), ("[('a', '<f8')]", "(2, 2)"),
    ] {
      let text = "{'descr': \(fields), 'fortran_order': False, 'shape': \(shape), }"
      let length = [UInt8(text.utf8.count & 0xFF), UInt8(text.utf8.count >> 8)]
      let path = try directory.write(NPYHeader.magic + [1, 0] + length + Array(text.utf8) + [0, 0, 0, 0, 0, 0, 0, 0])
      #expect(throws: LockstepError.self, "\(fields.prefix(40))") { try parts(of: path) }
    }
  }
}
