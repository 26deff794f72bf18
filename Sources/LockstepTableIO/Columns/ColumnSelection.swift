// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Columns chosen by name, by number from 0, or by ranges of numbers, in the order given.
///
/// ```swift
/// try ColumnSelection(parsing: "price,3-7,0")
/// ColumnSelection(names: ["temp", "wind, max"])
/// ```
public struct ColumnSelection: Codable, Hashable, Sendable {
  /// The names, numbers and ranges; `nil` for all columns, or the last one.
  private var items: [String]?
  private(set) var isLast = false

  /// All columns.
  public static let all = ColumnSelection()
  /// The last column that is not chosen for another purpose.
  public static let last = ColumnSelection(isLast: true)

  private init(isLast: Bool = false) { self.isLast = isLast }

  /// The columns with these names.
  public init(names: [String]) { items = names }

  /// The columns with these numbers, from 0.
  public init(numbers: [Int]) { items = numbers.map(String.init) }

  /// Reads a list of names, numbers and ranges, `price,3-7,0` for example.
  ///
  /// An item with a comma in it is enclosed in double quotes.
  ///
  /// - Throws: `LockstepError` with code `.usage` if an item is empty.
  public init(parsing list: String) throws {
    var items: [String] = []
    var item = ""
    var isQuoted = false
    for character in list {
      if character == "\"" {
        isQuoted.toggle()
      } else if character == ",", !isQuoted {
        items.append(item)
        item = ""
      } else {
        item.append(character)
      }
    }
    items.append(item)
    items = items.map(ColumnSelection.trimmed)
    guard !items.contains("") else {
      throw LockstepError(
        .usage, "the list of columns \"\(list)\" has an empty item", remedy: "write it as in price,3-7,0")
    }
    self.items = items
  }

