// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct RowFileWriterTests {
  private let numbers: [Double] = (0..<300).map { (i: Int) -> Double in
    let x = Double(i)
    if i % 7 == 0 { return 0.1 * x }
    if i % 5 == 0 { return -1e300 / (x + 1) }
    return i % 3 == 0 ? .leastNonzeroMagnitude : x
  }

  @Test func oneProcessWritesAFile() throws {
    let directory = try TemporaryDirectory()
    let csv = directory.path + "/rows.csv"
    try RowFileWriter.write(numbers, columnCount: 3, columnNames: ["a", "b, c", ""], to: csv)
    let file = try CSVFile(csv)
    #expect(file.columnNames == ["a", "b, c", ""])
    #expect(file.table.nested.joined().elementsEqual(numbers))
    let npy = directory.path + "/rows.npy"
    try RowFileWriter.write(numbers.map { Float($0) }, columnCount: 3, to: npy)
    #expect(try NPYFile<Float>(npy).table.nested.joined().elementsEqual(numbers.map { Float($0) }))
    try RowFileWriter.write([3, -1, 2] as [Int64], columnCount: 1, to: csv)
    #expect(String(decoding: try directory.read("rows.csv"), as: UTF8.self) == "3\n-1\n2\n")
    #expect(directory.names == ["rows.csv", "rows.npy"])
  }

  @Test(arguments: ["rows.csv", "rows.npy"]) func manyProcessesWriteTheSameFile(_ name: String) throws {
    let directory = try TemporaryDirectory()
    let alone = directory.path + "/alone-" + name
    try RowFileWriter.write(numbers, columnCount: 3, to: alone)
    let writer = try RowFileWriter<Double>(.init(path: name), columnCount: 3)
    for size in [1, 2, 7, 100, 120] {
      let parts = (0..<size).map { rank in
        let rows = FileShard(index: rank, count: size).range(of: 100)
        return Array(numbers[rows.lowerBound * 3..<rows.upperBound * 3])
      }
      let file = try AtomicFile(creating: directory.path + "/" + name)
      let head = writer.head(totalRowCount: 100)
      var offset = head.count
      var places: [(Int, [Double])] = []
      for part in parts {
        places.append((offset, part))
        offset += part.withUnsafeBufferPointer { writer.byteCount(of: $0) }
      }
      for (offset, part) in places.reversed() {
        _ = try part.withUnsafeBufferPointer { try writer.write($0, to: file, at: offset) }
      }
      try head.withUnsafeBytes { try file.write($0, at: 0) }
      try file.commit()
      #expect(try directory.read(name) == directory.read("alone-" + name), "\(size) processes")
    }
    #expect(directory.names.count == 2)
  }

  @Test func largeTablesAreWrittenBlockByBlock() throws {
    let many = (0..<30_000).map { Double($0) / 7 }
    let writer = RowFileWriter<Double>(.csv, columnCount: 2)
    let bytes = many.withUnsafeBufferPointer { writer.bytes(of: $0) }
    #expect(many.withUnsafeBufferPointer { writer.byteCount(of: $0) } == bytes.count)
    let directory = try TemporaryDirectory()
    let path = directory.path + "/many.csv"
    try RowFileWriter.write(many, columnCount: 2, to: path)
    #expect(try directory.read("many.csv") == bytes)
    #expect(try CSVFile(path).table.nested.joined().elementsEqual(many))
  }

  @Test func failuresLeaveNothingBehind() throws {
    let directory = try TemporaryDirectory()
    let format = #expect(throws: LockstepError.self) {
      try RowFileWriter.write([1.0], columnCount: 1, to: directory.path + "/rows.txt")
    }
    #expect(format?.code == .usage)
    let missing = #expect(throws: LockstepError.self) {
      try RowFileWriter.write([1.0], columnCount: 1, to: directory.path + "/none/rows.csv")
    }
    #expect(missing?.code == .outputFailed)
    #expect(missing?.place?.file == directory.path + "/none/rows.csv")
    let old = try directory.write("old\n", to: "rows.csv")
    let file = try AtomicFile(creating: old)
    try [1, 2, 3].withUnsafeBytes { try file.write($0, at: 0) }
    #expect(try directory.read("rows.csv") == Array("old\n".utf8))
    file.discard()
    #expect(directory.names == ["rows.csv"])
    #expect(throws: LockstepError.self) { try file.commit() }
    #expect(throws: LockstepError.self) { try AtomicFile(creating: directory.path) }
  }

  @Test(.enabled(if: NumPyScript.isAvailable, "python3 with numpy")) func numPyReadsIt() throws {
    let directory = try TemporaryDirectory()
    let npy = directory.path + "/rows.npy"
    let csv = directory.path + "/rows.csv"
    try RowFileWriter.write([1, 2, 3] as [Int64], columnCount: 1, to: npy)
    try RowFileWriter.write(numbers, columnCount: 3, to: csv)
    let status = NumPyScript.run(
      """
      a = np.load('\(npy)')
      assert a.dtype == np.int64 and a.tolist() == [1, 2, 3], a
      b = np.loadtxt('\(csv)', delimiter=',')
      assert b.shape == (100, 3) and b[0, 1] == 1 and b[1, 0] == 5e-324, b
      """)
    #expect(status == 0)
  }
}

struct AtomicFileTests {
  @Test func keepsThePermissionsOfWhatItReplaces() throws {
    let directory = try TemporaryDirectory()
    for mode in [0o600, 0o640, 0o444, 0o755] as [mode_t] {
      let path = try directory.write("old", to: "x.csv")
      try #require(chmod(path, mode) == 0)
      try AtomicFile.write(Array("new".utf8), to: path)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == mode)
      #expect(try directory.read("x.csv") == Array("new".utf8))
    }
  }

  @Test func replacesNeitherPipesNorDevicesNorWhatALinkNames() throws {
    let directory = try TemporaryDirectory()
    let pipe = directory.path + "/pipe.csv"
    try #require(mkfifo(pipe, 0o600) == 0)
    let error = #expect(throws: LockstepError.self) { try AtomicFile.write([1], to: pipe) }
    #expect(error?.code == .outputFailed)
    #expect(throws: LockstepError.self) { try AtomicFile.write([1], to: "/dev/null") }
    var status = stat()
    #expect(lstat(pipe, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO)
    let other = try directory.write("kept", to: "other")
    let link = directory.path + "/link.csv"
    try #require(symlink(other, link) == 0)
    try AtomicFile.write([1], to: link)
    #expect(try directory.read("other") == Array("kept".utf8) && directory.read("link.csv") == [1])
    #expect(directory.names == ["link.csv", "other", "pipe.csv"])
  }

  @Test func aNameIsNotCutAtNUL() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write("1,2\n", to: "x.csv")
    #expect(throws: LockstepError.self) { try AtomicFile.write([1], to: path + "\0.csv") }
    #expect(throws: LockstepError.self) { try DataNames.parts(of: [path + "\0.csv"], rank: 0, size: 1) }
    #expect(throws: LockstepError.self) { try InputFile(path + "\0.csv") }
  }
}
