// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

/// The verbs of one sweep, and of factorizations, on a small file of whole numbers.
@Suite(.serialized) struct StatisticsCommandTests {
  let scratch: ScratchDirectory
  /// Features a, b and c, targets y = 2a − b + 3 and z, and the weight of each row.
  static let rows = (0..<40).map { i -> [Int] in
    let (a, b, c) = (i % 7, (i * i) % 11, (i * 5) % 13)
    return [a, b, c, 2 * a - b + 3, c + i % 2, 1 + i % 3]
  }

  init() throws {
    scratch = try ScratchDirectory()
    func text(_ rows: some Sequence<[Int]>) -> String {
      rows.map { $0.map(String.init).joined(separator: ",") + "\n" }.joined()
    }
    let header = "a,b,c,y,z,times\n"
    try scratch.write(header + text(Self.rows), to: "all.csv")
    try scratch.write(header + text(Self.rows[..<9]), to: "part0.csv")
    try scratch.write(header + text(Self.rows[9...]), to: "part1.csv")
    try scratch.write(
      header + text(Self.rows.flatMap { row in Array(repeating: row, count: row[5]) }), to: "repeated.csv")
  }

  private func lockstep(_ arguments: [String]) throws -> CommandRun { try CommandRun(arguments, in: scratch) }

  private func json(_ arguments: String...) throws -> JSONValue { try json(arguments) }

  private func json(_ arguments: [String]) throws -> JSONValue {
    let run = try lockstep(arguments + ["--json"])
    #expect(run.code == 0, "\(run.errors)")
    return try JSONValue(parsing: Array(run.output.utf8))
  }

  private func numbers(_ value: JSONValue?) -> [Double] {
    switch value {
    case .array(let values)?: values.flatMap { numbers($0) }
    case .integer(let value)?: [Double(value)]
    case .double(let value)?: [value]
    default: []
    }
  }

  /// A verb with its options, and the keys of its model that the contract names.
  static let verbs: [(words: [String], keys: [String])] = [
    (
      ["moments"],
      [
        "minimum", "maximum", "sum", "sumSquares", "sumSquaresCentered", "mean", "secondOrderRawMoment", "variance",
        "standardDeviation", "variation",
      ]
    ),
    (["covariance", "--correlation"], ["means", "covariance", "correlation"]),
    (["pca", "--columns", "a,b,c"], ["eigenvalues", "components", "means", "variances", "explainedVarianceRatio"]),
    (["svd", "--columns", "a,b,c"], ["singularValues", "rightSingularVectors"]),
    (["qr", "--columns", "a,b,c"], ["r"]),
    (
      ["linear-regression", "--targets", "z,y", "--columns", "0-2"],
      [
        "coefficients", "intercepts", "standardErrors", "rSquared", "residualStandardDeviations", "rank",
        "conditionEstimate",
      ]
    ),
    (
      ["ridge-regression", "--targets", "z", "--columns", "a,b,c"],
      ["coefficients", "intercepts", "rSquared", "residualStandardDeviations", "rank", "conditionEstimate"]
    ),
    (["ridge-regression", "--path", "0.1,10", "--targets", "z"], ["regularizations", "coefficients", "intercepts"]),
  ]

