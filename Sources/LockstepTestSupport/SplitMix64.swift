// SPDX-License-Identifier: Apache-2.0

/// A small generator for repeatable test data (Steele, Lea & Flood 2014).
public struct SplitMix64: RandomNumberGenerator, Sendable {
  /// The state, which is the seed before the first draw.
  public var state: UInt64

  /// A generator that starts from a seed.
  public init(state: UInt64) { self.state = state }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
