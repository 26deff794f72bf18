// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import LockstepTables
import Synchronization

/// The texts that a process has met in its categorical columns, each with a code: the number it came as.
///
/// The codes stand in the rows until all processes know all texts; no result depends on them.
final class CategoryTable: Sendable {
  /// Why a text has no code.
  enum Refusal: Error {
    case unknown
    case tooMany
  }

  private struct Column {
    var codes: [ClassLabel: Int32] = [:]
    var texts: [String] = []
  }

  private let columns: Mutex<[Column]>
  private let isClosed: Bool
  private let limit: Int

  /// No texts yet; at most `limit` in each column.
  init(limit: Int) {
    columns = Mutex([])
    isClosed = false
    self.limit = limit
  }

  /// A table for what is read with these options, if there may be categorical columns.
  static func suiting(_ options: ReadOptions) -> CategoryTable? {
    if let encoding = options.encoding { return CategoryTable(closed: encoding.columns.compactMap(\.values)) }
    return options.categorical == .none ? nil : CategoryTable(limit: options.categoryLimit)
  }

  /// These texts, and no others.
  init(closed texts: [[String]]) {
    columns = Mutex(
      texts.map { texts in
        Column(
          codes: Dictionary(texts.indices.map { (.string(texts[$0]), Int32($0)) }) { first, _ in first }, texts: texts)
      })
    isClosed = true
    limit = .max
  }

  /// The texts of each column, by their codes.
  var texts: [[String]] { columns.withLock { $0.map(\.texts) } }

  /// Makes room for this many columns, the same for all files.
  func prepare(columnCount: Int) {
    columns.withLock { columns in
      while columns.count < columnCount { columns.append(Column()) }
    }
  }

  /// The code of a text, which is new unless the table is closed.
  func code(of text: String, column: Int) throws(Refusal) -> Int32 {
    let code: Result<Int32, Refusal> = columns.withLock { columns in
      if let code = columns[column].codes[.string(text)] { return .success(code) }
      guard !isClosed else { return .failure(.unknown) }
      guard columns[column].texts.count < limit else { return .failure(.tooMany) }
      let code = Int32(columns[column].texts.count)
      columns[column].codes[.string(text)] = code
      columns[column].texts.append(text)
      return .success(code)
    }
    return try code.get()
  }

  /// The codes of a whole column, for readers that have one: NaN where the label is missing.
  ///
  /// - Parameters:
  ///   - labels: The column; whole numbers are the texts they are written as.
  ///   - missing: The rows without a label.
  ///   - column: The number of the categorical column.
  ///   - place: Where the column is, for messages.
  /// - Returns: A number for each row, to stand in the rows until they are encoded.
  /// - Throws: `LockstepError` with code `.malformedInput` if a text is none of a closed table's, or there are too many.
  func codes(
    of labels: RowLabels, missing: [Int] = [], column: Int, place: LockstepError.Place
  ) throws -> [Double] {
    let isMissing = Set(missing)
    var known: [ClassLabel: Double] = [:]
    return try (0..<labels.count).map { i in
      guard !isMissing.contains(i) else { return .nan }
      let label = labels[i]
      if let code = known[label] { return code }
      do throws(Refusal) {
        let code = Double(try code(of: label.text, column: column))
        known[label] = code
        return code
      } catch {
        var place = place
        place.row = (place.row ?? 0) + i
        throw error == .unknown
          ? Self.unknown(PrintableText.quoted(label.text), place: place) : Self.tooMany(limit: limit, place: place)
      }
    }
  }

  /// Forgets all texts, which turned out not to be what they seemed.
  func clear() {
    guard !isClosed else { return }
    columns.withLock { columns in columns = Array(repeating: Column(), count: columns.count) }
  }

  /// The error of a text, in quotes, that a closed table does not have.
  static func unknown(_ quoted: String, place: LockstepError.Place) -> LockstepError {
    LockstepError(
      .malformedInput, "\(quoted) is not a category the model knows",
      remedy: "leave the row out, or fit the model again with such rows", place: place)
  }

  /// The error of a column with too many texts.
  static func tooMany(limit: Int, place: LockstepError.Place) -> LockstepError {
    LockstepError(
      .malformedInput, "the categorical column has more than \(limit) different values",
      remedy: "leave it out with \(option: .columns), or allow more of them", place: place)
  }
}

/// The texts of categorical columns that one thread has met, so that it seldom asks for those that all threads share.
struct CategoryCache {
  private var texts: [LabelTable]
  private var codes: [[Int32]]

  init(columnCount: Int) {
    texts = (0..<columnCount).map { _ in LabelTable() }
    codes = Array(repeating: [], count: columnCount)
  }

  /// The code of the text at a place.
  mutating func code(
    of span: LockstepCSVSpan, in text: UnsafeRawBufferPointer, column: Int, table: CategoryTable
  ) throws(CategoryTable.Refusal) -> Int32 {
    let number = texts[column].number(of: span, in: text)
    if number == codes[column].count { codes[column].append(-1) }
    if codes[column][number] < 0 {
      codes[column][number] = try table.code(of: texts[column].name(number), column: column)
    }
    return codes[column][number]
  }
}
