// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// Where a rank runs: what others of the same machine need to see whether it is still there, and all others to name it.
struct PeerProcess: Sendable, Equatable {
  /// The machine's name, for people.
  var host: String
  /// What tells machines apart, whatever their names.
  var machine: String
  var number: Int32
  /// The namespace of process numbers: two containers of one machine may both have a process 7.
  var namespace: String
  /// Where the process answers those who cannot see it.
  var contact: PeerContact?

  /// This process.
  static func current() -> PeerProcess {
    PeerProcess(
      host: ProcessFacts.hostName(),
      machine: String(decoding: ProcessFacts.machineIdentity(), as: UTF8.self).filter { !$0.isWhitespace },
      number: getpid(), namespace: ProcessFacts.target(ofLink: "/proc/self/ns/pid") ?? "",
      contact: RemoteWatch.shared.contact)
  }

  var text: String { "\(number) \(namespace) \(machine) \(contact?.text ?? "") \(host)" }

  init(host: String, machine: String, number: Int32, namespace: String, contact: PeerContact? = nil) {
    self.contact = contact
    self.host = host
    self.machine = machine
    self.number = number
    self.namespace = namespace
  }

  /// Reads ``text``.
  init?(text: String) {
    let parts = text.split(separator: " ", maxSplits: 4, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, let number = Int32(parts[0]), number > 0 else { return nil }
    self.init(
      host: parts[4], machine: parts[2], number: number, namespace: parts[1], contact: PeerContact(text: parts[3]))
  }

  /// Whether another process can see, by this one's number, if it is there.
  func isVisible(from mine: PeerProcess) -> Bool {
    machine == mine.machine && namespace == mine.namespace && !namespace.isEmpty
  }

  /// Whether the process has ended, as far as another one, on the same machine, can tell.
  func hasEnded(seenFrom mine: PeerProcess) -> Bool {
    guard isVisible(from: mine) else { return false }
    if kill(number, 0) != 0 { return errno == ESRCH }
    // One that nobody has waited for yet is still there by its number.
    guard let state = ProcessFacts.processState(number) else { return kill(number, 0) != 0 && errno == ESRCH }
    return state == "Z" || state == "X"
  }
}

extension ProcessFacts {
  /// The name of this machine.
  static func hostName() -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 257) { buffer in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress, gethostname(start, 256) == 0 else { return "" }
      return String(cString: start)
    }
  }

  /// `R`, `S`, `Z` and so on.
  static func processState(_ number: Int32) -> Character? {
    guard let text = contents(ofFile: "/proc/\(number)/stat"), let end = text.lastIndex(of: ")") else { return nil }
    return text[text.index(after: end)...].first { $0 != " " }
  }
}
