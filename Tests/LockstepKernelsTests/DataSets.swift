// SPDX-License-Identifier: Apache-2.0

/// A small generator with a fixed sequence for each seed (SplitMix64).
struct Generator: RandomNumberGenerator {
  var state: UInt64

  init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// About normal: the sum of twelve uniform numbers less six.
  mutating func normal() -> Double {
    (0..<12).reduce(-6) { sum, _ in sum + Double.random(in: 0..<1, using: &self) }
  }
}

/// Kinds of rows on which bounds, ties and rounding behave differently.
enum DataKind: CaseIterable {
  case clustered, uniform, duplicates, grid, farAway, farApart, nearlyEqual

  func rows(count: Int, columnCount p: Int, seed: Int) -> [Double] {
    var generator = Generator(seed: seed)
    var rows: [Double] = []
    rows.reserveCapacity(count * p)
    let centres = (0..<max(2, count / 20) * p).map { _ in 10 * generator.normal() }
    for _ in 0..<count {
      let centre = Int.random(in: 0..<centres.count / p, using: &generator) * p
      for j in 0..<p {
        switch self {
        case .clustered: rows.append(centres[centre + j] + generator.normal())
        case .uniform: rows.append(Double.random(in: -1..<1, using: &generator))
        case .duplicates: rows.append(centres[centre + j])
        case .grid: rows.append(Double(Int.random(in: 0..<3, using: &generator)))
        case .farAway: rows.append(1e6 + generator.normal())
        // Two clumps: scores lose what sets the centroids of one clump apart, so rounding decides some labels.
        case .farApart: rows.append((centre / p % 2 == 0 ? 1e7 : -1e7) + generator.normal())
        // Distances differ in the last few bits only.
        case .nearlyEqual: rows.append(1 + 1e-15 * Double(Int.random(in: -2...2, using: &generator)))
        }
      }
    }
    return rows
  }
}

/// The means of the columns of some centroids: a shift for them.
func columnMeans(_ centroids: [Double], columnCount p: Int) -> [Double] {
  let k = centroids.count / p
  return (0..<p).map { j in
    var sum = 0.0
    for c in 0..<k { sum += centroids[c * p + j] }
    return sum / Double(k)
  }
}

/// Rows spread evenly over the whole.
func startingCentroids(_ rows: [Double], clusterCount k: Int, columnCount p: Int) -> [Double] {
  let n = rows.count / p
  var centroids: [Double] = []
  for c in 0..<k {
    let first = c * n / k * p
    centroids += rows[first..<first + p]
  }
  return centroids
}
