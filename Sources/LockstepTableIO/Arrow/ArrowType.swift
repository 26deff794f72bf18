// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO

/// What the values of an Arrow column are.
enum ArrowType: Sendable {
  case number(ArrowNumber)
  case text(ArrowText)
  /// As many numbers in each row: lists of one size.
  case list(ArrowNumber, width: Int)
  /// Something that is neither a number nor a text, by its name.
  case other(String)
}

/// How an Arrow column stores numbers, dates or times.
struct ArrowNumber: Sendable, Equatable {
  var kind: LockstepColumnKind
  /// The number of bits of a value.
  var bitCount: Int
  /// What makes a number, or seconds, of a value.
  var factor: Int64 = 1
  var divisor: Int64 = 1
  var scale: Int32 = 0

  init(_ kind: LockstepColumnKind, _ bitCount: Int, factor: Int64 = 1, divisor: Int64 = 1, scale: Int32 = 0) {
    (self.kind, self.bitCount, self.factor, self.divisor, self.scale) = (kind, bitCount, factor, divisor, scale)
  }

  /// Whole numbers of `bitCount` bits; `nil` if there are none such.
  init?(bitCount: Int, isSigned: Bool, divisor: Int64 = 1) {
    let kind: LockstepColumnKind
    switch bitCount {
    case 8: kind = isSigned ? LockstepColumnInt8 : LockstepColumnUInt8
    case 16: kind = isSigned ? LockstepColumnInt16 : LockstepColumnUInt16
    case 32: kind = isSigned ? LockstepColumnInt32 : LockstepColumnUInt32
    case 64: kind = isSigned ? LockstepColumnInt64 : LockstepColumnUInt64
    default: return nil
    }
    self.init(kind, bitCount, divisor: divisor)
  }

  /// Decimals of `bitCount` bits, `scale` of whose digits follow the point; `nil` for sizes that are not read.
  init?(decimalOf bitCount: Int, scale: Int) {
    guard let scale = Int32(exactly: scale), scale.magnitude < 1 << 16 else { return nil }
    switch bitCount {
    case 32: self.init(LockstepColumnDecimal32, 32, scale: scale)
    case 64: self.init(LockstepColumnDecimal64, 64, scale: scale)
    case 128: self.init(LockstepColumnDecimal128, 128, scale: scale)
    default: return nil
    }
  }

  static let bit = ArrowNumber(LockstepColumnBit, 1)
  static let none = ArrowNumber(LockstepColumnNull, 0)
  static let double = ArrowNumber(LockstepColumnFloat64, 64)
  static let float = ArrowNumber(LockstepColumnFloat32, 32)
  static let half = ArrowNumber(LockstepColumnFloat16, 16)
  /// Days since 1970, as seconds.
  static let days = ArrowNumber(LockstepColumnInt32, 32, factor: 86400)

  static func == (a: ArrowNumber, b: ArrowNumber) -> Bool {
    a.kind.rawValue == b.kind.rawValue && a.factor == b.factor && a.divisor == b.divisor && a.scale == b.scale
  }

  /// The number of bytes that `count` values take; `nil` if it exceeds a word.
  func byteCount(of count: Int) -> Int? {
    let (bits, isTooLong) = count.multipliedReportingOverflow(by: bitCount)
    return isTooLong || bits > Int.max - 7 ? nil : (bits + 7) / 8
  }
}

/// How an Arrow column stores texts.
enum ArrowText: Sendable {
  /// One after the other, with the places where they end in 32 or 64 bits.
  case ends32
  case ends64
  /// Short ones in place, longer ones in other memory.
  case views
}

/// A column as Arrow means it, which makes as many columns of a table as its lists are long.
struct ArrowField: Sendable {
  /// How much of a batch a field takes.
  struct Layout: Sendable {
    var nodeCount: Int
    var bufferCount: Int
    /// Those of its parts that have further memory, as many pieces as each batch says.
    var viewCount = 0

    static func + (a: Layout, b: Layout) -> Layout {
      Layout(
        nodeCount: a.nodeCount + b.nodeCount, bufferCount: a.bufferCount + b.bufferCount,
        viewCount: a.viewCount + b.viewCount)
    }
  }

  var name: String
  /// What the values are: those of the dictionary if there is one.
  var type: ArrowType
  /// The dictionary whose entries the rows refer to, and how the indices of these are stored.
  var dictionary: (id: Int64, index: ArrowNumber)?
  /// What it takes in a batch of rows, and in one of its dictionary.
  var layout: Layout
  var valueLayout: Layout

  /// The number of columns that it makes.
  var width: Int { if case .list(_, let width) = type { width } else { 1 } }
}

/// The columns of Arrow data.
struct ArrowSchema: Sendable {
  let fields: [ArrowField]
  /// For each column of the table its field, and the place in the field's lists.
  let columns: [(field: Int, element: Int)]
  let columnNames: [String]?

  /// The most columns, and the most bytes of all their names: what claims more is damaged, or means harm.
  private static let largestWidth = 1 << 24
  private static let largestNames = 1 << 28

  /// - Throws: `LockstepError` with code `.malformedInput` for more columns, or longer names, than any table has.
  init(_ fields: [ArrowField]) throws {
    var (width, nameByteCount) = (0, 0)
    for field in fields {
      // Each place of a list has a name of its own.
      let (names, isTooLong) = field.width.multipliedReportingOverflow(by: field.name.utf8.count + 16)
      guard !isTooLong, names <= Self.largestNames, field.width <= Self.largestWidth else { throw FlatTable.damaged }
      width += field.width
      nameByteCount += names
      guard width <= Self.largestWidth, nameByteCount <= Self.largestNames else { throw FlatTable.damaged }
    }
    self.fields = fields
    columns = fields.enumerated().flatMap { f, field in (0..<field.width).map { (f, $0) } }
    // Of a matrix, as one list a row makes it, the columns have no names.
    let isMatrix = if fields.count == 1, case .list = fields[0].type { true } else { false }
    columnNames =
      isMatrix
      ? nil
      : fields.flatMap { field in
        if case .list(_, let width) = field.type { return (0..<width).map { "\(field.name)[\($0)]" } }
        return [field.name]
      }
  }
}
