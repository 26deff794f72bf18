// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// What every method of the catalogue must hold, with its defaults.
struct CatalogBatteryTests {
  /// Five columns of whole numbers, two responses above 0 that depend on them, weights of 1 to 4, and three classes.
  static let table: Table<Double> = {
    var source = SplitMix64(state: 3)
    func whole(_ limit: UInt64) -> Double { Double(source.next() % limit) }
    let elements = (0..<9000).flatMap { i -> [Double] in
      let x = [whole(9), whole(40), whole(5) * 8, whole(100), whole(3)]
      let y = [3 * x[0] - x[1] + 40 + whole(7), x[2] / 8 + 2 * x[4] + 1 + whole(50)]
      return x + y + [Double(1 + i % 4), Double(i * i % 3)]
    }
    return Table(DenseRows(elements, columnCount: 9))
  }()

  @Test(arguments: Catalog.methods.map(\.name)) func keepsTheCataloguesPromises(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    try checkCatalogPromises(of: method, Self.table, tolerance: 1e-11, weightColumn: 7) {
      SplitSource($0, responses: 2, hasWeights: true, hasLabels: true, for: method)
    }
  }
}
