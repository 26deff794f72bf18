// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What NumPy makes of generated rows (`Scripts/golden/factorizations.py`).
struct FactorizationReference: Decodable, CustomTestStringConvertible {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var r: [[Double]]
  /// The first rows of Q.
  var q: [[Double]]
  var singularValues: [Double]
  var rightSingularVectors: [[Double]]
  /// The first rows of U.
  var left: [[Double]]
  var testDescription: String { name }

  static let all: [FactorizationReference] = {
    guard let url = Bundle.module.url(forResource: "Golden/factorizations", withExtension: "json"),
      let data = try? Data(contentsOf: url)
    else { return [] }
    return (try? JSONDecoder().decode([FactorizationReference].self, from: data)) ?? []
  }()
}

@Suite struct FactorizationReferenceTests {
  @Test func thereAreReferences() { #expect(FactorizationReference.all.count == 4) }

  @Test(arguments: FactorizationReference.all) func factorsAreThoseOfNumPy(reference: FactorizationReference) throws {
    let elements = reference.rows.elements()
    #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
    let table = Table(DenseRows(elements, columnCount: reference.rows.columns))
    func expectEqual(_ found: [Double], _ expected: [[Double]], _ tolerance: Double, _ what: String) {
      let difference = relativeDifference(found, expected.flatMap(\.self))
      #expect(difference <= tolerance, "\(what): \(difference)")
    }
    func first(_ rows: DenseRows<Double>, _ count: Int) -> [Double] { (0..<count).flatMap { rows.row($0) } }

    let (qr, q) = try QRDecomposition().decompose(table)
    expectEqual(qr.r.elements, reference.r, 1e-13, "R")
    expectEqual(first(q, reference.q.count), reference.q, 1e-11, "Q")
    #expect(try QRDecomposition().fit(table).r == qr.r)

    let (svd, left) = try SVD().decompose(table)
    expectEqual(svd.singularValues, [reference.singularValues], 1e-14, "singular values")
    expectEqual(svd.rightSingularVectors.elements, reference.rightSingularVectors, 1e-11, "right vectors")
    expectEqual(first(left, reference.left.count), reference.left, 1e-11, "left vectors")
    expectEqual(try SVD().fit(table).singularValues, [reference.singularValues], 1e-13, "singular values alone")
  }
}
