// SPDX-License-Identifier: Apache-2.0

/// The class of each row: whole numbers, or texts of which each is stored once.
///
/// A view, cheap to cut and to pass around.
///
/// ```swift
/// let labels = RowLabels(["spam", "ham", "spam"])
/// let coded = labels.coded                                        // classes ["ham", "spam"], codes [1, 0, 1]
/// ```
public struct RowLabels: Sendable {
  /// Whole numbers, or indices into ``names``.
  let values: ArraySlice<Int64>
  /// The texts, if the labels are texts; some may be those of rows outside this view.
  let names: [String]?

  private init(values: ArraySlice<Int64>, names: [String]?) {
    self.values = values
    self.names = names
  }

  /// Whole numbers.
  public init(_ integers: [Int64]) { self.init(values: integers[...], names: nil) }

  /// Whole numbers.
  public init(_ integers: [Int]) { self.init(integers.map(Int64.init)) }

  /// Texts.
  public init(_ texts: [String]) {
    var table = NameTable()
    let indices = texts.map { table.index(of: $0) }
    self.init(values: indices[...], names: table.names)
  }

  /// Texts that `names` holds, given by their indices there.
  ///
  /// - Precondition: all indices are those of names.
  public init(indices: [Int64], names: [String]) {
    precondition(
      indices.allSatisfy { $0 >= 0 && $0 < names.count }, "an index of a name that is not among \(names.count)")
    self.init(values: indices[...], names: names)
  }

  /// The labels in order, which are all whole numbers or all texts.
  ///
  /// - Precondition: they are of one kind.
  public init(_ labels: some Sequence<ClassLabel>) {
    var integers: [Int64] = []
    var texts: [String] = []
    for label in labels {
      switch label {
      case .integer(let value): integers.append(Int64(value))
      case .string(let text): texts.append(text)
      }
    }
    precondition(integers.isEmpty || texts.isEmpty, "labels are whole numbers or texts, not both")
    if texts.isEmpty { self.init(integers) } else { self.init(texts) }
  }

  /// The number of rows.
  public var count: Int { values.count }
  /// Whether the labels are texts.
  public var isText: Bool { names != nil }
  /// `integer labels` or `text labels`.
  public var kind: String { isText ? "text labels" : "integer labels" }

  /// The label of row `index`, from 0.
  public subscript(index: Int) -> ClassLabel {
    let value = values[values.startIndex + index]
    return names.map { .string($0[Int(value)]) } ?? .integer(Int(value))
  }

  /// The labels as whole numbers; none if they are texts.
  public var integers: [Int] { isText ? [] : values.map { Int($0) } }

  /// The labels as whole numbers, if all of these rows have one: texts as `7`, `-3`, `2.0` or `1e3` are.
  public var wholeNumbers: RowLabels? {
    guard let names else { return self }
    var numbers = [Int64?](repeating: nil, count: names.count)
    for value in Set(values) {
      guard let number = Self.wholeNumber(names[Int(value)]) else { return nil }
      numbers[Int(value)] = number
    }
    return RowLabels(values.compactMap { numbers[Int($0)] })
  }

