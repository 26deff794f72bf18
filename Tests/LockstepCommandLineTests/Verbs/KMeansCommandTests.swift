// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@Suite(.serialized) struct KMeansCommandTests {
  let scratch: ScratchDirectory

  init() throws {
    scratch = try ScratchDirectory()
    try ThreeGroups.write(to: scratch)
  }

  static let table = """
    k-means: 60 rows of 2 columns

    cluster  rows   within    height  weight
          0    20  15.1844    0.7375      -1
          1    20  14.6594  -31.2875      99
          2    20  14.9875   64.7250       7

    objective             44.83124999999999
    total sum of squares  219154.17083333334, 99.98 % of it between clusters
    iterations            2, converged
    skipped rows          0
    digest                sha256:009e4d03a97a3e3154d05d20253a7915b6b781e9858f5ffaec5ff0279cf3bc3a

    """

  private func lockstep(_ arguments: String..., input: String = "") throws -> CommandRun {
    try CommandRun(arguments, in: scratch, input: input)
  }

  @Test func printsATable() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "all.csv")
    #expect(run.output == Self.table)
    #expect(run.errors == "")
    #expect(run.code == 0)
  }

  @Test func readsStandardInput() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "-", input: try scratch.read("all.csv"))
    #expect(run.output == Self.table && run.code == 0)
  }

  @Test(arguments: [["part0.csv", "part1.csv", "part2.csv", "part3.csv"], ["part*.csv"]])
  func readsSeveralFiles(_ data: [String]) throws {
    let run = try CommandRun(["kmeans", "--clusters", "3", "--threads", "2"] + data, in: scratch)
    #expect(run.output == Self.table && run.errors == "" && run.code == 0)
  }

  @Test func printsJSON() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "--threads", "1", "--json", "all.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    guard case .object(let members) = json else {
      Issue.record("not an object")
      return
    }
    #expect(
      members.keys.sorted() == [
        "columnCount", "digest", "messageByteCounts", "method", "model", "parameters", "processCount", "rowCount",
        "seconds", "skippedRowCount", "sweepCount", "threadCount",
      ])
    #expect(json["method"]?.string == "kmeans")
    #expect(json["rowCount"] == .integer(60) && json["columnCount"] == .integer(2))
    #expect(json["skippedRowCount"] == .integer(0))
    #expect(json["processCount"] == .integer(1) && json["threadCount"] == .integer(1))
    #expect(json["parameters"]?["clusterCount"] == .integer(3) && json["parameters"]?["seed"] == .integer(777_777))
    #expect(json["digest"]?.string == "sha256:009e4d03a97a3e3154d05d20253a7915b6b781e9858f5ffaec5ff0279cf3bc3a")
    #expect(json["model"]?["clusterSizes"] == .array([.integer(20), .integer(20), .integer(20)]))
    #expect(json["model"]?["isConverged"] == .bool(true) && json["model"]?["iterations"] == .integer(2))
    #expect(json["model"]?["objective"] == .double(44.83124999999999))
    guard case .array(let centroids)? = json["model"]?["centroids"] else {
      Issue.record("no centroids")
      return
    }
    #expect(centroids.first == .array([.double(0.7375), .integer(-1)]))
    for kind in ["read", "compute", "communicate"] { #expect(json["seconds"]?[kind] != nil) }
    #expect(run.errors == "" && run.code == 0)
  }

  @Test func savesAModelThatItCanStartFrom() throws {
    for form in ["json", "npz"] {
      let first = try lockstep("kmeans", "--clusters", "3", "-o", "model.\(form)", "-q", "all.csv")
      #expect(first.output == Self.table && first.errors == "" && first.code == 0)
      let model = try ModelFile(reading: scratch.file("model.\(form)"))
      #expect(model.rowCount == 60 && model.columnNames == ["height", "weight"])
      let again = try lockstep("kmeans", "--centroids", "model.\(form)", "--json", "all.csv")
      let json = try JSONValue(parsing: Array(again.output.utf8))
      #expect(json["model"]?["iterations"] == .integer(2) && json["parameters"]?["clusterCount"] == .integer(3))
      #expect(json["parameters"]?["centroids"] == json["model"]?["centroids"])
    }
  }

  @Test func startsFromCentroidsInCSV() throws {
    try scratch.write("0,0\n64,8\n-32,100\n", to: "start.csv")
    let run = try lockstep("kmeans", "--centroids", "start.csv", "--json", "all.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["model"]?["objective"] == .double(44.83124999999999))
    let other = try lockstep("kmeans", "--centroids", "start.csv", "--clusters", "4", "all.csv")
    #expect(other.code == 64)
    #expect(
      other.errors
        == "lockstep: start.csv: 3 starting centroids for 4 clusters; leave --clusters out, or give as many centroids\n"
    )
  }

  @Test func takesWeightsOfRows() throws {
    try scratch.write("people,x\n2,0\n2,1\n0,70\n", to: "towns.csv")
    let run = try lockstep("kmeans", "--clusters", "1", "--weights", "people", "--json", "towns.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(
      json["model"]?["objective"] == .integer(1) && json["model"]?["centroids"] == .array([.array([.double(0.5)])]))
    #expect(json["model"]?["clusterSizes"] == .array([.integer(2)]))
    #expect(json["model"]?["clusterWeights"] == .array([.integer(4)]))
    #expect(json["model"]?["withinSumOfSquares"] == .array([.integer(1)]))
    let table = try lockstep(
      "kmeans", "--clusters", "1", "--weights", "people", "--assignments", "rows.csv", "towns.csv")
    #expect(
      table.output.contains("cluster  rows  weight  within         x\n      0     2       4       1  0.500000\n"),
      "\(table.output)")
    #expect(try scratch.read("rows.csv").split(separator: "\n").suffix(3) == ["0", "0", "0"])
  }

  @Test func standardizes() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "--standardize", "-o", "model.json", "all.csv")
    #expect(run.code == 0 && run.errors.contains("divided by their standard deviations"), "\(run.errors)")
    let model = try #require(try ModelFile(reading: scratch.file("model.json")).model as? KMeans.Model)
    #expect(model.deviations?.count == 2 && model.clusterSizes == [20, 20, 20])
    let query = try lockstep("export", "model.json", "--sql", "-")
    #expect(query.code == 0 && query.output.contains(" / ("), "\(query.output)\(query.errors)")
  }

  @Test func choosesTheNumberOfClusters() throws {
    let run = try lockstep("kmeans", "--clusters", "2-5", "--starts", "2", "--json", "all.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["digest"]?.string == "sha256:009e4d03a97a3e3154d05d20253a7915b6b781e9858f5ffaec5ff0279cf3bc3a")
    guard case .array(let choices)? = json["model"]?["choices"] else {
      Issue.record("no choices: \(run.errors)")
      return
    }
    #expect(choices.count == 4)
    let table = try lockstep("kmeans", "--clusters", "2-5", "--criterion", "davies-bouldin", "all.csv")
    #expect(table.output.contains("clusters  objective  silhouette"), "\(table.output)")
    #expect(table.errors.contains("3 by the silhouette"), "\(table.errors)")
    #expect(try lockstep("kmeans", "--clusters", "5-2", "all.csv").code == 64)
    #expect(try lockstep("kmeans", "--clusters", "2-x", "all.csv").code == 64)
    try scratch.write("0,0\n64,8\n", to: "start.csv")
    #expect(try lockstep("kmeans", "--centroids", "start.csv", "--starts", "3", "all.csv").code == 64)
  }

  @Test func choosesColumnsAndLeavesRowsOut() throws {
    try scratch.write("a;b;c\n1;x;2\n3;y;\n5;z;6\nNA;w;1\n7;v;8\n", to: "gaps.csv")
    let run = try lockstep(
      "kmeans", "--clusters", "2", "--columns", "c,a", "--missing", "skip-row", "--json", "gaps.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["rowCount"] == .integer(3) && json["skippedRowCount"] == .integer(2))
    #expect(json["columnCount"] == .integer(2))
  }

  @Test func floatsGiveTheSameClusters() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "--single", "--json", "all.csv")
    let json = try JSONValue(parsing: Array(run.output.utf8))
    #expect(json["model"]?["clusterSizes"] == .array([.integer(20), .integer(20), .integer(20)]))
  }

  @Test func writesAssignments() throws {
    for name in ["clusters.csv", "clusters{rank}.csv", "clusters.npy"] {
      let run = try lockstep("kmeans", "--clusters", "3", "--assignments", name, "all.csv")
      #expect(run.output == Self.table && run.code == 0)
    }
    let expected = (0..<60).map { "\([0, 2, 1][$0 % 3])\n" }.joined()
    #expect(try scratch.read("clusters.csv") == expected)
    #expect(try scratch.read("clusters0.csv") == expected)
    let array = try NPYArray(npyBytes: try WholeFile.read(scratch.file("clusters.npy")), name: "clusters.npy")
    #expect(array.shape == [60] && array.elements == .int64((0..<60).map { [0, 2, 1][$0 % 3] }))
    #expect(
      try scratch.names == [
        "all.csv", "clusters.csv", "clusters.npy", "clusters0.csv", "part0.csv", "part1.csv", "part2.csv", "part3.csv",
      ])
  }

  @Test func tellsMoreWithVerbose() throws {
    let run = try lockstep("kmeans", "--clusters", "3", "--max-iterations", "1", "--threads", "1", "-v", "all.csv")
    let lines = run.errors.split(separator: "\n").map(String.init)
    #expect(lines.count == 8)
    #expect(lines[0].hasPrefix("lockstep \(LockstepRelease.version): 1 process of 1 thread, kernels "))
    #expect(lines[0].hasSuffix(", seed 777777"))
    #expect(
      lines[5] == "lockstep: the assignments still changed in the last iteration; allow more iterations")
    #expect(
      lines[6].split(separator: " ").prefix(8) == ["rank", "rows", "read", "s", "compute", "s", "communicate", "s"])
    #expect(lines[7].split(separator: " ").prefix(2) == ["0", "60"])
  }

  @Test(arguments: [
    (["gone.csv"], 66, "lockstep: gone.csv: there is no such file"),
    (["gone*.csv"], 66, "lockstep: no file matches gone*.csv"),
    (["bad.csv"], 65, "lockstep: bad.csv:3, column 2 (\"weight\"): \"abc\" is not a number"),
    (["short.csv"], 65, "lockstep: short.csv:2: 1 field where the header has 2"),
    (["gap.csv"], 65, "lockstep: gap.csv:2, column 1 (\"height\"): \"NA\" stands for a missing value"),
    (["empty.csv"], 66, "lockstep: empty.csv: the file is empty"),
    (["few.csv"], 65, "lockstep: 3 clusters of 1 rows"),
    (["--columns", "width", "all.csv"], 64, "lockstep: all.csv: no column is named \"width\""),
    (["-o", "gone/model.json", "all.csv"], 73, "lockstep: gone/model.json: its directory \"gone\" cannot be used"),
    (
      ["--assignments", "gone/{rank}.csv", "all.csv"], 73, "lockstep: gone/0.csv: its directory \"gone\" cannot be used"
    ),
    (["--centroids", "model.json", "all.csv"], 66, "lockstep: model.json: there is no such file"),
  ])
  func anErrorIsPrintedOnceWithItsCode(_ words: [String], _ code: Int32, _ message: String) throws {
    try scratch.write("height,weight\n1,2\n3,abc\n", to: "bad.csv")
    try scratch.write("height,weight\n1\n", to: "short.csv")
    try scratch.write("height,weight\nNA,1\n", to: "gap.csv")
    try scratch.write("height,weight\n1,1\n", to: "few.csv")
    try scratch.write("", to: "empty.csv")
    let before = try scratch.names
    let run = try CommandRun(["kmeans", "--clusters", "3"] + words, in: scratch)
    #expect(run.errors.hasPrefix(message), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1)
    #expect(run.output == "" && run.code == code)
    #expect(try scratch.names == before)
  }

  @Test func wrongUsageExitsWith64() throws {
    let run = try lockstep("kmeans", "all.csv")
    #expect(run.code == 64 && run.output == "")
    #expect(run.errors.hasPrefix("lockstep: Missing expected option '--clusters <k>'\n"))
    #expect(run.errors.contains("lockstep kmeans --help"))
  }

  @Test func helpAndVersionGoToStandardOutput() throws {
    let help = try lockstep("--help")
    #expect(help.code == 0 && help.errors == "")
    for verb in ["kmeans", "predict", "doctor"] { #expect(help.output.contains(verb)) }
    let version = try lockstep("--version")
    #expect(version.output.hasPrefix("lockstep \(LockstepRelease.version) (") && version.code == 0)
    #expect(version.output.hasSuffix("kernels \(CPUKernels.levelName))\n"), "\(version.output)")
  }

  @Test func noLauncherIsCode69() throws {
    let run = try CommandRun(
      ["kmeans", "-n", "2", "--clusters", "3", "all.csv"], launcher: ["env", "LOCKSTEP_LAUNCHER=/nowhere/mpiexec"],
      in: scratch)
    #expect(run.code == 69 && run.output == "")
    #expect(run.errors.hasPrefix("lockstep: /nowhere/mpiexec, which $LOCKSTEP_LAUNCHER names, is not a launcher"))
    #expect(run.messages.count == 1)
  }
}
