// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// What scikit-learn's MultinomialNB makes of generated rows (`Scripts/golden/naive_bayes.py`).
struct NaiveBayesReference: Decodable {
  var name: String
  var rows: GeneratedRows
  var rowsDigest: String
  var classes: Int
  var stride: Int
  var labelOffset: Int
  var smoothing: [Double]
  var classPriors: [Double]?
  var isUniform: Bool
  var isWeighted: Bool
  var logPriors: [Double]
  var logProbabilities: [Double]
  var classWeights: [Double]
  var predictions: [Int]
  var predictedLogProbabilities: [Double]
}

@Suite struct NaiveBayesReferenceTests {
  @Test func `models and predictions are those of scikit-learn`() throws {
    for reference in try JSONDecoder().decode([NaiveBayesReference].self, from: goldenFile("naive-bayes")) {
      let elements = reference.rows.elements()
      #expect(GeneratedRows.digest(elements) == reference.rowsDigest)
      let table = Table(DenseRows(elements.map(\.magnitude), columnCount: reference.rows.columns))
      let numbers = 0..<table.rowCount
      let labels = RowLabels(numbers.map { $0 % reference.classes * reference.stride - reference.labelOffset })
      let weights = DenseRows(numbers.map { Double($0 % 3) + 0.5 }, columnCount: 1)
      let model = try NaiveBayes(
        smoothing: reference.smoothing, priors: reference.isUniform ? .uniform : .empirical,
        classPriors: reference.classPriors
      ).fit(TrainingRows(table, weights: reference.isWeighted ? weights : nil, labels: labels))
      #expect(relativeDifference(model.logPriors, reference.logPriors) < 1e-15, "\(reference.name)")
      #expect(
        relativeDifference(model.logProbabilities.elements, reference.logProbabilities) < 1e-14, "\(reference.name)")
      #expect(model.classWeights == reference.classWeights)
      #expect(try model.predict(table.rows) == RowLabels(reference.predictions), "\(reference.name)")
      let logs = try model.predictedLogProbabilities(table.rows)
      #expect(relativeDifference(logs.elements, reference.predictedLogProbabilities) < 1e-13, "\(reference.name)")
    }
  }

  @Test(ExampleData.condition) func `the data of daal4py's example, with its convention for priors`() throws {
    let train = try ExampleData.rows("distributed/naivebayes_train_dense.csv")
    let trainLabels = try ExampleData.rows("distributed/naivebayes_train_labels.csv")
    let test = try ExampleData.rows("distributed/naivebayes_test_dense.csv")
    let testLabels = try ExampleData.rows("distributed/naivebayes_test_labels.csv")
    let labels = RowLabels(trainLabels.flatMap(\.self).map { Int($0) })
    // Uniform priors, one pseudo-count a column, classes numbered from 0.
    let model = try NaiveBayes(smoothing: 1, priors: .uniform, classes: (0..<20).map { .integer($0) }).fit(
      TrainingRows(Table(rows: train.map { Array($0.prefix(20)) }), labels: labels))
    #expect(model.classes.count == 20 && model.classCounts.reduce(0, +) == 8000)
    let predicted = try model.predict(Table(rows: test.map { Array($0.prefix(20)) }).rows)
    let expected = testLabels.flatMap(\.self).map { Int($0) }
    #expect(predicted == RowLabels(expected))
  }
}
