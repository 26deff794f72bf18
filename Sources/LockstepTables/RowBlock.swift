// SPDX-License-Identifier: Apache-2.0

/// A run of consecutive rows.
///
/// Methods see data through these block kernels only, so the ways of storing rows differ here and nowhere else.
public protocol RowBlock: Binarizing, ClusteringKernels, CountKernels, FactorizationKernels, PresenceKernels,
  RankKernels,
  StatisticsKernels, Sendable
{
  /// The number of rows.
  var rowCount: Int { get }
  /// The number of columns.
  var columnCount: Int { get }
  /// How the rows are stored, in words that are the same for rows that can be put together: `dense Double`.
  var layout: String { get }

  /// The rows of `range`, without a copy.
  func rows(_ range: Range<Int>) -> Self
  /// A copy of the rows of these numbers, in that order.
  func rows(at indices: [Int]) -> any RowBlock
  /// The numbers of one row.
  func row(_ index: Int) -> [Double]
  /// A copy of these rows followed by the rows of all of `later`.
  ///
  /// - Precondition: all have the same ``layout`` and number of columns.
  func appending(_ later: [any RowBlock]) -> any RowBlock
  /// The rows as a value that can cross ranks.
  func transferable() -> TransferableRows
  /// The place of the first number that is NaN or infinite, in row order.
  func firstNonFinite() -> (row: Int, column: Int)?
}

extension RowBlock {
  /// A copy of the rows of these numbers, in that order, put together from runs of consecutive ones.
  public func rows(at indices: [Int]) -> any RowBlock {
    var runs: [any RowBlock] = []
    var start = 0
    for i in 0..<indices.count where i + 1 == indices.count || indices[i + 1] != indices[i] + 1 {
      runs.append(rows(indices[start]..<indices[i] + 1))
      start = i + 1
    }
    return runs.concatenated ?? rows(0..<0)
  }
}

extension Array where Element == any RowBlock {
  /// The rows of all blocks, one after the other: the block itself if there is one, a copy if there are more.
  package var concatenated: (any RowBlock)? {
    count > 1 ? self[0].appending(Array(dropFirst())) : first
  }
}

/// Rows on their way from one rank to another.
public indirect enum TransferableRows: Codable, Sendable {
  /// Dense rows of doubles.
  case double([Double], columnCount: Int)
  /// Dense rows of floats.
  case float([Float], columnCount: Int)
  /// Sparse rows of doubles.
  case sparseDouble(offsets: [Int], columns: [Int32], values: [Double], columnCount: Int)
  /// Sparse rows of floats.
  case sparseFloat(offsets: [Int], columns: [Int32], values: [Float], columnCount: Int)
  /// Rows with responses, weights and classes.
  case supervised(
    TransferableRows, responses: TransferableRows?, weights: TransferableRows?, labels: RowLabels?)

  /// The rows, on the rank where they have arrived.
  public var rows: any RowBlock {
    switch self {
    case .double(let elements, let columnCount): DenseRows(elements, columnCount: columnCount)
    case .float(let elements, let columnCount): DenseRows(elements, columnCount: columnCount)
    case .sparseDouble(let offsets, let columns, let values, let columnCount):
      SparseRows(checked: offsets, columns: columns, values: values, columnCount: columnCount)
    case .sparseFloat(let offsets, let columns, let values, let columnCount):
      SparseRows(checked: offsets, columns: columns, values: values, columnCount: columnCount)
    case .supervised(let features, let responses, let weights, let labels):
      SupervisedRows(
        features: features.rows, responses: responses?.rows as? DenseRows<Double>,
        weights: weights?.rows as? DenseRows<Double>, labels: labels)
    }
  }
}

extension TransferableRows {
  /// Whether the parts fit together.
  ///
  /// Only such have ``rows``. Rows that come from a file need the question, those of another rank do not.
  public var isWellFormed: Bool {
    func fills(_ count: Int, _ columnCount: Int) -> Bool {
      columnCount > 0 ? count % columnCount == 0 : columnCount == 0 && count == 0
    }
    switch self {
    case .double(let elements, let columnCount): return fills(elements.count, columnCount)
    case .float(let elements, let columnCount): return fills(elements.count, columnCount)
    case .sparseDouble(let offsets, let columns, let values, let columnCount):
      return SparseRows<Double>.fault(
        offsets: offsets, columns: columns, valueCount: values.count, columnCount: columnCount) == nil
    case .sparseFloat(let offsets, let columns, let values, let columnCount):
      return SparseRows<Float>.fault(
        offsets: offsets, columns: columns, valueCount: values.count, columnCount: columnCount) == nil
    case .supervised(let features, let responses, let weights, let labels):
      let dense = [responses, weights].compactMap(\.self)
      guard ([features] + dense).allSatisfy({ !$0.isSupervised && $0.isWellFormed }),
        dense.allSatisfy({ $0.rows is DenseRows<Double> })
      else { return false }
      let rowCount = features.rows.rowCount
      return dense.allSatisfy { $0.rows.rowCount == rowCount } && weights?.rows.columnCount ?? 1 == 1
        && labels?.count ?? rowCount == rowCount
    }
  }

  private var isSupervised: Bool { if case .supervised = self { true } else { false } }
}
