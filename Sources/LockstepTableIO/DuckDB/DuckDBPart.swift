// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO

/// Columns that one query gives, and where their rows go.
struct DuckDBPart: Sendable {
  let columns: [Int]
  /// The number in the first row of the first column, and how many numbers a row has.
  private let address: UInt
  private let rowStride: Int
  private let isSingle: Bool

  /// Cuts the columns of tables into so many parts, or parts of so many columns if those are more.
  ///
  /// DuckDB has a page of each column of a query in memory: too many at a time do not fit into a cache.
  static func parts(
    of targets: [ColumnTarget], isSingle: Bool, count: Int = 1, largestColumnCount: Int = .max
  ) -> [DuckDBPart] {
    let size = isSingle ? MemoryLayout<Float>.stride : MemoryLayout<Double>.stride
    return targets.flatMap { target -> [DuckDBPart] in
      let width = target.columns.count
      let count = min(max(count, (width - 1) / largestColumnCount + 1), width)
      return (0..<count).map { part in
        let own = part * width / count..<(part + 1) * width / count
        return DuckDBPart(
          columns: Array(target.columns[own]), address: UInt(bitPattern: target.address + own.lowerBound * size),
          rowStride: width, isSingle: isSingle)
      }
    }
  }

  /// Copies rows of a chunk, whose columns are this part's, to the rows from `row` on.
  func copy(_ found: ArraySlice<LockstepColumn>, _ rows: Range<Int>, to row: Int) {
    let size = isSingle ? MemoryLayout<Float>.stride : MemoryLayout<Double>.stride
    found.withUnsafeBufferPointer { found in
      guard let base = found.baseAddress, let target = UnsafeMutableRawPointer(bitPattern: address) else { return }
      lockstep_columns_to_rows(
        base, Int64(found.count), Int64(rows.lowerBound), Int64(rows.count), isSingle, target + row * rowStride * size,
        Int64(rowStride))
    }
  }
}
