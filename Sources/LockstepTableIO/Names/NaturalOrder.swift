// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO

/// The order of names in which runs of digits count by their value: `part2` comes before `part10`.
enum NaturalOrder {
  /// Whether one name comes before another.
  static func isLess(_ a: String, _ b: String) -> Bool { lockstep_compare_names(a, b) < 0 }
}
