// SPDX-License-Identifier: Apache-2.0

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

  @Test func aMarkedCommandParsesInsideALauncher() throws {
    let started = ProcessStarter.arguments(of: ["lockstep", "doctor", "-n", "2"], program: "lockstep").dropFirst()
    let marked = ProcessStarter.ownArguments(of: Array(started))
    let verb = try #require(try LockstepCommand.parseAsRoot(marked) as? DoctorVerb)
    #expect(verb.common.isStartedByLockstep && verb.common.processes == 2)
  }
}
