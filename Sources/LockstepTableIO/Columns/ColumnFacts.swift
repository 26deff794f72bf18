// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// How many values of a column were missing.
public struct MissingCount: Codable, Hashable, Sendable {
  /// The column's name, or its number in the file, from 0, if it has none.
  public var column: String
  /// The number of missing values, those of rows that were left out included.
  public var count: Int

  /// A count of a column.
  public init(column: String, count: Int) {
    self.column = column
    self.count = count
  }

  /// The sums over several lists, in the order in which the columns come up.
  public static func sums(_ lists: [[MissingCount]]) -> [MissingCount] {
    var sums: [MissingCount] = []
    var places: [String: Int] = [:]
    for one in lists.joined() {
      if let place = places[one.column] {
        sums[place].count += one.count
      } else {
        places[one.column] = sums.count
        sums.append(one)
      }
    }
    return sums
  }

  /// Those of `counts` that are not 0, by the columns' names or numbers.
  static func found(_ counts: [Int], columns: [Int], names: [String]?) -> [MissingCount] {
    zip(columns, counts).filter { $1 > 0 }.map { column, count in
      MissingCount(column: names?[column] ?? "\(column)", count: count)
    }
  }
}

/// What the values of a column of text looked like.
struct ValueKinds: OptionSet, Codable, Hashable, Sendable {
  let rawValue: UInt8
  static let numbers = ValueKinds(rawValue: 1)
  static let dates = ValueKinds(rawValue: 2)

  /// What either list says.
  static func union(_ a: [ValueKinds], _ b: [ValueKinds]) -> [ValueKinds] {
    (0..<max(a.count, b.count)).map { i in
      (i < a.count ? a[i] : []).union(i < b.count ? b[i] : [])
    }
  }

  /// The first file with a value of each kind.
  struct Files: Codable, Hashable, Sendable {
    var dates: String?
    var numbers: String?

    /// Those of files of which the first have `kinds`.
    init(_ kinds: ValueKinds, in file: String) {
      dates = kinds.contains(.dates) ? file : nil
      numbers = kinds.contains(.numbers) ? file : nil
    }

    /// Those of two lists of files.
    static func union(_ a: [Files], _ b: [Files]) -> [Files] {
      guard !a.isEmpty else { return b }
      var all = a
      for i in all.indices where i < b.count {
        all[i].dates = all[i].dates ?? b[i].dates
        all[i].numbers = all[i].numbers ?? b[i].numbers
      }
      return all
    }
  }

  /// Throws if a column holds both dates and numbers: seconds since 1970 and other numbers make no sense together.
  static func check(_ kinds: [ValueKinds], names: [String]?, file: String? = nil, files: [Files] = []) throws {
    guard let column = kinds.firstIndex(of: [.numbers, .dates]) else { return }
    let name = names.flatMap { column < $0.count ? "\"\($0[column])\"" : nil } ?? "\(column)"
    if column < files.count, let dates = files[column].dates, let numbers = files[column].numbers {
      throw LockstepError(
        .malformedInput,
        dates == numbers
          ? "column \(name) holds dates in some rows and numbers in others"
          : "column \(name) holds numbers, and dates in \(dates)",
        remedy: "write all of them alike, or leave the column out with \(option: .columns)", place: .init(file: numbers)
      )
    }
    throw LockstepError(
      .malformedInput, "column \(name) holds dates in some rows and numbers in others",
      remedy: "write all of them alike, or leave the column out with \(option: .columns)",
      place: file.map { .init(file: $0) })
  }
}
