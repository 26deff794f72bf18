// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@Suite struct DBSCANCommandTests {
  let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    // Two groups; the row at 2.5 is at the edge of the first, the one at 30 alone.
    try scratch.write("x,weight\n0,1\n1,1\n20,1\n2.5,3\n0.5,1\n21,1\n30,1\n1.5,1\n", to: "rows.csv")
  }

  private func lockstep(_ arguments: String...) throws -> CommandRun { try CommandRun(arguments, in: scratch) }

  @Test func writesTheClusterOfEachRow() throws {
    let run = try lockstep(
      "dbscan", "--epsilon", "1", "--min-points", "3", "--columns", "x", "--assignments", "a.csv", "rows.csv")
    #expect(run.code == 0, "\(run.errors)")
    #expect(run.output.contains("noise         3\n") && run.output.contains("core rows     4\n"), "\(run.output)")
    #expect(try scratch.read("a.csv") == "0\n0\n-1\n0\n0\n-1\n-1\n0\n")
  }

  @Test func tellsBordersFromCores() throws {
    let run = try lockstep(
      "dbscan", "--epsilon", "1", "--min-points", "3", "--columns", "x", "--mark-borders", "--assignments", "a.csv",
      "rows.csv")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try scratch.read("a.csv") == "0\n0\n-1\n-2\n0\n-1\n-1\n0\n")
  }

  @Test func weighsRows() throws {
    let run = try lockstep(
      "dbscan", "--epsilon", "1", "--min-points", "3", "--weights", "weight", "--mark-borders", "--assignments",
      "a.csv", "rows.csv")
    #expect(run.code == 0, "\(run.errors)")
    #expect(try scratch.read("a.csv") == "0\n0\n-1\n0\n0\n-1\n-1\n0\n")
  }

  @Test func needsADistance() throws {
    #expect(try lockstep("dbscan", "rows.csv").code == 64)
    #expect(try lockstep("dbscan", "--epsilon", "0", "rows.csv").code == 64)
  }
}