  @Test(arguments: verbs.indices) func printsTheKeysOfTheContract(_ index: Int) throws {
    let (words, keys) = Self.verbs[index]
    let whole = try CommandRun(words + ["--json", "all.csv"], in: scratch)
    #expect(whole.code == 0 && whole.errors == "")
    let json = try JSONValue(parsing: Array(whole.output.utf8))
    guard case .object(let model)? = json["model"] else {
      Issue.record("no model")
      return
    }
    for key in keys { #expect(model[key] != nil, "\(key)") }
    #expect(json["rowCount"] == .integer(40))
    // The same in pieces and with threads, and saved and shown as a table.
    let parts = try CommandRun(
      words + ["--json", "--threads", "2", "-o", "model.npz", "part0.csv", "part1.csv"], in: scratch)
    #expect(try JSONValue(parsing: Array(parts.output.utf8))["digest"] == json["digest"])
    #expect(try ModelFile(reading: scratch.file("model.npz")).model.digest == json["digest"]?.string)
    let table = try CommandRun(words + ["all.csv"], in: scratch)
    #expect(table.output.contains(json["digest"]?.string ?? "none") && table.errors == "" && table.code == 0)
  }

  @Test func aWeightIsTheRowRepeated() throws {
    for words in [["moments"], ["covariance"], ["pca"], ["linear-regression", "--targets", "z"]] {
      let kind = words[0] == "linear-regression" ? ["--weight-kind", "frequency"] : []
      let weighted = try CommandRun(words + kind + ["--weights", "times", "--json", "all.csv"], in: scratch)
      let repeated = try CommandRun(
        words + ["--columns", words.contains("z") ? "a,b,c,y" : "a,b,c,y,z", "--json", "repeated.csv"], in: scratch)
      let (a, b) = (
        try JSONValue(parsing: Array(weighted.output.utf8))["model"],
        try JSONValue(parsing: Array(repeated.output.utf8))["model"]
      )
      for key in ["mean", "variance", "covariance", "eigenvalues", "coefficients", "standardErrors"] {
        for (x, y) in zip(numbers(a?[key]), numbers(b?[key])) { #expect(abs(x - y) <= 1e-12 * max(abs(x), 1)) }
      }
      #expect(a != nil && b != nil)
    }
  }

  @Test func theLastColumnIsExplainedByDefault() throws {
    let run = try lockstep(["linear-regression", "--columns", "a,b", "all.csv"])
    #expect(run.output.contains("Linear regression of times") && run.code == 0)
    let weighted = try lockstep(["linear-regression", "--weights", "times", "--columns", "c", "all.csv"])
    #expect(weighted.output.contains("Linear regression of z"))
  }

  @Test func robustErrorsAndDiagnosticsOfARegression() throws {
    let columns = ["--columns", "a,b", "--targets", "z"]
    let robust = try json(["linear-regression", "--robust", "hc3", "--diagnostics", "rows.csv", "all.csv"] + columns)
    #expect(robust["model"]?["robust"] == .array([.string("hc3")]))
    let lines = try scratch.read("rows.csv").split(separator: "\n").map { line in
      line.split(separator: ",").compactMap { Double($0) }
    }
    #expect(lines.count == 40 && lines.allSatisfy { $0.count == 6 })
    for (line, row) in zip(lines, Self.rows) { #expect(abs(line[0] + line[1] - Double(row[4])) < 1e-12) }
    #expect(abs(lines.reduce(0) { $0 + $1[4] } - 3) < 1e-12)

    let clustered = try json(
      ["linear-regression", "--cluster", "c", "--threads", "2", "part0.csv", "part1.csv", "-o", "model.json"] + columns)
    #expect(clustered["model"]?["clusterCount"] == .integer(13))
    #expect(clustered["model"]?["testDegreesOfFreedom"] == .integer(12))
    #expect(try json(["linear-regression", "--cluster", "c", "all.csv"] + columns)["digest"] == clustered["digest"])
    let widths = try ["confidence", "prediction"].map { interval -> [Double] in
      let run = try lockstep(["predict", "model.json", "--interval", interval, "--confidence", "0.9", "all.csv"])
      let rows = run.output.split(separator: "\n").map { $0.split(separator: ",").compactMap { Double($0) } }
      #expect(rows.count == 40 && rows.allSatisfy { $0.count == 3 && $0[1] < $0[0] && $0[0] < $0[2] }, "\(run.errors)")
      return rows.map { $0[2] - $0[1] }
    }
    #expect(zip(widths[0], widths[1]).allSatisfy { $0 < $1 })
    for words in [
      ["--robust", "hc3", "--cluster", "c"], ["--robust", "cr0"], ["--robust", "hc0", "--partial", "p.part"],
      ["--diagnostics", "d.csv", "--partial", "p.part"],
    ] { #expect(try lockstep(["linear-regression", "all.csv"] + columns + words).code == 64) }
  }

  @Test func aModelIsScored() throws {
    for verb in [
      ["linear-regression"], ["ridge-regression"], ["elastic-net", "--folds", "0", "--regularization", "0.1"],
    ] {
      #expect(try lockstep(verb + ["--columns", "a,b", "--targets", "z,y", "-o", "m.json", "-q", "all.csv"]).code == 0)
      let predicted = try lockstep(["predict", "m.json", "all.csv"]).output.split(separator: "\n").map {
        $0.split(separator: ",").compactMap { Double($0) }
      }
      // The targets are those of the model's names, wherever they stand.
      let scores = try json(["score", "m.json", "all.csv", "--weights", "times"])["scores"]
      for (k, column) in [4, 3].enumerated() {
        let rows = Self.rows.enumerated().map { i, row in
          (y: Double(row[column]), residual: Double(row[column]) - predicted[i][k], weight: Double(row[5]))
        }
        let weight = rows.reduce(0) { $0 + $1.weight }
        let mean = rows.reduce(0) { $0 + $1.weight * $1.y } / weight
        let squares = rows.reduce(0) { $0 + $1.weight * $1.residual * $1.residual }
        let total = rows.reduce(0) { $0 + $1.weight * ($1.y - mean) * ($1.y - mean) }
        let sizes = rows.reduce(0) { $0 + $1.weight * abs($1.residual) }
        #expect(abs(numbers(scores?["rSquared"])[k] - (1 - squares / total)) < 1e-12)
        #expect(abs(numbers(scores?["rootMeanSquaredError"])[k] - (squares / weight).squareRoot()) < 1e-12)
        #expect(abs(numbers(scores?["meanAbsoluteError"])[k] - sizes / weight) < 1e-12)
      }
      let parts = try json(["score", "m.json", "part0.csv", "part1.csv", "--threads", "2", "--weights", "times"])
      #expect(parts["scores"] == scores)
    }
    let table = try lockstep(["score", "m.json", "all.csv"])
    #expect(table.output.contains("RMSE") && table.output.contains("scores of the elastic-net model"))
    try scratch.write("b,a\n1,2\n3,4\n", to: "bare.csv")
    #expect(try lockstep(["score", "m.json", "bare.csv"]).code == 64)
    #expect(try lockstep(["score", "m.json", "--label", "c", "all.csv"]).code == 64)
    #expect(try lockstep(["moments", "-o", "s.json", "-q", "all.csv"]).code == 0)
    #expect(try lockstep(["score", "s.json", "all.csv"]).code == 64)
  }

  @Test func rowsOfFactorsAreWritten() throws {
    #expect(try lockstep(["qr", "--columns", "a,b,c", "--q", "q.csv", "-q", "all.csv"]).code == 0)
    #expect(try lockstep(["svd", "--columns", "a,b,c", "--components", "2", "--left", "u.csv", "all.csv"]).code == 0)
    for (name, width) in [("q.csv", 3), ("u.csv", 2)] {
      let rows = try scratch.read(name).split(separator: "\n").map {
        $0.split(separator: ",").compactMap { Double($0) }
      }
      #expect(rows.count == 40 && rows.allSatisfy { $0.count == width })
      for j in 0..<width { #expect(abs(rows.reduce(0) { $0 + $1[j] * $1[j] } - 1) < 1e-14) }
    }
  }

  @Test func transformGivesTheScoresOfTheFit() throws {
    let fit = try lockstep([
      "pca", "--columns", "a,b,c", "--components", "2", "--whiten", "--scores", "s.csv", "-o", "pca.json", "-q",
      "all.csv",
    ])
    #expect(fit.code == 0)
    let run = try lockstep(["transform", "pca.json", "all.csv"])
    #expect(try run.output == scratch.read("s.csv") && run.code == 0)
    let wrong = try lockstep(["predict", "pca.json", "all.csv"])
    #expect(wrong.code == 64 && wrong.messages.first?.contains("lockstep transform gives the scores") == true)
  }

  @Test func predictGivesTheResponses() throws {
    #expect(
      try lockstep(["linear-regression", "--columns", "a,b", "--targets", "y", "-o", "lr.json", "-q", "all.csv"]).code
        == 0)
    let run = try lockstep(["predict", "lr.json", "all.csv"])
    for (line, row) in zip(run.output.split(separator: "\n"), Self.rows) {
      #expect(abs((Double(line) ?? .nan) - Double(row[3])) < 1e-12)
    }
  }

  @Test(arguments: [
    ["moments"], ["covariance"], ["pca"], ["linear-regression", "--targets", "z", "--columns", "a,b"],
    ["ridge-regression", "--targets", "z", "--columns", "a,b"],
    ["ridge-regression", "--path", "1,2", "--targets", "z", "--columns", "a,b"],
  ])
  func mergedSummariesGiveTheModelOfAllRows(_ words: [String]) throws {
    for i in 0..<2 {
      #expect(
        try lockstep(words + ["--weights", "times", "--partial", "p\(i).part", "-q", "part\(i).csv"]).code == 0)
    }
    let merged = try json("merge", "p0.part", "p1.part", "--partial", "both.part", "-o", "model.json")
    let whole = try CommandRun(words + ["--weights", "times", "--json", "all.csv"], in: scratch)
    let model = try JSONValue(parsing: Array(whole.output.utf8))["model"]
    #expect(merged["rowCount"] == .integer(40) && merged["method"]?.string != nil)
    guard case .object(let members)? = model else {
      Issue.record("no model")
      return
    }
    for (key, value) in members {
      let (a, b) = (numbers(merged["model"]?[key]), numbers(value))
      #expect(a.count == b.count, "\(key)")
      for (x, y) in zip(a, b) { #expect(abs(x - y) <= 1e-9 * max(abs(x), 1), "\(key)") }
    }
    #expect(try json("merge", "both.part")["digest"] == merged["digest"])
    #expect(try ModelFile(reading: scratch.file("model.json")).model.digest == merged["digest"]?.string)
  }

  @Test func summariesThatDoNotBelongTogetherAreRefused() throws {
    _ = try lockstep(["moments", "--columns", "a", "--partial", "a.part", "all.csv"])
    _ = try lockstep(["moments", "--columns", "b", "--partial", "b.part", "all.csv"])
    _ = try lockstep(["covariance", "--columns", "a", "--partial", "c.part", "all.csv"])
    let columns = try lockstep(["merge", "a.part", "b.part"])
    #expect(
      columns.code == 65
        && columns.messages == [
          "lockstep: b.part: the columns differ: a before, b now; give the same columns everywhere"
        ])
    let twice = try lockstep(["merge", "a.part", "a.part"])
    #expect(twice.code == 64 && twice.messages.first?.contains("a.part: rows would be counted twice") == true)
    let methods = try lockstep(["merge", "a.part", "c.part"])
    #expect(methods.code == 64 && methods.messages.first?.contains("the method covariance") == true)
    let other = try lockstep(["merge", "all.csv"])
    #expect(other.code == 65 && other.messages.first?.hasPrefix("lockstep: all.csv: this is not a summary") == true)
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: scratch.file("a.part"))))
    bytes[bytes.count - 9] ^= 1
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.file("damaged.part")))
    let damaged = try lockstep(["merge", "damaged.part"])
    #expect(damaged.code == 65 && damaged.messages.first?.contains("not those that were saved") == true)
  }

  @Test func senselessOptionsAreUsageErrors() throws {
    for words in [
      ["pca", "--components", "0", "all.csv"], ["pca", "--components", "many", "all.csv"],
      ["pca", "--components", "1.5", "all.csv"], ["pca", "--no-scaling", "all.csv"],
      ["ridge-regression", "--regularization", "1,x", "all.csv"],
      ["ridge-regression", "--regularization=-1", "all.csv"],
      ["ridge-regression", "--path", "1", "--regularization", "1", "all.csv"], ["svd", "--components", "0", "all.csv"],
      ["linear-regression", "--targets", "w", "all.csv"], ["merge"], ["covariance", "--weights", "a,b", "all.csv"],
    ] {
      let run = try CommandRun(words, in: scratch)
      #expect(run.code == 64, "\(words)")
      #expect(run.output == "" && run.messages.count == 1, "\(words): \(run.errors)")
    }
  }
}
