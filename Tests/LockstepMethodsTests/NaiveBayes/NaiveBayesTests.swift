// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// Counts whose class is the last column, after the weight if there is one.
///
/// Classes are far from even, and the highest occurs in the last rows only.
func labelledCounts(
  rowCount: Int, columnCount: Int, classCount: Int, isFractional: Bool = false, hasWeights: Bool = false,
  seed: UInt64 = 5
) -> Table<Double> {
  var generator = SplitMix64(state: seed)
  return Table(
    rows: (0..<rowCount).map { i in
      let label = i > rowCount * 9 / 10 ? classCount - 1 : i * i % max(classCount - 1, 1)
      let counts = (0..<columnCount).map { j -> Double in
        let count = Double.random(in: 0...Double(3 + (label + j) % 5), using: &generator)
        return isFractional ? count / 7 : count.rounded(.down)
      }
      return counts + (hasWeights ? [Double(i % 4)] : []) + [Double(10 * label - 20)]
    })
}

@Suite struct NaiveBayesTests {
  /// The definition, in the plainest words.
  func reference(
    _ rows: [[Double]], _ labels: [Int], _ weights: [Double], _ smoothing: Double
  ) -> (classes: [Int], logPriors: [Double], logProbabilities: [[Double]]) {
    let classes = Set(labels).sorted()
    let total = weights.reduce(0, +)
    let p = rows[0].count
    var logPriors: [Double] = []
    var logProbabilities: [[Double]] = []
    for label in classes {
      let members = rows.indices.filter { labels[$0] == label }
      logPriors.append(log(members.reduce(0) { $0 + weights[$1] } / total))
      let sums = (0..<p).map { j in members.reduce(0) { $0 + weights[$1] * rows[$1][j] } }
      let sum = sums.reduce(0, +) + smoothing * Double(p)
      logProbabilities.append(sums.map { log(($0 + smoothing) / sum) })
    }
    return (classes, logPriors, logProbabilities)
  }

  @Test(arguments: [false, true]) func `the model is the definition`(isFractional: Bool) throws {
    let table = labelledCounts(
      rowCount: 300, columnCount: 11, classCount: 5, isFractional: isFractional, hasWeights: true)
    let source = SplitSource(table, responses: 0, hasWeights: true, hasLabels: true)
    let model = try NaiveBayes(smoothing: 0.5).fit(source)
    let rows = table.rows.rowsAsArrays
    let expected = reference(
      rows.map { Array($0.prefix(11)) }, rows.map { Int($0[12]) }, rows.map { $0[11] }, 0.5)
    #expect(model.classes == expected.classes.map { .integer($0) })
    #expect(relativeDifference(model.logPriors, expected.logPriors) < 1e-15)
    #expect(relativeDifference(model.logProbabilities.elements, expected.logProbabilities.flatMap(\.self)) < 1e-15)
    #expect(model.classCounts.reduce(0, +) == 300 && model.classWeights.reduce(0, +) == 450)
    let counts = expected.classes.flatMap { label in
      (0..<11).map { j in rows.reduce(0) { Int($1[12]) == label ? $0 + $1[11] * $1[j] : $0 } }
    }
    #expect(relativeDifference(model.featureCounts.elements, counts) < 1e-15)
    // Saved models of before have none, and the digest is the same.
    let file = ModelFile(model, rowCount: 300)
    let fields = model.fields.filter { $0.name != "featureCounts" }
    let older = try NaiveBayes.Model(
      fields: ModelFields(methodName: NaiveBayes.Model.methodName, fields))
    #expect(try older.digest == model.digest && older.featureCounts.rowCount == 0 && older != model)
    let back = try ModelFile(json: file.encodedAsJSON(), file: "model").model as? NaiveBayes.Model
    #expect(back == model)
  }

