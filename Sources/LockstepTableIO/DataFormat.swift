// SPDX-License-Identifier: Apache-2.0

/// The formats of files, told apart by how the files begin.
enum DataFormat: Equatable {
  case csv
  case npy
  case matrixMarket
  case svmLight
  /// What DuckDB reads.
  case parquet
  /// Arrow's IPC formats: the file (Feather 2) and the stream.
  case arrow
  case hdf5
  /// Arrays of NumPy in a ZIP archive.
  case npz
  /// CSV that is compressed.
  case compressed(Decompression.Method)

  /// Whether a file holds several tables, each with a name.
  var hasMembers: Bool { self == .hdf5 || self == .npz }

  /// How many bytes of a file tell.
  static var headByteCount: Int { 1 << 16 }

  /// The format of a file that begins like this.
  init(head: [UInt8]) {
    if head.starts(with: NPYHeader.magic) {
      self = .npy
    } else if head.starts(with: Array("PAR1".utf8)) {
      self = .parquet
    } else if head.starts(with: ArrowFile.magic) || head.starts(with: ArrowFile.oldMagic) || ArrowFile.isStream(head) {
      self = .arrow
    } else if HDF5Store.isHead(head) {
      self = .hdf5
    } else if head.starts(with: ZIPArchive.magic) {
      self = .npz
    } else if let method = Decompression.Method(head: head) {
      self = .compressed(method)
    } else if MatrixMarketHeader.isBanner(head) {
      self = .matrixMarket
    } else {
      self = SVMLightReading<Double>.isLikely(head) ? .svmLight : .csv
    }
  }
}
