// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import LockstepMPI

/// Checks the communicator under a real MPI.
///
/// `Scripts/mpi-conformance` runs it under every MPI of the machine.
@main struct MPIConformance {
  static let usage = """
    usage: mpiexec -n N MPIConformance [mode]
      checks             all checks on the world, a duplicate and a part (the default)
      adopt              initializes MPI as a program of its own would, adopts it, and shows that it is not finalized
      large              one message of more than 2^31 bytes
      latency            the time of an allGather of 8 bytes
      describe           which MPI is used, and why
      start N [mode ...] starts N processes of this program with the launcher that is found
      cores              how many cores each rank may use
      fail WAY RANK      RANK ends badly while the others wait for it; WAY is throw, abort, kill, exit, exit0, return,
                         deadlock, unreceived or precondition
    """

  static func main() {
    let arguments = CommandLine.arguments.dropFirst()
    do {
      switch arguments.first ?? "checks" {
      case "checks": try run { world in try ConformanceChecks(world: world).runAll() }
      case "adopt": try Adoption.run()
      case "large": try run(LargeMessage.run)
      case "latency": try run(Latency.run)
      case "describe": try run { world in if world.rank == 0 { print(try MPI.describe()) } }
      case "start": try start(Array(arguments.dropFirst()))
      case "cores":
        try run { world in
          let all = try world.gather([UInt8(clamping: MPI.usableCoreCount)])
          if world.rank == 0 { print("cores:", all.map { $0[0] }) }
        }
      case "fail":
        guard arguments.count == 3, let way = Failure(rawValue: arguments[2]), let rank = Int(arguments[3]) else {
          throw LockstepError(.usage, usage)
        }
        try run { world in try way.happen(on: rank, in: world) }
      default: throw LockstepError(.usage, usage)
      }
    } catch {
      let error = LockstepError(wrapping: error)
      if MPI.speaksForAll { report(error) }
      exit(error.code.exitCode)
    }
  }

  /// The program between the beginning and the end of MPI, as every program of this library treats it.
  private static func run(_ body: (any Communicator) throws -> Void) throws {
    let world = try MPI.start()
    do {
      try body(world)
      try MPI.finish()
    } catch {
      let error = LockstepError(wrapping: error)
      report(error.seen(byRank: world.rank))
      world.abort(exitCode: error.code.exitCode)
    }
  }

  /// Replaces this process by a launcher that starts this program.
  private static func start(_ arguments: [String]) throws {
    guard let count = arguments.first.flatMap({ Int($0) }), count > 0 else { throw LockstepError(.usage, usage) }
    let command = try Launcher.find(processCount: count)
    for (name, value) in command.environment { setenv(name, value, 1) }
    let words = command.arguments + [CommandLine.arguments[0]] + arguments.dropFirst()
    var pointers: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    pointers.append(nil)
    execv(command.arguments[0], pointers)
    throw LockstepError(.noMPI, "cannot run \(command.arguments[0])", cause: String(cString: strerror(errno)))
  }

  private static func report(_ error: LockstepError) {
    let line = Array("MPIConformance: \(error)\n".utf8)
    write(STDERR_FILENO, line, line.count)
  }
}