  private static func wholeNumber(_ text: String) -> Int64? {
    if let number = Int64(text) { return number }
    guard text.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || ".+-eE".utf8.contains($0) }) else {
      return nil
    }
    return Double(text).flatMap { Int64(exactly: $0) }
  }

  /// The labels as texts; whole numbers as they are written.
  public var texts: RowLabels {
    guard !isText else { return self }
    let coded = coded
    return RowLabels(indices: coded.codes.map(Int64.init), names: coded.classes.map(\.text))
  }

  /// The labels of the rows of `range`, without a copy.
  public func rows(_ range: Range<Int>) -> RowLabels {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "labels \(range) of \(count)")
    let start = values.startIndex
    return RowLabels(values: values[start + range.lowerBound..<start + range.upperBound], names: names)
  }

  /// A copy of these labels followed by all of `later`.
  ///
  /// - Precondition: all are of one kind.
  public func appending(_ later: [RowLabels]) -> RowLabels {
    precondition(later.allSatisfy { $0.isText == isText }, "labels are whole numbers or texts, not both")
    guard let names else { return RowLabels(([self] + later).flatMap(\.values)) }
    var table = NameTable(names)
    var joined = Array(values)
    for labels in later {
      guard let theirs = labels.names else { continue }
      let indices = theirs.map { table.index(of: $0) }
      joined += labels.values.map { indices[Int($0)] }
    }
    return RowLabels(values: joined[...], names: table.names)
  }

  /// The distinct labels in order, and for each row the index of its label among them.
  ///
  /// - Complexity: one pass over the rows where their numbers lie close together, as those of texts always do.
  public var coded: (classes: [ClassLabel], codes: [Int32]) {
    guard let least = values.min(), let greatest = values.max() else { return ([], []) }
    let (span, isFar) = greatest.subtractingReportingOverflow(least)
    return isFar || span >= max(1 << 12, 4 * count) ? codedByDictionary : codedByTable(least, count: Int(span) + 1)
  }

  private func codedByTable(_ least: Int64, count spanCount: Int) -> (classes: [ClassLabel], codes: [Int32]) {
    var codes = [Int32](repeating: -1, count: spanCount)  // of values less the least
    values.withUnsafeBufferPointer { values in
      codes.withUnsafeMutableBufferPointer { codes in for value in values { codes[Int(value &- least)] = 0 } }
    }
    let present = codes.indices.filter { codes[$0] == 0 }
    let classes = present.map { label(of: least + Int64($0)) }
    let (sorted, order) = Self.sorted(classes)
    for (i, index) in present.enumerated() { codes[index] = order[i] }
    let rowCodes = values.withUnsafeBufferPointer { values in
      codes.withUnsafeBufferPointer { codes in
        [Int32](unsafeUninitializedCapacity: values.count) { buffer, count in
          for i in 0..<values.count { buffer.initializeElement(at: i, to: codes[Int(values[i] &- least)]) }
          count = values.count
        }
      }
    }
    return (sorted, rowCodes)
  }

  private var codedByDictionary: (classes: [ClassLabel], codes: [Int32]) {
    let present = Set(values).sorted()
    let (sorted, order) = Self.sorted(present.map { label(of: $0) })
    let codes = Dictionary(uniqueKeysWithValues: zip(present, order))
    return (sorted, values.map { codes[$0] ?? 0 })
  }

  private func label(of value: Int64) -> ClassLabel { names.map { .string($0[Int(value)]) } ?? .integer(Int(value)) }

  /// The distinct labels in order, and for each label its index among them.
  private static func sorted(_ labels: [ClassLabel]) -> (sorted: [ClassLabel], order: [Int32]) {
    var sorted: [ClassLabel] = []
    var order = [Int32](repeating: 0, count: labels.count)
    for i in labels.indices.sorted(by: { labels[$0] < labels[$1] }) {
      if sorted.last != labels[i] { sorted.append(labels[i]) }
      order[i] = Int32(sorted.count - 1)
    }
    return (sorted, order)
  }
}

extension RowLabels: Hashable {
  /// Whether the rows have the same labels, however they are stored.
  public static func == (a: RowLabels, b: RowLabels) -> Bool {
    guard a.count == b.count, a.isText == b.isText || a.count == 0 else { return false }
    guard a.isText else { return a.values == b.values }
    return (0..<a.count).allSatisfy { a[$0] == b[$0] }
  }

  /// Hashes the labels.
  public func hash(into hasher: inout Hasher) { for i in 0..<count { hasher.combine(self[i]) } }
}

extension RowLabels: Codable {
  private enum CodingKeys: String, CodingKey { case values, names }

  /// Reads labels.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let values = try container.decode([Int64].self, forKey: .values)
    let names = try container.decodeIfPresent([String].self, forKey: .names)
    guard names.map({ names in values.allSatisfy { $0 >= 0 && $0 < names.count } }) ?? true else {
      throw DecodingError.dataCorruptedError(forKey: .values, in: container, debugDescription: "an index of no name")
    }
    self.init(values: values[...], names: names)
  }

  /// Writes the labels of this view, and of the texts those that it uses.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    guard let names else {
      try container.encode(Array(values), forKey: .values)
      return
    }
    var indices = [Int64](repeating: -1, count: names.count)
    var used: [String] = []
    let compact = values.map { value -> Int64 in
      if indices[Int(value)] < 0 {
        indices[Int(value)] = Int64(used.count)
        used.append(names[Int(value)])
      }
      return indices[Int(value)]
    }
    try container.encode(compact, forKey: .values)
    try container.encode(used, forKey: .names)
  }
}

/// Texts, each once, and where they are.
struct NameTable {
  private(set) var names: [String] = []
  private var indices: [ClassLabel: Int64] = [:]

  init(_ names: [String] = []) {
    self.names = names
    for (i, name) in names.enumerated() where indices[.string(name)] == nil { indices[.string(name)] = Int64(i) }
  }

  /// The index of a text, which is added if it is new.
  mutating func index(of name: String) -> Int64 {
    if let index = indices[.string(name)] { return index }
    let index = Int64(names.count)
    names.append(name)
    indices[.string(name)] = index
    return index
  }
}
