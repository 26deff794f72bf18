// SPDX-License-Identifier: Apache-2.0

extension RowBlock {
  /// The features as doubles in memory, without a copy where they are.
  package func inDoubles() -> DenseRows<Double> {
    switch (self as? SupervisedRows)?.features ?? self {
    case let rows as DenseRows<Double>: return rows
    case let rows as DenseRows<Float>:
      return DenseRows(rows.withUnsafeElements { $0.map(Double.init) }, columnCount: rows.columnCount)
    case let rows: return DenseRows((0..<rows.rowCount).flatMap { rows.row($0) }, columnCount: rows.columnCount)
    }
  }
}
