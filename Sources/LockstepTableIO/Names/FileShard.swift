// SPDX-License-Identifier: Apache-2.0

/// Part `index` of `count` of a file that several processes share: the rows that begin in its range of bytes (CSV), or its
/// share of the rows (NPY).
///
/// The parts in order make up the whole, each row once. Part i of n has the bytes from ⌊size·i/n⌋ to ⌊size·(i+1)/n⌋.
package struct FileShard: Codable, Hashable, Sendable {
  /// The number of this part, from 0.
  package let index: Int
  /// The number of parts.
  package let count: Int

  /// Creates part `index` of `count`.
  ///
  /// - Precondition: 0 ≤ `index` < `count`.
  package init(index: Int, count: Int) {
    precondition(count >= 1 && index >= 0 && index < count, "there is no part \(index) of \(count)")
    self.index = index
    self.count = count
  }

  /// The whole file.
  package static let whole = FileShard(index: 0, count: 1)

  /// No rows of a file of less than 2³⁹ bytes, only its columns.
  static let none = FileShard(index: 1, count: 1 << 40)

  /// This part's share of `total` things that are numbered from 0.
  package func range(of total: Int) -> Range<Int> {
    // total · index may exceed a word, total / count · index may not.
    func cut(_ i: Int) -> Int { total / count * i + total % count * i / count }
    return cut(index)..<cut(index + 1)
  }

  /// This part of `total` bytes in pieces of at most `byteCount`; none if there is nothing.
  func spans(of total: Int, byteCount: Int) -> [Range<Int>] {
    let all = range(of: total)
    return stride(from: all.lowerBound, to: all.upperBound, by: byteCount).map {
      $0..<$0 + min(byteCount, all.upperBound - $0)
    }
  }
}
