// SPDX-License-Identifier: Apache-2.0

/// A source whose columns are divided, each by a number of its own.
package struct ScaledRows: RowSource {
  private let source: any RowSource
  private let divisors: [Double]
  /// The divided rows, if they are kept.
  private let kept: [any RowBlock]?

  /// The rows of `source`, divided.
  ///
  /// - Parameters:
  ///   - source: The rows.
  ///   - divisors: A number for each column.
  ///   - isKept: Whether the divided rows are kept in memory; otherwise each reading divides them anew.
  /// - Throws: What the source throws.
  package init(_ source: any RowSource, dividedBy divisors: [Double], isKept: Bool) throws {
    self.source = source
    self.divisors = divisors
    guard isKept else {
      kept = nil
      return
    }
    var blocks: [any RowBlock] = []
    try source.forEachChunk { blocks.append($0.divided(by: divisors)) }
    kept = blocks
  }

  /// The number of columns.
  package var columnCount: Int { source.columnCount }
  /// The names of the columns.
  package var columnNames: [String]? { source.columnNames }
  /// What belongs to each row.
  package var roles: RowRoles { source.roles }
  /// The layout of the source's rows.
  package var layout: String { source.layout }
  /// The number of rows.
  package var rowCount: Int { source.rowCount }

  /// Calls `body` with all rows, in the source's runs.
  package func forEachChunk(_ body: (any RowBlock) throws -> Void) throws {
    if let kept {
      for block in kept { try body(block) }
    } else {
      try source.forEachChunk { try body($0.divided(by: divisors)) }
    }
  }

  /// Calls `body` with the rows of `range`.
  package func forEachChunk(of range: Range<Int>, _ body: (any RowBlock) throws -> Void) throws {
    guard let kept else { return try source.forEachChunk(of: range) { try body($0.divided(by: divisors)) } }
    var start = 0
    for block in kept {
      let part = range.clamped(to: start..<start + block.rowCount)
      if !part.isEmpty { try body(block.rows(part.lowerBound - start..<part.upperBound - start)) }
      start += block.rowCount
    }
  }
}

extension RowBlock {
  /// A copy whose columns are divided, each by a number of its own.
  package func divided(by divisors: [Double]) -> any RowBlock {
    precondition(divisors.count == columnCount, "\(divisors.count) divisors of \(columnCount) columns")
    switch self {
    case let rows as SupervisedRows:
      return SupervisedRows(
        features: rows.features.divided(by: divisors), responses: rows.responses, weights: rows.weights,
        labels: rows.labels)
    case let rows as DenseRows<Double>: return rows.quotients(divisors)
    case let rows as DenseRows<Float>: return rows.quotients(divisors)
    default: return transferable().dividedSparse(by: divisors)
    }
  }
}

extension TransferableRows {
  fileprivate func dividedSparse(by divisors: [Double]) -> any RowBlock {
    switch self {
    case .sparseDouble(let offsets, let columns, var values, let columnCount):
      for (i, column) in columns.enumerated() { values[i] /= divisors[Int(column)] }
      return SparseRows(checked: offsets, columns: columns, values: values, columnCount: columnCount)
    case .sparseFloat(let offsets, let columns, var values, let columnCount):
      for (i, column) in columns.enumerated() { values[i] = Float(Double(values[i]) / divisors[Int(column)]) }
      return SparseRows(checked: offsets, columns: columns, values: values, columnCount: columnCount)
    case .double, .float, .supervised: preconditionFailure("dense rows among sparse ones")
    }
  }
}

extension DenseRows {
  fileprivate func quotients(_ divisors: [Double]) -> DenseRows {
    let storage = RowStorage<Element>(count: rowCount * columnCount) { quotients in
      withUnsafeElements { elements in
        divisors.withUnsafeBufferPointer { divisors in
          var i = 0
          for _ in 0..<rowCount {
            for divisor in divisors {
              quotients.initializeElement(at: i, to: Element(Double(elements[i]) / divisor))
              i += 1
            }
          }
        }
      }
    }
    return DenseRows(storage, rowCount: rowCount, columnCount: columnCount)
  }
}
