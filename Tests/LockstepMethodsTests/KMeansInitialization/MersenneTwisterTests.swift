// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepMethods
import Testing

@Suite("Mersenne Twister")
struct MersenneTwisterTests {
  @Test("The first outputs for the published keys")
  func publishedOutputs() {
    var stream = MersenneTwister(keys: [0x123, 0x234, 0x345, 0x456])
    let words = (0..<10).map { _ in stream.nextWord() }
    #expect(
      words == [
        1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783, 4_228_976_476,
        3_344_332_714, 3_355_579_695, 227_628_506, 810_200_273, 2_591_290_167,
      ])
  }

  @Test("The last of the thousand published outputs")
  func publishedOutputAfterTwoStates() {
    var stream = MersenneTwister(keys: [0x123, 0x234, 0x345, 0x456])
    stream.discard(999)
    #expect(stream.nextWord() == 3_460_025_646)
  }

  @Test("The stream of one seed, across two changes of state")
  func oneSeed() {
    var stream = MersenneTwister(seed: 777_777)
    #expect(
      (0..<5).map { _ in stream.nextWord() } == [
        3_914_836_559, 422_862_356, 3_983_185_124, 3_070_841_092, 2_454_577_779,
      ])
    stream.discard(618)
    #expect((0..<3).map { _ in stream.nextWord() } == [4_207_452_760, 783_590_958, 2_320_247_682])
    stream.discard(1373)
    #expect((0..<3).map { _ in stream.nextWord() } == [3_347_906_381, 3_765_214_727, 955_329_901])
  }

  @Test("A seed of more than 32 bits makes two keys, the low half first")
  func longSeed() {
    #expect(MersenneTwister(seed: 0x1_0000_0002) == MersenneTwister(keys: [2, 1]))
    #expect(MersenneTwister(seed: 0xffff_ffff) == MersenneTwister(keys: [0xffff_ffff]))
  }

  @Test("More keys than words of state are all used")
  func manyKeys() {
    let keys = (0..<700).map { UInt32($0) }
    var stream = MersenneTwister(keys: keys)
    #expect((0..<3).map { _ in stream.nextWord() } == manyKeysOutputs)
    #expect(MersenneTwister(keys: keys) != MersenneTwister(keys: Array(keys.dropLast())))
  }

  @Test("Uniform numbers are the words over 2^32, exactly")
  func uniforms() {
    var words = MersenneTwister(seed: 5)
    var uniforms = words
    for _ in 0..<1000 {
      let word = words.nextWord()
      let uniform = uniforms.nextUniform()
      #expect(uniform * 4_294_967_296 == Double(word))
      #expect((0..<1).contains(uniform))
    }
  }

  @Test(
    "Integers are the floor of the scaled number, in exact arithmetic",
    arguments: [
      0..<1, 0..<1000, 5..<17, -3..<4, 0..<1 << 32, 0..<1 << 53, 7..<Int.max, Int.min..<Int.max, Int.min..<0,
    ])
  func integers(range: Range<Int>) {
    var words = MersenneTwister(seed: 99)
    var integers = words
    for _ in 0..<1000 {
      let product = (Int128(range.upperBound) - Int128(range.lowerBound)) * Int128(words.nextWord())
      let integer = integers.nextInteger(in: range)
      #expect(Int128(integer) == Int128(range.lowerBound) + product >> 32)
      #expect(range.contains(integer))
    }
  }

  @Test("Leaving outputs out is drawing them", arguments: [0, 1, 623, 624, 625, 1247, 1248, 1249, 5000])
  func discard(count: Int) {
    var drawn = MersenneTwister(seed: 42)
    for _ in 0..<10 { _ = drawn.nextWord() }
    var skipped = drawn
    for _ in 0..<count { _ = drawn.nextWord() }
    skipped.discard(count)
    #expect(drawn == skipped)
    #expect(drawn.nextWord() == skipped.nextWord())
  }

  @Test("A copy continues on its own, and so does an encoded stream")
  func copies() throws {
    var stream = MersenneTwister(seed: 42)
    stream.discard(1000)
    var copy = stream
    var decoded = try JSONDecoder().decode(MersenneTwister.self, from: JSONEncoder().encode(stream))
    #expect(decoded == stream)
    let words = (0..<1000).map { _ in stream.nextWord() }
    #expect((0..<1000).map { _ in copy.nextWord() } == words)
    #expect((0..<1000).map { _ in decoded.nextWord() } == words)
  }

  @Test("A state that no seed leads to is refused")
  func badStates() {
    func decode(words: Int, value: Int, position: Int) throws -> MersenneTwister {
      let state = Array(repeating: "\(value)", count: words).joined(separator: ",")
      let text = "{\"state\":[\(state)],\"position\":\(position)}"
      return try JSONDecoder().decode(MersenneTwister.self, from: Data(text.utf8))
    }
    #expect(throws: DecodingError.self) { try decode(words: 623, value: 1, position: 0) }
    #expect(throws: DecodingError.self) { try decode(words: 624, value: 1, position: 625) }
    #expect(throws: DecodingError.self) { try decode(words: 624, value: 1, position: -1) }
    #expect(throws: DecodingError.self) { try decode(words: 624, value: 0, position: 0) }
    #expect(throws: Never.self) { try decode(words: 624, value: 1, position: 624) }
  }

  private let manyKeysOutputs: [UInt32] = [3_727_595_200, 1_914_792_892, 3_929_396_303]
}
