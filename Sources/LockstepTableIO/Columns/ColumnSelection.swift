// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

/// Columns chosen by name, by number from 0, or by ranges of numbers, in the order given.
///
/// ```swift
/// let price: ColumnSelection = "price"
/// let some: ColumnSelection = [.name("temp"), .number(0), .range(3...7)]
/// let same = try ColumnSelection(parsing: "temp,0,3-7")
/// ```
/// A number is always a number: a column whose name looks like one is chosen by its name, which a list that is parsed has in
/// quotes, as in `"2019"`.
public struct ColumnSelection: Codable, Hashable, Sendable {
  /// What is chosen at a place of the list.
  public enum Item: Codable, Hashable, Sendable {
    /// The column of this name.
    case name(String)
    /// The column of this number, from 0.
    case number(Int)
    /// The columns of these numbers.
    case range(ClosedRange<Int>)
  }

  /// What is chosen; `nil` for all columns, or the last one.
  private let items: [Item]?
  let isLast: Bool

  /// All columns.
  public static let all = ColumnSelection(items: nil, isLast: false)
  /// The last column that is not chosen for another purpose.
  public static let last = ColumnSelection(items: nil, isLast: true)

  private init(items: [Item]?, isLast: Bool) {
    self.items = items
    self.isLast = isLast
  }

  /// These columns.
  public init(_ items: [Item]) { self.init(items: items, isLast: false) }

  /// The columns with these names.
  public init(names: [String]) { self.init(names.map { .name($0) }) }

  /// The columns with these numbers, from 0.
  public init(numbers: [Int]) { self.init(numbers.map { .number($0) }) }

  /// Reads a list of names, numbers and ranges, `price,3-7,0` for example.
  ///
  /// What is enclosed in double quotes is a name, whatever it looks like; a quote in it is doubled.
  ///
  /// - Throws: `LockstepError` with code `.usage` if an item is empty, or a range runs backwards.
  public init(parsing list: String) throws {
    var items: [Item] = []
    var rest = list[...]
    while true {
      rest = rest.drop { $0 == " " }
      items.append(try ColumnSelection.item(&rest, of: list))
      rest = rest.drop { $0 == " " }
      guard rest.first == "," else { break }
      rest.removeFirst()
    }
    self.init(items)
  }

  /// The next item of a list, up to the comma behind it.
  private static func item(_ rest: inout Substring, of list: String) throws -> Item {
    var text = ""
    var isQuoted = false
    var hasQuotes = false
    while let character = rest.first, isQuoted || character != "," {
      rest.removeFirst()
      if character != "\"" {
        text.append(character)
      } else if isQuoted, rest.first == "\"" {
        text.append(character)
        rest.removeFirst()
      } else {
        isQuoted.toggle()
        hasQuotes = true
      }
    }
    if !hasQuotes { while text.last == " " { text.removeLast() } }
    guard !text.isEmpty else {
      throw LockstepError(
        .usage, "the list of columns \"\(list)\" has an empty item", remedy: "write it as in price,3-7,0")
    }
    return hasQuotes ? .name(text) : try Item(text)
  }

  /// The numbers of the chosen columns of a table with `columnCount` columns, which may have names.
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

  /// The columns that options choose: those of the rows, then the targets and weights in tables of their own, each column in one
  /// table only; and the one of the labels where it is wanted.
  ///
  /// - Throws: `LockstepError` with code `.usage` if a column does not exist or is chosen for two purposes, if none is left for the
  ///   rows, or if not one column is chosen for the weights or the labels.
  static func tables(
    of options: ReadOptions, columnCount: Int, names: [String]?, file: String
  ) throws -> (tables: [[Int]], label: Int?) {
    func found(_ selection: ColumnSelection, excluding excluded: [Int] = []) throws -> [Int] {
      try selection.indices(columnCount: columnCount, names: names, file: file, excluding: excluded)
    }
    let left = try options.except.map { try found($0) } ?? []
    let roles = options.extraColumns + [options.label].compactMap { $0 }
    let named = try roles.filter { !$0.isLast }.flatMap { try found($0) }
    var extra = try roles.map { try found($0, excluding: named + left) }
    for (selection, what) in [(options.weights, "weights"), (options.label, "labels")] {
      guard let selection, let columns = roles.firstIndex(of: selection).map({ extra[$0] }) else { continue }
      guard columns.count == 1 else {
        throw LockstepError(
          .usage, "\(columns.count) columns are chosen for the \(what)", remedy: "choose one", place: .init(file: file))
      }
    }
    let rowColumns = options.rowColumns(among: names)
    let index = rowColumns == .all ? indexColumn(names).map { [$0] } ?? [] : []
    let rows = try found(rowColumns, excluding: extra.flatMap { $0 } + left + index).filter { !left.contains($0) }
    guard !rows.isEmpty else {
      throw LockstepError(
        .usage, "no columns are left to read", remedy: "choose at least one with \(option: .columns)",
        place: .init(file: file))
    }
    var isTaken = [Bool](repeating: false, count: columnCount)
    for column in ([rows] + extra).joined() {
      guard !isTaken[column] else {
        throw LockstepError(
          .usage, "column \(described(column, names: names)) is chosen for two purposes", remedy: "choose it once",
          place: .init(file: file))
      }
      isTaken[column] = true
    }
    let label = options.label == nil ? nil : extra.removeLast()[0]
    return ([rows] + extra, label)
  }

