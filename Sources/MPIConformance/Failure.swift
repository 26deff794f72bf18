// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors

/// The ways in which a rank may leave the others alone.
enum Failure: String {
  case `throw`
  case abort
  case kill
  case exit
  case exit0
  case `return`
  case deadlock
  case unreceived
  case precondition

  /// Lets `rank` fail in this way after some good communication, while all others wait for it.
  func happen(on rank: Int, in world: any Communicator) throws {
    guard (0..<world.size).contains(rank) else { throw LockstepError(.usage, "there is no rank \(rank)") }
    for _ in 0..<10 { try world.barrier() }
    let next = (rank + 1) % world.size
    if self == .deadlock {
      // Everyone for the next, all around.
      _ = try world.receive(from: (world.rank + 1) % world.size)
      return
    }
    if self == .unreceived {
      if world.rank == rank && world.size > 1 { try world.send(bytes(5_000_000, seed: 1), to: next) }
      return
    }
    guard world.rank == rank else {
      // Some wait for the failing rank itself, the others for one that waits for it.
      _ = try world.receive(from: world.rank == next ? rank : next)
      return
    }
    switch self {
    case .throw: throw LockstepError(.malformedInput, "the data of rank \(rank) are bad")
    case .abort: world.abort(exitCode: 7)
    case .kill: Glibc.kill(getpid(), SIGKILL)
    case .exit: Glibc.exit(5)
    case .exit0: Glibc.exit(0)
    case .precondition: preconditionFailure("a mistake of the program on rank \(rank)")
    case .return, .deadlock, .unreceived: break
    }
  }
}
