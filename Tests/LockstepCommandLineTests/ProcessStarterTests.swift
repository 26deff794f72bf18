// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepCommandLine

struct ProcessStarterTests {
  @Test func marksTheCommandRightAfterTheVerb() {
    let own = ["lockstep", "kmeans", "-n", "4", "--", "-x.csv"]
    let started = ProcessStarter.arguments(of: own, program: "/bin/lockstep")
    #expect(started.first == "/bin/lockstep")
    #expect(
      ProcessStarter.ownArguments(of: Array(started.dropFirst()))
        == ["kmeans", "--started-by-lockstep", "-n", "4", "--", "-x.csv"])
    #expect(ProcessStarter.ownArguments(of: ["kmeans", "=x"]) == ["kmeans", "=x"])
    #expect(ProcessStarter.ownArguments(of: ["--started-by-lockstep", "x"]) == ["--started-by-lockstep", "x"])
  }

  @Test func noArgumentMeansAnythingToALauncher() {
    let own = ["lockstep", "moments", "-n", "2", "1.csv", ":", "bash", "c.sh", "", "=", "-np", "--"]
    let started = ProcessStarter.arguments(of: own, program: "/bin/lockstep")
    #expect(started.dropFirst(2).allSatisfy { $0.hasPrefix("=") })
    let again = ProcessStarter.ownArguments(of: Array(started.dropFirst())).filter { $0 != ProcessStarter.mark }
    #expect(again == Array(own.dropFirst()))
  }

  @Test func restartsGoOn() {
    #expect(
      ProcessStarter.withoutFresh(["lockstep", "kmeans", "--fresh", "-n", "2", "--", "--fresh"])
        == ["lockstep", "kmeans", "-n", "2", "--", "--fresh"])
    for code: Int32 in [0, 64, 65, 66, 69, 70, 73, 130] {
      #expect(!RunEnd(exitCode: code).isWorthRestart && !RunEnd(exitCode: code).hasLostProcess)
    }
    #expect(RunEnd(exitCode: 75).isWorthRestart && !RunEnd(exitCode: 75).hasLostProcess)
    for code: Int32 in [9, 137, 255] { #expect(RunEnd(exitCode: code).hasLostProcess) }
  }

  @Test func descendantsAreKnown() throws {
    let shell = Process()
    shell.executableURL = URL(fileURLWithPath: "/bin/sh")
    shell.arguments = ["-c", "sleep 60 & echo $!; exec sleep 60"]
    let pipe = Pipe()
    shell.standardOutput = pipe
    try shell.run()
    let line = try #require(String(data: pipe.fileHandleForReading.availableData, encoding: .utf8))
    let child = try #require(pid_t(line.trimmingCharacters(in: .whitespacesAndNewlines)))
    let found = StarterSignals.descendants()
    #expect(found.contains(child) && found.contains(shell.processIdentifier))
    kill(child, SIGKILL)
    kill(shell.processIdentifier, SIGKILL)
    shell.waitUntilExit()
  }

  @Test func restartsNeedProcessesAndACheckpoint() throws {
    for words in [["-n", "2"], ["--checkpoint", "c", "-n", "2", "--restarts", "-1"]] {
      #expect(throws: (any Error).self) {
        try LockstepCommand.parseAsRoot(["moments", "x.csv", "--restarts", "3"] + words)
      }
    }
    for words in [["--peer-timeout", "x"], ["--peer-timeout", "-1s"]] {
      #expect(throws: (any Error).self) { try LockstepCommand.parseAsRoot(["moments", "x.csv"] + words) }
    }
  }

  @Test func aMarkedCommandParsesInsideALauncher() throws {
    let started = ProcessStarter.arguments(of: ["lockstep", "doctor", "-n", "2"], program: "lockstep").dropFirst()
    let marked = ProcessStarter.ownArguments(of: Array(started))
    let verb = try #require(try LockstepCommand.parseAsRoot(marked) as? DoctorVerb)
    #expect(verb.common.isStartedByLockstep && verb.common.processes == 2)
  }
}