  @Test(arguments: [3, 40], [false, true]) func driversAgree(columnCount: Int, isFractional: Bool) throws {
    let table = labelledCounts(
      rowCount: 9_000, columnCount: columnCount, classCount: 6, isFractional: isFractional, hasWeights: isFractional)
    let fit: @Sendable (any RowSource, ExecutionContext) throws -> NaiveBayes.Model = {
      try NaiveBayes().fit(
        SplitSource($0, responses: 0, hasWeights: isFractional, hasLabels: true), in: $1)
    }
    try checkDriversAgree(table, fit: fit)
    let expected = try fit(table, .local)
    var stream = Online(NaiveBayes(), columnCount: columnCount)
    try Chunked(table, rowCount: 700).forEachChunk {
      try stream.observe(SplitSource.split($0, 0, isFractional, true))
      stream = try PackedDecoder().decode(from: try PackedEncoder().encode(stream))
    }
    #expect(try stream.output() == expected)
  }

  @Test(arguments: [5, 300], [false, true]) func `sparse rows give the bits of dense ones`(
    columnCount: Int, isFractional: Bool
  ) throws {
    let dense = labelledCounts(
      rowCount: 2_500, columnCount: columnCount, classCount: 6, isFractional: isFractional, hasWeights: isFractional)
    let fit: @Sendable (any RowSource, ExecutionContext) throws -> NaiveBayes.Model = {
      try NaiveBayes().fit(
        SplitSource($0, responses: 0, hasWeights: isFractional, hasLabels: true), in: $1)
    }
    let model = try fit(dense, .local)
    let sparse = SparseTable(SparseRows(dense.rows))
    #expect(try fit(sparse, .local) == model)
    if columnCount < 100 { try checkDriversAgree(sparse, fit: fit) }
    let floats = Table(DenseRows(dense.rows.withUnsafeElements { $0.map(Float.init) }, columnCount: dense.columnCount))
    #expect(try fit(SparseTable(SparseRows(floats.rows)), .local) == fit(floats, .local))
    let rows = SplitSource.split(dense.rows, 0, isFractional, true).features
    let sparseRows = SplitSource.split(sparse.rows, 0, isFractional, true).features
    let (scores, sparseScores) = (try model.jointLogLikelihoods(rows), try model.jointLogLikelihoods(sparseRows))
    if columnCount <= 256 {
      #expect(scores == sparseScores)
    } else {
      // Of many columns only stored entries are read, and added up in double-double: sums of 300 products, ε each.
      #expect(relativeDifference(scores.elements, sparseScores.elements) <= 300 * Double.ulpOfOne)
    }
  }

  @Test func `a stored entry that is no count is found`() throws {
    for bad in [0, 63, 64, 200, 399] {
      let values = (0..<400).map { $0 == bad ? -1.0 : 1 }
      let rows = try SparseRows(
        offsets: (0...100).map { 4 * $0 }, columns: (0..<400).map { Int32($0 % 4) }, values: values, columnCount: 9)
      #expect(rows.firstUncountable().map { [$0.row, $0.column] } == [bad / 4, bad % 4])
      #expect(rows.rows(bad / 4..<100).firstUncountable()?.row == 0)
      #expect(rows.rows(0..<bad / 4).firstUncountable() == nil)
    }
  }

  @Test func `whole counts give one model however they are added up`() throws {
    let table = labelledCounts(rowCount: 5_000, columnCount: 9, classCount: 4)
    let whole = try NaiveBayes().fit(SplitSource(table, responses: 0, hasLabels: true))
    var streams = [0..<1, 1..<1700, 1700..<5000].map { range in
      var stream = Online(NaiveBayes(), columnCount: 9)
      #expect(throws: Never.self) { try stream.observe(SplitSource.split(table.rows.rows(range), 0, false, true)) }
      return stream
    }
    var merged = streams.removeLast()
    for stream in streams.reversed() { merged.merge(stream) }
    #expect(try merged.output() == whole)
    let fast = ExecutionContext(threadCount: 2, isReproducible: false)
    #expect(try NaiveBayes().fit(SplitSource(table, responses: 0, hasLabels: true), in: fast) == whole)
  }

