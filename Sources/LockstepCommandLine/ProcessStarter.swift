// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// What `-n` does: this process becomes a launcher that starts the same command several times.
enum ProcessStarter {
  /// Marks a command that was started so; without it, `-n` is refused inside a launcher.
  static let mark = "--started-by-lockstep"

  /// Replaces this process by the launcher that is found.
  ///
  /// Its input, output and exit code are this process's.
  ///
  /// - Returns: Never.
  /// - Throws: `LockstepError` with code `.noMPI` if there is no launcher, or it cannot be run.
  static func start(_ processCount: Int) throws -> Never {
    let launcher = try Launcher.find(processCount: processCount)
    for (name, value) in launcher.environment { setenv(name, value, 0) }
    let arguments = launcher.arguments + arguments(of: CommandLine.arguments, program: program)
    var pointers = arguments.map { strdup($0) }
    pointers.append(nil)
    execv(arguments[0], &pointers)
    throw LockstepError(.noMPI, "the launcher \(arguments[0]) cannot be run", cause: String(cString: strerror(errno)))
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
    guard let resolved = realpath("/proc/self/exe", nil) else { return CommandLine.arguments[0] }
    defer { free(resolved) }
    return String(cString: resolved)
  }
}
