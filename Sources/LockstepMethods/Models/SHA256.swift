// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTableIO

/// SHA-256 (FIPS 180-4) of bytes that arrive piece by piece, by a cryptography library of the system.
///
/// The library is loaded at run time, once: OpenSSL's `libcrypto`, or else `libgcrypt`.
package final class SHA256 {
  /// The number of bytes of a digest.
  package static let byteCount = 32

  private let library: any SHA256Library
  private let state: OpaquePointer

  /// Begins a digest of no bytes.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if neither library is installed.
  package convenience init() throws { try self.init(library: SHA256.library.get()) }

  /// Begins a digest that `library` computes.
  init(library: any SHA256Library) throws {
    self.library = library
    state = try library.makeState()
  }

  deinit { library.free(state) }

  /// Absorbs the bytes.
  package func update(_ bytes: UnsafeRawBufferPointer) throws { try library.update(state, bytes) }

  /// The digest of all bytes so far, as `sha256:` and 64 hexadecimal digits; the last thing to ask for.
  package func finalize() throws -> String {
    var digits = "sha256:"
    for byte in try library.finalize(state) {
      if byte < 16 { digits += "0" }
      digits += String(byte, radix: 16)
    }
    return digits
  }
}

extension SHA256 {
  /// The library of this process, or why there is none.
  private static let library = load()

  /// The name and version of the library that computes digests here.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if neither library is installed.
  package static func libraryName() throws -> String { try library.get().name }

  /// Loads the first library that is there and has what is needed.
  static func load(
    openSSL: [String] = OpenSSLDigest.names, libgcrypt: [String] = LibgcryptDigest.names
  ) -> Result<any SHA256Library, LockstepError> {
    do { return .success(try OpenSSLDigest(openSSL)) } catch let first {
      do { return .success(try LibgcryptDigest(libgcrypt)) } catch let second {
        let causes = [first, second].compactMap { LockstepError(wrapping: $0).cause }
        return .failure(
          LockstepError(
            .missingLibrary, "the digest of a model needs OpenSSL's libcrypto or libgcrypt, and neither was found",
            remedy: "install one (apt-get install libssl3, which newer releases call libssl3t64)",
            cause: causes.joined(separator: "; ")))
      }
    }
  }
}

/// A library that has SHA-256.
protocol SHA256Library: Sendable {
  /// Its name and version.
  var name: String { get }
  /// A digest of no bytes.
  func makeState() throws -> OpaquePointer
  /// Absorbs bytes.
  func update(_ state: OpaquePointer, _ bytes: UnsafeRawBufferPointer) throws
  /// The digest; nothing may be absorbed after it.
  func finalize(_ state: OpaquePointer) throws -> [UInt8]
  /// Releases what `makeState` gave.
  func free(_ state: OpaquePointer)
}

/// OpenSSL 1.1 or later.
struct OpenSSLDigest: SHA256Library {
  static let names = ["libcrypto.so.3", "libcrypto.so.1.1"]

  private typealias Version = @convention(c) (Int32) -> UnsafePointer<CChar>
  private typealias Algorithm = @convention(c) () -> OpaquePointer?
  private typealias Create = @convention(c) () -> OpaquePointer?
  private typealias Begin = @convention(c) (OpaquePointer, OpaquePointer?, OpaquePointer?) -> Int32
  private typealias Update = @convention(c) (OpaquePointer, UnsafeRawPointer?, Int) -> Int32
  private typealias Finalize =
    @convention(c) (OpaquePointer, UnsafeMutablePointer<UInt8>, UnsafeMutablePointer<UInt32>?) -> Int32
  private typealias Free = @convention(c) (OpaquePointer?) -> Void

  let name: String
  private let algorithm: Algorithm
  private let create: Create
  private let begin: Begin
  private let absorb: Update
  private let end: Finalize
  private let release: Free

