// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A folder for what DuckDB cannot hold in memory: its name cannot be foreseen, nobody else may look into it, and it is gone when
/// this process is, whatever ended it.
final class SpillFolder: Sendable {
  let path: String
  /// The end of a pipe to a shell that waits for this process's end, and then removes the folder.
  private let mark: Int32
  private let remover: pid_t

  /// Makes a folder in a directory; `nil` if that fails.
  init?(in directory: String) {
    var template = Array("\(directory)/lockstep-duckdb-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return nil }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var ends: [Int32] = [0, 0]
    var started: pid_t?
    if pipe(&ends) == 0 {
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      started = Self.startRemover(of: path, input: ends[0])
      close(ends[0])
      if started == nil { close(ends[1]) }
    }
    guard let started else {
      rmdir(path)
      return nil
    }
    (mark, remover) = (ends[1], started)
  }

  /// Starts the shell in a session of its own, where no signal to this process's group reaches it.
  private static func startRemover(of path: String, input: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_adddup2(&actions, input, 0)
    // Who waits for the end of this process's output must not wait for the shell.
    for end in 1...2 as ClosedRange<Int32> { posix_spawn_file_actions_addopen(&actions, end, "/dev/null", O_WRONLY, 0) }
    // POSIX_SPAWN_SETSID, which the C library shows to GNU programs only.
    posix_spawnattr_setflags(&attributes, 0x80)
    let script = "trap '' HUP INT TERM; read -r end; rm -rf -- \"$1\""
    let words: [String] = ["/bin/sh", "-c", script, "sh", path]
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    var process = pid_t()
    return posix_spawn(&process, "/bin/sh", &actions, &attributes, &arguments, environ) == 0 ? process : nil
  }

  deinit {
    close(mark)
    var status: Int32 = 0
    while waitpid(remover, &status, 0) < 0, errno == EINTR {}
  }
}
