// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Ends Open MPI's launcher where it would wait for ever for its agent on a machine that is lost.
///
/// All ranks that can be reached have ended then, so that only somebody else can: a shell that each rank beside the launcher leaves behind
/// for some seconds. The launcher takes the first SIGTERM for a wish, and the next ones for an order.
enum StuckLauncher {
  private static let setSession: Int16 = 0x80  // POSIX_SPAWN_SETSID

  private static let script = """
    sleep 5
    for _ in 1 2 3 4; do
      [ "$(readlink "/proc/$0/exe")" = "$1" ] || exit 0
      kill -TERM "$0"
      sleep 1
    done
    kill -KILL "$0"
    """

  /// Leaves the shell behind, if this process's parent is such a launcher.
  static func endLater() {
    let parent = getppid()
    guard let path = ProcessFacts.target(ofLink: "/proc/\(parent)/exe"),
      ["orterun", "prterun"].contains(path.split(separator: "/").last.map(String.init) ?? "")
    else { return }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The launcher's pipes are not to stay open.
    for descriptor in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] {
      posix_spawn_file_actions_addopen(&actions, descriptor, "/dev/null", O_RDWR, 0)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, setSession)
    let arguments: [String] = ["sh", "-c", script, String(parent), path]
    var words: [UnsafeMutablePointer<CChar>?] = []
    for argument in arguments { words.append(strdup(argument)) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process: pid_t = 0
    posix_spawn(&process, "/bin/sh", &actions, &attributes, words, environ)
  }
}
