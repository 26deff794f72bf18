// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@Suite struct MomentsCommandTests {
  private let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try scratch.write("size,price\n1,10\n2,\n4,30\n,20\n9,0\n", to: "gaps.csv")
  }

  private func model(_ arguments: String...) throws -> JSONValue? {
    let run = try CommandRun(["moments", "--json"] + arguments, in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return try JSONValue(parsing: Array(run.output.utf8))["model"]
  }

  @Test func `columns with gaps are described by the numbers that they have`() throws {
    let found = try model("--missing", "pairwise", "--shape", "--quantiles", "0.5,1", "gaps.csv")
    #expect(found?["count"] == .array([.integer(4), .integer(4)]))
    #expect(found?["missingCount"] == .array([.integer(1), .integer(1)]))
    #expect(found?["mean"] == .array([.integer(4), .integer(15)]))
    #expect(found?["zeroCount"] == .array([.integer(0), .integer(1)]))
    #expect(
      found?["quantiles"] == .array([.array([.integer(3), .integer(9)]), .array([.integer(15), .integer(30)])]))
    let table = try CommandRun(["moments", "--missing", "pairwise", "--quantiles", "0.25", "gaps.csv"], in: scratch)
    #expect(table.output.contains("missingCount") && table.output.contains("quantile  0.25"), "\(table.output)")
    #expect(try CommandRun(["covariance", "--missing", "pairwise", "gaps.csv"], in: scratch).code == 64)
  }

  @Test func `what takes several readings has no parts`() throws {
    for arguments in [
      ["--quantiles", "0.5", "--partial", "a.part"], ["--histogram", "0"], ["--quantiles", "2"],
      ["--quantiles", "0.5", "--weights", "price"],
    ] { #expect(try CommandRun(["moments"] + arguments + ["gaps.csv"], in: scratch).code == 64, "\(arguments)") }
  }

  @Test func `histograms are drawn`() throws {
    let run = try CommandRun(
      ["moments", "--missing", "skip-row", "--histogram", "4", "--report", "page.html", "-o", "model.npz", "gaps.csv"],
      in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    #expect(try String(contentsOfFile: scratch.file("page.html"), encoding: .utf8).contains("<svg"))
    #expect(try CommandRun(["show", "model.npz"], in: scratch).code == 0)
  }
}
