// SPDX-License-Identifier: Apache-2.0

/// What to do with a value that is missing: an empty field, `NA` or `nan`.
public enum MissingValuePolicy: String, CaseIterable, Codable, Hashable, Sendable {
  /// Stop, and say where.
  case error = "error"
  /// Leave out the rows with a missing value in a chosen column, and count them.
  case skipRow = "skip-row"
}
