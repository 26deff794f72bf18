// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// Where results go.
enum StandardOutput {
  /// Writes all of `text`.
  ///
  /// - Throws: `LockstepError` with code `.outputFailed` if it cannot be written, to a full disk for example.
  static func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// Writes all of `bytes`.
  static func write(_ bytes: [UInt8]) throws {
    var start = 0
    while start < bytes.count {
      let count = bytes[start...].withUnsafeBytes { Glibc.write(1, $0.baseAddress, $0.count) }
      if count < 0 {
        if errno == EINTR { continue }
        throw LockstepError(
          .outputFailed, "writing to standard output failed", cause: String(cString: strerror(errno)))
      }
      start += count
    }
  }
}

/// Where everything that is no result goes.
enum StandardError {
  /// Writes `text` in one piece, so that lines of several processes stay whole.
  static func write(_ text: String) {
    let bytes = Array(text.utf8)
    // There is nowhere to complain to if standard error is closed.
    _ = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
  }
}

/// What the terminals can do.
enum Terminal {
  /// Whether standard error is a terminal: progress is shown there and nowhere else.
  static var showsProgress: Bool { isatty(2) == 1 && environment("TERM") != "dumb" }

  /// Whether results may be in colour: on a terminal, unless `NO_COLOR` is set.
  ///
  /// Never under a launcher: some give each process a terminal of its own, whatever their own output is.
  static var hasColor: Bool {
    isatty(1) == 1 && Launcher.current == nil && (environment("NO_COLOR") ?? "").isEmpty
      && environment("TERM") != "dumb"
  }

  /// The width of standard output in characters; 120 if it is no terminal.
  static var width: Int {
    var size = winsize()
    guard isatty(1) == 1, Launcher.current == nil, ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return 120
    }
    return max(40, Int(size.ws_col))
  }

  /// The width of standard error in characters.
  static var errorWidth: Int {
    var size = winsize()
    return ioctl(2, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 20 ? Int(size.ws_col) : 80
  }

  /// A variable of the environment.
  static func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