  @Test func mergeLaws() throws {
    for isFractional in [false, true] {
      let table = labelledCounts(rowCount: 17, columnCount: 3, classCount: 4, isFractional: isFractional)
      try checkMergeLaws(
        NaiveBayes(), SplitSource.split(table.rows, 0, false, true), tolerance: isFractional ? 1e-15 : 0
      ) { $0.logPriors + $0.logProbabilities.elements }
    }
  }

  @Test func failuresReachAllRanks() throws {
    let table = labelledCounts(rowCount: 100, columnCount: 2, classCount: 3)
    try checkFailuresReachAllRanks(table, readings: 1) { source, context in
      for _ in 0..<3 {
        _ = try NaiveBayes().fit(SplitSource(source, responses: 0, hasLabels: true), in: context)
      }
    }
  }

  @Test func `a weight counts a row that often`() throws {
    let table = labelledCounts(rowCount: 200, columnCount: 5, classCount: 3, hasWeights: true)
    let weighted = try NaiveBayes().fit(
      SplitSource(table, responses: 0, hasWeights: true, hasLabels: true))
    let repeated = table.rows.rowsAsArrays.flatMap { row in
      Array(repeating: Array(row[0..<5] + [row[6]]), count: Int(row[5]))
    }
    var plain = try NaiveBayes().fit(SplitSource(Table(rows: repeated), responses: 0, hasLabels: true))
    plain.classCounts = weighted.classCounts
    #expect(plain == weighted)

    let rows = SupervisedRows(
      features: DenseRows([1.0, 2, 3], columnCount: 1), weights: DenseRows([1, 0, 1], columnCount: 1),
      labels: RowLabels(["a", "b", "c"]))
    var stream = Online(NaiveBayes(), columnCount: 1)
    try stream.observe(rows)
    #expect(try stream.output().classes == ["a", "c"])
  }

  @Test func `floats are counts as well`() throws {
    let table = labelledCounts(rowCount: 500, columnCount: 20, classCount: 3)
    let floats = Table(DenseRows(table.rows.withUnsafeElements { $0.map(Float.init) }, columnCount: 21))
    let model = try NaiveBayes().fit(SplitSource(table, responses: 0, hasLabels: true))
    #expect(try NaiveBayes().fit(SplitSource(floats, responses: 0, hasLabels: true)) == model)
    let features = Table(rows: table.rows.rowsAsArrays.map { Array($0.prefix(20)) })
    let singles = Table(rows: features.rows.rowsAsArrays.map { $0.map(Float.init) })
    #expect(try model.predict(features.rows) == model.predict(singles.rows))
  }

  @Test func `labels are texts, and ranks need not have all of them`() throws {
    let words = ["ham", "spam", "Eier", "é", "zu, \"x\""]
    let counts = labelledCounts(rowCount: 3000, columnCount: 3, classCount: 4)
    let table = Table(rows: counts.rows.rowsAsArrays.map { Array($0.prefix(3)) })
    let labels = (0..<3000).map { words[$0 / 700] }
    let expected = try NaiveBayes().fit(TrainingRows(table, labels: RowLabels(labels)))
    #expect(expected.classes == ["Eier", "ham", "spam", "zu, \"x\"", "é"])
    for size in [2, 3, 5] {
      for (name, cuts) in rankCuts(rowCount: 3000, size: size) {
        let models = ThreadRanks.run(size) { communicator in
          let range = cuts[communicator.rank]..<cuts[communicator.rank + 1]
          // The tables of names differ from rank to rank.
          return try NaiveBayes().fit(
            TrainingRows(Table(table.rows.rows(range)), labels: RowLabels(Array(labels[range]))),
            in: ExecutionContext(communicator: communicator))
        }
        for model in models { #expect(try model.get() == expected, "\(size) ranks, \(name)") }
      }
    }
    let predicted = try expected.predict(table.rows)
    #expect(predicted.isText && predicted.count == 3000)
    let method = try #require(Catalog.method(named: "naive-bayes"))
    #expect(
      try method.model(of: .init(methodName: "naive-bayes", expected.fields)) as? NaiveBayes.Model
        == expected)
  }

