// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Sparse files that are compressed, and SciPy's sparse matrices.
struct PackedSparseTests {
  /// The rows that some processes read, dense.
  private func rows<Element: Scalar>(
    of path: String, size: Int, _ options: ReadOptions = ReadOptions(), as type: Element.Type = Double.self
  ) throws -> [[Double]] {
    let readings = try (0..<size).map {
      try DataReading<Element>(DataNames.parts(of: [path], rank: $0, size: size), options: options)
    }
    let columnCount = readings.map(\.leastColumnCount).max() ?? 0
    return try readings.flatMap { reading in
      var rows: [[Double]] = []
      let loaded = try reading.resolved(columnCount: columnCount)
      #expect(loaded.rows.isSparse)
      try loaded.rows.forEachChunk { chunk in rows += (0..<chunk.rowCount).map { chunk.row($0) } }
      return rows
    }
  }

  private static let texts = [
    "1 1:5 3:7\n2 2:6\n", "%%MatrixMarket matrix coordinate real general\n2 3 3\n1 1 5\n1 3 7\n2 2 6\n",
  ]

  @Test(arguments: DecompressionTests.commands, [1, 2, 3]) func textsAreUnpacked(command: String, size: Int) throws {
    let directory = try TemporaryDirectory()
    for (text, format) in zip(Self.texts, [PinnedFormat.svmLight, .matrixMarket]) {
      let path = try DecompressionTests.compressed(command, text, in: directory)
      #expect(try rows(of: path, size: size) == [[5, 0, 7], [0, 6, 0]])
      #expect(try rows(of: path, size: size, as: Float.self) == [[5, 0, 7], [0, 6, 0]])
      #expect(try ReadOptions().columnNames(ofFile: path) == nil)
      #expect(try DataPreview.of(path) == nil)
      #expect(try DataLook(.file(path), options: ReadOptions()).rowCount == 2)
      try format.require(of: .file(path))
      #expect(throws: LockstepError.self) { try PinnedFormat.csv.require(of: .file(path)) }
    }
  }

  @Test(arguments: DecompressionTests.commands) func whatIsWrongHasItsPlace(command: String) throws {
    let directory = try TemporaryDirectory()
    let path = try DecompressionTests.compressed(command, "1 1:5\nyes 2:6\n1 2:x\n", in: directory)
    let error = #expect(throws: LockstepError.self) { try rows(of: path, size: 1) }
    #expect(error?.place?.file == path && error?.place?.line == 3)
    let words = try DecompressionTests.compressed(command, "1 1:5\n2 1:3\nyes 2:6\n", in: directory)
    let targeted = #expect(throws: LockstepError.self) { try rows(of: words, size: 1, ReadOptions(targets: .last)) }
    #expect(targeted?.place?.line == 3)
  }

  @Test(arguments: ["csr", "csc", "coo"], [1, 2, 3, 5]) func sparseMatricesOfSciPyAreRead(
    format: String, size: Int
  ) throws {
    let path = try Fixture.path("sparse-\(format).npz")
    let expected: [[Double]] = [[5, 0, 7], [0, 0, 0], [0, 0, 6], [0, 6, 0]]
    #expect(try rows(of: path, size: size) == expected)
    #expect(try rows(of: path, size: size, as: Float.self) == expected)
    #expect(try rows(of: path, size: size, ReadOptions(columns: [2, 0])) == expected.map { [$0[2], $0[0]] })
    let targeted = try parts(of: path, size: size, ReadOptions(targets: 1))
    #expect(targeted.flatMap { $0.extraTables[0].table.nested } == expected.map { [$0[1]] })
    #expect(try DataLook(.file(path), options: ReadOptions()).rowCount == 4)
    #expect(try DataPreview.of(path) == nil)
    // The arrays by their names are no matrix.
    #expect(try parts(of: path + ":data")[0].rowCount > 0)
  }

  @Test func otherSparseFormatsAreNamed() throws {
    let error = #expect(throws: LockstepError.self) { try parts(of: try Fixture.path("sparse-bsr.npz")) }
    #expect(error?.code == .unsupported && error?.message.contains("bsr") == true && error?.remedy == "save x.tocsr()")
  }

  /// An archive of a sparse matrix in compressed rows or columns.
  private func archive(
    _ directory: TemporaryDirectory, data: [Double] = [5, 7, 6], indices: [Int64] = [0, 2, 1],
    starts: [Int64] = [0, 2, 3], shape: [Int64] = [2, 3], format: String = "csr"
  ) throws -> String {
    let path = directory.path + "/x.npz"
    try NPZFile([
      ("data", NPYArray(shape: [data.count], .double(data))),
      ("indices", NPYArray(shape: [indices.count], .int64(indices))),
      ("indptr", NPYArray(shape: [starts.count], .int64(starts))),
      ("shape", NPYArray(shape: [shape.count], .int64(shape))), ("format", NPYArray(shape: [], .string([format]))),
    ]).write(to: path)
    return path
  }

  @Test func arraysThatDoNotFitAreRefused() throws {
    let directory = try TemporaryDirectory()
    #expect(try rows(of: archive(directory), size: 1) == [[5, 0, 7], [0, 6, 0]])
    for change in 0..<9 {
      let path =
        switch change {
        case 0: try archive(directory, data: [5, 7])
        case 1: try archive(directory, indices: [0, 3, 1])
        case 2: try archive(directory, indices: [0, -1, 1])
        case 3: try archive(directory, starts: [0, 2, 4])
        case 4: try archive(directory, starts: [0, 4, 3])
        case 5: try archive(directory, starts: [1, 2, 3])
        case 6: try archive(directory, shape: [3, 3])
        case 7: try archive(directory, shape: [2, 1 << 40])
        default: try archive(directory, shape: [1 << 40, 2], format: "csc")
        }
      let error = #expect(throws: LockstepError.self, "\(change)") { try rows(of: path, size: 1) }
      #expect(error?.code == .malformedInput, "\(change)")
    }
    for name in ["csr", "csc", "coo"] {
      try checkDamage(to: try Fixture.bytes("sparse-\(name).npz"), name: "damaged.npz", flips: 60)
    }
  }

  @Test(arguments: [1, 2]) func missingEntriesAreLeftOutOrCounted(size: Int) throws {
    let directory = try TemporaryDirectory()
    let path = try archive(directory, data: [5, .nan, 6])
    #expect(try rows(of: path, size: size, ReadOptions(missing: .skipRow)) == [[0, 6, 0]])
    let counted = try parts(of: path, size: size, ReadOptions(missing: .mean))
    #expect(counted.flatMap(\.missing) == [MissingCount(column: "2", count: 1)])
  }
}
