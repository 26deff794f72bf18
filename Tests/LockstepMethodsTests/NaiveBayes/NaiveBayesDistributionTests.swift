// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What scikit-learn's other models make of generated rows (`Scripts/golden/naive_bayes_distributions.py`).
private struct EventModelReference: Decodable {
  var kind: String
  var rows: GeneratedRows
  var rowsDigest: String
  var classes: Int
  var isWeighted: Bool
  var smoothing: Double
  var normalizes: Bool
  var threshold: Double
  var isUniform: Bool
  /// The log probabilities or the means, c × p.
  var first: [Double]
  /// The sums or the variances, c × p.
  var second: [Double]
  var predictions: [Int]
  var scores: [Double]
  var logProbabilities: [Double]
}

/// The rows with labels in turn.
private func labelled(_ rows: some RowSource, classCount: Int, isWeighted: Bool) -> some RowSource {
  let numbers = 0..<rows.rowCount
  return TrainingRows(
    rows, weights: isWeighted ? DenseRows(numbers.map { Double($0 % 3) + 0.5 }, columnCount: 1) : nil,
    labels: RowLabels(numbers.map { $0 % classCount }))
}

/// Labelled rows without negative numbers, of which some are 0.
private func counts(rowCount: Int) -> Table<Double> {
  let table = unequalTable(rowCount: rowCount, columnCount: 5)
  return Table(DenseRows((0..<rowCount).flatMap { table.rows.row($0).map { max($0.rounded(), 0) } }, columnCount: 5))
}

@Suite struct NaiveBayesDistributionTests {
  @Test func `models and predictions are those of scikit-learn`() throws {
    let references = try JSONDecoder().decode(
      [EventModelReference].self, from: goldenFile("naive-bayes-distributions"))
    #expect(references.count == 6)
    for reference in references {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let numbers = reference.kind == "complement" ? elements.map(\.magnitude) : elements
      let table = Table(DenseRows(numbers, columnCount: reference.rows.columns))
      let rows = labelled(table, classCount: reference.classes, isWeighted: reference.isWeighted)
      let found: [[Double]]
      let scores: Matrix
      let logs: Matrix
      let labels: RowLabels
      if let distribution = NaiveBayes.Distribution(rawValue: reference.kind) {
        var estimator = NaiveBayes(
          smoothing: reference.smoothing, priors: reference.isUniform ? .uniform : .empirical,
          distribution: distribution)
        estimator.threshold = reference.threshold
        estimator.normalizesWeights = reference.normalizes
        let model = try estimator.fit(rows)
        found = [model.logProbabilities.elements, model.featureCounts.elements]
        scores = try model.jointLogLikelihoods(table.rows)
        logs = try model.predictedLogProbabilities(table.rows)
        labels = try model.predict(table.rows)
        #expect(try NaiveBayes.Model(fields: ModelFields(methodName: "naive-bayes", model.fields)) == model)
      } else {
        let model = try GaussianNaiveBayes(varianceSmoothing: reference.smoothing).fit(rows)
        found = [model.means.elements, model.variances.elements]
        scores = try model.jointLogLikelihoods(table.rows)
        logs = try model.predictedLogProbabilities(table.rows)
        labels = try model.predict(table.rows)
      }
      // scikit-learn's own variances of columns far from 0 lose some digits.
      let isFar = reference.rows.offset != 0
      #expect(relativeDifference(found[0], reference.first) < 1e-14, "\(reference.kind)")
      #expect(relativeDifference(found[1], reference.second) < (isFar ? 1e-10 : 1e-14), "\(reference.kind)")
      #expect(relativeDifference(scores.elements, reference.scores) < (isFar ? 1e-10 : 1e-13), "\(reference.kind)")
      #expect(
        relativeDifference(logs.elements, reference.logProbabilities) < (isFar ? 1e-9 : 1e-12), "\(reference.kind)")
      #expect(labels == RowLabels(reference.predictions), "\(reference.kind)")
    }
  }

  @Test(arguments: NaiveBayes.Distribution.allCases) func driversAgree(distribution: NaiveBayes.Distribution) throws {
    let table = labelledCounts(rowCount: 9_000, columnCount: 5, classCount: 3, hasWeights: true)
    try checkDriversAgree(table) { source, context in
      try NaiveBayes(distribution: distribution).fit(
        SplitSource(source, responses: 0, hasWeights: true, hasLabels: true), in: context)
    }
  }

  @Test(arguments: [-0.5, 0, 2]) func sparseRowsAsOnesAndZeros(threshold: Double) throws {
    let table = counts(rowCount: 300)
    let sparse = SparseTable(SparseRows(table.rows))
    var estimator = NaiveBayes(distribution: .bernoulli)
    estimator.threshold = threshold
    let (a, b) = (
      try estimator.fit(labelled(table, classCount: 2, isWeighted: false)),
      try estimator.fit(labelled(sparse, classCount: 2, isWeighted: false))
    )
    #expect(a == b)
    #expect(try a.predict(table.rows) == a.predict(sparse.rows))
  }

  @Test func edgeCases() throws {
    // One class: the complement has nothing, and the prior alone is left.
    let one = try NaiveBayes(distribution: .complement).fit(
      TrainingRows(Table(rows: [[1.0, 2], [3, 0]]), labels: RowLabels([7, 7])))
    #expect(try one.predictedLogProbabilities(DenseRows([1.0, 1], columnCount: 2)).elements == [0])
    let error = #expect(throws: LockstepError.self) {
      try NaiveBayes(distribution: .bernoulli).fit(
        TrainingRows(Table(rows: [[1.0, -2], [3, .nan]]), labels: RowLabels([0, 1])))
    }
    #expect(error?.code == .notFinite && error?.place == .init(row: 1, column: 2))
  }
}

