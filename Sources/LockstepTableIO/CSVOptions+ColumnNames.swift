// SPDX-License-Identifier: Apache-2.0

extension CSVOptions {
  /// The names of all columns of a file, or `nil` if it has no header. Reads the beginning of the file only.
  ///
  /// - Throws: `LockstepError`: `.noInput` if the file is missing, unreadable or without rows; `.malformedInput` if its first
  ///   row cannot be one.
  public func columnNames(ofFile path: String) throws -> [String]? {
    let file = try InputFile(path)
    return try CSVLayout(options: self, name: file.name) { count in
      var bytes = [UInt8](repeating: 0, count: count)
      let filled = try bytes.withUnsafeMutableBytes { try file.read(at: 0, into: $0) }
      return Array(bytes.prefix(filled))
    }.columnNames
  }
}
