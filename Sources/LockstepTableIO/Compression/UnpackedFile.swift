// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// Compressed files of a format that is read at many places, unpacked to a file without a name.
enum UnpackedFile {
  /// The first bytes of what a compressed file holds.
  static func head(of file: InputFile, _ method: Decompression.Method) throws -> [UInt8] {
    let text = try Decompression(FileFromStart(file), method)
    return try Array(unsafeUninitializedCapacity: 1 << 14) { buffer, count in
      count = try text.readNext(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }

  /// The format of what a compressed file holds: a sparse one, or CSV.
  static func format(of file: InputFile, _ method: Decompression.Method) throws -> DataFormat {
    let format = DataFormat(head: try head(of: file, method))
    return format == .svmLight || format == .matrixMarket ? format : .csv
  }

  /// The text of a compressed file as one of the same name.
  ///
  /// - Throws: `LockstepError`: `.outputFailed` if there is no room for it, and what unpacking throws.
  static func text(of file: InputFile, _ method: Decompression.Method, options: ReadOptions) throws -> InputFile {
    let text = try Decompression(FileFromStart(file), method)
    let scratch = try ScratchFile(in: options.memoryLimit?.scratchDirectory)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { buffer.deallocate() }
    var count = 0
    repeat {
      try Cancellation.check()
      count = try text.readNext(into: buffer)
      // Pieces are whole pages, but for the last: they lie one behind the other.
      _ = try scratch.append([UnsafeRawBufferPointer(rebasing: buffer[..<count])])
    } while count == buffer.count
    return try InputFile(content: scratch, of: file.name)
  }
}

/// A file that is open already, from its first byte on.
final class FileFromStart: ByteStream {
  private let file: InputFile
  private var position = 0
  var name: String { file.name }

  init(_ file: InputFile) { self.file = file }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let count = try file.read(at: position, into: buffer)
    position += count
    return count
  }
}
