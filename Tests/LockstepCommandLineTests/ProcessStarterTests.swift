// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import LockstepCommandLine

struct ProcessStarterTests {
  @Test func marksTheCommandRightAfterTheVerb() {
    let own = ["lockstep", "kmeans", "-n", "4", "--", "-x.csv"]
    #expect(
      ProcessStarter.arguments(of: own, program: "/bin/lockstep")
        == ["/bin/lockstep", "kmeans", "--started-by-lockstep", "-n", "4", "--", "-x.csv"])
  }

  @Test func aMarkedCommandParsesInsideALauncher() throws {
    let marked = ProcessStarter.arguments(of: ["lockstep", "doctor", "-n", "2"], program: "lockstep").dropFirst()
    let verb = try #require(try LockstepCommand.parseAsRoot(Array(marked)) as? DoctorVerb)
    #expect(verb.common.isStartedByLockstep && verb.common.processes == 2)
  }
}
