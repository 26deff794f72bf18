// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

/// Runs Python with NumPy, where there is one, as the judge of files that NumPy must understand.
enum NumPyScript {
  /// Whether `python3` can import NumPy.
  static let isAvailable = run("") == 0

  /// Runs a script, for which `np` is NumPy, and returns its exit status; 0 means that it was content.
  static func run(_ script: String) -> Int32 {
    var child = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = ["python3", "-c", "import numpy as np, zipfile\n" + script].map {
      (word: String) in strdup(word)
    }
    arguments.append(nil)
    defer { for argument in arguments { free(argument) } }
    guard posix_spawnp(&child, "python3", nil, nil, arguments, environ) == 0 else { return -1 }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status
  }
}
