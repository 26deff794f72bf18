// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepLinearAlgebra
import LockstepTestSupport
import Testing

/// Singular values, Vᵀ, and the rows of U of all ranks, in row order.
struct WholeDecomposition: Codable, Sendable {
  var model: SVD.Model
  var left: [Double]

  static func decompose(
    _ rows: any RowSource, _ context: ExecutionContext, componentCount: Int? = nil
  ) throws -> WholeDecomposition {
    let (model, left) = try SVD(componentCount: componentCount).decompose(rows, in: context)
    let parts = try context.gathered(left.withUnsafeElements { Array($0) })
    return WholeDecomposition(model: model, left: Array(parts.joined()))
  }
}

@Suite struct SVDTests {
  private func table(_ kind: String, _ n: Int, _ p: Int) -> Table<Double> {
    var gallery = MatrixGallery(rowCount: n, columnCount: p)
    return Table(DenseRows(gallery.matrix(kind).elements, columnCount: p))
  }

  private func scaledRight(_ model: SVD.Model) -> Matrix {
    var scaled = model.rightSingularVectors
    for k in 0..<scaled.rowCount { for j in 0..<scaled.columnCount { scaled[k, j] *= model.singularValues[k] } }
    return scaled
  }

  private func check(_ kinds: [String], _ n: Int, _ p: Int) throws {
    for kind in kinds {
      var gallery = MatrixGallery(rowCount: n, columnCount: p)
      let x = gallery.matrix(kind)
      let (model, left) = try SVD().decompose(
        Table(DenseRows(x.elements, columnCount: p)), in: ExecutionContext(threadCount: 2))
      let found = Residuals(x, left, scaledRight(model))
      #expect(found.residual <= 10, "residual of \(kind), \(n) × \(p)")
      #expect(found.departure <= 10, "orthogonality of U of \(kind), \(n) × \(p)")
      let v = DenseRows(model.rightSingularVectors.transposed.elements, columnCount: model.componentCount)
      #expect(Residuals(model.rightSingularVectors.transposed, v, .identity(model.componentCount)).departure <= 10)
      #expect(zip(model.singularValues, model.singularValues.dropFirst()).allSatisfy { $0 >= $1 && $1 >= 0 })
      for k in 0..<model.componentCount {
        let loadings = model.rightSingularVectors.row(k)
        #expect(loadings.max() ?? 0 >= -(loadings.min() ?? 0), "sign of \(kind), \(n) × \(p)")
      }
      let alone = try SVD().fit(Table(DenseRows(x.elements, columnCount: p)))
      let scale = model.singularValues.first ?? 0
      for (a, b) in zip(alone.singularValues, model.singularValues) {
        #expect(abs(a - b) <= 10 * Double(p) * .ulpOfOne * scale, "values alone of \(kind), \(n) × \(p)")
      }
    }
  }

  @Test(arguments: [1, 2, 3, 10]) func anyConditionGivesOrthonormalVectorsAndTheMatrixBack(p: Int) throws {
    for n in Set([1, 2, p - 1, p, p + 1, 10 * p, BlockSize.standard(columnCount: p) + 17]).filter({ $0 > 0 }).sorted() {
      try check(n > 10 * p ? MatrixGallery.fewKinds : MatrixGallery.kinds, n, p)
    }
  }

  @Test(arguments: [50, 129]) func soDoMoreColumns(p: Int) throws {
    for n in [p - 1, p + 1, 3 * p] { try check(MatrixGallery.fewKinds, n, p) }
  }

  @Test func orthogonalColumnsHaveTheirLengthsForSingularValues() throws {
    // Four columns of signs, orthogonal over any multiple of eight rows, times 1, 5, 3 and 1e−9.
    let lengths = [1, 5, 3, 1e-9]
    let rows = (0..<64).map { i in (0..<4).map { j in (i >> j) & 1 == 0 ? lengths[j] : -lengths[j] } }
    let (model, left) = try SVD().decompose(Table<Double>(rows: rows))
    for (found, expected) in zip(model.singularValues, [40, 24, 8, 8e-9]) {
      #expect(abs(found - expected) <= 40 * 4 * Double.ulpOfOne)
    }
    #expect(abs(model.rightSingularVectors[0, 1] - 1) <= 1e-15)
    #expect(abs(left.row(2)[0] - (-0.125)) <= 1e-15)
    #expect(model.conditionNumber > 4e9 && model.rank(rowCount: 64) == 4)
  }

  @Test(arguments: ["uniform", "condition 1e4", "condition 1e12"])
  func driversAgreeOnEveryRowOfU(kind: String) throws {
    try checkDriversAgree(table(kind, 4200, 33)) { try WholeDecomposition.decompose($0, $1) }
    try checkDriversAgree(table(kind, 4200, 33)) { try SVD().fit($0, in: $1) }
  }

  @Test(arguments: ["uniform", "condition 1e4", "condition 1e12"]) func fewerComponentsAreTheFirstOfAll(kind: String)
    throws
  {
    let rows = table(kind, 5000, 20)
    let all = try SVD().decompose(rows)
    let few = try SVD(componentCount: 3).decompose(rows)
    #expect(few.left.columnCount == 3 && few.left.rowCount == 5000 && few.model.componentCount == 3)
    let tolerance = 1e-12 * all.model.singularValues[0]
    for k in 0..<3 { #expect(abs(few.model.singularValues[k] - all.model.singularValues[k]) <= tolerance) }
    try checkDriversAgree(rows) { try WholeDecomposition.decompose($0, $1, componentCount: 3) }
  }

  @Test(arguments: ["uniform", "condition 1e12"]) func failuresReachAllRanks(kind: String) throws {
    try checkFailuresReachAllRanks(table(kind, 4200, 33), readings: 2) { _ = try WholeDecomposition.decompose($0, $1) }
    try checkFailuresReachAllRanks(table(kind, 4200, 33), readings: 1) { _ = try SVD().fit($0, in: $1) }
  }

  @Test func floatsGiveWhatTheSameDoublesGive() throws {
    let floats = table("condition 1e4", 3000, 9).rows.withUnsafeElements { $0.map { Float($0) } }
    let single = try WholeDecomposition.decompose(Table(DenseRows(floats, columnCount: 9)), .local)
    let double = try WholeDecomposition.decompose(Table(DenseRows(floats.map(Double.init), columnCount: 9)), .local)
    #expect(single.model == double.model && single.left == double.left)
  }

  @Test func `a norm that no double holds is an error`() throws {
    let table = Table(rows: Array(repeating: [1e308, 1e308, 1e308], count: 4))
    #expect { try SVD().fit(table) } throws: { ($0 as? LockstepError)?.code == .notFinite }
    #expect { try SVD().decompose(table) } throws: { ($0 as? LockstepError)?.code == .notFinite }
    #expect { try QRDecomposition().fit(table) } throws: { ($0 as? LockstepError)?.code == .notFinite }
  }

  @Test func noComponentsAreAMistake() {
    #expect { try SVD(componentCount: 0).fit(table("uniform", 9, 2)) } throws: {
      ($0 as? LockstepError)?.code == .usage
    }
  }

  @Test func aModelIsTheSumOfItsFields() throws {
    let model = try SVD().fit(table("uniform", 30, 4))
    #expect(try SVD.Model(fields: ModelFields(methodName: "svd", model.fields)) == model)
    #expect(model.fields.map(\.name) == ["singularValues", "rightSingularVectors"])
  }
}
