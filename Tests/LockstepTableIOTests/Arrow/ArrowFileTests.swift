// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Arrow files that pyarrow wrote, of all types.
@Suite struct ArrowFileTests {
  static let files = ["types.arrow", "types-lz4.arrow", "types-zstd.arrow", "types.arrows"]

  /// A column of the fixtures: rows 3 and 8 are missing.
  private static func column(_ value: (Double) -> Double) -> [Double] {
    (0..<10).map { $0 == 3 || $0 == 8 ? .nan : value(Double($0)) }
  }

  private static let expected: [(names: [String], values: [Double])] = [
    (["int8", "int16", "int32", "int64"], column { $0 * $0 - 5 }),
    (["uint8", "uint16", "uint32", "uint64"], column { $0 * $0 }),
    (["float16", "float32", "float64"], column { ($0 * $0 - 5) / 8 }),
    (["bool"], column { Int($0) % 3 == 0 ? 1 : 0 }),
    (["date32", "date64"], column { (19000 + $0) * 86400 }),
    (["seconds"], column { 1.6e9 + $0 }),
    (["millis"], column { (1.6e12 + $0) / 1000 }),
    (["micros"], column { (1.6e15 + $0) / 1e6 }),
    (["nanos"], column { 1.6e9 + $0 / 2 }),
    (["time32"], column { 3600 * $0 }),
    (["time64"], column { 1500 * $0 / 1e6 }),
    (["duration"], column { $0 / 4 }),
    (["decimal"], column { ($0 * $0 - 5) / 100 }),
    (["long"], (0..<10).map { $0 == 3 || $0 == 8 ? .nan : Double("\($0)234567890123456789012345.678") ?? 0 }),
    (["nothing"], column { _ in .nan }),
    (["levels"], column { Double(Int($0) % 3 * 10) }),
    (["pair[0]"], column { $0 }),
    (["pair[1]"], column { $0 == 5 ? .nan : -$0 }),
    (["steady"], Array(repeating: 7, count: 10)),
    (["last"], (0..<10).map(Double.init)),
  ]

  @Test(arguments: files, [1, 2, 3, 7]) func allTypesBecomeNumbers(file: String, size: Int) throws {
    let path = try Fixture.path(file)
    let names = Self.expected.flatMap(\.names)
    let options = ReadOptions(columns: ColumnSelection(names: names), threadCount: size == 3 ? 3 : 1)
    let found = try parts(of: path, size: size, options)
    #expect(found.allSatisfy { $0.columnNames == names })
    let rows = found.flatMap { $0.table.nested }
    let singles = try parts(of: path, size: size, options, as: Float.self).flatMap { $0.table.nested }
    let columns = Self.expected.flatMap { entry in entry.names.map { ($0, entry.values) } }
    for (j, (name, values)) in columns.enumerated() {
      for i in 0..<10 {
        #expect(rows[i][j] == values[i] || rows[i][j].isNaN && values[i].isNaN, "\(name), row \(i)")
        let single = Float(values[i])
        #expect(singles[i][j] == single || singles[i][j].isNaN && single.isNaN, "\(name), row \(i)")
      }
    }
  }

  @Test(arguments: files) func theFirstLinesTellTheNames(file: String) throws {
    let names = try #require(try ReadOptions().columnNames(ofFile: Fixture.path(file)))
    #expect(names.prefix(2) == ["int8", "int16"] && names.suffix(3) == ["pair[1]", "steady", "last"])
  }