  /// The first column, if it alone has no name in a header: as pandas and R write the numbers or names of rows.
  static func indexColumn(_ names: [String]?) -> Int? {
    guard let names, names.count > 1, names[0].isEmpty, !names.dropFirst().contains("") else { return nil }
    return 0
  }

  /// What a user may want to know of how columns were chosen.
  static func notes(on options: ReadOptions, columnCount: Int, names: [String]?) -> [String] {
    guard let names else { return [] }
    let selections = [options.columns, options.except, options.targets, options.weights, options.label]
    var notes = selections.compactMap { $0?.items }.joined().compactMap { item -> String? in
      guard case .number(let number) = item,
        let other = names.indices.first(where: { names[$0] == "\(number)" && $0 != number })
      else { return nil }
      return "column \(number) is the one of that number, \"\(names[number])\"; another, number \(other), is named "
        + "\"\(number)\": quote the name to choose that one"
    }
    if options.rowColumns(among: names) == .all, let index = indexColumn(names) {
      notes.append(
        "column \(index) has no name, as an index has none, and is left out; choose it by its number to have it among the rows"
      )
    }
    return notes
  }

  /// Whether a name is chosen.
  var usesNames: Bool {
    (items ?? []).contains { if case .name = $0 { true } else { false } }
  }

  /// Whether a first row of these fields has a name that is chosen.
  func isNamed(in fields: [String]) -> Bool {
    (items ?? []).contains { if case .name(let name) = $0 { fields.contains(name) } else { false } }
  }

  private func indices(of item: Item, columnCount: Int, names: [String]?, file: String?) throws -> ClosedRange<Int> {
    switch item {
    case .number(let number):
      guard number >= 0, number < columnCount else {
        throw absent(item, columnCount: columnCount, names: names, file: file)
      }
      return number...number
    case .range(let numbers):
      guard numbers.lowerBound >= 0, numbers.upperBound < columnCount else {
        throw absent(item, columnCount: columnCount, names: names, file: file)
      }
      return numbers
    case .name(let name):
      let matches = (names ?? []).indices.filter { names?[$0] == name }
      if matches.count == 1 { return matches[0]...matches[0] }
      guard matches.isEmpty else {
        let numbers = matches.map(String.init).joined(separator: ", ")
        throw LockstepError(
          .usage, "\(matches.count) columns are named \"\(name)\"", remedy: "choose by number: \(numbers)",
          place: .init(file: file))
      }
      throw absent(item, columnCount: columnCount, names: names, file: file)
    }
  }

  private func absent(_ item: Item, columnCount: Int, names: [String]?, file: String?) -> LockstepError {
    let count = columnCount == 1 ? "there is 1 column" : "there are \(columnCount) columns"
    let numbered = "\(count), numbered 0 to \(columnCount - 1)"
    let shown = names.map { $0.prefix(20).joined(separator: ", ") + ($0.count > 20 ? ", …" : "") }
    let place = LockstepError.Place(file: file)
    guard case .name(let name) = item else {
      let written = item.description
      let message = "there is no column \(written)"
      if names?.contains(written) ?? false {
        return LockstepError(
          .usage, message, remedy: "\(count); one is named \"\(written)\": quote the name, as in '\"\(written)\"'",
          place: place)
      }
      return LockstepError(.usage, message, remedy: numbered + (shown.map { ": \($0)" } ?? ""), place: place)
    }
    let message = "no column is named \"\(name)\""
    guard let names, let shown else {
      return LockstepError(.usage, message, remedy: "\(numbered), without names", place: place)
    }
    let near = EditDistance.nearest(to: name, in: names).map { "did you mean \"\($0)\"? " } ?? ""
    return LockstepError(.usage, message, remedy: "\(near)the columns are \(shown)", place: place)
  }

  static func described(_ index: Int, names: [String]?) -> String {
    names.map { "\(index) (\"\($0[index])\")" } ?? "\(index)"
  }
}

extension ColumnSelection: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral {
  /// The column with this name.
  public init(stringLiteral name: String) { self.init(names: [name]) }
  /// The column with this number, from 0.
  public init(integerLiteral number: Int) { self.init(numbers: [number]) }
  /// These columns.
  public init(arrayLiteral items: Item...) { self.init(items) }
}

extension ColumnSelection.Item: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// The column with this name.
  public init(stringLiteral name: String) { self = .name(name) }
  /// The column with this number, from 0.
  public init(integerLiteral number: Int) { self = .number(number) }

  /// Reads a number or a range, `3-7`; anything else is a name.
  ///
  /// - Throws: `LockstepError` with code `.usage` if a range runs backwards.
  init(_ text: String) throws {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false).map { part in
      part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
    }
    if parts.count == 1, let number = parts[0] {
      self = .number(number)
    } else if parts.count == 2, let first = parts[0], let last = parts[1] {
      guard first <= last else {
        throw LockstepError(
          .usage, "the range of columns \(text) runs backwards", remedy: "write \(last)-\(first), or list the columns")
      }
      self = .range(first...last)
    } else {
      self = .name(text)
    }
  }

  /// As a list has it.
  public var description: String {
    switch self {
    case .name(let name): name
    case .number(let number): "\(number)"
    case .range(let numbers): "\(numbers.lowerBound)-\(numbers.upperBound)"
    }
  }
}
