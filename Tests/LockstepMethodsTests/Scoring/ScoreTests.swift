// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep
import LockstepTestSupport
import Testing

@testable import LockstepMethods

@Suite struct ScoreTests {
  /// Three columns, whose sum decides for the most part between three classes, a weight, and the class.
  private static let table: Table<Double> = {
    var source = SplitMix64(state: 12)
    return Table<Double>(
      rows: (0..<3000).map { i -> [Double] in
        let x = (0..<3).map { _ in Double.random(in: -1...1, using: &source) }
        let noisy = x.reduce(0, +) + Double.random(in: -1...1, using: &source)
        let kind: Double = noisy < -0.5 ? 0 : noisy < 0.7 ? 1 : 2
        return x + [Double(i % 3), kind]
      })
  }()

  private static func rows(_ source: any RowSource) -> SplitSource {
    SplitSource(source, responses: 0, hasWeights: true, hasLabels: true)
  }

  private func scores(_ model: LogisticRegression.Model, _ rows: some RowSource) throws -> ClassificationScores {
    guard case .classification(let scores) = try model.scores(of: rows, in: .local) else {
      throw LockstepError(.internalInconsistency, "scores of no classes")
    }
    return scores
  }

  @Test func `scores of classes are those of their definitions`() throws {
    let rows = Self.rows(Self.table)
    let model = try LogisticRegression().fit(rows)
    let found = try scores(model, rows)
    let block = Self.table.rows
    let all = SplitSource.split(block, 0, true, true)
    let (predicted, chances) = (try model.predict(all.features), try model.predictedLogProbabilities(all.features))
    var (right, total, loss) = (0.0, 0.0, 0.0)
    var confusion = Matrix(zeros: 3, 3)
    for i in 0..<block.rowCount {
      let (weight, kind) = (block.row(i)[3], Int(block.row(i)[4]))
      guard case .integer(let guess) = predicted[i] else { continue }
      total += weight
      right += guess == kind ? weight : 0
      loss -= weight * chances[i, kind]
      confusion[kind, guess] += weight
    }
    #expect(abs(found.accuracy - right / total) < 1e-14 && abs(found.logLoss - loss / total) < 1e-12)
    #expect(found.confusion == confusion && found.weight == total && found.rowCount == 2000)
    for k in 0..<3 {
      var (ahead, pairs) = (0.0, 0.0)
      let members = (0..<block.rowCount).filter { Int(block.row($0)[4]) == k && block.row($0)[3] > 0 }
      let others = (0..<block.rowCount).filter { Int(block.row($0)[4]) != k && block.row($0)[3] > 0 }
      for i in members {
        for j in others {
          let weight = block.row(i)[3] * block.row(j)[3]
          pairs += weight
          ahead += chances[i, k] > chances[j, k] ? weight : chances[i, k] == chances[j, k] ? weight / 2 : 0
        }
      }
      #expect(abs(found.areas[k] - ahead / pairs) <= found.areaErrors[k] + 1e-12)
      #expect(found.areaErrors[k] < 1e-3 && found.areaErrors[k] > 0)
    }
  }

  @Test func `scores have the same bits on any number of ranks`() throws {
    let model = try LogisticRegression().fit(Self.rows(Self.table))
    try checkDriversAgree(Self.table) { source, context in
      guard case .classification(let scores) = try model.scores(of: Self.rows(source), in: context) else {
        throw LockstepError(.internalInconsistency, "scores of no classes")
      }
      return scores
    }
    let numbers = regressionTable(rowCount: 4000, columnCount: 2, responses: 2)
    let regression = try LinearRegression().fit(SplitSource(numbers, responses: 2))
    try checkDriversAgree(numbers) { source, context in
      guard case .regression(let scores) = try regression.scores(of: SplitSource(source, responses: 2), in: context)
      else { throw LockstepError(.internalInconsistency, "scores of no numbers") }
      return scores
    }
  }

  @Test func `few rows have the exact area`() throws {
    let x: [Double] = [0, 1, 2, 3, 4, 5, 6, 7]
    let kinds = [0, 0, 1, 0, 1, 0, 1, 1]
    let rows = TrainingRows(Table<Double>(rows: x.map { [$0] }), labels: RowLabels(kinds))
    let found = try scores(try LogisticRegression(regularization: 0.1).fit(rows), rows)
    #expect(found.areas == [0.8125, 0.8125] && found.areaErrors == [0, 0])
    let text = ModelScores.classification(found).report(of: "logistic-regression", nil).lines(
      rowCount: 8, columnCount: 1)
    #expect(text.joined().contains("0.8125"))
  }

  @Test func `log-odds keep their order`() {
    let odds: [Double] = [-.infinity, -1e300, -40, -1.5, -1.25, -1e-9, 0, 1e-9, 1.25, 1.5, 40, 1e300, .infinity]
    let keys = odds.map(LogOddsSpread.key)
    #expect(keys == keys.sorted() && Set(keys).count == keys.count)
  }

  @Test func `what cannot be scored is said`() throws {
    let model = try LogisticRegression().fit(Self.rows(Self.table))
    let strange = TrainingRows(
      Table<Double>(rows: (0..<4).map { i -> [Double] in [Double(i), 0, 1] }), labels: RowLabels([0, 1, 7, 2]))
    let unknown = #expect(throws: LockstepError.self) { try scores(model, strange) }
    #expect(unknown?.code == .malformedInput && unknown?.place?.row == 2)
    let bare = #expect(throws: LockstepError.self) { try scores(model, strange.features) }
    #expect(bare?.code == .usage)
    let regression = try LinearRegression().fit(
      SplitSource(regressionTable(rowCount: 20, columnCount: 3, responses: 1), responses: 1))
    let labelled = #expect(throws: LockstepError.self) { try regression.scores(of: strange, in: .local) }
    #expect(labelled?.code == .usage)
  }
}
