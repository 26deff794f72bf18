// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Threads that share one piece of work.
enum WorkerThreads {
  private final class Task: Sendable {
    let number: Int
    let body: @Sendable (Int) -> Void

    init(number: Int, body: @escaping @Sendable (Int) -> Void) {
      self.number = number
      self.body = body
    }
  }

  /// Calls `body` with 0, 1, … `count` − 1 at the same time, 0 on the calling thread, and returns when all have ended.
  ///
  /// Where the system has no more threads, `body` is called for fewer numbers: the work must not be dealt by them.
  static func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    var threads: [pthread_t] = []
    for number in 1..<max(1, count) {
      var thread = pthread_t()
      let task = Unmanaged.passRetained(Task(number: number, body: body))
      let status = pthread_create(
        &thread, nil,
        { argument in
          guard let argument else { return nil }
          let task = Unmanaged<Task>.fromOpaque(argument).takeRetainedValue()
          task.body(task.number)
          return nil
        }, task.toOpaque())
      guard status == 0 else {
        task.release()
        break
      }
      threads.append(thread)
    }
    body(0)
    for thread in threads { pthread_join(thread, nil) }
  }
}
