// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import Lockstep

/// The command `lockstep`.
@main struct LockstepCommand: ParsableCommand {
  /// The release.
  static let version = LockstepRelease.version

  /// The release, the commit if it is known, and the kernels that this CPU runs.
  private static var longVersion: String {
    let commit = LockstepRelease.commit.map { "commit \($0), " } ?? ""
    return "lockstep \(version) (\(commit)kernels \(CPUKernels.levelName))"
  }

  static let configuration = CommandConfiguration(
    commandName: "lockstep",
    abstract: "Statistics and learning over rows that are spread over many processes.",
    discussion: """
      Alone, under mpirun, mpiexec or srun, or with processes of its own (-n): the same command, the same result, to the \
      last bit.

      Examples:
        lockstep kmeans --clusters 10 data.csv
        lockstep kmeans -n 4 --clusters 10 data.csv
        mpirun -n 4 lockstep kmeans --clusters 10 'data{rank}.csv'
        lockstep predict model.json data.csv

      Exit codes: 64 wrong usage, 65 bad data, 66 no input, 69 a library that is missing, or the wrong MPI, \
      70 internal error, 73 an output that cannot be written, 75 stopped with a checkpoint, 128 + n stopped by signal n.
      """,
    version: longVersion,
    subcommands: Catalog.verbs.map { $0 as any ParsableCommand.Type } + [
      PredictVerb.self, TransformVerb.self, ScoreVerb.self, MergeVerb.self, ShowVerb.self, ReportVerb.self,
      ExportVerb.self,
      PlanVerb.self,
      DoctorVerb.self,
    ])

  /// Parses the arguments and runs the verb.
  ///
  /// On an error it ends the process with the error's code.
  static func main() {
    LockstepError.language = .commandLine
    var arguments: [String] = []
    do {
      arguments = ProcessStarter.ownArguments(of: Array(ProcessStarter.allArguments.dropFirst()))
      try refuseDashes(arguments)
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      end(with: error, arguments)
    }
  }

  /// Throws if the name of a file would be taken for options, `-dash.csv` for a call for help among them.
  private static func refuseDashes(_ arguments: [String]) throws {
    for argument in arguments.prefix(while: { $0 != "--" })
    where argument.hasPrefix("-") && argument.count > 2 && !argument.hasPrefix("--")
      && access(argument.systemPath, F_OK) == 0
    {
      throw ValidationError("\(argument) begins like an option; write ./\(argument) for the file of that name.")
    }
  }

  /// Ends the process because of what stopped it before it was one of many: wrong arguments, or a call for help.
  ///
  /// Under a launcher every process is here, with the same words, and one of them speaks. The others leave it the time to.
  private static func end(with error: any Error, _ arguments: [String]) -> Never {
    let failure = error as? LockstepError
    let code = failure?.code.exitCode ?? exitCode(for: error).rawValue
    guard MPI.speaksForAll else {
      if code != 0 {
        // What ends the others because the first has ended, as srun -K does, is not to change the exit code.
        StopSignals.install()
        StopSignals.beginEnding(exitCode: code)
        sleep(2)
      }
      Glibc.exit(code)
    }
    if let failure {
      printError(failure)
    } else if code == 0 {
      print(HelpText.withOwnOptionsFirst(fullMessage(for: error)))
    } else {
      var message = fullMessage(for: error)
      if let suggestion = Suggestion.of(arguments), let line = message.firstIndex(of: "\n") {
        message = "Error: " + suggestion + message[line...]
      }
      StandardError.write((message.hasPrefix("Error: ") ? "lockstep: " + message.dropFirst(7) : message) + "\n")
    }
    Glibc.exit(code)
  }
}
