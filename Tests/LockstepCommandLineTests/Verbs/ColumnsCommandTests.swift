// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@Suite(.serialized) struct ColumnsCommandTests {
  let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try scratch.write(
      "city,size,price\nParis,10,30\nOslo,,24\nParis,30,50\nOslo,20,\nRome,20,41\nNA,20,22\nRome,40,60\n",
      to: "homes.csv")
  }

  private func run(_ arguments: String...) throws -> CommandRun { try CommandRun(arguments, in: scratch) }

  @Test func missingValuesAreCountedByColumn() throws {
    let fit = try run("moments", "--columns", "size,price", "--missing", "skip-row", "--json", "homes.csv")
    #expect(fit.messages == ["lockstep: rows left out: 2; missing: size 1, price 1"])
    let json = try JSONValue(parsing: Array(fit.output.utf8))
    #expect(json["missingCounts"] == .object(["size": .integer(1), "price": .integer(1)]))
    #expect(json["skippedRowCount"] == .integer(2))
    let whole = try run("moments", "--columns", "price", "--missing", "mean", "--json", "homes.csv")
    #expect(try JSONValue(parsing: Array(whole.output.utf8))["missingCounts"] == .object(["price": .integer(1)]))
  }

  @Test(arguments: ["model.json", "model.npz"]) func theModelReadsNewDataAsItsOwn(model: String) throws {
    let fit = try run(
      "linear-regression", "--categorical", "city", "--coding", "ones", "--missing", "mean", "-q", "--json", "-o",
      model,
      "homes.csv")
    #expect(fit.code == 0, "\(fit.errors)")
    let json = try JSONValue(parsing: Array(fit.output.utf8))
    #expect(json["columnCount"] == .integer(4) && json["rowCount"] == .integer(5))

    // The same rows, spread and filled by hand: the mean of the sizes of rows with a city and a price is 25.
    try scratch.write(
      "Oslo,Paris,Rome,size,price\n0,1,0,10,30\n1,0,0,25,24\n0,1,0,30,50\n0,0,1,20,41\n0,0,1,40,60\n",
      to: "plain.csv")
    let plain = try run("linear-regression", "-q", "--json", "-o", "plain.json", "plain.csv")
    #expect(try JSONValue(parsing: Array(plain.output.utf8))["digest"] == json["digest"])

    try scratch.write("size,city\n15,Rome\n,Oslo\n", to: "new.csv")
    try scratch.write("0,0,1,15\n1,0,0,25\n", to: "newplain.csv")
    let found = try run("predict", model, "--missing", "mean", "new.csv")
    let expected = try run("predict", "plain.json", "newplain.csv")
    #expect(found.output == expected.output && found.code == 0 && expected.code == 0, "\(found.errors)")
    #expect(found.messages == ["lockstep: missing: size 1; the model's means stand for numbers"])

    try scratch.write("size,city\n15,Bergen\n", to: "other.csv")
    let unknown = try run("predict", model, "other.csv")
    #expect(unknown.code == 65)
    #expect(
      unknown.messages.first?.hasPrefix(
        "lockstep: other.csv:2, column 2 (\"city\"): \"Bergen\" is not a category the model knows"
      )
        == true)
    #expect(try run("predict", model, "--categorical", "city", "new.csv").code == 64)
    #expect(try run("predict", "plain.json", "--missing", "mean", "newplain.csv").code == 64)
  }

  @Test func coefficientsCompareWithABaseLevel() throws {
    let lines = (0..<30).map { i in (["Oslo", "Paris", "Rome"][i % 3], i % 7, i * i % 11) }
    func text(_ first: (String) -> String) -> String {
      lines.map { "\(first($0.0)),\($0.1),\($0.2)\n" }.joined()
    }
    try scratch.write("city,x,y\n" + text { $0 }, to: "cities.csv")
    try scratch.write("a,b,x,y\n" + text { "\($0 == "Paris" ? 1 : 0),\($0 == "Rome" ? 1 : 0)" }, to: "oslo.csv")
    try scratch.write("a,b,x,y\n" + text { "\($0 == "Oslo" ? 1 : 0),\($0 == "Paris" ? 1 : 0)" }, to: "rome.csv")
    func digest(_ words: String...) throws -> JSONValue? {
      let run = try CommandRun(words + ["--json", "-q"], in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      return try JSONValue(parsing: Array(run.output.utf8))["digest"]
    }
    for verb in ["linear-regression", "poisson-regression"] {
      #expect(try digest(verb, "--categorical", "city", "cities.csv") == digest(verb, "oslo.csv"))
      #expect(
        try digest(verb, "--categorical", "city", "--reference", "city=Rome", "cities.csv") == digest(verb, "rome.csv"))
    }
    let fit = try run("linear-regression", "--categorical", "city", "-o", "base.json", "cities.csv")
    #expect(
      fit.output.contains("city[Paris]") && fit.output.contains("base levels") && fit.output.contains("city=Oslo"))
    #expect(try ModelFile(reading: scratch.file("base.json")).encoding?.columns.first?.base == "Oslo")
    // Predictions do not depend on the coding.
    _ = try digest("linear-regression", "--categorical", "city", "--coding", "ones", "-o", "ones.json", "cities.csv")
    let (a, b) = (try run("predict", "base.json", "cities.csv"), try run("predict", "ones.json", "cities.csv"))
    let pairs = zip(a.output.split(separator: "\n"), b.output.split(separator: "\n"))
    #expect(pairs.allSatisfy { abs((Double($0) ?? .nan) - (Double($1) ?? 0)) < 1e-12 } && a.code == 0)
    // Penalties treat all values alike.
    #expect(try run("ridge-regression", "--categorical", "city", "cities.csv").output.contains("city=Oslo"))
    for words in [
      ["--reference", "city=Bergen"], ["--reference", "x=1"], ["--reference", "city"],
      ["--coding", "ones", "--reference", "city=Rome"],
    ] {
      #expect(
        try CommandRun(["linear-regression", "--categorical", "city", "cities.csv"] + words, in: scratch).code == 64)
    }
    // Parts whose base levels differ cannot be put together.
    try scratch.write("city,x,y\nOslo,1,2\nRome,2,3\nOslo,4,4\nRome,3,1\n", to: "p.csv")
    try scratch.write("city,x,y\nParis,1,2\nRome,2,3\nParis,4,4\nRome,3,1\n", to: "q.csv")
    for (day, level) in [("p", "Rome"), ("q", "Rome")] {
      #expect(
        try run(
          "linear-regression", "--categorical", "city", "--reference", "city=\(level)", "--partial", "\(day).part",
          "\(day).csv"
        ).code == 0)
    }
    let merged = try run("merge", "p.part", "q.part", "-o", "merged.json")
    #expect(merged.code == 0, "\(merged.errors)")
    #expect(try ModelFile(reading: scratch.file("merged.json")).columnNames == ["city[Oslo]", "city[Paris]", "x"])
    #expect(try run("linear-regression", "--categorical", "city", "--partial", "r.part", "q.csv").code == 0)
    #expect(try run("merge", "p.part", "r.part").code == 65)
  }

  @Test func aMissingCategoryIsNoBaseLevel() throws {
    let lines = (0..<30).map { "\(["a", "b", "c"][$0 % 3]),\($0 % 7),\($0 * $0 % 11)" }
    try scratch.write("g,x,y\n" + lines.joined(separator: "\n"), to: "whole.csv")
    try scratch.write("g,x,y\n" + (lines + ["NA,3,4"]).joined(separator: "\n"), to: "gap.csv")
    let words = ["linear-regression", "--categorical", "g", "--missing", "mean", "--json"]
    let whole = try CommandRun(words + ["whole.csv"], in: scratch)
    let gap = try CommandRun(words + ["gap.csv"], in: scratch)
    #expect(gap.messages.contains("lockstep: rows left out: 1; missing: g 1"), "\(gap.errors)")
    #expect(
      try JSONValue(parsing: Array(gap.output.utf8))["digest"] == JSONValue(parsing: Array(whole.output.utf8))["digest"]
    )
  }

  @Test func daysWithOtherCategoriesAreMerged() throws {
    try scratch.write("g,y\na,1\nb,2\na,1.5\nNA,7\nb,2.5\n", to: "c1.csv")
    try scratch.write("g,y\nb,2\nc,9\nb,2.2\nc,9.5\n", to: "c2.csv")
    for day in ["c1", "c2"] {
      let fit = try run(
        "linear-regression", "--no-intercept", "--categorical", "g", "--missing", "skip-row", "--partial",
        "\(day).part",
        "\(day).csv")
      #expect(fit.code == 0, "\(fit.errors)")
    }
    let merged = try run("merge", "c1.part", "c2.part", "--partial", "both.part", "-o", "m.json", "--json")
    let json = try JSONValue(parsing: Array(merged.output.utf8))
    guard case .array(let rows)? = json["model"]?["coefficients"], case .array(let values)? = rows.first else {
      Issue.record("\(merged.errors)")
      return
    }
    let found = values.map { if case .double(let value) = $0 { value } else { Double.nan } }
    #expect(zip(found, [1.25, 2.175, 9.25]).allSatisfy { abs($0 - $1) <= $1.ulp } && found.count == 3)
    #expect(json["skippedRowCount"] == .integer(1) && json["rowCount"] == .integer(8))
    #expect(try ModelFile(reading: scratch.file("m.json")).encoding?.columns.first?.values == ["a", "b", "c"])
    let twice = try run("merge", "both.part", "c1.part")
    #expect(twice.code == 64 && twice.messages.first?.contains("counted twice") == true)
    // The same file under another name is the same part.
    try FileManager.default.copyItem(atPath: scratch.file("c1.part"), toPath: scratch.file("copy.part"))
    #expect(try run("merge", "c1.part", "copy.part").code == 64)
  }

  @Test func partsDoNotKnowTheMeansOfAll() throws {
    let refused = try run("moments", "--missing", "mean", "--columns", "size", "--partial", "p.part", "homes.csv")
    #expect(refused.code == 64 && refused.messages.first?.contains("which a part does not know") == true)
    #expect(try scratch.names == ["homes.csv"])
  }

  @Test func modelsWithoutEncodingAreWrittenAsBefore() throws {
    #expect(
      try run("moments", "-q", "-o", "m.json", "--columns", "size", "--missing", "skip-row", "homes.csv").code == 0)
    #expect(try JSONValue(parsing: Array(try scratch.read("m.json").utf8))["encoding"] == nil)
  }

  @Test func columnsAreShown() throws {
    let fit = try run(
      "linear-regression", "-v", "--categorical", "auto", "--missing", "skip-row", "--columns", "city,size", "homes.csv"
    )
    #expect(
      fit.errors.contains(
        """
        columns as the first 7 rows of homes.csv show them:
        column         role             values  missing
          city  categorical  text, 3 different        1
          size      feature       whole number        1
         price       target       whole number        1

        """), "\(fit.errors)")
    #expect(
      try run("moments", "--columns", "size", "--missing", "skip-row", "homes.csv").errors.contains("show them")
        == false)
  }

  @Test func columnsOfTextAreFound() throws {
    let named = try run("moments", "--categorical", "city", "--missing", "mean", "--json", "-q", "homes.csv")
    let found = try run("moments", "--categorical", "auto", "--missing", "mean", "--json", "-q", "homes.csv")
    #expect(named.code == 0 && found.code == 0, "\(found.errors)")
    #expect(
      try JSONValue(parsing: Array(named.output.utf8))["digest"]
        == JSONValue(parsing: Array(found.output.utf8))["digest"])
    let input = try CommandRun(
      ["moments", "--categorical", "auto", "-"], in: scratch, input: try scratch.read("homes.csv"))
    #expect(input.code == 64 && input.messages.first?.contains("cannot be seen beforehand") == true)
    let piped = try CommandRun(
      ["moments", "--categorical", "city", "--missing", "mean", "--json", "-q", "-"], in: scratch,
      input: try scratch.read("homes.csv"))
    #expect(
      try JSONValue(parsing: Array(piped.output.utf8))["digest"]
        == JSONValue(parsing: Array(named.output.utf8))["digest"])
  }
}