  @Test(arguments: ModelFile.Form.allCases) func `models go through files`(form: ModelFile.Form) throws {
    let scratch = NSTemporaryDirectory() + "lockstep-\(UUID().uuidString).\(form.rawValue)"
    defer { try? FileManager.default.removeItem(atPath: scratch) }
    for labels in [RowLabels([1 << 40, -3]), RowLabels(["häm", "sp\"am, 2"])] {
      let estimator = NaiveBayes(
        smoothing: 0.5, classes: [labels[0], labels[1]] + (labels.isText ? ["x"] : [7]))
      let model = try fitted(estimator, [[1, 2], [3, 4]], labels)
      try ModelFile(model, rowCount: 2, parameters: estimator.parameters).write(to: scratch)
      let file = try ModelFile(reading: scratch)
      #expect(file.model as? NaiveBayes.Model == model)
      #expect(try NaiveBayes(parameters: file.parameters) == estimator)
    }
  }

  @Test func `labels of two kinds are refused on all ranks`() throws {
    let results = ThreadRanks.run(2) { communicator in
      let labels = communicator.rank == 0 ? RowLabels([1, 2]) : RowLabels(["a", "b"])
      let rows = Table(DenseRows([1.0, 2], columnCount: 1))
      return try NaiveBayes().fit(
        TrainingRows(rows, labels: labels), in: ExecutionContext(communicator: communicator))
    }
    for result in results {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .shapeMismatch)
    }
  }
}

extension NaiveBayesTests {
  func fitted(_ estimator: NaiveBayes, _ rows: [[Double]], _ labels: RowLabels) throws
    -> NaiveBayes.Model
  { try estimator.fit(TrainingRows(Table(rows: rows), labels: labels)) }

