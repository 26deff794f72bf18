// SPDX-License-Identifier: Apache-2.0

extension CSVOptions {
  /// The names of all columns of a file, or `nil` if it has no header or is no CSV file.
  ///
  /// Reads the file's beginning only.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable or without rows; `.malformedInput` if its first
  ///   row cannot be one.
  public func columnNames(ofFile path: String) throws -> [String]? {
    let file = try InputFile(path)
    func head(_ count: Int) throws -> [UInt8] {
      try Array(unsafeUninitializedCapacity: count) { buffer, filled in
        filled = try file.read(at: 0, into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
    guard DataFormat(head: try head(DataFormat.headByteCount)) == .csv else { return nil }
    return try CSVLayout(options: self, name: file.name, reading: head).columnNames
  }
}
