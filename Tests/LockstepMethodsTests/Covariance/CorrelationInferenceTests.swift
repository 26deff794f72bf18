// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What SciPy says of the correlations of generated rows (`Scripts/golden/correlations.py`).
private struct CorrelationsReference: Decodable {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var pValues: [Double]
  var low: [Double]
  var high: [Double]
  var partial: [Double]
}

@Suite struct CorrelationInferenceTests {
  private func estimator(confidence: Double = 0.95) -> Covariance {
    var estimator = Covariance(includesCorrelation: true)
    estimator.includesPartialCorrelation = true
    estimator.confidence = confidence
    return estimator
  }

  @Test func equalsSciPy() throws {
    let references = try JSONDecoder().decode([CorrelationsReference].self, from: goldenFile("correlations"))
    #expect(references.count == 2)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let model = try estimator(confidence: 0.9).fit(Table(DenseRows(elements, columnCount: reference.rows.columns)))
      let (values, limits) = (try #require(model.correlationPValues), try #require(model.correlationLimits))
      for (found, expected) in zip(values.elements, reference.pValues) {
        #expect(abs(found - expected) <= 1e-11 * expected, "\(reference.name): \(found), \(expected)")
      }
      #expect(relativeDifference(limits.low.elements, reference.low) < 1e-12, "\(reference.name)")
      #expect(relativeDifference(limits.high.elements, reference.high) < 1e-12, "\(reference.name)")
      #expect(
        relativeDifference(model.partialCorrelation?.elements ?? [], reference.partial) < 1e-12, "\(reference.name)")
      #expect(try Covariance.Model(fields: ModelFields(methodName: "covariance", model.fields)) == model)
    }
  }

  @Test func edgeCases() throws {
    // Two rows say nothing, a constant column has no correlation, and a column that is another doubled no partial one.
    let two = try estimator().fit(Table(rows: [[1, 2.0], [3, 1]]))
    #expect(two.correlationPValues?[0, 1].isNaN == true || two.correlationPValues?[0, 1] == 0)
    let model = try estimator().fit(Table(rows: [[1, 2, 7], [2, 4, 7], [5, 10, 7], [3, 6, 7.0]]))
    #expect(model.correlationPValues?[0, 2].isNaN == true && model.correlationPValues?[0, 1] == 0)
    #expect(model.correlationLimits?.low[0, 1] == 1)
    #expect(model.partialCorrelation?[0, 1].isNaN == true && model.partialCorrelation?[1, 1] == 1)
    #expect(throws: LockstepError.self) { try estimator(confidence: 1.5).fit(Table(rows: [[1.0], [2]])) }
    // Models of earlier releases have no number of rows, and so no p values.
    let plain = try Covariance(includesCorrelation: true).fit(Table(rows: [[1, 2.0], [3, 1], [4, 4]]))
    let old = try Covariance.Model(
      fields: ModelFields(methodName: "covariance", plain.fields.filter { $0.name != "observationCount" }))
    #expect(old.correlationPValues == nil && old.derivedFields.isEmpty)
    #expect(try old.digest == plain.digest)
  }
}
