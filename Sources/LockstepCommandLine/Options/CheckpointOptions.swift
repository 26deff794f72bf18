// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// Where the progress of a fit is kept.
struct CheckpointOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Keep the progress in this file: a run that is stopped or killed goes on from there when the same command is started again, on "
        + "any number of processes, to the same bits. Removed at the end. (default: not kept)", valueName: "file"))
  var checkpoint: String?

  @Option(
    help: ArgumentHelp(
      "The least time between two writings of the checkpoint, as in 30s, 5m or 1h. (default: 3m)", valueName: "duration"
    ))
  var every: String?

  @Flag(help: "Begin anew, whatever the checkpoint holds.")
  var fresh = false

  @Flag(help: "Leave the checkpoint there at the end.")
  var keepCheckpoint = false

  @Option(
    help: ArgumentHelp(
      "With -n: start again, up to this many times, when a process is lost or the run has stopped by itself, and go on from the "
        + "checkpoint; on one process fewer when one was killed. (default: 0)", valueName: "n"))
  var restarts = 0

  func validate() throws {
    if checkpoint == nil, every != nil || fresh || keepCheckpoint || restarts != 0 {
      throw ValidationError("--every, --fresh, --keep-checkpoint and --restarts are for a --checkpoint.")
    }
    if restarts < 0 { throw ValidationError("\(restarts) restarts; give 0 or more with --restarts.") }
    _ = try interval
  }

  /// The least time between two writings.
  private var interval: Duration {
    get throws {
      guard let every else { return .seconds(180) }
      guard let duration = Duration(parsing: every) else {
        throw ValidationError("\"\(every)\" is no duration; give one as in 30s, 5m or 1h with --every.")
      }
      return duration
    }
  }

  /// What keeps the progress, if it is to be kept.
  func makeCheckpoint() throws -> Checkpoint? {
    guard let checkpoint else { return nil }
    return Checkpoint(path: checkpoint, interval: try interval, isFresh: fresh, isKept: keepCheckpoint) {
      StandardError.write("lockstep: the checkpoint is not written, and the run goes on without: \($0)\n")
    }
  }
}
