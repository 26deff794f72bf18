// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// LAPACK, found and loaded at run time.
///
/// Only problems of p × p that are solved once, on rank 0, come here, on one thread; nothing that is summed or merged does, so
/// results do not depend on which library another rank has. Searched for, in this order: the library that
/// `LOCKSTEP_BLAS_LIBRARY` names, OpenBLAS, the system's `liblapack.so.3`, and what is in the process already (NumPy's, under a
/// Python interpreter).
///
/// Integers are passed as zeroed 64-bit words, which a library of 32-bit integers reads the low half of: one set of types
/// serves both kinds.
struct LAPACK: Sendable {
  typealias Count = UnsafePointer<Int>
  typealias Flag = UnsafePointer<CChar>
  typealias Numbers = UnsafeMutablePointer<Double>
  typealias Integers = UnsafeMutablePointer<Int>
  /// dsyevd: eigenvalues and eigenvectors of a symmetric matrix (jobz, uplo, n, a, lda, w, work, lwork, iwork, liwork, info).
  typealias SymmetricEigen =
    @convention(c) (
      Flag, Flag, Count, Numbers, Count, Numbers, Numbers, Count, Integers, Count, Integers, Int, Int
    ) -> Void
  /// dgesdd: singular values and vectors (jobz, m, n, a, lda, s, u, ldu, vt, ldvt, work, lwork, iwork, info).
  typealias SingularValues =
    @convention(c) (
      Flag, Count, Count, Numbers, Count, Numbers, Numbers, Count, Numbers, Count, Numbers, Count, Integers, Integers,
      Int
    ) -> Void

  /// The path or name that was opened.
  let path: String
  let symmetricEigen: SymmetricEigen
  let singularValues: SingularValues
  private let threadCount: (@convention(c) () -> Int32)?
  private let setThreadCount: (@convention(c) (Int32) -> Void)?

  /// The library of this process.
  static var shared: LAPACK { get throws { try found.get() } }
  private static let found = search()
  /// Calls are made one at a time: they change the library's number of threads.
  private static let turn = Mutex(())

  /// Runs `body` with the library on one thread.
  static func call<R>(_ body: (LAPACK) throws -> R) throws -> R {
    let library = try shared
    return try turn.withLock { _ in
      let before = library.threadCount?() ?? 1
      library.setThreadCount?(1)
      defer { library.setThreadCount?(before) }
      return try body(library)
    }
  }

  private static func search() -> Result<LAPACK, LockstepError> {
    var tried: [String] = []
    for name in candidates {
      guard let handle = dlopen(name, RTLD_NOW | RTLD_LOCAL) else {
        tried.append(dlerror().map { String(cString: $0) } ?? name ?? "this process")
        continue
      }
      if let library = LAPACK(handle, path: name ?? "this process") { return .success(library) }
      tried.append("\(name ?? "this process"): no dsyevd and dgesdd")
    }
    return .failure(
      LockstepError(
        .missingLibrary, "no LAPACK library was found",
        remedy:
          "install one (apt-get install libopenblas0), or name one in LOCKSTEP_BLAS_LIBRARY",
        cause: tried.joined(separator: "; ")))
  }

  private static var candidates: [String?] {
    if let named = getenv("LOCKSTEP_BLAS_LIBRARY") { return [String(cString: named)] }
    return ["libopenblas.so.0", "libopenblas.so", "liblapack.so.3", "liblapack.so"] + loaded + [nil]
  }

  /// The BLAS libraries that are in the process already, by path: NumPy keeps its own under a name of its own.
  private static var loaded: [String] {
    guard let maps = fopen("/proc/self/maps", "r") else { return [] }
    defer { fclose(maps) }
    var paths: [String] = []
    var line = [CChar](repeating: 0, count: 4096)
    while fgets(&line, Int32(line.count), maps) != nil {
      let text = line.withUnsafeBufferPointer {
        String(decoding: $0.prefix { $0 != 0 }.map({ UInt8(bitPattern: $0) }), as: UTF8.self)
      }
      guard let start = text.firstIndex(of: "/"), text.contains("openblas") else { continue }
      let path = String(text[start...].prefix { $0 != "\n" })
      if !paths.contains(path) { paths.append(path) }
    }
    return paths
  }

  private init?(_ handle: UnsafeMutableRawPointer, path: String) {
    // Plain names; SciPy's builds put `scipy_` before them, and `64_` after where integers have 64 bits.
    func symbol(_ name: String) -> UnsafeMutableRawPointer? {
      for full in ["\(name)", "scipy_\(name)", "scipy_\(name)64_", "\(name)64_"] {
        if let found = dlsym(handle, full) { return found }
      }
      return nil
    }
    guard let eigen = symbol("dsyevd_"), let singular = symbol("dgesdd_") else { return nil }
    self.path = path
    symmetricEigen = unsafeBitCast(eigen, to: SymmetricEigen.self)
    singularValues = unsafeBitCast(singular, to: SingularValues.self)
    threadCount = symbol("openblas_get_num_threads").map { unsafeBitCast($0, to: (@convention(c) () -> Int32).self) }
    setThreadCount = symbol("openblas_set_num_threads").map {
      unsafeBitCast($0, to: (@convention(c) (Int32) -> Void).self)
    }
  }
}

/// What LAPACK does for `lockstep doctor`.
package enum LinearAlgebraLibrary {
  /// The LAPACK library in use; throws, with what was tried, if there is none.
  package static var path: String { get throws { try LAPACK.shared.path } }
}
