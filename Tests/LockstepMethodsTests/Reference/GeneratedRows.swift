// SPDX-License-Identifier: Apache-2.0

/// Rows made by a generator of a few lines, the same as in `Scripts/golden/generated_rows.py`, bit for bit.
struct GeneratedRows: Decodable {
  var rows: Int
  var columns: Int
  var seed: UInt64
  var groups: Int
  var box: Double
  var spread: Double
  var offset: Double
  var whole: Bool

  /// The entries, row after row.
  func elements() -> [Double] {
    var source = SplitMix64(state: seed)
    let anchors = (0..<groups * columns).map { _ in (source.uniform() - 0.5) * box }
    var elements: [Double] = []
    elements.reserveCapacity(rows * columns)
    for _ in 0..<rows {
      let group = Int((source.word() >> 11) % UInt64(groups))
      for column in 0..<columns {
        let entry = (anchors[group * columns + column] + source.bell() * spread) + offset
        elements.append(whole ? entry.rounded(.toNearestOrEven) : entry)
      }
    }
    return elements
  }

  /// FNV-1a over the bytes of `elements`, as 16 hexadecimal digits.
  static func digest(_ elements: [Double]) -> String {
    var value: UInt64 = 0xcbf2_9ce4_8422_2325
    for element in elements {
      for shift in stride(from: UInt64(0), to: 64, by: 8) {
        value = (value ^ (element.bitPattern >> shift & 0xff)) &* 0x100_0000_01b3
      }
    }
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

/// The SplitMix64 generator of Sebastiano Vigna and the numbers made of it.
private struct SplitMix64 {
  var state: UInt64

  mutating func word() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = (state ^ (state >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }

  mutating func uniform() -> Double {
    Double(word() >> 11) * 0x1p-53
  }

  mutating func bell() -> Double {
    let first = uniform() + uniform()
    let second = uniform() + uniform()
    return (first + second) - 2
  }
}
