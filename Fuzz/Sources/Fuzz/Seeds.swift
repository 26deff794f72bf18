// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// Small files that the readers accept.
enum Seeds {
  static let csv: [[UInt8]] = [
    "a,b,c\n1,2.5,-3e2\n4,5,6\n",
    "1;2;3\r\n\"4\";5;6\r\n\r\n7;8;9",
    "\u{FEFF}name,\"x\"\"y\",z\n\"a\nb\",1,2\n,NA,nan\n",
    "x\ty\n1\t2\n",
    "1\n2\n3\n",
    "a,b\n1,x\n2,\"y,\"\"z\"\"\n",
  ].map { Array($0.utf8) }

  static let svmLight: [[UInt8]] = [
    "1 1:0.5 3:2\n-1 2:1e-3 # note\n# all\n0\n",
    "2 qid:7 1:1 2:2\nyes 4:4\n",
  ].map { Array($0.utf8) }

  static let matrixMarket: [[UInt8]] = [
    "%%MatrixMarket matrix coordinate real general\n% note\n3 2 3\n1 1 0.5\n3 2 -1e3\n2 1 7\n",
    "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 2\n1 1\n3 2\n",
    "%%MatrixMarket matrix array integer general\n2 2\n1\n2\n3\n4\n",
    "%%MatrixMarket matrix array real symmetric\n2 2\n1\n2\n3\n",
  ].map { Array($0.utf8) }

  static var npy: [[UInt8]] {
    func file(_ description: String, _ byteCount: Int) -> [UInt8] {
      let text = Array((description + "\n").utf8)
      return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count), 0] + text
        + (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 * 37) }
    }
    return [
      file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", 48),
      file("{'descr': '>f4', 'fortran_order': True, 'shape': (3, 2), }", 24),
      file("{'descr': '|u1', 'fortran_order': False, 'shape': (4,), }", 4),
      file("{'descr': '<f2', 'fortran_order': False, 'shape': (3, 1), }", 6),
      file("{'descr': '<i8', 'fortran_order': False, 'shape': (2, 1), }", 16),
    ]
  }

  static var npz: [[UInt8]] {
    [
      written {
        try NPZFile([
          ("x", NPYArray(shape: [2, 2], .double([1, 2, 3, 4]))), ("names", NPYArray(shape: [2], .string(["a", "bc"]))),
          ("n", NPYArray(shape: [], .int64([7]))), ("bytes", NPYArray(shape: [3], .uint8([1, 2, 3]))),
        ]).write(to: $0)
      }
    ]
  }

  /// An archive of one matrix.
  static var npzRows: [[UInt8]] {
    [written { try NPZFile([("x", NPYArray(shape: [3, 2], .double([1, 2, 3, 4, 5, 6])))]).write(to: $0) }]
  }

  /// The files that tests read, where this runs in the package's directory.
  static var arrow: [[UInt8]] {
    ["matrix.arrow", "dictionaries.arrows", "types.arrows", "types.arrow"].map {
      MemoryFile.read("Tests/LockstepTableIOTests/Fixtures/\($0)")
    }.filter { !$0.isEmpty }
  }

  private static var rows: Table<Double> {
    func element(_ i: Int, _ j: Int) -> Double { Double((i * 7 + j * j * 5) % 11) + Double(i * j) / 8 }
    return Table(rows: (0..<12).map { i in [element(i, 0), element(i, 1), element(i, 2)] })
  }

  /// A model of each method that fits these rows without more, as JSON and as NPZ.
  static var models: [[UInt8]] {
    Catalog.methods.compactMap { method in
      try? method.fit(.object([:]), to: rows, in: ExecutionContext())
    }.flatMap { model in
      let file = ModelFile(model, rowCount: 12)
      return [written(".json") { try file.write(to: $0) }, written(".npz") { try file.write(to: $0) }]
    }
  }

  /// Rows with the responses and classes that a method takes.
  static func rows(for method: Method) -> TrainingRows<Table<Double>> {
    TrainingRows(
      rows, responses: method.roles.targets == .none ? nil : Table(rows: (0..<12).map { [Double($0 * $0 % 7)] }).rows,
      labels: method.roles.label == .none ? nil : RowLabels((0..<12).map { $0 % 3 }))
  }

  /// A stream of each method of one sweep.
  static var streams: [[UInt8]] {
    Catalog.methods.filter(\.isStreamable).flatMap { method -> [[UInt8]] in
      let rows = Seeds.rows(for: method)
      guard let whole = try? method.stream(.object([:]), of: rows, in: ExecutionContext()),
        var stream = try? method.stream(.object([:])), let plain = try? whole.encoded()
      else { return [] }
      // Rows that wait, and rows that were merged.
      try? stream.observe(rows)
      try? stream.merge(whole)
      try? stream.observe(rows)
      return [plain, (try? stream.encoded()) ?? plain]
    }
  }

  /// What a writer writes to a file.
  private static func written(_ ending: String = ".npz", _ write: (String) throws -> Void) -> [UInt8] {
    let path = "/tmp/lockstep-fuzz-seed-\(getpid())\(ending)"
    do { try write(path) } catch { fatalError("a seed cannot be written: \(error)") }
    defer { unlink(path) }
    return MemoryFile.read(path)
  }

  /// A file, behind the byte that chooses the usual options.
  static func withOptions(_ file: [UInt8]) -> [UInt8] { [0] + file }

  /// Members of a gzip file, the text stored in them, the first with the size that bgzip adds.
  static func gzip(_ text: [UInt8]) -> [UInt8] {
    let half = text.count / 2
    return member(Array(text[..<half])) + member(Array(text[half...]))
  }

  private static func member(_ text: [UInt8]) -> [UInt8] {
    let count = UInt16(text.count)
    let total = UInt16(18 + 5 + text.count + 8 - 1)
    func bytes(_ value: UInt16) -> [UInt8] { [UInt8(value & 0xFF), UInt8(value >> 8)] }
    let crc = Archive.checksum(text[...])
    return [0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 0xFF, 6, 0, 0x42, 0x43, 2, 0] + bytes(total)
      + [1] + bytes(count) + bytes(~count) + text
      + (0..<4).map { UInt8(truncatingIfNeeded: crc >> ($0 * 8)) } + bytes(count) + [0, 0]
  }

  /// Frames of a zstd file with their sizes, the text stored in them, and one to be skipped between them.
  static func zstd(_ text: [UInt8]) -> [UInt8] {
    let half = text.count / 2
    return frame(text[..<half]) + [0x50, 0x2A, 0x4D, 0x18, 1, 0, 0, 0, 7] + frame(text[half...])
  }

  private static func frame(_ text: ArraySlice<UInt8>) -> [UInt8] {
    // A single segment, with a size of one byte; one last block, stored.
    let header = text.count << 3 | 1
    return [0x28, 0xB5, 0x2F, 0xFD, 0x20, UInt8(text.count)] + (0..<3).map { UInt8(header >> ($0 * 8) & 0xFF) } + text
  }
}
