// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// A format that files must have, whatever else could be read: for services that read what others send.
package enum PinnedFormat: String, CaseIterable, Codable, Hashable, Sendable {
  /// CSV, compressed or not.
  case csv
  /// An array of NumPy.
  case npy
  /// Arrays of NumPy in a ZIP archive.
  case npz
  /// Arrow's file or stream.
  case arrow
  /// HDF5.
  case hdf5
  /// Parquet.
  case parquet
  /// SVMLight.
  case svmLight = "svmlight"
  /// Matrix Market.
  case matrixMarket = "matrix-market"

  /// The format of a file that begins like this.
  init(_ format: DataFormat) {
    switch format {
    case .csv, .compressed: self = .csv
    case .npy, .columns(.records): self = .npy
    case .matrixMarket: self = .matrixMarket
    case .svmLight: self = .svmLight
    case .parquet: self = .parquet
    case .columns(.arrow): self = .arrow
    case .columns(.hdf5): self = .hdf5
    case .columns(.npz): self = .npz
    }
  }

  /// Throws unless what will be read has this format, of which no more than the beginning is looked at.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if it has another one.
  func require(of source: DataSource) throws {
    // What comes through a pipe is read as CSV, whatever it is.
    var found = PinnedFormat.csv
    if case .file(let name) = source, case let path = FileMember(name).path, !InputFile.isPipe(path) {
      let file = try InputFile(path)
      let head = try Array<UInt8>(unsafeUninitializedCapacity: DataFormat.headByteCount) { buffer, count in
        count = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
      var format = DataFormat(head: head)
      if case .compressed(let method) = format, [.csv, .svmLight, .matrixMarket].contains(self) {
        format = try UnpackedFile.format(of: file, method)
      }
      found = PinnedFormat(format)
    }
    guard found != self else { return }
    throw LockstepError(
      .malformedInput, "the file is read as \(found.rawValue), and only \(rawValue) is asked for",
      remedy: "give a file of that format", place: .init(file: source.description))
  }
}
