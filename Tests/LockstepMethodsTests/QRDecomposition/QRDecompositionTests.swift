// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// R and the rows of Q of all ranks, in row order.
struct WholeFactors: Codable, Sendable {
  var r: Matrix
  var q: [Double]

  static func decompose(_ rows: any RowSource, _ context: ExecutionContext) throws -> WholeFactors {
    let (model, q) = try QRDecomposition().decompose(rows, in: context)
    let parts = try context.gathered(q.withUnsafeElements { Array($0) })
    return WholeFactors(r: model.r, q: Array(parts.joined()))
  }
}

@Suite struct QRDecompositionTests {
  private func table(_ matrix: Matrix) -> Table<Double> {
    Table(DenseRows(matrix.elements, columnCount: matrix.columnCount))
  }

  private func table(_ kind: String, _ n: Int, _ p: Int) -> Table<Double> {
    var gallery = MatrixGallery(rowCount: n, columnCount: p)
    return table(gallery.matrix(kind))
  }

  /// Sizes around the number of columns, and of several blocks.
  private func sizes(_ p: Int) -> [Int] {
    Set([1, 2, p - 1, p, p + 1, 10 * p, 2 * BlockSize.standard(columnCount: p) + 17]).filter { $0 > 0 }.sorted()
  }

  private func check(_ kinds: [String], _ n: Int, _ p: Int) throws {
    for kind in kinds {
      var gallery = MatrixGallery(rowCount: n, columnCount: p)
      let x = gallery.matrix(kind)
      let (model, q) = try QRDecomposition().decompose(table(x), in: ExecutionContext(threadCount: 2))
      let found = Residuals(x, q, model.r)
      #expect(found.residual <= 10, "residual of \(kind), \(n) × \(p)")
      #expect(found.departure <= 10, "orthogonality of \(kind), \(n) × \(p)")
      for i in 0..<model.r.rowCount {
        #expect(model.r[i, i] >= 0, "diagonal of \(kind), \(n) × \(p)")
        for j in 0..<i { #expect(model.r[i, j] == 0) }
      }
    }
  }

  @Test(arguments: [1, 2, 3, 10]) func anyConditionGivesOrthonormalColumnsAndTheMatrixBack(p: Int) throws {
    for n in sizes(p) { try check(n > 10 * p ? MatrixGallery.fewKinds : MatrixGallery.kinds, n, p) }
  }

  @Test(arguments: [50, 129]) func soDoMoreColumns(p: Int) throws {
    for n in sizes(p) {
      try check(n > 10 * p ? ["uniform", "condition 1e12"] : MatrixGallery.fewKinds, n, p)
    }
  }

  @Test func aSmallMatrixHasTheFactorsThatOneFindsByHand() throws {
    let (model, q) = try QRDecomposition().decompose(Table<Double>(rows: [[3, 1], [4, 7], [0, 12]]))
    // Column 0 is 5·(0.6, 0.8, 0); column 1 less 6.2 of it is (−2.72, 2.04, 12).
    let rest = (2.72 * 2.72 + 2.04 * 2.04 + 144.0).squareRoot()
    for (found, expected) in zip(model.r.elements, [5, 6.2, 0, rest]) { #expect(abs(found - expected) <= 1e-14) }
    for (found, expected) in zip(q.row(1), [0.8, 2.04 / rest]) { #expect(abs(found - expected) <= 1e-15) }
  }

  @Test(arguments: ["uniform", "condition 1e4", "condition 1e12"])
  func driversAgreeOnRAndEveryRowOfQ(kind: String) throws {
    try checkDriversAgree(table(kind, 4200, 33)) { try WholeFactors.decompose($0, $1) }
  }

  @Test func driversAgreeWhereAPartOfTheRowsGivesTheStart() throws {
    try checkDriversAgree(table("condition 1e4", 20000, 3)) { try WholeFactors.decompose($0, $1) }
  }

  @Test(arguments: [1e-3, 1e-9, 0]) func rowsUnlikeThoseThatGiveTheStartAreCountedAllTheSame(factor: Double) throws {
    var gallery = MatrixGallery(rowCount: 20000, columnCount: 3)
    var x = gallery.matrix("uniform")
    for i in stride(from: 0, to: 20000, by: 16) { x[i, 1] = x[i, 0] + factor * x[i, 1] }
    let (model, q) = try QRDecomposition().decompose(table(x))
    let found = Residuals(x, q, model.r)
    #expect(found.residual <= 10 && found.departure <= 10)
    #expect(try QRDecomposition().fit(table(x)) == model)
  }

  @Test(arguments: [1, 2, 3, 5, 8]) func driversAgreeOnFewRows(n: Int) throws {
    try checkDriversAgree(table("uniform", n, 4)) { try WholeFactors.decompose($0, $1) }
  }

  @Test(arguments: ["uniform", "condition 1e4", "condition 1e12"]) func rAloneIsTheSameR(kind: String) throws {
    let rows = table(kind, 5000, 20)
    #expect(try QRDecomposition().fit(rows) == QRDecomposition().decompose(rows).model)
  }

  @Test(arguments: ["uniform", "condition 1e12"]) func failuresReachAllRanks(kind: String) throws {
    try checkFailuresReachAllRanks(table(kind, 4200, 33), readings: 2) { _ = try WholeFactors.decompose($0, $1) }
  }

  @Test func aNaNIsNamedByRowAndColumn() throws {
    for n in [6, 3000, 18000] {
      var x = Matrix(rowCount: n, columnCount: 3, elements: (0..<3 * n).map { Double($0 * $0 % 17) })
      x[5, 1] = .nan
      let whole = DenseRows(x.elements, columnCount: 3)
      let results = ThreadRanks.run(3) { communicator in
        let cuts = (0...3).map { n * $0 / 3 }
        let share = whole.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1])
        _ = try QRDecomposition().decompose(Table(share), in: ExecutionContext(communicator: communicator))
      }
      for result in results {
        #expect { try result.get() } throws: {
          let error = $0 as? LockstepError
          return error?.code == .notFinite && error?.place?.row == 5 && error?.place?.column == 2
        }
      }
    }
  }

