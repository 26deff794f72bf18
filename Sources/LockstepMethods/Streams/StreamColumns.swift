// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTableIO
import LockstepTables

/// What is known of rows besides their numbers.
package struct RowFacts: Sendable {
  /// The names of the responses, if there are any and they have names.
  package var responseNames: [String]?
  /// How the columns that were read became those of the rows, if it is not one for one.
  package var encoding: ColumnEncoding?
  /// The number of rows left out because a value is missing.
  package var skippedRowCount: Int

  /// Facts of rows from elsewhere.
  package init(responseNames: [String]? = nil, encoding: ColumnEncoding? = nil, skippedRowCount: Int = 0) {
    self.responseNames = responseNames
    self.encoding = encoding
    self.skippedRowCount = skippedRowCount
  }

  /// What the rows tell of themselves.
  package init(of rows: any RowSource) {
    let read = rows as? any DescribedRows
    self.init(
      responseNames: read?.responseNames, encoding: read?.encoding, skippedRowCount: read?.skippedRowCount ?? 0)
  }
}

/// The columns of rows that are summarized: the same in every piece, but for values of categories that come up later.
struct StreamColumns: Codable, Hashable, Sendable {
  /// The number of columns, without responses.
  var count: Int
  /// The number of responses.
  var responseCount: Int
  /// Their names, if they have any.
  var names: [String]?
  /// The names of the responses, if there are any and they have names.
  var responseNames: [String]?
  /// How the columns that were read became those of the rows, if it is not one for one.
  var encoding: ColumnEncoding?
}

extension StreamColumns {
  /// The columns of rows.
  init(_ rows: any RowSource, _ facts: RowFacts) {
    let (p, roles) = (rows.columnCount, rows.roles)
    self.init(
      count: p, responseCount: roles.responseCount, names: rows.columnNames.flatMap { $0.count == p ? $0 : nil },
      responseNames: facts.responseNames.flatMap { $0.count == roles.responseCount ? $0 : nil },
      encoding: facts.encoding.flatMap { $0.columnCount == p ? $0 : nil })
  }

  /// Whether the numbers and names fit together.
  var isWellFormed: Bool {
    count >= 0 && responseCount >= 0 && names.map { $0.count == count } ?? true
      && responseNames.map { $0.count == responseCount } ?? true && encoding.map { $0.columnCount == count } ?? true
  }

  /// The columns of the streams of all ranks; `nil` if none has seen rows.
  static func joined(ofRanks all: [StreamColumns?]) throws -> StreamColumns? {
    var joined: (columns: StreamColumns, number: Int)?
    for case (let i, let columns?) in all.enumerated() {
      guard let earlier = joined else {
        joined = (columns, i)
        continue
      }
      joined?.columns = try earlier.columns.joined(with: columns, named: ("on rank \(earlier.number)", "on rank \(i)"))
    }
    return joined?.columns
  }

  /// The columns of these and further rows.
  ///
  /// - Throws: `LockstepError` with code `.shapeMismatch` if they are others, but for values of categories.
  func joined(with later: StreamColumns, named titles: (earlier: String, later: String)) throws -> StreamColumns {
    func differ(_ what: String, _ mine: String, _ theirs: String) -> LockstepError {
      LockstepError(
        .shapeMismatch, "\(what): \(mine) \(titles.earlier), \(theirs) \(titles.later)",
        remedy: "give the same columns everywhere")
    }
    func list(_ names: [String]) -> String {
      names.prefix(20).joined(separator: ",") + (names.count > 20 ? ",…" : "")
    }
    guard later.responseCount == responseCount else {
      throw differ("the numbers of responses differ", "\(responseCount)", "\(later.responseCount)")
    }
    if let mine = responseNames, let theirs = later.responseNames, mine != theirs {
      throw differ("the responses differ", list(mine), list(theirs))
    }
    var all = self
    all.responseNames = responseNames ?? later.responseNames
    if let mine = encoding, let theirs = later.encoding {
      guard mine.columns.count == theirs.columns.count else {
        throw differ("the numbers of columns differ", "\(mine.columns.count)", "\(theirs.columns.count)")
      }
      if let ours = mine.sourceNames, let others = theirs.sourceNames, ours != others {
        throw differ("the columns differ", list(ours), list(others))
      }
      let joined = try mine.joined(with: theirs, differ)
      (all.encoding, all.count) = (joined, joined.columnCount)
      all.names = joined.columnNames ?? (joined == mine ? names : nil)
      return all
    }
    guard later.count == count else { throw differ("the numbers of columns differ", "\(count)", "\(later.count)") }
    if let mine = names, let theirs = later.names, mine != theirs {
      throw differ("the columns differ", list(mine), list(theirs))
    }
    all.names = names ?? later.names
    all.encoding = encoding ?? later.encoding
    return all
  }