  private static func trimmed(_ text: String) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }

  /// The numbers of the chosen columns of a table with `columnCount` columns, which may have names.
  ///
  /// A header name comes before a number or a range that is written the same way.
  ///
  /// - Parameters:
  ///   - columnCount: The number of columns of the table.
  ///   - names: The columns' names, if they have any.
  ///   - file: The table's file, for error messages.
  ///   - excluded: Columns that ``all`` and ``last`` leave out.
  /// - Returns: The numbers, from 0, in the order of the choice.
  /// - Throws: `LockstepError` with code `.usage` if a column does not exist, is not unique, or is chosen twice.
  public func indices(
    columnCount: Int, names: [String]? = nil, file: String? = nil, excluding excluded: [Int] = []
  ) throws -> [Int] {
    guard let items else {
      let rest = (0..<columnCount).filter { !excluded.contains($0) }
      return isLast ? Array(rest.suffix(1)) : rest
    }
    var chosen: [Int] = []
    var isChosen = [Bool](repeating: false, count: columnCount)
    for item in items {
      for index in try indices(of: item, columnCount: columnCount, names: names, file: file) {
        guard !isChosen[index] else {
          throw LockstepError(
            .usage, "column \(ColumnSelection.described(index, names: names)) is chosen twice",
            place: .init(file: file))
        }
        isChosen[index] = true
        chosen.append(index)
      }
    }
    return chosen
  }

  /// The columns of several tables that are cut from one: those of the rows, then those apart, each column in one table only.
  ///
  /// - Throws: `LockstepError` with code `.usage` if a column does not exist or is chosen for two purposes, or none is left.
  static func tables(
    rows: ColumnSelection, apart: [ColumnSelection], columnCount: Int, names: [String]?, file: String
  ) throws -> [[Int]] {
    func found(_ selection: ColumnSelection, excluding excluded: [Int] = []) throws -> [Int] {
      try selection.indices(columnCount: columnCount, names: names, file: file, excluding: excluded)
    }
    let named = try apart.filter { !$0.isLast }.flatMap { try found($0) }
    let apart = try apart.map { try found($0, excluding: named) }
    let tables = [try found(rows, excluding: apart.flatMap { $0 })] + apart
    guard !tables[0].isEmpty else {
      throw LockstepError(
        .usage, "no columns are left to read", remedy: "choose at least one with --columns", place: .init(file: file))
    }
    var isTaken = [Bool](repeating: false, count: columnCount)
    for column in tables.joined() {
      guard !isTaken[column] else {
        throw LockstepError(
          .usage, "column \(described(column, names: names)) is chosen for two purposes", remedy: "choose it once",
          place: .init(file: file))
      }
      isTaken[column] = true
    }
    return tables
  }

  /// The columns of the tables, and the one of the labels where it is wanted.
  ///
  /// - Throws: `LockstepError` with code `.usage`, too, if not one column is chosen for the labels.
  static func tables(
    of options: CSVOptions, columnCount: Int, names: [String]?, file: String
  ) throws -> (tables: [[Int]], label: Int?) {
    var tables = try tables(
      rows: options.rowColumns(among: names), apart: options.columnsApart + [options.labelColumn].compactMap { $0 },
      columnCount: columnCount, names: names, file: file)
    guard options.labelColumn != nil else { return (tables, nil) }
    let labels = tables.removeLast()
    guard labels.count == 1 else {
      throw LockstepError(
        .usage, "\(labels.count) columns are chosen for the labels", remedy: "choose one", place: .init(file: file))
    }
    return (tables, labels[0])
  }

  /// Whether an item is neither a number nor a range.
  var usesNames: Bool {
    (items ?? []).contains { !$0.split(separator: "-").allSatisfy { Int($0) != nil } }
  }

  /// Whether a first row of these fields names the column, in words that are no number.
  func isNamed(in fields: [String]) -> Bool {
    guard let items, items.count == 1, Double(items[0]) == nil else { return false }
    return fields.contains(items[0])
  }

  private func indices(of item: String, columnCount: Int, names: [String]?, file: String?) throws -> ClosedRange<Int> {
    let matches = (names ?? []).indices.filter { names?[$0] == item }
    if matches.count == 1 { return matches[0]...matches[0] }
    if matches.count > 1 {
      let numbers = matches.map(String.init).joined(separator: ", ")
      throw LockstepError(
        .usage, "\(matches.count) columns are named \"\(item)\"", remedy: "choose by number: \(numbers)",
        place: .init(file: file))
    }
    let parts = item.split(separator: "-", omittingEmptySubsequences: false).map { part in
      part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
    }
    if parts.count == 1, let number = parts[0] {
      guard number < columnCount else { throw absent(item, columnCount: columnCount, names: names, file: file) }
      return number...number
    }
    if parts.count == 2, let first = parts[0], let last = parts[1] {
      guard first <= last else {
        throw LockstepError(
          .usage, "the range of columns \(item) runs backwards", remedy: "write \(last)-\(first), or list the columns")
      }
      guard last < columnCount else { throw absent(item, columnCount: columnCount, names: names, file: file) }
      return first...last
    }
    throw absent(item, columnCount: columnCount, names: names, file: file)
  }

  private func absent(_ item: String, columnCount: Int, names: [String]?, file: String?) -> LockstepError {
    let isNumber = item.allSatisfy { $0.isASCII && ($0.isNumber || $0 == "-") }
    let message = isNumber ? "there is no column \(item)" : "no column is named \"\(item)\""
    let count = columnCount == 1 ? "there is 1 column" : "there are \(columnCount) columns"
    guard let names else {
      let remedy = "\(count), numbered 0 to \(columnCount - 1)" + (isNumber ? "" : ", without names")
      return LockstepError(.usage, message, remedy: remedy, place: .init(file: file))
    }
    var remedy = ""
    if !isNumber, let near = EditDistance.nearest(to: item, in: names) { remedy = "did you mean \"\(near)\"? " }
    let shown = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    remedy += isNumber ? "\(count), numbered 0 to \(columnCount - 1): \(shown)" : "the columns are \(shown)"
    return LockstepError(.usage, message, remedy: remedy, place: .init(file: file))
  }

  static func described(_ index: Int, names: [String]?) -> String {
    names.map { "\(index) (\"\($0[index])\")" } ?? "\(index)"
  }
}
