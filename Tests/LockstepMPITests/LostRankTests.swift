// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepMPI

struct LostRankTests {
  @Test func processesAreKnownByTheirText() throws {
    let own = PeerProcess.current()
    #expect(own.number == getpid() && !own.machine.isEmpty && own.namespace.hasPrefix("pid:"))
    #expect(PeerProcess(text: own.text) == own)
    let odd = PeerProcess(host: "a host", machine: "m", number: 7, namespace: "")
    #expect(PeerProcess(text: odd.text) == odd)
    let known = PeerProcess(
      host: "h", machine: "m", number: 7, namespace: "n",
      contact: PeerContact(token: .max, port: 9, addresses: ["10.0.0.1", "fd00::1"]))
    #expect(PeerProcess(text: known.text) == known)
    for text in ["", "7", "7 n m h", "x n m - h", "0 n m - h", "-1 n m - h"] { #expect(PeerProcess(text: text) == nil) }
  }

  @Test func aProcessThatIsGoneIsSeenOnItsMachineAlone() throws {
    let own = PeerProcess.current()
    #expect(!own.hasEnded(seenFrom: own))
    var child = own
    // A child that nobody has waited for is still there by its number.
    var number: pid_t = 0
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
    defer { free(arguments[0]) }
    try #require(posix_spawnp(&number, "true", nil, nil, &arguments, nil) == 0)
    child.number = number
    for _ in 0..<1000 where !child.hasEnded(seenFrom: own) { usleep(10_000) }
    #expect(child.hasEnded(seenFrom: own))
    #expect(kill(number, 0) == 0)
    var status: Int32 = 0
    #expect(waitpid(number, &status, 0) == number)
    #expect(child.hasEnded(seenFrom: own))
    var other = own
    other.machine = "another"
    #expect(!child.hasEnded(seenFrom: other))
    other = own
    other.namespace = "pid:[1]"
    #expect(!child.hasEnded(seenFrom: other))
  }

  @Test func aProcessLeavesWhereFinalizingHangs() async {
    await #expect(processExitsWith: .success) {
      FinalizeWatchdog.allow()
      FinalizeWatchdog.start(seconds: 1)
      sleep(60)
      preconditionFailure("the process goes on")
    }
    // Not if it did not hang, nor where nobody asked for it.
    for isAllowed in [true, false] {
      await #expect(processExitsWith: .exitCode(3)) { [isAllowed = isAllowed as Bool] in
        if isAllowed { FinalizeWatchdog.allow() }
        FinalizeWatchdog.start(seconds: 1)
        if isAllowed { FinalizeWatchdog.stop() }
        sleep(2)
        exit(3)
      }
    }
  }
}