  /// The places of the columns among more of them; `nil` if they are the same.
  func places(in all: StreamColumns) -> [Int]? {
    guard count != all.count, let mine = encoding, let wide = all.encoding else { return nil }
    return mine.places(in: wide)
  }
}

extension ColumnEncoding {
  /// The encoding with the values of both; `differ` makes the error of what they do not share.
  fileprivate func joined(
    with later: ColumnEncoding, _ differ: (_ what: String, _ mine: String, _ theirs: String) -> LockstepError
  ) throws -> ColumnEncoding {
    ColumnEncoding(
      try zip(columns, later.columns).map { mine, theirs in
        let name = mine.name ?? theirs.name
        let quoted = name.map { "\"\($0)\"" } ?? "a column"
        guard (mine.values == nil) == (theirs.values == nil) else {
          throw differ("the kinds of \(quoted) differ", mine.kind, theirs.kind)
        }
        if let a = mine.mean, let b = theirs.mean, a.bitPattern != b.bitPattern {
          throw differ("the means that stand for missing values of \(quoted) differ", "\(a)", "\(b)")
        }
        guard mine.base.map(ClassLabel.string) == theirs.base.map(ClassLabel.string) else {
          throw differ("the base levels of \(quoted) differ", mine.base ?? "none", theirs.base ?? "none")
        }
        var all = mine
        (all.name, all.mean) = (name, mine.mean ?? theirs.mean)
        if let a = mine.values, let b = theirs.values, a != b {
          all.values = RowLabels(a + b).coded.classes.map(\.text)
        }
        return all
      })
  }

  /// The places of the columns in an encoding with more values.
  fileprivate func places(in wider: ColumnEncoding) -> [Int] {
    var places: [Int] = []
    var start = 0
    for (mine, wide) in zip(columns, wider.columns) {
      let all = wide.codedValues ?? [""]
      let index = Dictionary(all.enumerated().map { (ClassLabel.string($1), $0) }) { first, _ in first }
      places += (mine.codedValues ?? [""]).compactMap { index[.string($0)] }.map { start + $0 }
      start += all.count
    }
    return places
  }
}

extension ColumnEncoding.Column {
  fileprivate var kind: String { values == nil ? "numbers" : "categories" }
}

extension RowBlock {
  /// The same rows among more columns, of which the others are 0; `places` are the new places of the columns.
  func widened(to columnCount: Int, places: [Int]) throws -> any RowBlock {
    switch self {
    case let rows as SupervisedRows:
      SupervisedRows(
        features: try rows.features.widened(to: columnCount, places: places), responses: rows.responses,
        weights: rows.weights, labels: rows.labels)
    case let rows as DenseRows<Double>: rows.spread(to: columnCount, places)
    case let rows as DenseRows<Float>: rows.spread(to: columnCount, places)
    default: throw LockstepError(.unsupported, "\(layout) rows have no columns of categories")
    }
  }
}

extension DenseRows {
  fileprivate func spread(to columnCount: Int, _ places: [Int]) -> DenseRows {
    let storage = RowStorage<Element>(count: rowCount * columnCount) { target in
      target.initialize(repeating: 0)
      withUnsafeElements { source in
        for i in 0..<rowCount {
          for (j, place) in places.enumerated() { target[i * columnCount + place] = source[i * places.count + j] }
        }
      }
    }
    return DenseRows(storage, rowCount: rowCount, columnCount: columnCount)
  }
}
