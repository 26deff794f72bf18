// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Runs a program on this process, or on as many as the launcher started.
///
/// ```swift
/// import Lockstep
///
/// Lockstep.run { world in
///   let rows = try world.agree { try CSVFile("file\(world.rank).csv") }
///   let model = try KMeans(clusterCount: 10).fit(rows, in: world)
///   if world.rank == 0 { print(model) }
/// }
/// ```
/// Alone, nothing else need be installed; under `mpirun`, `mpiexec` or `srun` the MPI library of the launcher is loaded.
/// Returns on every process when all have finished. If `body` throws on any of them, the error is printed once, with its
/// rank, and all processes end at once with the error's exit code: no process waits for one that has failed.
///
/// - Parameters:
///   - threadCount: Threads for each process; default: the usable cores, shared with the other processes of this machine.
///   - body: The program, given all processes.
public func run(threadCount: Int? = nil, _ body: (ExecutionContext) throws -> Void) {
  let world: any Communicator
  do { world = try MPI.start() } catch {
    if MPI.speaksForAll { printError(LockstepError(wrapping: error)) }
    exit(LockstepError(wrapping: error).code.exitCode)
  }
  do {
    try body(ExecutionContext(communicator: world, threadCount: threadCount ?? .forProcesses(on: world)))
    try MPI.finish()
  } catch { endProcess(with: error, in: world) }
}

/// Ends every process of `world` because of an error that left the program; prints it once.
///
/// Rank 0 speaks at once. If all ranks have come here by then, the others do not. Otherwise they wait for their turn, one after the other,
/// and speak only if none before them has ended the job by then: an error that all ranks throw, in a collective or each by itself, has
/// one message, and one that a single rank throws is out within four seconds.
package func endProcess(with error: any Error, in world: any Communicator) -> Never {
  let failure = LockstepError(wrapping: error)
  let exitCode = failure.code.exitCode
  StopSignals.beginEnding(exitCode: exitCode)
  let turn = 1500 + 500 * min(world.rank - 1, 4)
  let start = ContinuousClock.now
  let seen = world.size > 1 ? failure.seen(byRank: world.rank) : failure
  if world.rank == 0 { printError(seen) }
  // The first waits for the others as long as that spares them their own message; under Slurm, for the sake of the exit code.
  let patience = MPI.isTaskOfSlurm ? 3000 : 500
  if world.size > 1, MPI.allEnd(within: world.rank == 0 ? patience : turn) {
    if MPI.finishInsteadOfAborting(exitCode: exitCode) { exit(exitCode) }
    // The first ends the job.
    if world.rank > 0 { pause(milliseconds: 10_000) }
  } else if world.rank > 0 {
    pause(milliseconds: max(0, turn - Int(start.duration(to: .now) / .milliseconds(1))))
    printError(seen)
  }
  endProcess(exitCode: exitCode, in: world)
}

/// Ends every process of `world` with an exit code, after what this one wrote to standard error has been delivered.
package func endProcess(exitCode: Int32, in world: any Communicator) -> Never {
  if world.size > 1 { awaitDelivery() }
  world.abort(exitCode: exitCode)
}

/// Writes `lockstep: ` and the error's line to standard error in one piece, so that lines of several processes stay whole.
package func printError(_ error: LockstepError) {
  let line = Array("lockstep: \(error)\n".utf8)
  _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
}

/// Waits, whatever signals come.
private func pause(milliseconds: Int) {
  var rest = timespec(tv_sec: milliseconds / 1000, tv_nsec: milliseconds % 1000 * 1_000_000)
  withUnsafeMutablePointer(to: &rest) { while nanosleep($0, $0) != 0, errno == EINTR {} }
}

/// Waits until the launcher has taken what was written to standard error, for a second at most.
///
/// Hydra, told to end the job, does so at once, and drops what it has not read by then: on a busy machine, one message in six.
private func awaitDelivery() {
  var status = stat()
  guard fstat(2, &status) == 0, status.st_mode & S_IFMT == S_IFIFO else { return }
  var unread: Int32 = 0
  for _ in 0..<100 {
    guard ioctl(2, UInt(FIONREAD), &unread) == 0, unread > 0 else { break }
    usleep(10_000)
  }
  // From the launcher's agent on this machine to the launcher.
  usleep(100_000)
}
