// SPDX-License-Identifier: Apache-2.0

import Glibc

extension ProcessFacts {
  /// The beginning of what a command writes to its standard output; `nil` if it cannot be run or fails.
  static func firstOutput(ofCommand arguments: [String]) -> String? {
    guard let executable = arguments.first else { return nil }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { return nil }
    defer { close(ends[0]) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addclose(&actions, ends[0])

    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
    defer { for word in words { free(word) } }
    words.append(nil)
    var process: pid_t = 0
    let status = posix_spawn(&process, executable, &actions, nil, words, environ)
    close(ends[1])
    guard status == 0 else { return nil }

    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(ends[0], &chunk, chunk.count)
      guard count > 0 else { break }
      if output.count < 65_536 { output += chunk[..<count] }
    }
    var result: Int32 = 0
    guard waitpid(process, &result, 0) == process, result == 0 else { return nil }
    return String(decoding: output, as: UTF8.self)
  }
}
