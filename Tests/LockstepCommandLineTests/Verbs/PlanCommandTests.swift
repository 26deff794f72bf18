// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

struct PlanCommandTests {
  private func plan(_ arguments: [String], in directory: ScratchDirectory) throws -> [String: Any] {
    let run = try CommandRun(["plan"] + arguments + ["--json"], in: directory)
    try #require(run.code == 0, "\(run.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any])
  }

  @Test func rowsAndSweepsAreTold() throws {
    let directory = try ScratchDirectory()
    let lines = (0..<30_000).map { "\(Double($0 * 37 % 1009) / 8),\($0 % 17),\(Double($0 % 401) / 4)\n" }
    try directory.write("a,b,c\n" + lines.joined(), to: "data.csv")
    let pca = try plan(["pca", "-n", "3", "data.csv"], in: directory)
    #expect(pca["rowCount"] as? Int == 30_000 && pca["processCount"] as? Int == 3 && pca["sweepCount"] as? Int == 1)
    #expect(pca["columnCount"] as? Int == 3 && pca["isExact"] as? Bool == true)
    #expect((pca["messageByteCounts"] as? [Int])?.allSatisfy { $0 > 0 } == true)
    let memory = try #require((pca["memoryByteCounts"] as? [Int])?.first)
    #expect(memory >= 30_000 / 3 * 3 * 8 && memory < 20_000_000)

    // The same as a run then takes.
    let run = try CommandRun(["kmeans", "--clusters", "3", "-v", "data.csv"], in: directory)
    let kmeans = try plan(["kmeans", "--clusters", "3", "data.csv"], in: directory)
    let row = try #require(run.errors.split(separator: "\n").last)
    let figures = row.split(separator: " ").map(String.init)
    #expect(figures.contains("\(try #require(kmeans["sweepCount"] as? Int))"), "\(run.errors)")
    #expect(kmeans["messageByteCounts"] as? [Int] == [0])
  }

  @Test func textForPeople() throws {
    let directory = try ScratchDirectory()
    try directory.write("a,b\n1,2\n3,4\n5,7\n", to: "data.csv")
    let run = try CommandRun(["plan", "qr", "-n", "2", "data.csv"], in: directory)
    #expect(
      run.code == 0 && run.output.hasPrefix("qr: 3 rows of 2 columns on 2 processes\n"), "\(run.output)\(run.errors)")
  }

  @Test func whatCannotBePlannedIsSaid() throws {
    let directory = try ScratchDirectory()
    let other = try CommandRun(["plan", "doctor"], in: directory)
    #expect(other.code == 64 && other.errors.contains("not a verb that fits"))
    let absent = try CommandRun(["plan", "pca", "nothing.csv"], in: directory)
    #expect(absent.code == 66 && absent.errors.contains("nothing.csv"))
    let wrong = try CommandRun(["plan", "kmeans", "data.csv"], in: directory)
    #expect(wrong.code == 64 && wrong.errors.contains("--clusters"))
  }
}