  @Test(arguments: files, ["text", "large", "view", "coded", "int64", "levels", "bool"])
  func labelsAreTextsOrWholeNumbers(file: String, column: String) throws {
    let options = ReadOptions(
      columns: ColumnSelection(names: ["last"]), label: ColumnSelection(names: [column]), missing: .skipRow)
    let found = try parts(of: Fixture.path(file), size: 2, options)
    let kept = (0..<10).filter { $0 != 3 && $0 != 8 }
    #expect(found.flatMap { $0.table.nested } == kept.map { [Double($0)] })
    #expect(found.map(\.skippedRowCount) == [1, 1])
    let labels = try #require(found[0].labels).appending(found.dropFirst().compactMap(\.labels))
    switch column {
    case "int64": #expect(labels == RowLabels(kept.map { $0 * $0 - 5 }))
    case "levels": #expect(labels == RowLabels(kept.map { $0 % 3 * 10 }))
    case "bool": #expect(labels == RowLabels(kept.map { $0 % 3 == 0 ? 1 : 0 }))
    case "view":
      #expect(labels == RowLabels(kept.map { "class \($0 % 3)" + ($0 % 2 == 1 ? " with many letters" : "") }))
    default: #expect(labels == RowLabels(kept.map { "class \($0 % 3)" }))
    }
    let error = #expect(throws: LockstepError.self) {
      try parts(of: Fixture.path(file), ReadOptions(columns: options.columns, label: options.label))
    }
    #expect(error?.code == .malformedInput && error?.place?.row == 3 && error?.place?.columnName == column)
  }

  @Test(arguments: files) func textsAreCategories(file: String) throws {
    let options = ReadOptions(
      columns: ColumnSelection(names: ["last", "text"]), missing: .skipRow,
      categorical: .chosen(ColumnSelection(names: ["text"])))
    for size in [1, 2] {
      let found = try parts(of: Fixture.path(file), size: size, options)
      var rows: [(last: Double, text: String)] = []
      for part in found {
        for row in part.table.nested { rows.append((row[0], part.codedTexts[0][Int(row[1])])) }
      }
      let kept = (0..<10).filter { $0 != 3 && $0 != 8 }
      #expect(rows.map(\.last) == kept.map(Double.init) && rows.map(\.text) == kept.map { "class \($0 % 3)" })
    }
    var strict = options
    strict.missing = .error
    let error = #expect(throws: LockstepError.self) { try parts(of: Fixture.path(file), strict) }
    #expect(error?.place?.row == 3 && error?.place?.columnName == "text")
  }

  @Test func rowsWithMissingValuesAreLeftOutAndCounted() throws {
    let options = ReadOptions(
      columns: ColumnSelection(names: ["last", "pair[1]"]), targets: ColumnSelection(names: ["int8"]), missing: .skipRow
    )
    let found = try parts(of: Fixture.path("types.arrow"), options)[0]
    #expect(found.table.nested == [0, 1, 2, 4, 6, 7, 9].map { [$0, -$0] })
    #expect(found.extraTables[0].table.nested == [0, 1, 2, 4, 6, 7, 9].map { [$0 * $0 - 5] })
    #expect(
      found.skippedRowCount == 3 && found.rows.missingCounts == [0, 3] && found.extraTables[0].missingCounts == [2])
  }

  @Test(arguments: ["text", "bytes", "lists", "record"]) func whatIsNoNumberIsNamed(column: String) throws {
    let path = try Fixture.path("types.arrow")
    let error = #expect(throws: LockstepError.self) {
      try parts(of: path, ReadOptions(columns: ColumnSelection(names: [column])))
    }
    #expect(error?.place?.columnName == column && error?.place?.file == path)
    #expect(
      error?.remedy?.contains("leave it out with columns") == true
        && error?.remedy(in: .commandLine)?.contains("--columns") == true)
  }

  @Test func dictionariesGrowAndAreReplaced() throws {
    let options = ReadOptions(columns: ColumnSelection(names: ["x"]), label: ColumnSelection(names: ["kind"]))
    for size in [1, 2, 5] {
      let found = try parts(of: Fixture.path("dictionaries.arrows"), size: size, options)
      let labels = try #require(found[0].labels).appending(found.dropFirst().compactMap(\.labels))
      #expect(labels == RowLabels(["a", "b", "c", "a", "c", "a"]))
    }
  }

  @Test func aMatrixIsShownWhereItLies() throws {
    let path = try Fixture.path("matrix.arrow")
    let expected = (0..<10).map { i in (0..<3).map { Double(3 * i + $0) } }
    let file = try InputFile(path)
    let store = ArrowStore(try ArrowFile(file, byteCount: try #require(file.byteCount)))
    #expect(store.columnNames == nil)
    #expect(try store.shown([0, 1, 2], of: 1..<9, as: Double.self)?.map(\.rowCount) == [3, 4, 1])
    #expect(try store.shown([0, 1, 2], of: 1..<9, as: Float.self) == nil)
    for size in [1, 2, 4] {
      #expect(try parts(of: path, size: size).flatMap { $0.table.nested } == expected)
      let two = try parts(of: path, size: size, ReadOptions(columns: ColumnSelection(numbers: [2, 0])))
      #expect(two.flatMap { $0.table.nested } == expected.map { [$0[2], $0[0]] })
    }
  }

  @Test(arguments: files + ["matrix.arrow", "dictionaries.arrows"]) func damageIsRefusedInWords(file: String) throws {
    let names = ColumnSelection(names: Self.expected.flatMap(\.names))
    var options = [ReadOptions(missing: .skipRow)]
    if file.hasPrefix("types") {
      options = ["view", "coded", "text"].map {
        ReadOptions(columns: names, label: ColumnSelection(names: [$0]), missing: .skipRow)
      }
    } else if file.hasPrefix("dict") {
      options = [ReadOptions(label: ColumnSelection(numbers: [0]))]
    }
    try checkDamage(to: try Fixture.bytes(file), name: file, options: options)
  }

  @Test func theOldFeatherIsNamed() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("FEA1 and so on", to: "x.feather")
    let error = #expect(throws: LockstepError.self) { try parts(of: path) }
    #expect(error?.code == .unsupported && error?.message.contains("Feather") == true)
  }
}
