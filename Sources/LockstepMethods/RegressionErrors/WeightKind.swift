// SPDX-License-Identifier: Apache-2.0

/// What the weights of rows are, which decides how many rows there are, and so how sure estimates are; estimates do not depend on it.
public enum WeightKind: String, Codable, Hashable, Sendable, CaseIterable {
  /// How precise a row is: the inverse of its variance but for a factor, which does not matter.
  ///
  /// The number of rows is that of the rows of a weight above 0. R's `weights=`, Stata's `aweight`.
  case analytic
  /// How often a row was seen.
  ///
  /// The number of rows is the sum of the weights. Stata's `fweight`.
  case frequency
  /// How many a row stands for in a sample: the inverse of its chance to be drawn.
  ///
  /// As analytic weights, with robust errors, and without a likelihood. Stata's `pweight`.
  case probability
}

extension WeightKind: HyperparameterChoice {}
