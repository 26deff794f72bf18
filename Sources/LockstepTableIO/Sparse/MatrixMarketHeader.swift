// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// The first lines of a Matrix Market file: its banner, comments, and the size.
struct MatrixMarketHeader: Sendable {
  /// Whether only some entries are written, each with its place.
  let isCoordinate: Bool
  /// Whether entries have no values: they are ones.
  let isPattern: Bool
  /// Whether only the diagonal and what is below it are written.
  let isSymmetric: Bool
  /// Whether what is above the diagonal has the other sign, and the diagonal is zero and not written.
  let isSkew: Bool
  let rowCount: Int
  let columnCount: Int
  /// The number of entries that are written.
  let entryCount: Int
  /// Where the entries begin.
  let dataStart: Int

  private static let banner = "%%matrixmarket"

  /// Whether a file begins like this.
  static func isBanner(_ head: [UInt8]) -> Bool {
    String(decoding: head.prefix(banner.utf8.count), as: UTF8.self).lowercased() == banner
  }

  /// Reads the header of a file.
  ///
  /// - Throws: `LockstepError`: `.malformedInput` with the line, `.unsupported` for matrices of another kind.
  init(_ file: InputFile, byteCount: Int) throws {
    var head: [UInt8] = []
    var lines: [ArraySlice<UInt8>] = []
    var size: ArraySlice<UInt8>?
    var capacity = 1 << 16
    repeat {
      head = try Array(unsafeUninitializedCapacity: min(capacity, byteCount)) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
      // The last line is whole only if the file ends with it.
      let all = head.split(separator: 0x0A, omittingEmptySubsequences: false)
      lines = head.count < byteCount ? all.dropLast() : all
      size = lines.dropFirst().first { line in
        line.first { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D }.map { $0 != UInt8(ascii: "%") } ?? false
      }
      capacity *= 4
    } while size == nil && head.count < byteCount

    func fault(_ message: String, _ remedy: String, line: Int) -> LockstepError {
      LockstepError(.malformedInput, message, remedy: remedy, place: .init(file: file.name, line: line))
    }
    let words = MatrixMarketHeader.words(lines[0]).map { $0.lowercased() }
    guard words.count == 5, words[0] == MatrixMarketHeader.banner, words[1] == "matrix" else {
      throw fault(
        "\(SparseFailure.quoted(Array(lines[0]))) is no banner of a matrix",
        "write it as in: %%MatrixMarket matrix coordinate real general", line: 1)
    }
    func choice(_ word: Int, _ known: [String]) throws {
      guard known.contains(words[word]) else {
        throw LockstepError(
          .unsupported, "a matrix that is \"\(words[word])\" cannot be read",
          remedy: "convert it to \(known.joined(separator: ", "))",
          place: .init(file: file.name, line: 1))
      }
    }
    try choice(2, ["coordinate", "array"])
    try choice(3, ["real", "double", "integer"] + (words[2] == "coordinate" ? ["pattern"] : []))
    try choice(4, ["general", "symmetric", "skew-symmetric"])
    isCoordinate = words[2] == "coordinate"
    isPattern = words[3] == "pattern"
    isSkew = words[4] == "skew-symmetric"
    isSymmetric = words[4] == "symmetric" || isSkew

    guard let size else {
      throw fault("the size is missing", "the file is cut short, or is no Matrix Market file", line: lines.count)
    }
    let line = head[..<size.startIndex].count { $0 == 0x0A } + 1
    let numbers = MatrixMarketHeader.words(size).map { Int($0) ?? -1 }
    guard numbers.count == (isCoordinate ? 3 : 2), numbers.allSatisfy({ $0 >= 0 }) else {
      throw fault(
        "\(SparseFailure.quoted(Array(size))) is no size",
        isCoordinate ? "write rows, columns and entries" : "write rows and columns", line: line)
    }
    (rowCount, columnCount) = (numbers[0], numbers[1])
    guard !isSymmetric || rowCount == columnCount else {
      throw fault(
        "a symmetric matrix of \(rowCount) × \(columnCount)", "declare it general, or correct the size", line: line)
    }
    guard rowCount > 0, columnCount > 0 else {
      throw LockstepError(
        .noInput, "the matrix has \(rowCount) rows and \(columnCount) columns",
        place: .init(file: file.name, line: line))
    }
    dataStart = min(size.endIndex + 1, byteCount)

    // Memory is taken for what the file can hold, not for what it says.
    func tooLarge(_ what: String, _ limit: Int) -> LockstepError {
      fault(
        "\(what) in a file of \(byteCount) bytes, which can hold \(limit)",
        "the file is cut short, or its size is wrong",
        line: line)
    }
    let room = byteCount - dataStart + 1
    if isCoordinate {
      entryCount = numbers[2]
      let limit = room / (isPattern ? 4 : 6)
      guard entryCount <= limit else { throw tooLarge("\(entryCount) entries", limit) }
      let most = SparseSize.limit(byteCount: byteCount)
      guard rowCount <= most, columnCount <= most else {
        throw fault(
          "a matrix of \(rowCount) × \(columnCount) in a file of \(byteCount) bytes, which is trusted with \(most) of each",
          "correct the size", line: line)
      }
    } else {
      let (elements, overflows) = rowCount.multipliedReportingOverflow(by: columnCount)
      let count =
        overflows ? .max : isSymmetric ? (elements - rowCount) / 2 + (isSkew ? 0 : rowCount) : elements
      guard !overflows, count <= room / 2 else { throw tooLarge("\(rowCount) × \(columnCount) numbers", room / 2) }
      entryCount = count
    }
  }

  private static func words(_ line: ArraySlice<UInt8>) -> [String] {
    line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }.map { String(decoding: $0, as: UTF8.self) }
  }
}
