// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// What `-n` does: this process becomes a launcher that starts the same command several times.
enum ProcessStarter {
  /// Marks a command that was started so; without it, `-n` is refused inside a launcher.
  static let mark = "--started-by-lockstep"

  /// The arguments of this process, of any bytes: those that name files may not be UTF-8.
  static let allArguments = (0..<Int(CommandLine.argc)).compactMap { i in
    CommandLine.unsafeArgv[i].map { String(systemPath: $0) }
  }

  /// Replaces this process by the launcher that is found.
  ///
  /// Its input, output and exit code are this process's.
  ///
  /// - Returns: Never.
  /// - Throws: `LockstepError` with code `.noMPI` if there is no launcher, or it cannot be run.
  static func start(_ processCount: Int) throws -> Never {
    let launcher = try Launcher.find(processCount: processCount)
    for (name, value) in launcher.environment { setenv(name, value, 0) }
    let arguments = launcher.arguments + arguments(of: allArguments, program: program)
    var pointers: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0.systemPath) }
    pointers.append(nil)
    execv(arguments[0], &pointers)
    throw LockstepError(.noMPI, "the launcher \(arguments[0]) cannot be run", cause: String(cString: strerror(errno)))
  }

  /// Starts the processes, and starts them again when one is lost; stays beside them.
  ///
  /// - Parameters:
  ///   - processCount: How many to begin with. One is started without a launcher.
  ///   - restarts: How often to start again.
  ///   - isQuiet: Whether nothing is said of it.
  /// - Returns: Never: ends with the exit code of the last start.
  /// - Throws: `LockstepError` with code `.noMPI` if there is no launcher, or it cannot be run.
  static func start(_ processCount: Int, restarts: Int, isQuiet: Bool) throws -> Never {
    StarterSignals.install()
    var processCount = processCount
    var own = CommandLine.arguments
    for restart in 0...restarts {
      let end = try run(processCount, own)
      guard end.isWorthRestart, restart < restarts, !StarterSignals.isStopped else { exit(end.exitCode) }
      // What the run has done so far is to be gone on from.
      own = withoutFresh(own)
      if end.hasLostProcess { processCount = max(1, processCount - 1) }
      if !isQuiet {
        StandardError.write(
          "lockstep: the run has ended (exit code \(end.exitCode)); starting again on "
            + "\(count(processCount, "process", "processes")), restart \(restart + 1) of \(restarts)\n")
      }
    }
    exit(LockstepError.Code.internalInconsistency.exitCode)
  }

  /// One start: the processes have ended when it returns.
  private static func run(_ processCount: Int, _ own: [String]) throws -> RunEnd {
    var arguments = arguments(of: own, program: program)
    if processCount > 1 {
      let launcher = try Launcher.find(processCount: processCount)
      for (name, value) in launcher.environment { setenv(name, value, 0) }
      arguments = launcher.arguments + arguments
    }
    var pointers = arguments.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    var process: pid_t = 0
    let status = posix_spawn(&process, arguments[0], nil, nil, pointers, environ)
    guard status == 0 else {
      throw LockstepError(.noMPI, "\(arguments[0]) cannot be run", cause: String(cString: strerror(status)))
    }
    return StarterSignals.wait(for: process)
  }

  /// Arguments without `--fresh`.
  static func withoutFresh(_ arguments: [String]) -> [String] {
    let options = arguments.prefix { $0 != "--" }
    return options.filter { $0 != "--fresh" } + arguments.dropFirst(options.count)
  }

  /// The command for each process: this one, marked, with each argument in a form that says nothing to a launcher.
  ///
  /// A launcher takes an argument `:`, which a glob may have found, for the end of the program's, and what follows for another program.
  static func arguments(of own: [String], program: String) -> [String] {
    [program, mark] + own.dropFirst().map { "=\($0)" }
  }

  /// The arguments that a process was started with, the mark right after the verb; other arguments as they are.
  static func ownArguments(of started: [String]) -> [String] {
    guard started.first == mark, started.dropFirst().allSatisfy({ $0.hasPrefix("=") }) else { return started }
    let own = started.dropFirst().map { String($0.dropFirst()) }
    return own.prefix(1) + [mark] + own.dropFirst()
  }

  private static var program: String {
    guard let resolved = realpath("/proc/self/exe", nil) else { return allArguments[0] }
    defer { free(resolved) }
    return String(systemPath: resolved)
  }
}