  @Test func floatsGiveWhatTheSameDoublesGive() throws {
    for kind in ["uniform", "condition 1e4"] {
      var gallery = MatrixGallery(rowCount: 3000, columnCount: 9)
      let floats = gallery.matrix(kind).elements.map { Float($0) }
      let single = try WholeFactors.decompose(Table(DenseRows(floats, columnCount: 9)), .local)
      let double = try WholeFactors.decompose(Table(DenseRows(floats.map(Double.init), columnCount: 9)), .local)
      #expect(single.r == double.r && single.q == double.q)
    }
  }

  @Test func withoutReproducibilityItIsAFactorizationToo() throws {
    for kind in ["uniform", "condition 1e12"] {
      var gallery = MatrixGallery(rowCount: 5000, columnCount: 20)
      let x = gallery.matrix(kind)
      let results = ThreadRanks.run(3) { communicator in
        let cuts = (0...3).map { 5000 * $0 / 3 }
        let share = DenseRows(x.elements, columnCount: 20).rows(cuts[communicator.rank]..<cuts[communicator.rank + 1])
        return try WholeFactors.decompose(
          Table(share), ExecutionContext(communicator: communicator, threadCount: 2, isReproducible: false))
      }
      let whole = try results[0].get()
      let found = Residuals(x, DenseRows(whole.q, columnCount: 20), whole.r)
      #expect(found.residual <= 10 && found.departure <= 10)
    }
  }

  @Test func noRowsAreTooFew() {
    #expect { try QRDecomposition().fit(Table<Double>(DenseRows([], columnCount: 3))) } throws: {
      ($0 as? LockstepError)?.code == .tooFewRows
    }
  }

  @Test func aModelIsTheSumOfItsFields() throws {
    let model = try QRDecomposition().fit(table("uniform", 30, 4))
    #expect(try QRDecomposition.Model(fields: ModelFields(methodName: "qr", model.fields)) == model)
    #expect(model.columnCount == 4 && model.fields.map(\.name) == ["r"])
  }
}
