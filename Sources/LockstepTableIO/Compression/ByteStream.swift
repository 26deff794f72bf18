// SPDX-License-Identifier: Apache-2.0

/// Bytes that can be read from first to last.
protocol ByteStream: AnyObject {
  /// The name of what is read, for messages.
  var name: String { get }
  /// Reads the next bytes until `buffer` is full or the input ends, and returns the number of bytes read.
  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

extension InputFile: ByteStream {}
