// SPDX-License-Identifier: Apache-2.0

/// Deals files to processes without changing their order.
enum FileDealing {
  /// Runs of at least one file for each of `count` ≤ n processes, such that the largest run has as few bytes as possible.
  static func runs(byteCounts: [Int], count: Int) -> [Range<Int>] {
    precondition(count >= 1 && count <= byteCounts.count, "\(byteCounts.count) files do not make \(count) runs")
    // The smallest limit that greedy filling keeps to with no more than `count` runs.
    var low = byteCounts.max() ?? 0
    var high = byteCounts.reduce(0, +)
    while low < high {
      let limit = low + (high - low) / 2
      var runCount = 1
      var filled = 0
      for byteCount in byteCounts {
        if filled + byteCount > limit {
          runCount += 1
          filled = 0
        }
        filled += byteCount
      }
      if runCount <= count { high = limit } else { low = limit + 1 }
    }
    var runs: [Range<Int>] = []
    var start = 0
    for run in 0..<count {
      var end = start + 1
      var filled = byteCounts[start]
      // A file is left for each run to come, and the last run takes what there is.
      while end < byteCounts.count - (count - run - 1), filled + byteCounts[end] <= low {
        filled += byteCounts[end]
        end += 1
      }
      runs.append(start..<end)
      start = end
    }
    return runs
  }

  /// The number of processes, at least one, that share each of n ≤ `total` files, such that the largest share is smallest.
  static func processCounts(byteCounts: [Int], total: Int) -> [Int] {
    precondition(byteCounts.count <= total, "\(byteCounts.count) files for \(total) processes")
    var counts = [Int](repeating: 1, count: byteCounts.count)
    for _ in byteCounts.count..<total {
      var largest = 0
      for i in counts.indices.dropFirst()
      where Double(byteCounts[i]) / Double(counts[i]) > Double(byteCounts[largest]) / Double(counts[largest]) {
        largest = i
      }
      counts[largest] += 1
    }
    return counts
  }
}
