// SPDX-License-Identifier: Apache-2.0

/// The Mersenne Twister MT19937: the random stream of k-means initialization.
///
/// It is here because the initial centroids of a given seed are part of the contract: daal4py draws them from this
/// generator, seeded by `init_by_array([seed])`, one 32-bit output `y` for each number `u = y / 2^32`. The state is a
/// value: a copy continues on its own, and an encoded stream resumes where it stopped.
///
/// Source: M. Matsumoto and T. Nishimura, *Mersenne Twister: a 623-dimensionally equidistributed uniform pseudo-random
/// number generator*, ACM TOMACS 8(1), 1998; the seeding is theirs of 2002.
package struct MersenneTwister: Equatable, Sendable {
  /// The words of the state, `wordCount` of them.
  private var state: [UInt32]
  /// How many words of the current state have been given out; `wordCount` asks for the next state.
  private var position: Int

  /// The degree of the recurrence.
  private static let wordCount = 624
  /// The distance at which the recurrence looks ahead.
  private static let middle = 397

  /// The seed that daal4py takes where none is given.
  package static let defaultSeed: UInt64 = 777_777

  /// The stream of one seed: `init_by_array([seed])` as in daal4py for a seed of 32 bits, and
  /// `init_by_array([low half, high half])` for a longer one.
  package init(seed: UInt64) {
    let low = UInt32(truncatingIfNeeded: seed)
    let high = UInt32(seed >> 32)
    self.init(keys: high == 0 ? [low] : [low, high])
  }

  /// The stream of an array of keys: `init_by_array(keys)`.
  ///
  /// - Precondition: there is a key.
  package init(keys: [UInt32]) {
    precondition(!keys.isEmpty, "MersenneTwister needs one key at least")
    let count = Self.wordCount
    var words: [UInt32] = [19_650_218]
    words.reserveCapacity(count)
    for i in 1..<count {
      words.append(1_812_433_253 &* (words[i - 1] ^ (words[i - 1] >> 30)) &+ UInt32(i))
    }
    // Both passes walk the words 1 ... 623 round and round; word 0 mirrors word 623 whenever the walk wraps.
    var index = 1
    func advance() {
      index += 1
      if index == count {
        words[0] = words[count - 1]
        index = 1
      }
    }
    for step in 0..<max(count, keys.count) {
      let mixed = words[index] ^ ((words[index - 1] ^ (words[index - 1] >> 30)) &* 1_664_525)
      words[index] = mixed &+ keys[step % keys.count] &+ UInt32(truncatingIfNeeded: step % keys.count)
      advance()
    }
    for _ in 1..<count {
      let mixed = words[index] ^ ((words[index - 1] ^ (words[index - 1] >> 30)) &* 1_566_083_941)
      words[index] = mixed &- UInt32(index)
      advance()
    }
    words[0] = 0x8000_0000
    state = words
    position = count
  }

  /// The next 32-bit output.
  package mutating func nextWord() -> UInt32 {
    if position == Self.wordCount { advanceState() }
    var word = state[position]
    position += 1
    word ^= word >> 11
    word ^= (word << 7) & 0x9d2c_5680
    word ^= (word << 15) & 0xefc6_0000
    word ^= word >> 18
    return word
  }

  /// The next number `u = y / 2^32` of `[0, 1)`, exact: a multiple of 2^-32.
  package mutating func nextUniform() -> Double {
    Double(nextWord()) * 0x1p-32
  }

  /// The next integer of `range`, `a + ⌊(b - a) · y / 2^32⌋`, in exact arithmetic.
  ///
  /// One output is used whatever the range. The result is uniform up to a relative deviation of `(b - a) / 2^32`, and a
  /// range longer than 2^32 is only hit at 2^32 of its members.
  ///
  /// - Precondition: the range is not empty.
  package mutating func nextInteger(in range: Range<Int>) -> Int {
    precondition(!range.isEmpty, "no integer to draw from \(range)")
    // The width of a range of Int may pass Int.max: the subtraction is done modulo 2^64, where it is exact.
    let width = UInt64(bitPattern: Int64(range.upperBound &- range.lowerBound))
    let product = width.multipliedFullWidth(by: UInt64(nextWord()))
    let offset = product.high << 32 | product.low >> 32
    return range.lowerBound &+ Int(Int64(bitPattern: offset))
  }

  /// Leaves out the next `count` outputs.
  ///
  /// - Complexity: O(count), a nanosecond or two each.
  package mutating func discard(_ count: Int) {
    precondition(count >= 0, "cannot step back \(-count) outputs")
    var remaining = count
    while remaining > Self.wordCount - position {
      remaining -= Self.wordCount - position
      advanceState()
    }
    position += remaining
  }

  /// Replaces the state by the next 624 words of the recurrence.
  private mutating func advanceState() {
    let count = Self.wordCount
    let middle = Self.middle
    state.withUnsafeMutableBufferPointer { words in
      for i in 0..<count {
        let next = words[i + 1 < count ? i + 1 : 0]
        let ahead = words[i + middle < count ? i + middle : i + middle - count]
        let joined = (words[i] & 0x8000_0000) | (next & 0x7fff_ffff)
        words[i] = ahead ^ (joined >> 1) ^ (joined & 1 == 0 ? 0 : 0x9908_b0df)
      }
    }
    position = 0
  }
}

extension MersenneTwister: Codable {
  private enum CodingKeys: String, CodingKey {
    case state
    case position
  }

  /// Reads a stream; a state that no seed leads to is refused.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    state = try container.decode([UInt32].self, forKey: .state)
    position = try container.decode(Int.self, forKey: .position)
    guard state.count == Self.wordCount, (0...Self.wordCount).contains(position) else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath,
          debugDescription: "a Mersenne Twister has 624 words and a position of 0 to 624, not \(state.count) words "
            + "and position \(position)"))
    }
    // Only the top bit of word 0 belongs to the state; with it and all other words zero, the stream is all zeros.
    guard state[0] & 0x8000_0000 != 0 || state.dropFirst().contains(where: { $0 != 0 }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "a Mersenne Twister cannot start from zeros"))
    }
  }
}
