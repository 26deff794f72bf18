// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// A file with one line, or one entry, for each input row, in input order: `.csv` or `.npy`.
///
/// With `{rank}` in its name each process writes its own. Otherwise all processes write one file, each at its place, so it
/// has to be on a file system that all of them see; it is under a temporary name until it is complete.
struct RowFile: Equatable {
  /// The name as the user gave it.
  let pattern: String
  let form: RowForm

  /// A file of that name.
  ///
  /// - Throws: `LockstepError` with code `.usage` for another ending.
  init(_ pattern: String) throws {
    self.pattern = pattern
    let name = pattern.lowercased()
    if name.hasSuffix(".csv") {
      form = .csv
    } else if name.hasSuffix(".npy") {
      form = .npy
    } else {
      throw LockstepError(.usage, "\"\(pattern)\" is no name for a file of rows", remedy: "end it in .csv or .npy")
    }
  }

  /// Whether each process has a file of its own.
  var isPerRank: Bool { path(rank: 0) != path(rank: 1) }

  /// The file of a rank.
  func path(rank: Int) -> String {
    pattern.split(separator: "{rank}", omittingEmptySubsequences: false).joined(separator: "\(rank)")
  }

  /// Writes the values of all ranks. Collective.
  func write(_ values: RowValues, in context: ExecutionContext) throws {
    let rowBytes = form.rowBytes(values)
    if isPerRank {
      return try context.agree {
        try WholeFile.write(form.header(of: values, rowCount: values.rowCount) + rowBytes, to: path(rank: context.rank))
      }
    }
    let shares = try context.gathered([values.rowCount, rowBytes.count])
    let header = form.header(of: values, rowCount: shares.reduce(0) { $0 + $1[0] })
    let temporary = try context.decide { "\(pattern).\(getpid()).tmp" }
    try context.agree { if context.rank == 0 { try create(temporary, with: header) } }
    do {
      let offset = shares[..<context.rank].reduce(header.count) { $0 + $1[1] }
      try context.agree { try write(rowBytes, at: offset, of: temporary) }
      try context.agree {
        if context.rank == 0, rename(temporary, pattern) != 0 { throw failure("the file cannot be renamed from \(temporary)") }
      }
    } catch {
      if context.rank == 0 { unlink(temporary) }
      throw error
    }
  }

  private func create(_ path: String, with header: [UInt8]) throws {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure("the file cannot be created") }
    defer { close(descriptor) }
    try write(header, at: 0, to: descriptor)
  }

  private func write(_ bytes: [UInt8], at offset: Int, of path: String) throws {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw failure("the file that rank 0 has created cannot be opened here", remedy: "give each process its own, with {rank}")
    }
    defer { close(descriptor) }
    try write(bytes, at: offset, to: descriptor)
    guard fsync(descriptor) == 0 else { throw failure("the file cannot be brought to the disk") }
  }

  private func write(_ bytes: [UInt8], at offset: Int, to descriptor: Int32) throws {
    try bytes.withUnsafeBytes { buffer in
      var done = 0
      while done < buffer.count {
        let count = pwrite(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, offset + done)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure("writing failed") }
        done += count
      }
    }
  }

  private func failure(_ message: String, remedy: String? = nil) -> LockstepError {
    LockstepError(
      .outputFailed, message, remedy: remedy, place: .init(file: pattern), cause: String(cString: strerror(errno)))
  }
}

/// The forms of a file of rows.
enum RowForm: Equatable {
  case csv
  case npy

  /// The bytes of the rows, without what comes before the first.
  func rowBytes(_ values: RowValues) -> [UInt8] {
    switch (self, values) {
    case (.csv, .integers(let values)): Self.text(values)
    case (.csv, .doubles(let values)): Self.text(values)
    case (.npy, .integers(let values)): values.withUnsafeBytes { Array($0) }
    case (.npy, .doubles(let values)): values.elements.withUnsafeBytes { Array($0) }
    }
  }

  /// What comes before the first of `rowCount` rows.
  func header(of values: RowValues, rowCount: Int) -> [UInt8] {
    guard self == .npy else { return [] }
    let (type, shape) =
      switch values {
      case .integers: ("<i4", "(\(rowCount),)")
      case .doubles(let values) where values.columnCount == 1: ("<f8", "(\(rowCount),)")
      case .doubles(let values): ("<f8", "(\(rowCount), \(values.columnCount))")
      }
    // Version 1.0: magic, version, length of the text, and text padded to a multiple of 64 bytes.
    var text = Array("{'descr': '\(type)', 'fortran_order': False, 'shape': \(shape), }".utf8)
    text += Array(repeating: UInt8(ascii: " "), count: 63 - (10 + text.count) % 64) + [UInt8(ascii: "\n")]
    return [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(text.count & 0xFF), UInt8(text.count >> 8)] + text
  }

  private static func text(_ values: [Int32]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * 4)
    for value in values {
      // A cluster or class is a small number, and String's way is long.
      if value >= 0, value < 10 {
        bytes.append(UInt8(ascii: "0") + UInt8(value))
      } else {
        bytes += "\(value)".utf8
      }
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  private static func text(_ values: Matrix) -> [UInt8] {
    var bytes: [UInt8] = []
    for i in 0..<values.rowCount {
      bytes += values.row(i).map { $0.isFinite ? "\($0)" : $0.isNaN ? "nan" : $0 < 0 ? "-inf" : "inf" }
        .joined(separator: ",").utf8
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }
}
