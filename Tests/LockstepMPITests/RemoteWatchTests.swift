// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import LockstepMPI

@Suite struct RemoteWatchTests {
  private static let local = ["127.0.0.1"]

  private func process(_ machine: String, _ contact: PeerContact?) -> PeerProcess {
    PeerProcess(host: "host-\(machine)", machine: machine, number: 7, namespace: "n", contact: contact)
  }

  private func waitUntil(_ seconds: Double = 20, _ condition: () -> Bool) -> Bool {
    for _ in 0..<Int(seconds * 50) {
      if condition() { return true }
      usleep(20_000)
    }
    return false
  }

  @Test func datagramsAreReadBack() {
    let datagram = PeerDatagram(token: .max - 7, kind: .loss, subject: 1 << 63, seconds: 61)
    #expect(PeerDatagram(bytes: datagram.bytes) == datagram)
    #expect(datagram.bytes.count == PeerDatagram.byteCount)
    var bytes = datagram.bytes
    bytes[8] = 9
    #expect(PeerDatagram(bytes: bytes) == nil && PeerDatagram(bytes: Array(bytes.dropLast())) == nil)
    for text in ["", "1/2", "x/2/a", "1/70000/a", "1/2/a/b"] { #expect(PeerContact(text: text) == nil) }
  }

  @Test func durationsAreRead() {
    #expect(Duration(parsing: "30s") == .seconds(30) && Duration(parsing: "1.5m") == .seconds(90))
    #expect(Duration(parsing: "2h") == .seconds(7200) && Duration(parsing: "5") == .seconds(5))
    for text in ["", "s", "-1s", "1d", "nan", "inf", "1e9"] { #expect(Duration(parsing: text) == nil) }
  }

  /// One that answers is not lost; one whose process is gone from its machine is, and all are told.
  @Test func aProcessThatIsGoneIsSeenAndTold() throws {
    let watches = (0..<3).map { _ in RemoteWatch(timeout: 600_000_000_000, addresses: Self.local) }
    let processes = zip(["a", "b", "c"], watches).map { process($0, $1.contact) }
    for (watch, own) in zip(watches, processes) { watch.meet(processes, from: own) }
    #expect(watches[0].machines().heard == ["host-b", "host-c"])
    watches[0].expect(processes[2])
    #expect(waitUntil { watches[0].silentSeconds == 0 })
    usleep(1_200_000)
    #expect(watches.allSatisfy { $0.loss == nil })
    watches[2].stop()
    let loss = RemoteWatch.Loss(token: try #require(processes[2].contact?.token), seconds: 0)
    #expect(waitUntil { watches[0].loss == loss && watches[1].loss == loss })
    watches[0].stop()
    watches[1].stop()
  }

  /// One that does not answer any more is lost after the time; one that has never answered is not.
  @Test func silenceCountsAfterAnAnswerOnly() throws {
    let watch = RemoteWatch(timeout: 2_000_000_000, addresses: Self.local)
    let other = try #require(DatagramSocket())
    let mute = try #require(DatagramSocket())
    defer {
      other.close()
      mute.close()
      watch.stop()
    }
    let processes = [
      process("a", watch.contact), process("b", PeerContact(token: 5, port: other.port, addresses: Self.local)),
      process("c", PeerContact(token: 6, port: mute.port, addresses: Self.local)),
    ]
    watch.meet(processes, from: processes[0])
    watch.expect(processes[1])
    // Answers one question.
    var question: PeerDatagram?
    let isAsked = waitUntil {
      guard case .datagram(let bytes, let sender) = other.receive(), var datagram = PeerDatagram(bytes: bytes) else {
        return false
      }
      question = datagram
      datagram.kind = .answer
      other.send(datagram.bytes, to: sender)
      return true
    }
    #expect(isAsked && question?.kind == .question && question?.token == 5)
    watch.expect(processes[2])
    #expect(watch.machines().heard == ["host-b"] && watch.machines().unheard == ["host-c"])
    usleep(3_000_000)
    #expect(watch.loss == nil && watch.silentSeconds == nil)
    watch.expect(processes[1])
    #expect(waitUntil { watch.loss?.token == 5 })
    #expect(watch.loss.map { $0.seconds >= 2 } == true)
  }

  @Test func nothingIsOpenedWhereNothingIsToBeWatched() {
    let watch = RemoteWatch(timeout: 0)
    #expect(watch.contact == nil && watch.loss == nil)
    watch.meet([process("b", nil)], from: process("a", nil))
    #expect(watch.machines().unheard == [])
  }
}
