// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepCommandLine

/// What the command does with names, values and options that are not as they should be.
@Suite struct ReadingCommandTests {
  private let scratch: ScratchDirectory

  init() throws { scratch = try ScratchDirectory() }

  @Test func aNameThatLooksLikeOptionsIsNoCallForHelp() throws {
    try scratch.write("1,2\n3,4\n", to: "-dash.csv")
    let run = try CommandRun(["moments", "-dash.csv"], in: scratch)
    #expect(run.code == 64 && run.errors.contains("./-dash.csv"), "\(run.errors)")
    #expect(try CommandRun(["moments", "./-dash.csv"], in: scratch).code == 0)
    #expect(try CommandRun(["moments", "--", "-dash.csv"], in: scratch).code == 0)
  }

  @Test func valuesAreWithheldWhereTheyAreAskedToBe() throws {
    try scratch.write("name,pin\n1,4711x\n", to: "secret.csv")
    let shown = try CommandRun(["moments", "secret.csv"], in: scratch)
    #expect(shown.code == 65 && shown.errors.contains("\"4711x\" is not a number"))
    let withheld = try CommandRun(["moments", "--no-values", "secret.csv"], in: scratch)
    #expect(withheld.code == 65 && !withheld.errors.contains("4711"), "\(withheld.errors)")
    #expect(withheld.errors.contains("secret.csv:2, column 2 (\"pin\"): the value is not a number"))
  }

  @Test func namesOfColumnsAreNoPartOfATerminalsLanguage() throws {
    try scratch.write("a\u{1B}]0;owned\u{7}\u{1B}[31m,\"b\nc\"\n1,2\n2,4\n3,1\n", to: "names.csv")
    for arguments in [["moments", "-v"], ["linear-regression"], ["covariance"]] {
      let run = try CommandRun(arguments + ["names.csv"], in: scratch)
      #expect(run.code == 0 && !(run.output + run.errors).contains("\u{1B}"), "\(arguments) \(run.errors)")
    }
    try scratch.write(String(repeating: "x", count: 3_000_000) + "\nabc\n", to: "long.csv")
    #expect(try CommandRun(["moments", "long.csv"], in: scratch).errors.utf8.count < 1000)
  }

  @Test func outputsThatCannotBeMeantAreRefused() throws {
    try scratch.write("1,2\n3,4\n5,7\n", to: "x.csv")
    let perRank = try CommandRun(["moments", "-o", "m{rank}.json", "x.csv"], in: scratch)
    #expect(perRank.code == 64 && perRank.errors.contains("leave {rank} out"))
    let same = try CommandRun(
      ["kmeans", "--clusters", "2", "--assignments", "./a.csv", "--report", "r.html", "-o", "m.json", "x.csv"],
      in: scratch)
    #expect(same.code == 0, "\(same.errors)")
    let twice = try CommandRun(["svd", "--left", "u.npy", "-o", "./u.npz", "x.csv"], in: scratch)
    #expect(twice.code == 0, "\(twice.errors)")
    #expect(throws: (any Error).self) {
      try OutputPlaces(models: ["\(scratch.path)/m.csv", "\(scratch.path)/./m.csv"]).check(
        against: [], rank: 0, size: 1)
    }
  }

  @Test func argumentsThatEachProcessMayHaveAreLeftOut() {
    #expect(
      Session.sharedArguments(["moments", "--threads", "2", "x.csv", "--scratch=/a", "-q", "--threads=3"])
        == ["moments", "x.csv", "-q"])
  }

  @Test func blanksAndQuotesAreWhatTheOptionsSay() throws {
    try scratch.write(" 1   2\n3 4  \n", to: "blanks.txt")
    let blanks = try CommandRun(["moments", "--json", "--delimiter", " ", "blanks.txt"], in: scratch)
    #expect(blanks.output.contains("\"sum\":[4,6]"), "\(blanks.output) \(blanks.errors)")
    try scratch.write("size,price\n5\",1\n7\",2\n", to: "quotes.csv")
    let quotes = try CommandRun(["moments", "--no-quotes", "--columns", "price", "--json", "quotes.csv"], in: scratch)
    #expect(quotes.output.contains("\"sum\":[3]"), "\(quotes.errors)")
  }

  @Test func namesOfFilesHaveAnyBytes() throws {
    // Only a shell writes them.
    let script = #"name="$(printf 'bad\377.csv')"; printf '1,2\n3,4\n' > "$name"; exec "$0" moments --json "$name""#
    let run = try CommandRun([], launcher: ["sh", "-c", script], in: scratch)
    #expect(run.code == 0 && run.output.contains("\"sum\":[4,6]"), "\(run.errors)")
    let missing = try CommandRun(
      [], launcher: ["sh", "-c", #"exec "$0" moments "$(printf 'no\377.csv')""#], in: scratch)
    #expect(missing.code == 66 && missing.errors.contains("no\\xff.csv: there is no such file"), "\(missing.errors)")
    try scratch.write("1,2\n3,4\n", to: "lit{rank}.csv")
    #expect(try CommandRun(["moments", "lit{{rank}}.csv"], in: scratch).code == 0)
  }

  @Test func aFolderIsData() throws {
    try FileManager.default.createDirectory(atPath: scratch.file("table"), withIntermediateDirectories: true)
    try scratch.write("a,b\n1,2\n", to: "table/part-0.csv")
    try scratch.write("", to: "table/part-1.csv")
    try scratch.write("", to: "table/_SUCCESS")
    let run = try CommandRun(["moments", "--json", "table"], in: scratch)
    #expect(run.output.contains("\"rowCount\":1") && run.errors.contains("part-1.csv has no bytes, and so no rows"))
  }
}
