// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// What commands make of a saved model: `show` and `export`.
@Suite(.serialized) struct SavedModelCommandTests {
  let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try scratch.write(
      "x,\"a \"\"b\"\"\",city,y\n1,2,Oslo,1\n2,1,O'Hare,3\n3,5,Oslo,2\n4,4,O'Hare,6\n5,9,Oslo,5\n6,7,Oslo,4\n",
      to: "all.csv")
  }

  private func save(_ arguments: String...) throws {
    let run = try CommandRun(arguments + ["-q", "-o", "model.json", "all.csv"], in: scratch)
    try #require(run.code == 0, "\(run.errors)")
  }

  @Test func showsWhatTheFitHasPrinted() throws {
    let fit = try CommandRun(
      ["kmeans", "--clusters", "2", "--columns", "x,y", "-q", "-o", "model.json", "all.csv"], in: scratch)
    let run = try CommandRun(["show", "model.json"], in: scratch)
    #expect(run.code == 0 && run.errors == "")
    let tables = fit.output.split(separator: "objective")[0]
    #expect(run.output.hasPrefix(tables) && run.output.hasSuffix(fit.output.suffix(72)))
    let json = try CommandRun(["show", "--json", "model.json"], in: scratch)
    #expect(try json.output == scratch.read("model.json"))
  }

  @Test func formsHoldTheSameTable() throws {
    func output(_ arguments: String...) throws -> String {
      let run = try CommandRun(arguments, in: scratch)
      #expect(run.code == 0 && run.errors == "", "\(run.errors)")
      return run.output
    }
    let fit = ["linear-regression", "--targets", "y", "--columns", "x", "-q", "-o", "model.json", "all.csv"]
    let csv = try CommandRun(fit + ["--format", "csv"], in: scratch).output
    let lines = csv.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines[0] == "term,estimate,standard error,confidence low,confidence high,t,p" && lines[3] == "")
    // The slope and its standard error: 12.5 / 17.5, and the square root of (17.5 − 12.5² / 17.5) / 4 / 17.5.
    let slope = try #require(lines.first { $0.hasPrefix("x,") }).split(separator: ",")
    #expect(Double(slope[1]) == 12.5 / 17.5 || Double(slope[1]) == (12.5 / 17.5).nextUp)
    #expect(slope[2].hasPrefix("0.34992710611188"))
    #expect(csv.contains("\nfigure,value\n") && csv.contains("\nR-squared,0.5102040816"))
    let shown = try output("show", "model.json", "--format", "csv")
    #expect(csv.hasPrefix(shown.prefix { $0 != "\n" }) && csv.contains(slope.joined(separator: ",")))
    let markdown = try output("show", "model.json", "--format", "markdown")
    #expect(
      markdown.hasPrefix("## Linear regression\n\n| term | estimate |") && markdown.contains("\n| x | 0.7142857 |"))
    #expect(try output("show", "--format", "json", "model.json") == output("show", "--json", "model.json"))
    let none = try CommandRun(["predict", "model.json", "--format", "markdown", "all.csv"], in: scratch)
    #expect(none.code == 64 && none.errors.contains("choose one of csv, json"), "\(none.errors)")
    let data = try CommandRun(fit + ["--format", "npy"], in: scratch)
    #expect(data.code == 64 && data.errors.contains("--input-format npy"), "\(data.errors)")
    let pinned = try CommandRun(fit + ["--input-format", "npy"], in: scratch)
    #expect(pinned.code != 0 && pinned.errors.contains("all.csv"), "\(pinned.errors)")
    let both = try CommandRun(fit + ["--json", "--format", "csv"], in: scratch)
    #expect(both.code == 64 && both.errors.contains("exclude each other"))
  }

  @Test func predictionsGoToAFile() throws {
    try save("kmeans", "--clusters", "2", "--columns", "x,y")
    let printed = try CommandRun(["predict", "model.json", "all.csv"], in: scratch)
    let run = try CommandRun(["predict", "model.json", "-o", "rows.csv", "all.csv"], in: scratch)
    #expect(try run.code == 0 && run.output == "" && scratch.read("rows.csv") == printed.output, "\(run.errors)")
  }

  @Test func exportsARegression() throws {
    try save("linear-regression", "--targets", "y", "--categorical", "city", "--no-intercept")
    let run = try CommandRun(["export", "model.json", "--sql", "-", "--table", "my \"houses\""], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.hasPrefix("SELECT data.*,\n  "))
    #expect(run.output.contains(" * \"a \"\"b\"\"\" + "))
    #expect(run.output.contains(" * CASE WHEN \"city\" = 'O''Hare' THEN 1 ELSE 0 END + "))
    #expect(run.output.hasSuffix(" AS \"predicted\"\nFROM \"my \"\"houses\"\"\" AS data\n"))
  }

  @Test func exportsClustersAndComponents() throws {
    try save("kmeans", "--clusters", "2", "--columns", "x,y")
    let clusters = try CommandRun(["export", "model.json", "--sql", "score.sql"], in: scratch)
    #expect(clusters.code == 0 && clusters.output == "")
    let query = try scratch.read("score.sql")
    #expect(
      query.contains(
        "CASE LEAST(\"distance_0\", \"distance_1\") WHEN \"distance_0\" THEN 0 WHEN \"distance_1\" THEN 1 END AS \"cluster\""
      ))
    try save("pca", "--columns", "x,y")
    let scores = try CommandRun(["export", "model.json", "--sql", "-"], in: scratch)
    #expect(scores.code == 0 && scores.output.contains("AS \"score_1\""))
  }

  @Test func refusesModelsWithoutValuesOfRows() throws {
    try save("moments", "--columns", "x,y")
    let run = try CommandRun(["export", "model.json", "--sql", "-"], in: scratch)
    #expect(run.code == 64 && run.errors.contains("a model of moments cannot be written as a query"))
  }
}
