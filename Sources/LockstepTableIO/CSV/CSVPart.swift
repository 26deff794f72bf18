// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// What was read of a CSV file, or of a part of it.
struct CSVPart<Element: Scalar>: Sendable {
  /// The rows, a table for each choice of columns.
  var tables: [DenseRows<Element>]
  /// The labels, as texts, if they are wanted.
  var labels: RowLabels?
  /// The number of rows left out.
  var skippedRowCount = 0
  /// The number of missing values in each wanted column.
  var missingCounts: [Int]
  /// The number of missing texts: of the categorical columns, then of the labels.
  var missingTextCounts: [Int]
  /// What the values of each wanted column looked like.
  var kinds: [ValueKinds]
  /// The number of quotes among the bytes that belong to this part.
  var quoteCount = 0
  /// Where reading stopped.
  var failure: CSVFailure?
  /// Whether reading was given up because a last row had no end in sight.
  var isUndecided = false

  init(emptyFor plan: CSVPlan) {
    tables = plan.columns.map { DenseRows([], columnCount: $0.count) }
    missingCounts = Array(repeating: 0, count: plan.valueCount)
    missingTextCounts = Array(repeating: 0, count: plan.textCount)
    kinds = Array(repeating: [], count: plan.valueCount)
    labels = plan.labelColumn.map { _ in RowLabels([String]()) }
  }
}
