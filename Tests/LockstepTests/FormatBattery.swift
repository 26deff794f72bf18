// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

/// A way to write a table of numbers, for the battery that all formats pass.
struct TableFormat: Sendable, CustomTestStringConvertible {
  let name: String
  /// Whether it can be written and read here.
  var isHere: @Sendable () -> Bool = { true }
  /// The columns to read, if not all are numbers.
  var columns = ColumnSelection.all
  /// Whether a file without rows says what it is.
  var canBeEmpty = true
  /// Writes rows to a file, and returns what a user would call it.
  let write: @Sendable (_ rows: [[Double]], _ file: String) throws -> String

  var testDescription: String { name }

  static let names = ["a", "b with blanks", "c"]

  /// All formats; a new one is one more line.
  static let all: [TableFormat] = [
    TableFormat(name: "CSV") { rows, file in try file.written(names.header + rows.lines.joined()) },
    TableFormat(name: "CSV without a header, nor an end of its last line", canBeEmpty: false) { rows, file in
      try file.written(String(rows.lines.joined().dropLast()))
    },
    TableFormat(name: "CSV with ends of lines in quotes", columns: ColumnSelection(names: names)) { rows, file in
      let lines = zip(rows, rows.lines).map { row, line in "\"a \"\"note\"\"\n\(row[0]),\n\(row[1])\",\(line)" }
      return try file.written("note," + names.header + lines.joined())
    },
    TableFormat(name: "CSV by gzip", isHere: { Programs.has("gzip") }) { rows, file in
      try Programs.packed("gzip", try file.written(names.header + rows.lines.joined())) + ".gz"
    },
    TableFormat(name: "CSV by zstd", isHere: { Programs.has("zstd") }) { rows, file in
      try Programs.packed("zstd", try file.written(names.header + rows.lines.joined())) + ".zst"
    },
    TableFormat(name: "NPY") { rows, file in try file.written(npy("<f8", rows) { Numbers.bytes($0.bitPattern) }) },
    TableFormat(name: "NPY in Fortran order") { rows, file in
      try file.written(npy("<f8", rows, isFortranOrder: true) { Numbers.bytes($0.bitPattern) })
    },
    TableFormat(name: "NPY with the first byte the most significant") { rows, file in
      try file.written(npy(">f8", rows) { Numbers.bytes($0.bitPattern.byteSwapped) })
    },
    TableFormat(name: "NPY of 32 bits") { rows, file in
      try file.written(npy("<f4", rows) { Numbers.bytes(Float($0).bitPattern) })
    },
    TableFormat(name: "NPZ") { rows, file in
      let array = NPYArray(shape: [rows.count, 3], .double(rows.flatMap { $0 }))
      try NPZFile([("name", NPYArray(shape: [], .string(["a"]))), ("x", array)]).write(to: file)
      return file
    },
    TableFormat(name: "NPZ, the array named") { rows, file in
      let arrays = [
        NPYArray(shape: [rows.count, 3], .double(rows.flatMap { $0 })), NPYArray(shape: [1, 1], .int64([7])),
      ]
      try NPZFile(Array(zip(["x", "y"], arrays)).map { (name: $0, array: $1) }).write(to: file)
      return file + ":x"
    },
    TableFormat(name: "SVMLight", canBeEmpty: false) { rows, file in
      try file.written(
        rows.map { row in "1" + row.enumerated().map { " \($0.offset + 1):\($0.element)" }.joined() + "\n" }.joined())
    },
    TableFormat(name: "Matrix Market", canBeEmpty: false) { rows, file in
      let entries = rows.enumerated().flatMap { i, row in
        row.enumerated().map { "\(i + 1) \($0.offset + 1) \($0.element)\n" }
      }
      return try file.written(
        "%%MatrixMarket matrix coordinate real general\n\(rows.count) 3 \(entries.count)\n"
          + entries.reversed().joined())
    },
    TableFormat(name: "Arrow file") { rows, file in
      try file.written(ArrowWriter(names: names, batches: rows.pieces(of: 7)).file)
    },
    TableFormat(name: "Arrow stream") { rows, file in
      try file.written(ArrowWriter(names: names, batches: rows.pieces(of: 50)).stream)
    },
    TableFormat(name: "HDF5", isHere: { HDF5Writer.isHere }) { rows, file in try HDF5Writer.write(rows, to: file) },
    TableFormat(name: "HDF5, the dataset named", isHere: { HDF5Writer.isHere }) { rows, file in
      try HDF5Writer.write(rows, to: file) + ":/rows"
    },
    TableFormat(name: "Parquet", isHere: { Programs.duckDB != nil }) { rows, file in
      let text = try (file + ".csv").written(names.header + rows.lines.joined())
      let program = try #require(Programs.duckDB)
      let columns = names.map { "'\($0)': 'DOUBLE'" }.joined(separator: ", ")
      let table = "read_csv('\(text)', header = true, columns = {\(columns)})"
      try Programs.run(program, ["-c", "COPY (SELECT * FROM \(table)) TO '\(file)' (FORMAT parquet)"])
      return file
    },
  ]

  /// An NPY file.
  private static func npy(
    _ type: String, _ rows: [[Double]], isFortranOrder: Bool = false, _ bytes: (Double) -> [UInt8]
  ) -> [UInt8] {
    let order = isFortranOrder ? "True" : "False"
    let header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': (\(rows.count), 3), }"
    let padded = header + String(repeating: " ", count: 117 - header.utf8.count) + "\n"
    let elements = isFortranOrder ? (0..<3).flatMap { j in rows.map { $0[j] } } : rows.flatMap { $0 }
    return [0x93] + Array("NUMPY".utf8) + [1, 0, 118, 0] + Array(padded.utf8) + elements.flatMap(bytes)
  }
}

/// Numbers as bytes.
enum Numbers {
  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}

/// Programs of the system that write formats.
enum Programs {
  static func has(_ name: String) -> Bool {
    ["/bin/\(name)", "/usr/bin/\(name)"].contains { FileManager.default.isExecutableFile(atPath: $0) }
  }

  /// DuckDB, if it is where the library looks for it.
  static let duckDB: String? = {
    if let named = ProcessInfo.processInfo.environment["LOCKSTEP_DUCKDB"] { return named.contains(".so") ? nil : named }
    let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
    return folders.map { "\($0)/duckdb" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static func run(_ program: String, _ arguments: [String]) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [program] + arguments
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
  }

  /// Compresses a file beside it.
  static func packed(_ program: String, _ file: String) throws -> String {
    try run(program, ["-q", "-k", "-f", file])
    return file
  }
}

extension String {
  /// Writes a text to the file of this name, and returns the name.
  func written(_ text: String) throws -> String { try written(Array(text.utf8)) }

  /// Writes bytes to the file of this name, and returns the name.
  func written(_ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(filePath: self))
    return self
  }
}

extension [String] {
  /// These names as the first line of a CSV file.
  fileprivate var header: String { joined(separator: ",") + "\n" }
}

extension [[Double]] {
  /// These rows as lines of a CSV file.
  fileprivate var lines: [String] { map { row in row.map { "\($0)" }.joined(separator: ",") + "\n" } }

  /// These rows in batches of some rows, the last of fewer.
  fileprivate func pieces(of count: Int) -> [[[Double]]] {
    stride(from: 0, to: self.count, by: count).map { Array(self[$0..<Swift.min($0 + count, self.count)]) }
  }
}
