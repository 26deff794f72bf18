// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// A library of the system that is loaded when something needs it, and not before.
package struct SystemLibrary {
  private let handle: UnsafeMutableRawPointer

  /// Loads the first of `names` that is there.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` that says how to get it.
  package init(_ names: [String], for purpose: String, remedy: String) throws {
    var causes: [String] = []
    for name in names {
      if let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) {
        self.handle = handle
        return
      }
      causes.append(dlerror().map { String(cString: $0) } ?? name)
    }
    throw LockstepError(
      .missingLibrary, "\(purpose) needs a library that was not found", remedy: remedy,
      cause: causes.joined(separator: "; "))
  }

  /// A function of the library.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if it is not there.
  package func function<F>(_ name: String, as type: F.Type) throws -> F {
    guard let address = dlsym(handle, name) else {
      throw LockstepError(.missingLibrary, "the library has no function \(name)", remedy: "install a newer release")
    }
    return unsafeBitCast(address, to: type)
  }

  /// The value of a variable of the library.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if it is not there.
  func variable<Value: BitwiseCopyable>(_ name: String, as type: Value.Type) throws -> Value {
    guard let address = dlsym(handle, name) else {
      throw LockstepError(.missingLibrary, "the library has no variable \(name)", remedy: "install a newer release")
    }
    return address.load(as: type)
  }
}
