// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepMethods

struct ReportFormatTests {
  let report = ModelReport(
    title: "some fit",
    tables: [
      TextTable(keys: [.init("column", ["a", "b,\"c\" | d\n"])], columns: [.init("mean", ["1", "-2.5"])]),
      TextTable(keys: [.init("k", ["0"])], columns: []),
    ], figures: [("rank", "2")], notes: ["a note"])

  @Test func commasAndQuotesAreQuoted() {
    #expect(
      report.csv(more: [("digest", "sha256:00")]) == [
        "column,mean", "a,1", "\"b,\"\"c\"\" | d\n\",-2.5", "", "k", "0", "", "figure,value", "rank,2",
        "digest,sha256:00",
      ])
  }

  @Test func barsAreEscapedInMarkdown() {
    #expect(
      report.markdown(rowCount: 7, columnCount: 2) == [
        "## Some fit", "", "| column | mean |", "|---|---:|", "| a | 1 |", "| b,\"c\" \\| d\\\\n | -2.5 |", "",
        "| k |", "|---|", "| 0 |", "", "| figure | value |", "|---|---:|", "| rows | 7 |", "| columns | 2 |",
        "| rank | 2 |",
      ])
  }

  @Test func aFormOfItsOwnIsForTerminals() {
    var report = report
    report.text = ["as statisticians know it"]
    #expect(
      report.lines(rowCount: 1, columnCount: 1, more: [("digest", "x")])
        == ["some fit: 1 row of 1 column", "", "as statisticians know it", "digest  x"])
    #expect(!report.markdown(rowCount: 7, columnCount: 2).contains("as statisticians know it"))
  }

  @Test func csvHasAllDigits() {
    #expect(ReportFormat.csv.writing { NumberText.short(1.0 / 3) } == "0.3333333333333333")
    #expect(ReportFormat.csv.writing { NumberText.column([0.1, 1e300]) } == ["0.1", "1e+300"])
    #expect(ReportFormat.csv.writing { NumberText.significant(.nan, 3) } == "nan")
    #expect(ReportFormat.markdown.writing { NumberText.short(1.0 / 3) } == "0.333333")
    #expect(NumberText.short(1.0 / 3) == "0.333333")
  }
}
