// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@Suite(.serialized) struct PredictCommandTests {
  let scratch: ScratchDirectory
  let assignments: String

  init() throws {
    scratch = try ScratchDirectory()
    try ThreeGroups.write(to: scratch)
    let run = try CommandRun(
      ["kmeans", "--clusters", "3", "-q", "-o", "model.json", "--assignments", "fit.csv", "all.csv"], in: scratch)
    try #require(run.code == 0)
    assignments = try scratch.read("fit.csv")
  }

  private func predict(_ arguments: String...) throws -> CommandRun {
    try CommandRun(["predict", "model.json"] + arguments, in: scratch)
  }

  @Test func givesTheClustersOfTheFit() throws {
    #expect(assignments.split(separator: "\n").count == 60)
    let run = try predict("all.csv")
    #expect(run.output == assignments && run.errors == "" && run.code == 0)
    let single = try predict("--single", "--threads", "2", "all.csv")
    #expect(single.output == assignments)
  }

  @Test func writesAFile() throws {
    let run = try predict("--rows", "clusters.csv", "all.csv")
    #expect(run.output == "" && run.code == 0)
    #expect(try scratch.read("clusters.csv") == assignments)
  }

  @Test func takesColumnsByName() throws {
    let lines = try scratch.read("all.csv").split(separator: "\n").map { line in
      let fields = line.split(separator: ",")
      return "\(fields[1]),note \(fields[0].count),\(fields[0])\n"
    }
    try scratch.write(lines.joined().replacing("note 6", with: "note"), to: "other.csv")
    #expect(try predict("other.csv").output == assignments)
    #expect(try predict("--columns", "2,0", "other.csv").output == assignments)
  }

  @Test func takesColumnsInOrderWithoutNames() throws {
    try scratch.write(ThreeGroups.rows(), to: "plain.csv")
    #expect(try predict("plain.csv").output == assignments)
  }

  @Test func sparseRowsHaveTheModelsColumns() throws {
    try scratch.write((0..<30).map { "\($0 % 2) 1:\(1 + $0 % 5) 3:\(2 * ($0 % 2))\n" }.joined(), to: "train.svm")
    try scratch.write("1 1:2\n0 2:1\n", to: "few.svm")
    let fit = try CommandRun(["naive-bayes", "-q", "-o", "nb.json", "train.svm"], in: scratch)
    #expect(fit.code == 0, "\(fit.errors)")
    let run = try CommandRun(["predict", "nb.json", "few.svm"], in: scratch)
    #expect(run.code == 0 && run.output.split(separator: "\n").count == 2, "\(run.errors)")
    let given = try CommandRun(["moments", "--column-count", "5", "--json", "few.svm"], in: scratch)
    #expect(try JSONValue(parsing: Array(given.output.utf8))["columnCount"] == .integer(5))
  }

  @Test func printsJSON() throws {
    let run = try predict("--json", "all.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["method"]?.string == "kmeans" && json["rowCount"] == .integer(60))
    let values = assignments.split(separator: "\n").compactMap { Int($0) }.map(JSONValue.integer)
    #expect(json["values"] == .array(values))
    let file = try predict("--json", "--rows", "clusters.npy", "all.csv")
    #expect(try JSONValue(parsing: Array(file.output.utf8))["values"] == nil)
  }

  @Test func saysHowManyRowsAreLeftOut() throws {
    try scratch.write("height,weight\n0,0\nNA,1\n64,8\n", to: "gap.csv")
    let run = try predict("--missing", "skip-row", "gap.csv")
    #expect(run.output == "0\n2\n" && run.code == 0)
    #expect(run.errors == "lockstep: 1 row with missing values (height 1) left out; the result has no lines for them\n")
    #expect(try predict("--missing", "skip-row", "-q", "gap.csv").errors == "")
  }

  @Test(arguments: [
    (["gone.json", "all.csv"], 66, "lockstep: gone.json: there is no such file"),
    (["all.csv", "all.csv"], 65, "lockstep: all.csv: not a JSON document"),
    (["damaged.json", "all.csv"], 65, "lockstep: damaged.json: the numbers are not those that were saved"),
    (["model.json", "gone.csv"], 66, "lockstep: gone.csv: there is no such file"),
    (["model.json", "wide.csv"], 65, "lockstep: rows of 3 columns for a model of 2 columns"),
    (["model.json", "unnamed.csv"], 64, "lockstep: unnamed.csv: no column is named \"weight\""),
    (["model.json", "infinite.csv"], 65, "lockstep: row 2, column 2: a row with a NaN or an infinity"),
  ])
  func anErrorIsPrintedOnceWithItsCode(_ words: [String], _ code: Int32, _ message: String) throws {
    try scratch.write(
      try scratch.read("model.json").replacing("\"iterations\":2", with: "\"iterations\":3"), to: "damaged.json")
    try scratch.write("1,2,3\n", to: "wide.csv")
    try scratch.write("height,mass\n1,2\n", to: "unnamed.csv")
    try scratch.write("height,weight\n1,2\n1,inf\n", to: "infinite.csv")
    let run = try CommandRun(["predict"] + words, in: scratch)
    #expect(run.errors.hasPrefix(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.output == "" && run.code == code)
  }

  @Test(.enabled(if: NumPy.isAvailable, "python3 cannot import numpy")) func modelsOpenInNumPy() throws {
    let fit = try CommandRun(["kmeans", "--clusters", "3", "-q", "-o", "model.npz", "all.csv"], in: scratch)
    try #require(fit.code == 0)
    let script = """
      json, numpy = __import__("json"), __import__("numpy")
      saved = numpy.load("model.npz", allow_pickle=False)
      envelope = json.loads(str(saved["metadata"]))
      assert envelope["format"] == "lockstep-model" and envelope["columnNames"] == ["height", "weight"], envelope
      assert saved["centroids"].shape == (3, 2) and saved["centroids"].dtype == numpy.float64
      assert saved["clusterSizes"].tolist() == [20, 20, 20] and saved["iterations"] == 2 and saved["isConverged"] == 1
      print(saved["centroids"][0].tolist(), float(saved["objective"]))
      """
    let run = try CommandRun([], launcher: ["python3", "-c", script, "#"], in: scratch)
    #expect(run.errors == "" && run.output == "[0.7375, -1.0] 44.83124999999999\n")
  }
}

/// Python with NumPy, which may be here.
private enum NumPy {
  static let isAvailable: Bool = {
    guard let scratch = try? ScratchDirectory() else { return false }
    let run = try? CommandRun([], launcher: ["python3", "-c", "__import__('numpy')", "#"], in: scratch)
    return run?.code == 0
  }()

}
