// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// What a program that is started for it writes to its standard output.
final class ChildOutput: ByteStream {
  let name: String
  private let process: pid_t
  private let output: Int32
  /// What it complains of, in a file: a pipe that nobody reads would stop it when it is full.
  private let complaints: UnsafeMutablePointer<FILE>
  private var isFinished = false
  /// The error that its complaints make.
  private let complaint: (String?) -> LockstepError
  private let kept: SpillFolder?

  /// Starts `arguments[0]`, which is a path.
  ///
  /// - Parameters:
  ///   - arguments: The program and its arguments.
  ///   - name: What is read, for messages.
  ///   - input: The descriptor that becomes its standard input. Default: none.
  ///   - complaint: The error that its complaints make. Default: that DuckDB refuses what is read.
  ///   - folder: What is kept until it has ended.
  /// - Throws: `LockstepError` with code `.missingLibrary` if it cannot be started.
  init(
    _ arguments: [String], name: String, input: Int32? = nil, complaint: ((String?) -> LockstepError)? = nil,
    keeping folder: SpillFolder? = nil
  ) throws {
    kept = folder
    self.complaint =
      complaint ?? { LockstepError(.noInput, "DuckDB refuses it", place: .init(file: name), cause: $0) }
    var out: [Int32] = [0, 0]
    guard pipe(&out) == 0 else { throw Self.failure(arguments[0], errno, name) }
    guard let complaints = tmpfile() else {
      let code = errno
      close(out[0])
      close(out[1])
      throw Self.failure(arguments[0], code, name)
    }
    for end in out + [fileno(complaints)] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    if let input {
      posix_spawn_file_actions_adddup2(&actions, input, 0)
    } else {
      posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    }
    posix_spawn_file_actions_adddup2(&actions, out[1], 1)
    posix_spawn_file_actions_adddup2(&actions, fileno(complaints), 2)
    var pointers = arguments.map { strdup($0) }
    defer { for pointer in pointers { free(pointer) } }
    pointers.append(nil)
    var process = pid_t()
    let code = posix_spawn(&process, arguments[0], &actions, nil, &pointers, environ)
    close(out[1])
    guard code == 0 else {
      close(out[0])
      fclose(complaints)
      throw Self.failure(arguments[0], code, name)
    }
    self.name = name
    self.process = process
    output = out[0]
    self.complaints = complaints
  }

  deinit {
    close(output)
    if !isFinished {
      kill(process, SIGKILL)
      var status: Int32 = 0
      while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
    fclose(complaints)
  }

  private static func failure(_ path: String, _ code: Int32, _ name: String) -> LockstepError {
    LockstepError(
      .missingLibrary, "\(path) cannot be started", place: .init(file: name), cause: String(cString: strerror(code)))
  }

  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    let filled = try InputFile.readNext(of: output, name: name, into: buffer)
    if filled < buffer.count { try finish() }
    return filled
  }

  /// All that it writes.
  func readAll() throws -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = try chunk.withUnsafeMutableBytes { try readNext(into: $0) }
      all += chunk[..<count]
      if count < chunk.count { return all }
    }
  }

  /// Waits for its end, and throws what it has complained of.
  private func finish() throws {
    guard !isFinished else { return }
    var status: Int32 = 0
    while waitpid(process, &status, 0) < 0, errno == EINTR {}
    isFinished = true
    guard status == 0 else {
      var complaint = [UInt8](repeating: 0, count: 1 << 12)
      let count = max(pread(fileno(complaints), &complaint, complaint.count, 0), 0)
      let words = String(decoding: complaint[..<count], as: UTF8.self).split(separator: "\n").joined(separator: " ")
      throw self.complaint(words.isEmpty ? "it ended with status \(status)" : words)
    }
  }
}
