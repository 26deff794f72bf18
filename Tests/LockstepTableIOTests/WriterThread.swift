// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Writes a text to a named pipe while the test reads it.
final class WriterThread {
  private var thread = pthread_t()

  private final class Work: Sendable {
    let path: String
    let text: String
    init(path: String, text: String) {
      self.path = path
      self.text = text
    }
  }

  init(path: String, text: String) {
    // A reader that stops early must not end the test's process.
    signal(SIGPIPE, SIG_IGN)
    let work = Unmanaged.passRetained(Work(path: path, text: text))
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        let descriptor = open(work.path, O_WRONLY)
        var text = work.text
        text.withUTF8 { bytes in
          var rest = bytes[...]
          while !rest.isEmpty {
            let n = write(descriptor, Array(rest), rest.count)
            guard n > 0 else { break }
            rest = rest.dropFirst(n)
          }
        }
        close(descriptor)
        return nil
      }, work.toOpaque())
  }

  func join() { pthread_join(thread, nil) }
}
