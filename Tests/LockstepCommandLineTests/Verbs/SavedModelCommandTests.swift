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
