// SPDX-License-Identifier: Apache-2.0

/// The formats of files, told apart by how the files begin.
enum DataFormat: Equatable {
  case csv
  case npy
  case matrixMarket
  case svmLight
  /// What DuckDB reads.
  case parquet
  /// Tables whose rows can be fetched by number.
  case columns(ColumnFormat)
  /// CSV that is compressed.
  case compressed(Decompression.Method)

  /// Whether the file is text whose rows end where lines do, and which may therefore be read while it grows.
  var isText: Bool { self == .csv || self == .svmLight }

  /// How many bytes of a file tell.
  static var headByteCount: Int { 1 << 16 }

  /// The format of a file that begins like this.
  init(head: [UInt8]) {
    if head.starts(with: NPYHeader.magic) {
      self = NPYRecords.isHead(head) ? .columns(.records) : .npy
    } else if head.starts(with: Array("PAR1".utf8)) {
      self = .parquet
    } else if let format = ColumnFormat(head: head) {
      self = .columns(format)
    } else if let method = Decompression.Method(head: head) {
      self = .compressed(method)
    } else if MatrixMarketHeader.isBanner(head) {
      self = .matrixMarket
    } else {
      self = SVMLightReading<Double>.isLikely(head) ? .svmLight : .csv
    }
  }
}
