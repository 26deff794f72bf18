// SPDX-License-Identifier: Apache-2.0

/// A run of consecutive rows. Methods see data through these block kernels only, so the ways of storing rows differ here
/// and nowhere else.
public protocol RowBlock: Sendable {
  /// The number of rows.
  var rowCount: Int { get }
  /// The number of columns.
  var columnCount: Int { get }
  /// The rows of `range`, without a copy.
  func rows(_ range: Range<Int>) -> Self
}

extension DenseRows: RowBlock {}
