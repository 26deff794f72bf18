// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct HardRegressionsTests {
  @Test func `the relation of dependent columns has its constant`() throws {
    let x = [1.0, 4, 2, 8, 5, 7]
    let table = Table(rows: x.indices.map { [x[$0], 2 * x[$0] + 5, Double($0 % 2), 3 * x[$0] + Double($0 % 3)] })
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    #expect(model.droppedColumns == [1] && abs(model.nullConstants[0] - 5) < 1e-12)
    #expect(model.summary(columnNames: ["a", "b", "c"]).contains("b depends on others: b = 2 a + 5"))
    #expect(model.standardErrors[0, 0].isNaN && model.standardErrors[0, 1].isNaN && model.standardErrors[0, 2] > 0)
    #expect(model.interceptStandardErrors[0].isNaN)
    let lines = model.summary(columnNames: ["a", "b", "c"]).split(separator: "\n")
    #expect(lines.contains { $0.hasPrefix("a ") && $0.hasSuffix("nan") })
    // Without the intercept nothing is constant but 0, and these three columns are independent.
    let through = try LinearRegression(fitsIntercept: false).fit(SplitSource(table, responses: 1))
    #expect(through.droppedColumns.isEmpty && through.standardErrors.elements.allSatisfy { $0 > 0 })
  }

  @Test func `an intercept is determined where a relation has no constant`() throws {
    let x = [1.0, 4, 2, 8, 5, 7]
    let table = Table(rows: x.indices.map { [x[$0], -3 * x[$0], 3 * x[$0] + Double($0 % 3)] })
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    #expect(model.nullConstants == [0] && model.interceptStandardErrors[0] > 0)
    #expect(model.standardErrors.elements.allSatisfy { $0.isNaN })
    #expect(model.summary(columnNames: ["a", "b"]).contains("b depends on others: b = -3 a\n"))
  }

  @Test(arguments: [false, true]) func `there are no more independent columns than rows`(fitsIntercept: Bool) throws {
    for seed in 0..<300 as Range<UInt64> {
      var generator = SplitMix64(state: seed)
      let table = Table(rows: (0..<4).map { _ in (0..<9).map { _ in Double.random(in: -1...1, using: &generator) } })
      let model = try LinearRegression(fitsIntercept: fitsIntercept).fit(SplitSource(table, responses: 1))
      #expect(model.rank == (fitsIntercept ? 3 : 4) && model.degreesOfFreedom == 0)
      let predicted = try model.predict(SplitSource.split(table.rows, 1, false))
      for i in 0..<4 { #expect(abs(predicted[i, 0] - table.rows.row(i)[8]) < 1e-9) }
      // The shortest solution has no part along directions that vanish.
      for a in 0..<model.nullDirections.rowCount {
        let direction = model.nullDirections.row(a)
        let dot = zip(model.coefficients.row(0), direction).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(dot) < 1e-9 * direction.map(abs).reduce(0, +))
      }
    }
  }

  @Test func `rows of weight 0 add no rank`() throws {
    var generator = SplitMix64(state: 3)
    let rows = (0..<6).map { i in (0..<4).map { _ in Double.random(in: 1...2, using: &generator) } + [i == 2 ? 1.0 : 0]
    }
    let source = SplitSource(Table(rows: rows), responses: 1, hasWeights: true)
    let model = try LinearRegression(fitsIntercept: false).fit(source)
    #expect(model.rank == 1 && model.degreesOfFreedom == 0)
    #expect(try LinearRegression().fit(source).rank == 0)
  }

  @Test func `a residual of 2⁻⁴³ has its standard deviation`() throws {
    let noise = 0x1p-43
    let table = Table(
      rows: (1...12).map { [Double($0), Double($0) + ([1, 4, 5, 8, 9, 12].contains($0) ? noise : -noise)] })
    let model = try LinearRegression().fit(SplitSource(table, responses: 1))
    // The signs are orthogonal to 1; what is along x is explained.
    let signs = (1...12).map { [1, 4, 5, 8, 9, 12].contains($0) ? 1.0 : -1 }
    let along = zip(1...12, signs).reduce(0) { $0 + (Double($1.0) - 6.5) * $1.1 }
    let expected = noise * ((12 - along * along / 143) / 10).squareRoot()
    #expect(abs(model.residualStandardDeviations[0] - expected) < 1e-3 * expected)
    // An exact line has none.
    let exact = try LinearRegression().fit(
      SplitSource(Table(rows: (1...12).map { [Double($0), 3 * Double($0) - 1] }), responses: 1))
    #expect(exact.residualStandardDeviations == [0] && exact.rSquared == [1])
  }

  @Test func `weights that leave no degrees of freedom leave no standard errors`() throws {
    let rows = (0..<2000).map { [Double($0 % 17), Double($0 % 23), 1.0 / 2000] }
    let source = SplitSource(Table(rows: rows), responses: 1, hasWeights: true)
    let model = try LinearRegression(weightKind: .frequency).fit(source)
    #expect(try LinearRegression().fit(source).degreesOfFreedom == 1998)
    #expect(model.degreesOfFreedom == 0 && model.standardErrors[0, 0].isNaN)
    #expect(model.residualStandardDeviations[0].isNaN && model.coefficients[0, 0].isFinite)
    let ridge = try RidgeRegression().fit(SplitSource(Table(rows: rows), responses: 1, hasWeights: true))
    #expect(ridge.residualStandardDeviations[0].isNaN)
  }
}
