// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

/// The numbers of a NumPy file (`.npy`), or of a part of its rows.
///
/// ```swift
/// let rows = try NPYFile("x.npy")                                                        // as doubles
/// let mine = try NPYFile<Float>("x.npy", shard: FileShard(index: rank, count: size))
/// ```
/// The array is two-dimensional, rows or columns one after the other (C or Fortran order), of real numbers of any type and either
/// byte order: `float16` to `float64`, integers, `bool`. An array of one dimension is one column. Where the file's type is
/// `Element` in C order and all columns are wanted, the file is mapped into memory and nothing is copied; if it is shortened
/// while it is in use, whatever sweeps over the rows throws. Otherwise this part's numbers are copied and converted; integers above 2⁵³ are rounded.
package struct NPYFile<Element: Scalar>: RowSource {
  /// What was read.
  package let loaded: LoadedRows<Element>
  /// The number of rows of the whole file.
  package let totalRowCount: Int

  /// The number of columns.
  package var columnCount: Int { loaded.columnCount }
  /// `dense Double` or `dense Float`.
  package var layout: String { loaded.layout }
  /// The number of rows of this part.
  package var rowCount: Int { loaded.rowCount }
  /// The rows.
  package var table: Table<Element> { loaded.table }

  /// Reads a part of a file.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - options: What to read of it. ``MissingValuePolicy/skipRow`` leaves out the rows with a NaN in a chosen column, which
  ///     copies the others; ``MissingValuePolicy/mean`` those with one in the targets, weights or label, and counts the others;
  ///     ``MissingValuePolicy/error``, the default, does not look for them: whatever uses the rows refuses them. Under a limit of
  ///     memory rows are mapped or converted window by window, each time that they are wanted.
  ///   - shard: The part: its share of the rows. Default: the whole file.
  /// - Throws: `LockstepError`: `.noInput` if the file is missing or unreadable; `.malformedInput` if it is no
  ///   NPY file or is cut off; `.unsupported` if its numbers are of another type or order; `.usage` if a chosen column does
  ///   not exist.
  package init(
    _ path: String, options: ReadOptions = ReadOptions(), shard: FileShard = .whole
  ) throws {
    try self.init(opening: path, options, shard: shard)
  }

  fileprivate init(opening path: String, _ options: ReadOptions, shard: FileShard) throws {
    try self.init(InputFile(path), options, shard: shard)
  }

  init(_ file: InputFile, _ options: ReadOptions, shard: FileShard) throws {
    let layout = try NPYLayout(file)
    totalRowCount = layout.rowCount
    let memoryLimit = options.memoryLimit
    let (tables, label) = try ColumnSelection.tables(
      of: options, columnCount: layout.columnCount, names: nil, file: file.name)
    var collector = RowCollector<Element>()
    let rowByteCount = tables.joined().count * MemoryLayout<Element>.stride
    let range = shard.range(of: layout.rowCount)
    let windowRowCount = memoryLimit.map { max(1, $0.windowByteCount / rowByteCount) } ?? max(range.count, 1)
    for start in stride(from: range.lowerBound, to: max(range.upperBound, range.lowerBound + 1), by: windowRowCount) {
      let window = NPYWindow(
        file: file, layout: layout, range: start..<min(start + windowRowCount, range.upperBound), tables: tables,
        label: label, missing: options.missing)
      try collector.append(try window.loaded(inMemory: memoryLimit == nil), from: file.name)
    }
    guard let loaded = try collector.finish() else { preconditionFailure("a part of no windows") }
    self.loaded = loaded.withRoles(of: options)
  }

  /// Calls `body` with this part's rows.
  package func forEachChunk(_ body: (any RowBlock) throws -> Void) throws { try loaded.forEachChunk(body) }

  /// Calls `body` with the rows of `range`.
  package func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    try loaded.forEachChunk(of: range, body)
  }
}

extension NPYFile where Element == Double {
  /// Reads a part of a file as 64-bit numbers; see the initializer for all elements.
  package init(
    _ path: String, options: ReadOptions = ReadOptions(), shard: FileShard = .whole
  ) throws {
    try self.init(opening: path, options, shard: shard)
  }
}
