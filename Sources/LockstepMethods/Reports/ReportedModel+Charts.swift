// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

/// A model that has pictures besides its tables.
package protocol ChartedModel: ReportedModel {
  /// The pictures of what the model says, in the order to show them; those that would say nothing are left out.
  func charts(_ names: ReportNames) -> [Chart]
}

extension ReportNames {
  /// The most names that a picture has along an axis.
  static let chartedCount = 40

  /// The indices of the largest figures, in the order of indices; those that are not finite come last.
  static func largest(_ figures: [Double], count: Int = chartedCount) -> [Int] {
    let sizes = figures.map { $0.isFinite ? $0 : -1 }
    let order = sizes.indices.sorted { sizes[$0] == sizes[$1] ? $0 < $1 : sizes[$0] > sizes[$1] }
    return order.prefix(count).sorted()
  }

  /// What a picture says of columns that it does not show.
  static func note(shown: Int, of count: Int) -> String {
    shown < count ? " The \(shown) of \(count) columns where it is largest." : ""
  }
}
