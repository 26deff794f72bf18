// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Formats that are not text, told by their first bytes, with what to do about a file of each.
enum OtherFormats {
  private struct Format {
    var magic: [UInt8]
    var offset = 0
    var what: String
    var remedy: String

    init(_ magic: [UInt8], _ what: String, _ remedy: String, at offset: Int = 0) {
      (self.magic, self.what, self.remedy, self.offset) = (magic, what, remedy, offset)
    }

    init(_ magic: String, _ what: String, _ remedy: String) { self.init(Array(magic.utf8), what, remedy) }
  }

  private static let unpacked = "unpack it, or pipe it"
  private static let saved = "save it as CSV or Parquet"
  private static let named = "write it to a file first, and name the file: only text is read through a pipe"

  private static let formats: [Format] = [
    Format([0x1F, 0x8B], "compressed by gzip", "\(unpacked): zcat FILE | lockstep VERB -"),
    Format([0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd", "\(unpacked): zstdcat FILE | lockstep VERB -"),
    Format("BZh", "compressed by bzip2", "\(unpacked): bzcat FILE | lockstep VERB -"),
    Format([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00], "compressed by xz", "\(unpacked): xzcat FILE | lockstep VERB -"),
    Format([0x04, 0x22, 0x4D, 0x18], "compressed by LZ4", "\(unpacked): lz4cat FILE | lockstep VERB -"),
    Format("LZIP", "compressed by lzip", "\(unpacked): lzip -dc FILE | lockstep VERB -"),
    Format([0x1F, 0x9D], "compressed by compress", "\(unpacked): zcat FILE | lockstep VERB -"),
    Format([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "an archive of 7-Zip", "unpack it: 7z x FILE"),
    Format("Rar!", "a RAR archive", "unpack it: unrar x FILE"),
    Format(
      [0x50, 0x4B, 0x03, 0x04], "a ZIP archive", "unpack it, or name it: arrays of NumPy in it are read from a file"),
    Format(
      [0xFF, 0xFE, 0x00, 0x00], "UTF-32 text", "convert it: iconv -f UTF-32 -t UTF-8 FILE"),
    Format([0x00, 0x00, 0xFE, 0xFF], "UTF-32 text", "convert it: iconv -f UTF-32 -t UTF-8 FILE"),
    Format([0xFF, 0xFE], "UTF-16 text", "convert it: iconv -f UTF-16 -t UTF-8 FILE"),
    Format([0xFE, 0xFF], "UTF-16 text", "convert it: iconv -f UTF-16 -t UTF-8 FILE"),
    Format([0x89, 0x48, 0x44, 0x46], "an HDF5 file", named),
    Format([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "an NPY file", named),
    Format("PAR1", "a Parquet file", named),
    Format("ARROW1", "an Arrow file", named),
    Format([0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1], "a spreadsheet of Excel, or another office file", saved),
    Format("ORC", "an ORC file", "write it as Parquet, for example with pyarrow.orc and pyarrow.parquet"),
    Format("Obj\u{1}", "an Avro file", "write it as Parquet or CSV"),
    Format("$FL", "a file of SPSS", saved),
    Format("<stata_dta>", "a file of Stata", "save it as CSV (export delimited), or with pandas.read_stata"),
    Format("HEADER RECORD*******LIB", "a transport file of SAS", "save it as CSV, or with pandas.read_sas"),
    Format(
      [0xC2, 0xEA, 0x81, 0x60, 0xB3, 0x14, 0x11, 0xCF], "a file of SAS", "save it as CSV, or with pandas.read_sas",
      at: 12),
    Format("RDX", "a workspace of R", "write the frame: write.csv(x, \"x.csv\", row.names = FALSE)"),
    Format("RDA", "a workspace of R", "write the frame: write.csv(x, \"x.csv\", row.names = FALSE)"),
    Format("X\n\0\0\0", "an object of R", "write the frame: write.csv(readRDS(FILE), \"x.csv\", row.names = FALSE)"),
    Format("MATLAB 5.0 MAT-file", "a file of MATLAB", "save it with -v7.3, which is HDF5, or write it as CSV"),
    Format("SIMPLE  =", "a FITS file", "write its table as CSV or NPY, for example with astropy"),
    Format("CDF\u{1}", "a netCDF file", "write it as netCDF-4, which is HDF5: nccopy -k nc4 FILE x.nc"),
    Format("CDF\u{2}", "a netCDF file", "write it as netCDF-4, which is HDF5: nccopy -k nc4 FILE x.nc"),
    Format("CDF\u{5}", "a netCDF file", "write it as netCDF-4, which is HDF5: nccopy -k nc4 FILE x.nc"),
    Format("SQLite format 3\0", "a database of SQLite", "write the table as CSV: sqlite3 -header -csv FILE 'SELECT …'"),
    Format("%PDF", "a PDF", "take the table out of it, as CSV"),
    Format("<!DOCTYPE html", "a page of HTML", "look at what was downloaded"),
    Format("<!doctype html", "a page of HTML", "look at what was downloaded"),
    Format("<html", "a page of HTML", "look at what was downloaded"),
    Format(
      "version https://git-lfs.github.com/spec", "a pointer of Git LFS, not the file itself", "fetch it: git lfs pull"),
    Format("{\"", "JSON", "write its records as CSV or Parquet"),
    Format("[{", "JSON", "write its records as CSV or Parquet"),
    Format(
      "%MatrixMarket", "a Matrix Market file whose banner lacks a %", "begin its first line with %%MatrixMarket"),
    Format(
      [0xEF, 0xBB, 0xBF] + Array("%%MatrixMarket".utf8), "a Matrix Market file behind a byte order mark",
      "take the mark off: tail -c +4 FILE"),
  ]

  /// Throws if a text begins like one of these.
  static func reject(_ head: [UInt8], name: String) throws {
    func refusal(_ what: String, _ remedy: String) -> LockstepError {
      LockstepError(.malformedInput, "this is \(what)", remedy: remedy, place: .init(file: name))
    }
    for format in formats where head.dropFirst(format.offset).starts(with: format.magic) {
      throw refusal(format.what, format.remedy)
    }
    if head.count > 2, head[0] == 0x80, (2...5).contains(head[1]) {
      throw refusal(
        "a pickle of Python, which may run anything when it is read",
        "save the array with numpy.save, the frame as Parquet")
    }
    if head.count > 3, (0x69...0x73).contains(head[0]), head[1] == 1 || head[1] == 2, head[2] == 1, head[3] == 0 {
      throw refusal("a file of Stata", "save it as CSV (export delimited), or with pandas.read_stata")
    }
    // Every second byte of ASCII text in UTF-16 is 0.
    let start = head.prefix(256)
    guard start.count >= 4 else { return }
    for (odd, order) in [(1, "LE"), (0, "BE")] {
      let zeros = start.indices.count { $0 % 2 == odd && start[$0] == 0 }
      let others = start.indices.count { $0 % 2 != odd && start[$0] == 0 }
      if zeros * 4 > start.count, others == 0 {
        throw refusal("UTF-16 text without a byte order mark", "convert it: iconv -f UTF-16\(order) -t UTF-8 FILE")
      }
    }
  }
}