  @Test func `predictions, and ties to the lowest class`() throws {
    let model = try fitted(NaiveBayes(), [[2, 0], [0, 2], [1, 1]], RowLabels([7, -3, 100]))
    #expect(model.classes == [-3, 7, 100])
    #expect(try model.predict(DenseRows([5.0, 0, 0, 5, 0, 0, 1, 1], columnCount: 2)) == RowLabels([7, -3, -3, 100]))
    let rows = DenseRows([5.0, 0, 3, 1, 0, 0], columnCount: 2)
    let logs = try model.predictedLogProbabilities(rows)
    for i in 0..<3 { #expect(abs(logs.row(i).reduce(0) { $0 + exp($1) } - 1) < 1e-15) }
    let joint = try model.jointLogLikelihoods(rows)
    #expect(joint[1, 1] == model.logPriors[1] + 3 * log(0.75) + log(0.25))
    // Far beyond the range of exp.
    let far = try model.predictedLogProbabilities(DenseRows([1e6, 0], columnCount: 2))
    #expect(far[0, 1] == 0 && far[0, 0] < -1e6)
    #expect(try model.predict(DenseRows([Double](), columnCount: 2)).count == 0)
  }

  @Test func `more rows than a slice`() throws {
    let table = labelledCounts(rowCount: 10_000, columnCount: 4, classCount: 3)
    let model = try NaiveBayes().fit(SplitSource(table, responses: 0, hasLabels: true))
    let features = SplitSource.split(table.rows, 0, false, true).features
    let all = try model.predict(features)
    let logs = try model.predictedLogProbabilities(features)
    for i in [0, 4095, 4096, 8192, 9999] {
      let one = features.rows(i..<i + 1)
      #expect(try model.predict(one)[0] == all[i])
      #expect(try model.predictedLogProbabilities(one).elements == Array(logs.row(i)))
    }
  }

  @Test func `priors and classes as given`() throws {
    let (rows, labels) = ([[1.0, 2], [3, 4], [5, 6]], RowLabels([0, 1, 1]))
    let uniform = try fitted(NaiveBayes(smoothing: 1, priors: .uniform), rows, labels)
    #expect(uniform.logPriors == [log(0.5), log(0.5)])
    let given = try fitted(NaiveBayes(smoothing: 1, classPriors: [1, 3]), rows, labels)
    #expect(given.logPriors == [log(0.25), log(0.75)])
    let more = try fitted(NaiveBayes(smoothing: [1, 2], classes: [2, 0, 1]), rows, labels)
    #expect(more.classes == [0, 1, 2] && more.logPriors[2] == -.infinity && more.classCounts == [1, 2, 0])
    #expect(Array(more.logProbabilities.row(2)) == [log(1.0 / 3), log(2.0 / 3)])
    #expect(try more.predict(DenseRows([0.0, 0], columnCount: 2)) == RowLabels([1]))
    #expect(try more.predictedLogProbabilities(DenseRows([1.0, 0], columnCount: 2))[0, 2] == -.infinity)

    var text = NaiveBayes(smoothing: [0.5, 2], priors: .uniform, classPriors: [1, 2], classes: ["b", "a"])
    #expect(try NaiveBayes(parameters: text.parameters) == text)
    text.classes = [3, 1]
    #expect(try NaiveBayes(parameters: text.parameters) == text)
    #expect(try NaiveBayes(parameters: .object([:])) == NaiveBayes())
    #expect(try PackedDecoder().decode(from: PackedEncoder().encode(text)) == text)
  }

  @Test func `what makes no sense is refused`() throws {
    func code(_ estimator: NaiveBayes, _ rows: [[Double]] = [[1, 2], [3, 4]], _ labels: RowLabels? = nil)
      throws
      -> LockstepError?
    {
      #expect(throws: LockstepError.self) {
        try fitted(estimator, rows, labels ?? RowLabels([Int](0..<rows.count)))
      }
    }
    for estimator in [
      NaiveBayes(smoothing: 0), NaiveBayes(smoothing: .infinity),
      NaiveBayes(smoothing: []),
      NaiveBayes(smoothing: [1, 2, 3]), NaiveBayes(smoothing: 1, classPriors: [1]),
      NaiveBayes(smoothing: 1, classPriors: [1, 0]), NaiveBayes(smoothing: 1, classes: [1, 1]),
      NaiveBayes(smoothing: 1, classes: []),
      NaiveBayes(smoothing: 1, classPriors: [1], classes: [0, 1]),
    ] { #expect(try code(estimator)?.code == .usage) }
    let negative = try code(NaiveBayes(), [[1, 2], [3, -4]])
    #expect(negative?.code == .malformedInput && negative?.place == .init(row: 1, column: 2))
    for value in [Double.nan, .infinity] {
      let error = try code(NaiveBayes(), [[value, 2], [3, 4]])
      #expect(error?.code == .notFinite && error?.place == .init(row: 0, column: 1))
    }
    #expect(try code(NaiveBayes(), [[1e308, 1e308], [1, 1]])?.code == .notFinite)
    #expect(try code(NaiveBayes(), [], RowLabels([Int]()))?.code == .tooFewRows)
    let unknown = try code(NaiveBayes(smoothing: 1, classes: [0, 5]))
    #expect(unknown?.code == .malformedInput && unknown?.place == .init(row: 1))
    #expect(throws: LockstepError.self) { try NaiveBayes().fit(Table(rows: [[1.0]])) }

    let model = try fitted(NaiveBayes(), [[1, 2]], RowLabels([1]))
    for (rows, code) in [
      ([1.0], LockstepError.Code.shapeMismatch), ([1, -1], .malformedInput), ([1, .nan], .notFinite),
    ] {
      let error = #expect(throws: LockstepError.self) { try model.predict(DenseRows(rows, columnCount: rows.count)) }
      #expect(error?.code == code)
    }
  }
}

extension DenseRows {
  /// The rows as nested arrays.
  var rowsAsArrays: [[Double]] { (0..<rowCount).map { row($0) } }
}
