// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The formats of files whose rows can be fetched by number.
enum ColumnFormat: Equatable {
  /// Arrow's IPC formats: the file (Feather 2) and the stream.
  case arrow
  case hdf5
  /// Arrays of NumPy in a ZIP archive.
  case npz
  /// A structured array of NumPy, which ``DataFormat`` tells from the others.
  case records

  /// The format of a file that begins like this, if it is one of these.
  init?(head: [UInt8]) {
    if head.starts(with: ArrowFile.magic) || head.starts(with: ArrowFile.oldMagic) || ArrowFile.isStream(head) {
      self = .arrow
    } else if HDF5Store.isHead(head) {
      self = .hdf5
    } else if head.starts(with: ZIPArchive.magic) {
      self = .npz
    } else {
      return nil
    }
  }

  /// The table in a file of this format.
  ///
  /// - Parameters:
  ///   - file: The file.
  ///   - named: What the user calls it, and the table in it that is meant.
  ///   - limit: The limit of memory that is held to; `nil` for what the machine has.
  /// - Returns: The table.
  /// - Throws: `LockstepError` if the file is damaged, or has no such table.
  func store(_ file: InputFile, _ named: FileMember, within limit: MemoryLimit?) throws -> any ColumnStore {
    let byteCount = file.byteCount ?? 0
    do {
      switch self {
      case .arrow:
        try named.requireNone()
        return ArrowStore(try ArrowFile(file, byteCount: byteCount, limit: limit))
      case .hdf5: return try HDF5Store(path: named.path, member: named.member, limit: limit)
      case .records:
        try named.requireNone()
        return try NPYRecords(file)
      case .npz: return try NPZStore(file, byteCount: byteCount, member: named.member, limit: limit)
      }
    } catch {
      // A library that is missing knows no file.
      var error = LockstepError(wrapping: error)
      error.place = error.place ?? .init(file: named.path)
      throw error
    }
  }
}
