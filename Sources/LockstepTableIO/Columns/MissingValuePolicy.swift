// SPDX-License-Identifier: Apache-2.0

/// What to do with a value that is missing: an empty field, `NA` or `nan`.
public enum MissingValuePolicy: String, CaseIterable, Codable, Hashable, Sendable {
  /// Stop, and say where.
  case error = "error"
  /// Leave out the rows with a missing value in a chosen column, and count them.
  case skipRow = "skip-row"
  /// Put the column's mean in its place: the mean of the values that are there, in all rows of all processes.
  ///
  /// Rows without the value of a categorical column, a response, a weight or a label are left out, and so are no part of the
  /// means. The means are taken by `ExecutionContext.read`; what reads a single file
  /// without a context leaves NaN.
  case mean = "mean"
  /// Leave it NaN, for a method that leaves such numbers out, each column for itself.
  ///
  /// Rows without the value of a categorical column, a response, a weight or a label are left out.
  case pairwise = "pairwise"

  /// Whether numbers that are missing stay in the rows as NaN.
  package var keepsMissing: Bool { self == .mean || self == .pairwise }
}
