// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import Testing

@testable import LockstepMethods

@Suite struct SHA256Tests {
  /// A library that is to be tested, loaded by itself.
  static let libraries: [(name: String, load: @Sendable () throws -> any SHA256Library)] = [
    ("OpenSSL", { try OpenSSLDigest() }), ("libgcrypt", { try LibgcryptDigest() }),
  ]

  /// Messages with their digests: the examples of FIPS 180-4 that NIST publishes, and those of its test vectors (SHA256ShortMsg.rsp)
  /// that have no byte, one, and a whole block.
  static let vectors: [(message: [UInt8], digest: String)] = [
    ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ([0xd3], "28969cdfa74a12c82f3bad960b0b000aca2ac329deea5c2328ebc6f2ba9802c1"),
    (Array("abc".utf8), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8),
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      Array(
        "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"
          .utf8),
      "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"
    ),
    (Array(repeating: 0x61, count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
  ]

  @Test(arguments: libraries.indices) func agreesWithNIST(index: Int) throws {
    let library: any SHA256Library
    do { library = try Self.libraries[index].load() } catch let error as LockstepError {
      try Test.cancel("\(Self.libraries[index].name) is not installed: \(error)")
    }
    #expect(library.name.contains(Self.libraries[index].name))
    for (message, digest) in Self.vectors {
      for pieceCount in [1, 3] {
        let hash = try SHA256(library: library)
        for piece in 0..<pieceCount {
          let part = message[message.count * piece / pieceCount..<message.count * (piece + 1) / pieceCount]
          try part.withUnsafeBytes(hash.update)
        }
        #expect(try hash.finalize() == "sha256:" + digest, "\(message.count) bytes in \(pieceCount) pieces")
      }
    }
  }

  @Test func takesLibgcryptWhereThereIsNoOpenSSL() throws {
    guard (try? LibgcryptDigest()) != nil else { try Test.cancel("libgcrypt is not installed") }
    #expect(try SHA256.load(openSSL: ["libnowhere.so.1"]).get().name.hasPrefix("libgcrypt"))
  }

  @Test func namesThePackageWhereThereIsNone() {
    #expect {
      try SHA256.load(openSSL: ["libnowhere.so.1"], libgcrypt: ["libnowhere.so.2"]).get()
    } throws: { error in
      let error = error as? LockstepError
      #expect(error?.code == .missingLibrary)
      #expect(error?.remedy?.contains("apt-get install libssl3") == true)
      #expect(error?.cause?.contains("libnowhere.so.1") == true && error?.cause?.contains("libnowhere.so.2") == true)
      return true
    }
  }
}
