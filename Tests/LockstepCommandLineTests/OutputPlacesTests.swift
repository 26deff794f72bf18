// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepCommandLine

/// What the command writes must never be what it reads, nor cost more than itself when it fails.
struct OutputPlacesTests {
  private let data = ThreeGroups.header + ThreeGroups.rows()

  @Test func anOutputThatIsAnInputIsRefusedBeforeWork() throws {
    let scratch = try ScratchDirectory()
    try scratch.write(data, to: "d.csv")
    try FileManager.default.createSymbolicLink(
      atPath: scratch.file("link.csv"), withDestinationPath: scratch.file("d.csv"))
    try FileManager.default.linkItem(atPath: scratch.file("d.csv"), toPath: scratch.file("hard.csv"))
    for (output, input) in [
      ("d.csv", "d.csv"), ("./d.csv", "d.csv"), ("link.csv", "d.csv"), ("d.csv", "link.csv"), ("hard.csv", "d.csv"),
      ("d.csv", "[d].csv"), ("hard.csv", "d*.csv"), ("{rank}d.csv", "0d.csv"),
    ] {
      try scratch.write(data, to: "0d.csv")
      let run = try CommandRun(["kmeans", "--clusters", "2", "--assignments", output, input], in: scratch)
      #expect(run.code == 64 && run.errors.contains("is read"), "\(output) of \(input): \(run.errors)")
      #expect(try scratch.read("d.csv") == data && scratch.read("0d.csv") == data)
    }
  }

  @Test func filesBesidesTheDataAreInputsToo() throws {
    let scratch = try ScratchDirectory()
    try scratch.write(data, to: "d.csv")
    try scratch.write("0,0\n64,8\n", to: "start.csv")
    let starts = try CommandRun(
      ["kmeans", "--centroids", "start.csv", "--assignments", "start.csv", "d.csv"], in: scratch)
    #expect(starts.code == 64 && starts.errors.contains("start.csv"))
    #expect(try CommandRun(["moments", "--partial", "a.part", "d.csv"], in: scratch).code == 0)
    let merged = try CommandRun(["merge", "--partial", "a.part", "a.part"], in: scratch)
    #expect(merged.code == 64 && merged.errors.contains("is read"))
    let both = try CommandRun(["qr", "--q", "x.csv", "-o", "m.json", "--q", "./d.csv", "d.csv"], in: scratch)
    #expect(both.code == 64)
  }

  @Test func aFailingOutputOfRowsCostsNeitherModelNorResult() throws {
    let scratch = try ScratchDirectory()
    try scratch.write(data, to: "d.csv")
    // A file of no more than 512 bytes may be written: the model fits, the rows do not.
    let rows = (0..<4000).map { "\($0),\($0 % 7)\n" }.joined()
    try scratch.write("a,b\n" + rows, to: "many.csv")
    let command =
      "trap '' XFSZ; ulimit -f 8; exec \(CommandRun.program) kmeans -q --clusters 2 -o m.json --assignments a.csv many.csv"
    let run = try CommandRun([], launcher: ["sh", "-c", command], in: scratch)
    #expect(run.code == 73, "\(run.errors)")
    #expect(try scratch.names.contains("m.json") && !run.output.isEmpty)
    #expect(try !scratch.names.contains("a.csv") && scratch.names.allSatisfy { !$0.hasPrefix(".") })
  }

  @Test func aNameThatEndsAProgramRunsNothing() throws {
    let scratch = try ScratchDirectory()
    guard
      ["mpiexec", "mpirun"].contains(where: { name in
        (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").contains {
          FileManager.default.isExecutableFile(atPath: "\($0)/\(name)")
        }
      })
    else { return }
    for (name, text) in [("1.csv", "a\n1\n2\n"), (":", "a\n3\n"), ("bash", "a\n4\n"), ("c.sh", "touch was-run\n")] {
      try scratch.write(text, to: name)
    }
    _ = try CommandRun(["moments", "-n", "2", "1.csv", ":", "bash", "c.sh"], in: scratch)
    #expect(try !scratch.names.contains("was-run"))
    let run = try CommandRun(["moments", "-n", "2", "--json", "-q", "1.csv", ":", "bash"], in: scratch)
    #expect(run.code == 0 && run.output.contains("\"rowCount\":4"), "\(run.errors)")
  }
}
