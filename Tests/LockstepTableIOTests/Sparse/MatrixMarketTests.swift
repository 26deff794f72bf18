// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct MatrixMarketTests {
  private func read(
    _ text: String, size: Int = 1, pieceByteCount: Int = 7, _ options: ReadOptions = ReadOptions()
  ) throws -> [LoadedRows<Double>] {
    let directory = try TemporaryDirectory()
    let path = try directory.write(text, to: "a.mtx")
    var options = options
    options.pieceByteCount = pieceByteCount
    options.threadCount = 2
    return try (0..<size).map { rank in
      try DataReading<Double>(DataNames.parts(of: [path], rank: rank, size: size), options: options).resolved()
    }
  }

  private let general = """
    %%MatrixMarket matrix coordinate real general
    % a comment

    4 3 5
    4 1 -1.5
    1 3 2
    % another
    1 1 1e3
    4 3\t7 \r
    2 2 0
    """

  @Test func coordinatesInAnyOrderBecomeSparseRows() throws {
    let expected = [[1000, 0, 2], [0, 0, 0], [0, 0, 0], [-1.5, 0, 7]]
    for size in 1...6 {
      for pieceByteCount in [1, 6, 1000] {
        let parts = try read(general, size: size, pieceByteCount: pieceByteCount)
        #expect(parts.flatMap { $0.table.nested } == expected, "\(size) processes, pieces of \(pieceByteCount)")
        #expect(parts.allSatisfy { $0.layout == "sparse Double" && $0.columnCount == 3 && $0.labels == nil })
      }
    }
    let parts = try read(general, size: 2, ReadOptions(targets: .last))
    #expect(parts.flatMap { $0.table.nested } == [[1000, 0], [0, 0], [0, 0], [-1.5, 0]])
    #expect(parts.flatMap { $0.extraTables[0].table.nested } == [[2], [0], [0], [7]])
  }

  @Test func symmetricMatricesAreCompleted() throws {
    let text = "%%MatrixMarket matrix coordinate integer symmetric\n3 3 4\n3 1 5\n1 1 1\n3 2 6\n3 3 9\n"
    for size in 1...4 {
      #expect(
        try read(text, size: size).flatMap { $0.table.nested } == [[1, 0, 5], [0, 0, 6], [5, 6, 9]], "\(size) processes"
      )
    }
  }

  @Test func patternsAreOnes() throws {
    let text = "%%matrixmarket MATRIX Coordinate Pattern General\n2 2 2\n1 2\n2 1\n"
    #expect(try read(text)[0].table.nested == [[0, 1], [1, 0]])
  }

  @Test func arraysAreDense() throws {
    let text = "%%MatrixMarket matrix array real general\n% c\n3 2\n1\n2\n3\n% c\n4 5\n6\n"
    for size in 1...4 {
      let parts = try read(text, size: size)
      #expect(parts.flatMap { $0.table.nested } == [[1, 4], [2, 5], [3, 6]] && parts[0].layout == "dense Double")
    }
    let last = try read(text, ReadOptions(targets: .last))[0]
    #expect(last.table.nested == [[1], [2], [3]] && last.extraTables[0].table.nested == [[4], [5], [6]])
    let symmetric = "%%MatrixMarket matrix array integer symmetric\n3 3\n1\n2\n3\n4\n5\n6\n"
    #expect(try read(symmetric, size: 2).flatMap { $0.table.nested } == [[1, 2, 3], [2, 4, 5], [3, 5, 6]])
  }

  @Test(arguments: [
    ("3 3 2", "0 1 5\n1 1 1", ":3: \"0\" has an index below 1"),
    ("3 3 2", "1 1 1\n1 4 5", ":4: \"4\" has an index past the size of 3 × 3"),
    ("3 3 2", "1 1 1\n4 1 5", ":4: \"4\" has an index past"),
    ("3 3 2", "1 1 1\n1 1 5", "the entry in row 1, column 1 comes twice"),
    ("3 3 3", "1 1 1.00000\n1 2 5.00000", "2 entries where the size says 3"),
    ("3 3 1", "1 1 1\n1 2 5", "2 entries where the size says 1"),
    ("3 3 2", "1 1 1.000\n1 2", ":4: \"1 2\" is not an entry"),
    ("3 3 2", "1 1 1\n1 2 3 4", ":4: \"1 2 3 4\" is not an entry"),
    ("3 3 2", "1 1 1\n1 x 3", ":4: \"x\" is not a number"),
    ("3 3 2", "1 1 1\n1 2 nan", ":4: \"nan\" stands for a missing value"),
    ("3 3 1000000000000", "1 1 1\n", ":2: 1000000000000 entries in a file of"),
    ("3 1000000000000 1", "1 1 1\n", ":2: a matrix of 3 × 1000000000000 in a file of"),
    ("1000000000000 3 1", "1 1 1\n", ":2: a matrix of 1000000000000 × 3 in a file of"),
    ("3 3", "1 1 1\n", ":2: \"3 3\" is no size"), ("3 -3 1", "1 1 1\n", ":2: \"3 -3 1\" is no size"),
    ("99999999999999999999 3 1", "1 1 1\n", "is no size"), ("0 3 0", "", "the matrix has 0 rows"),
    ("%", "", "the size is missing"),
  ])
  func damageIsNamed(size: String, entries: String, message: String) {
    let text = "%%MatrixMarket matrix coordinate real general\n\(size)\n\(entries)\n"
    for count in [1, 2] {
      let error = #expect(throws: LockstepError.self) { try read(text, size: count) }
      #expect(error?.description.contains(message) == true, "\(String(describing: error))")
      #expect(error?.place?.file != nil)
    }
  }

  @Test(arguments: [
    ("coordinate complex general", "2 2 1\n1 1 1 1", "a matrix that is \"complex\" cannot be read"),
    ("coordinate real hermitian", "2 2 1\n1 1 1", "a matrix that is \"hermitian\" cannot be read"),
    ("array pattern general", "2 2\n1\n1\n1\n1", "a matrix that is \"pattern\" cannot be read"),
    ("coordinate real", "2 2 1\n1 1 1", ":1: \"%%MatrixMarket matrix coordinate real\" is no banner"),
    ("coordinate real symmetric", "2 3 1\n1 1 1", "a symmetric matrix of 2 × 3"),
    ("coordinate real symmetric", "2 2 1\n1 2 1", ":3: \"1 2 1\" lies above the diagonal"),
    ("array real general", "2 2\n1\n1\n1\n", "3 numbers where the size says 4"),
    ("array real general", "2 2\n1\n1\n1\n1\n1\n", "5 numbers where the size says 4"),
    ("array real general", "100000 100000\n1\n", ":2: 100000 × 100000 numbers in a file of"),
    ("array real general", "9999999999 9999999999\n1\n", "numbers in a file of"),
    ("array real general", "2 2\n1\nx\n1\n1\n", ":4: \"x\" is not a number"),
  ])
  func otherKindsAreRefused(kind: String, rest: String, message: String) {
    let error = #expect(throws: LockstepError.self) { try read("%%MatrixMarket matrix \(kind)\n\(rest)\n") }
    #expect(error?.description.contains(message) == true, "\(String(describing: error))")
  }
}
