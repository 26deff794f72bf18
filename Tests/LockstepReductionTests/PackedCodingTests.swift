// SPDX-License-Identifier: Apache-2.0

import Lockstep
import Testing

@Suite struct PackedCodingTests {
  struct Everything: Codable, Equatable {
    enum Choice: Codable, Equatable {
      case plain
      case loaded(Int, name: String)
    }
    struct Inner: Codable, Equatable {
      var text: String
      var maybe: Double?
    }
    var flag = true
    var int = -5
    var wide = UInt64.max
    var small = Int8.min
    var single: Float = 1.5
    var text = "Grüße, \u{1F600}"
    var doubles = [1.0, -0.0, .infinity, .leastNonzeroMagnitude]
    var floats: [Float] = [1, 2]
    var labels: [Int32] = [3, -4]
    var empty: [Double] = []
    var nothing: String?
    var something: Int? = 7
    var choice = Choice.loaded(4, name: "x")
    var plain = Choice.plain
    var nested = [Inner(text: "a", maybe: nil), Inner(text: "", maybe: 2)]
    var table = ["k": [1, 2, 3]]
    var optionals: [Int?] = [1, nil, 3]
  }

  @Test func everyKindOfValueComesBack() throws {
    let value = Everything()
    #expect(try PackedDecoder().decode(Everything.self, from: PackedEncoder().encode(value)) == value)
  }

  /// Writes its nil as a value, as types do whose names must all be seen in JSON.
  struct Explicit: Codable, Equatable {
    var count: Int?
    var names: [String]?

    init(count: Int?, names: [String]?) { (self.count, self.names) = (count, names) }
    init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      count = try container.decodeIfPresent(Int.self, forKey: .count)
      names = try container.decode([String]?.self, forKey: .names)
    }
    func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(count, forKey: .count)
      try container.encode(names, forKey: .names)
    }
    enum CodingKeys: String, CodingKey { case count, names }
  }

  @Test func aNilWrittenAsAValueComesBack() throws {
    for value in [Explicit(count: nil, names: nil), Explicit(count: 3, names: ["a", ""])] {
      #expect(try PackedDecoder().decode(Explicit.self, from: PackedEncoder().encode(value)) == value)
    }
  }

  @Test func aNaNKeepsItsBits() throws {
    let odd = Double(bitPattern: 0x7FF8_0000_DEAD_BEEF)
    let back: [Double] = try PackedDecoder().decode(from: PackedEncoder().encode([odd]))
    #expect(back[0].bitPattern == odd.bitPattern)
  }

  @Test func arraysTravelAsTheirBytes() throws {
    #expect(try PackedEncoder().encode([1.0, 2.0, 3.0]).count == 24)
  }

  @Test func damagedMessagesAreErrorsAndNeverCrash() throws {
    let good = try PackedEncoder().encode(Everything())
    for length in 0..<good.count {
      #expect(throws: LockstepError.self) {
        try PackedDecoder().decode(Everything.self, from: Array(good.prefix(length)))
      }
    }
    for i in good.indices {
      var bad = good
      bad[i] ^= 0xFF
      // May still be a value (another number, another text), but must not trap.
      _ = try? PackedDecoder().decode(Everything.self, from: bad)
    }
  }

  @Test func aMissingFieldIsNamed() throws {
    struct Old: Codable { var a = 1 }
    struct New: Codable { var b = 1 }
    let bytes = try PackedEncoder().encode(Old())
    let error = #expect(throws: LockstepError.self) { try PackedDecoder().decode(New.self, from: bytes) }
    #expect(error?.code == .communication)
    #expect(error?.cause?.contains("b") == true)
  }
}
