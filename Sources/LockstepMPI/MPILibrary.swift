// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// An MPI library that is loaded into this process.
struct MPILibrary: Sendable {
  /// Where the loader found it.
  let path: String
  let abi: MPIABI
  let constants: MPIConstants
  let functions: MPIFunctions

  /// What opening a library came to, for those who are told why no library was found.
  enum Failure: Error {
    case notLoaded(String)
    case notMPI(String)
  }

  /// Loads the library of that path or name, with its symbols visible to others, as Open MPI's plugins expect.
  ///
  /// - Parameters:
  ///   - name: The path, or a name for the system's loader.
  ///   - onlyIfLoaded: Whether to fail, rather than load it, if this process does not have it yet.
  /// - Throws: ``Failure`` with the loader's words.
  init(opening name: String, onlyIfLoaded: Bool = false) throws(Failure) {
    let flags = RTLD_NOW | RTLD_GLOBAL | (onlyIfLoaded ? RTLD_NOLOAD : 0)
    // Never closed: MPI libraries leave threads and exit handlers behind.
    guard let library = dlopen(name, flags) else {
      throw .notLoaded(dlerror().map { String(cString: $0) } ?? "not loaded")
    }
    func symbol(_ name: String) throws(Failure) -> UnsafeMutableRawPointer {
      guard let address = dlsym(library, name) else {
        throw .notMPI(dlerror().map { String(cString: $0) } ?? "it has no symbol \(name)")
      }
      return address
    }
    func table() throws -> MPIFunctions { try MPIFunctions(symbol: symbol) }

    let initThread = try symbol("MPI_Init_thread")
    path = ProcessFacts.file(ofAddress: initThread) ?? name
    abi = Self.abi(path: path, isOpenMPI: dlsym(library, "ompi_mpi_comm_world") != nil)
    do {
      switch abi {
      case .mpich: constants = .mpich
      case .standard: constants = .standard
      case .openMPI: constants = try .openMPI { Int(bitPattern: try symbol($0)) }
      }
      functions = try table()
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .notMPI(String(describing: error))
    }
  }

  /// The ABI of a library, from its file name and the one symbol that tells Open MPI.
  ///
  /// `MPI_Abi_get_version` tells nothing: MPICH 5 and Intel MPI export it from the library with the old ABI as well.
  static func abi(path: String, isOpenMPI: Bool) -> MPIABI {
    if isOpenMPI { return .openMPI }
    let name = path.split(separator: "/").last ?? ""
    return name.hasPrefix("libmpi_abi") ? .standard : .mpich
  }

  /// The first line of what the library says it is, for instance "Open MPI v4.1.4, package: …".
  func versionText() -> String {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 8192 + 1) { buffer -> String in
      buffer.initialize(repeating: 0)
      guard let start = buffer.baseAddress else { return "" }
      var length: Int32 = 0
      guard functions.libraryVersion(start, &length) == 0 else { return "" }
      return String(cString: start)
    }
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "unknown"
    // MPICH writes "MPICH Version:      4.0.2".
    return line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }

  /// Throws what MPI says about `status` unless it is success.
  func check(_ status: Int32, _ call: String) throws {
    guard status != 0 else { return }
    throw LockstepError(.communication, "\(call) failed", cause: errorText(status))
  }

  private func errorText(_ status: Int32) -> String {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512 + 1) { buffer in
      buffer.initialize(repeating: 0)
      var length: Int32 = 0
      guard let start = buffer.baseAddress, functions.errorString(status, start, &length) == 0 else {
        return "error \(status)"
      }
      return String(cString: start)
    }
  }
}
