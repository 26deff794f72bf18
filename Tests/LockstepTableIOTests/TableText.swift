// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

@testable import LockstepTableIO

/// Reads a text as a CSV file.
func rows(
  of text: String, _ options: ReadOptions = ReadOptions(), file: String = "data.csv"
) throws -> [[Double]] {
  let directory = try TemporaryDirectory()
  return try CSVFile(try directory.write(text, to: file), options).table.nested
}

/// What the command says of the error that reading a text ends with, without the directory.
func failure(
  of text: String, _ options: ReadOptions = ReadOptions(), file: String = "data.csv"
) throws -> String {
  let directory = try TemporaryDirectory()
  do {
    let file = try CSVFile(try directory.write(text, to: file), options)
    return "no error, but \(file.table.nested)"
  } catch let error as LockstepError {
    return error.description(in: .commandLine).withoutDirectory(directory)
  }
}

extension String {
  func withoutDirectory(_ directory: TemporaryDirectory) -> String {
    var rest = self[...]
    var result = ""
    let prefix = directory.path + "/"
    while let first = rest.first {
      if rest.hasPrefix(prefix) {
        rest = rest.dropFirst(prefix.count)
      } else {
        result.append(first)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}

extension Table {
  /// The rows as nested arrays.
  var nested: [[Element]] {
    rows.withUnsafeElements { elements in
      (0..<rowCount).map { Array(elements[$0 * columnCount..<($0 + 1) * columnCount]) }
    }
  }
}