  init(_ names: [String] = names) throws {
    let library = try SystemLibrary(names, for: "SHA-256", remedy: "install OpenSSL")
    algorithm = try library.function("EVP_sha256", as: Algorithm.self)
    create = try library.function("EVP_MD_CTX_new", as: Create.self)
    begin = try library.function("EVP_DigestInit_ex", as: Begin.self)
    absorb = try library.function("EVP_DigestUpdate", as: Update.self)
    end = try library.function("EVP_DigestFinal_ex", as: Finalize.self)
    release = try library.function("EVP_MD_CTX_free", as: Free.self)
    name = String(cString: try library.function("OpenSSL_version", as: Version.self)(0))
  }

  func makeState() throws -> OpaquePointer {
    guard let state = create() else { throw Self.failure }
    guard begin(state, algorithm(), nil) == 1 else {
      release(state)
      throw Self.failure
    }
    return state
  }

  func update(_ state: OpaquePointer, _ bytes: UnsafeRawBufferPointer) throws {
    guard absorb(state, bytes.baseAddress, bytes.count) == 1 else { throw Self.failure }
  }

  func finalize(_ state: OpaquePointer) throws -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: SHA256.byteCount)
    guard end(state, &digest, nil) == 1 else { throw Self.failure }
    return digest
  }

  func free(_ state: OpaquePointer) { release(state) }

  private static var failure: LockstepError {
    LockstepError(
      .missingLibrary, "OpenSSL's libcrypto refuses to compute SHA-256", remedy: "look at its configuration")
  }
}

/// GnuPG's cryptography library.
struct LibgcryptDigest: SHA256Library {
  static let names = ["libgcrypt.so.20"]

  private typealias Check = @convention(c) (UnsafePointer<CChar>?) -> UnsafePointer<CChar>?
  private typealias Open = @convention(c) (UnsafeMutablePointer<OpaquePointer?>, Int32, UInt32) -> UInt32
  private typealias Write = @convention(c) (OpaquePointer, UnsafeRawPointer?, Int) -> Void
  private typealias Read = @convention(c) (OpaquePointer, Int32) -> UnsafePointer<UInt8>?
  private typealias Close = @convention(c) (OpaquePointer) -> Void

  /// `GCRY_MD_SHA256`.
  private static let algorithm: Int32 = 8

  let name: String
  private let open: Open
  private let write: Write
  private let read: Read
  private let close: Close

  init(_ names: [String] = names) throws {
    let library = try SystemLibrary(names, for: "SHA-256", remedy: "install libgcrypt")
    open = try library.function("gcry_md_open", as: Open.self)
    write = try library.function("gcry_md_write", as: Write.self)
    read = try library.function("gcry_md_read", as: Read.self)
    close = try library.function("gcry_md_close", as: Close.self)
    // The call also initializes the library, and must come before any other.
    guard let version = try library.function("gcry_check_version", as: Check.self)(nil) else {
      throw LockstepError(.missingLibrary, "libgcrypt cannot be initialized")
    }
    name = "libgcrypt " + String(cString: version)
  }

  func makeState() throws -> OpaquePointer {
    var state: OpaquePointer?
    guard open(&state, Self.algorithm, 0) == 0, let state else { throw Self.failure }
    return state
  }

  func update(_ state: OpaquePointer, _ bytes: UnsafeRawBufferPointer) throws {
    guard let start = bytes.baseAddress else { return }
    write(state, start, bytes.count)
  }

  func finalize(_ state: OpaquePointer) throws -> [UInt8] {
    guard let digest = read(state, Self.algorithm) else { throw Self.failure }
    return Array(UnsafeBufferPointer(start: digest, count: SHA256.byteCount))
  }

  func free(_ state: OpaquePointer) { close(state) }

  private static var failure: LockstepError {
    LockstepError(.missingLibrary, "libgcrypt refuses to compute SHA-256", remedy: "look at its configuration")
  }
}
