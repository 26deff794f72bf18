// SPDX-License-Identifier: Apache-2.0

/// The Levenshtein distance: the least number of characters to insert, delete or replace.
enum EditDistance {
  /// The distance between two words, without regard to case.
  static func between(_ a: String, _ b: String) -> Int {
    let a = Array(a.lowercased())
    let b = Array(b.lowercased())
    var row = Array(0...b.count)
    for i in a.indices {
      var diagonal = row[0]
      row[0] = i + 1
      for j in b.indices {
        let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(replaced, diagonal + 1, row[j] + 1)
      }
    }
    return row[b.count]
  }

  /// The first of the words nearest to `word`, if it is near enough to be what was meant.
  static func nearest(to word: String, in words: [String]) -> String? {
    let distances = words.map { between(word, $0) }
    guard let least = distances.min(), least <= max(1, word.count / 3), let index = distances.firstIndex(of: least)
    else { return nil }
    return words[index]
  }
}