@Suite struct GaussianNaiveBayesTests {
  @Test func mergeLawsAndDrivers() throws {
    let table = labelledCounts(rowCount: 9_000, columnCount: 4, classCount: 3, isFractional: true, hasWeights: true)
    try checkDriversAgree(table) { source, context in
      try GaussianNaiveBayes().fit(SplitSource(source, responses: 0, hasWeights: true, hasLabels: true), in: context)
    }
    let few = labelledCounts(rowCount: 17, columnCount: 3, classCount: 2, isFractional: true)
    try checkMergeLaws(GaussianNaiveBayes(), SplitSource.split(few.rows, 0, false, true), tolerance: 1e-13) {
      numbers($0).map { $0.isNaN ? 0 : $0 }
    }
  }

  @Test func failuresReachAllRanks() throws {
    let table = labelledCounts(rowCount: 100, columnCount: 2, classCount: 3)
    try checkFailuresReachAllRanks(table, readings: 1) { source, context in
      for _ in 0..<3 {
        _ = try GaussianNaiveBayes().fit(SplitSource(source, responses: 0, hasLabels: true), in: context)
      }
    }
  }

  @Test func `numbers that are not finite have their place`() throws {
    let error = #expect(throws: LockstepError.self) {
      try GaussianNaiveBayes().fit(
        TrainingRows(Table(rows: [[1.0, 2], [3, 4], [5, .infinity]]), labels: RowLabels(["a", "b", "a"])))
    }
    #expect(error?.code == .notFinite && error?.place == .init(row: 2, column: 2))
  }

  @Test func `classes that are given and do not occur are never the answer`() throws {
    let model = try GaussianNaiveBayes(varianceSmoothing: 1e-9, classes: [1, 2, 3]).fit(
      TrainingRows(Table(rows: [[1.0], [2], [8], [9]]), labels: RowLabels([1, 1, 3, 3])))
    #expect(model.classCounts == [2, 0, 2])
    #expect(try model.predict(DenseRows([1.5, 5, 8.5], columnCount: 1)) == RowLabels([1, 1, 3]))
    #expect(try model.predictedLogProbabilities(DenseRows([1.5], columnCount: 1))[0, 1] == -.infinity)
  }
}
