// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables

/// A file open for reading: at any place if it is a regular file, otherwise (a pipe, standard input) from first to last.
final class InputFile: Sendable {
  /// The name as the user gave it, or `standard input`.
  let name: String
  /// The size in bytes; `nil` for what can only be read from first to last.
  let byteCount: Int?
  let descriptor: Int32
  /// What the file was when it was opened.
  private let opened: stat
  /// The file that the descriptor is of, where that is to be kept.
  private let scratch: ScratchFile?

  /// Opens a file, whatever its name looks like.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - byteCount: The number of bytes to read of it, however long it is by now. Default: all there are.
  /// - Throws: `LockstepError` with code `.noInput` if it is missing, unreadable or a directory, `.malformedInput` if it is shorter than
  ///   `byteCount`.
  convenience init(_ path: String, byteCount: Int? = nil) throws {
    guard !path.utf8.contains(0) else { throw InputFile.nulInName }
    // A named pipe would not open before somebody writes to it; here the first reading waits for that.
    let waiting = InputFile.isPipe(path) ? O_NONBLOCK : 0
    try self.init(
      path, descriptor: open(path.systemPath, O_RDONLY | O_CLOEXEC | waiting), isSeekable: true, byteCount: byteCount)
  }

  /// What another file was unpacked to, under the name of that.
  convenience init(content: ScratchFile, of name: String) throws {
    try self.init(name, descriptor: try content.duplicatedDescriptor(), isSeekable: true, scratch: content)
  }

  /// What is said of a name that the system would cut.
  static let nulInName = LockstepError(.usage, "a name has a character NUL", remedy: "leave it out")

  /// Whether a path is that of something that can be opened and read only once, such as a named pipe.
  static func isPipe(_ path: String) -> Bool {
    var status = stat()
    guard stat(path.systemPath, &status) == 0 else { return false }
    let kind = status.st_mode & S_IFMT
    return kind != S_IFREG && kind != S_IFDIR
  }

  /// What is said of a pipe that several processes are to read.
  static func sharedPipe(_ path: String, processCount: Int) -> LockstepError {
    LockstepError(
      .usage, "a pipe is read from first to last and cannot be shared by \(processCount) processes",
      remedy: "write it to a file first, or use one process", place: .init(file: path))
  }

  /// Standard input.
  static func standardInput() throws -> InputFile {
    try InputFile("standard input", descriptor: fcntl(0, F_DUPFD_CLOEXEC, 3), isSeekable: false)
  }

  private init(
    _ path: String, descriptor: Int32, isSeekable: Bool, byteCount limit: Int? = nil, scratch: ScratchFile? = nil
  ) throws {
    name = path
    self.descriptor = descriptor
    self.scratch = scratch
    guard descriptor >= 0 else { throw InputFile.openingError(name: name, number: errno) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      let number = errno
      close(descriptor)
      throw InputFile.openingError(name: name, number: number)
    }
    let kind = status.st_mode & S_IFMT
    guard kind != S_IFDIR else {
      close(descriptor)
      throw LockstepError(
        .noInput, "this is a directory", remedy: "name the files in it, for example '\(path)/*.csv'",
        place: .init(file: name))
    }
    opened = status
    byteCount = kind == S_IFREG && isSeekable ? min(Int(status.st_size), limit ?? .max) : nil
    // Not before all is set: what is thrown here closes the descriptor.
    if let limit, let byteCount, byteCount < limit { throw InputFile.becameShorter(name) }
  }

  /// What is said of a file that lost bytes that are wanted.
  static func becameShorter(_ name: String) -> LockstepError {
    LockstepError(
      .malformedInput, "the file became shorter while it was read", remedy: "wait until it is written completely",
      place: .init(file: name))
  }

  /// Makes sure that what has been read of the file was there all the time.
  ///
  /// - Parameter isText: Whether the file has rows up to any line end, so that it may grow.
  /// - Throws: `LockstepError` with code `.malformedInput` if the file became shorter, was changed, or ended in the middle of a row.
  func checkUnchanged(isText: Bool) throws {
    guard let byteCount else { return }
    var now = stat()
    guard fstat(descriptor, &now) == 0 else { throw InputFile.readingError(name: name, number: errno) }
    guard Int(now.st_size) >= byteCount else { throw InputFile.becameShorter(name) }
    let (before, after) = (FileStamp(opened), FileStamp(now))
    if after.byteCount == before.byteCount, after.modified != before.modified, !after.isOutgrown(by: name) {
      throw LockstepError(
        .malformedInput, "the file was changed while it was read", remedy: "wait until it is written completely",
        place: .init(file: name))
    }
    guard isText, Int(now.st_size) > byteCount, byteCount > 0 else { return }
    var last: UInt8 = 0
    _ = try withUnsafeMutableBytes(of: &last) { try read(at: byteCount - 1, into: $0) }
    guard last != 0x0A else { return }
    throw LockstepError(
      .malformedInput, "the file grew while it was read, and its last row had no end yet",
      remedy: "read it again, or wait until it is written completely", place: .init(file: name))
  }

  deinit { close(descriptor) }

  private static func openingError(name: String, number: Int32) -> LockstepError {
    let message = number == ENOENT ? "there is no such file" : "the file cannot be opened"
    return LockstepError(
      .noInput, message, place: .init(file: name), cause: number == ENOENT ? nil : String(cString: strerror(number)))
  }

  private static func readingError(name: String, number: Int32) -> LockstepError {
    LockstepError(.noInput, "reading failed", place: .init(file: name), cause: String(cString: strerror(number)))
  }

  /// Reads at `offset` until `buffer` is full or the file ends, as long as it was when it was opened, and returns the number of bytes
  /// read.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    let wanted = min(buffer.count, max(0, (byteCount ?? .max) - offset))
    while filled < wanted {
      let n = pread(descriptor, buffer.baseAddress.map { $0 + filled }, wanted - filled, offset + filled)
      if n == 0 { break }
      if n < 0 {
        if errno == EINTR { continue }
        throw InputFile.readingError(name: name, number: errno)
      }
      filled += n
    }
    return filled
  }

  /// Reads the next bytes until `buffer` is full or the input ends, and returns the number of bytes read.
  func readNext(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    try InputFile.readNext(of: descriptor, name: name, into: buffer)
  }

  /// The same of any descriptor; a pipe that nobody writes to is given up when this process is to stop.
  static func readNext(of descriptor: Int32, name: String, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    var filled = 0
    while filled < buffer.count {
      try Cancellation.check()
      var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      // Another thread may have taken the signal: so it is looked for now and then.
      // To read before anything is there would look like the end of a pipe that nobody has opened yet.
      if case let ready = poll(&wanted, 1, 100), ready == 0 || (ready < 0 && errno == EINTR) { continue }
      let n = Glibc.read(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled)
      if n == 0 { break }
      if n < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw readingError(name: name, number: errno)
      }
      filled += n
    }
    return filled
  }
}
