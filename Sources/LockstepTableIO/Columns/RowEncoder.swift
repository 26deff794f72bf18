// SPDX-License-Identifier: Apache-2.0

import LockstepTables

/// Makes rows of a ``ColumnEncoding`` out of a run of rows as they were read: missing numbers become means, the codes of
/// categorical columns ones and zeros.
///
/// A function of a run, so that runs that are read when they are needed are encoded then.
struct RowEncoder: Sendable {
  /// What becomes of a column.
  enum Step: Sendable {
    /// It stays, and where it is NaN has the value to fill in, if there is one.
    case number(fill: Double?)
    /// It becomes `count` columns, of which the one at the place of its code is 1; none if that is −1.
    case indicators(places: [Int32], count: Int)
  }

  private let steps: [Step]
  /// The number of columns of the encoded rows.
  let columnCount: Int
  private let fills: [Double]
  private let isPlain: Bool

  init(_ steps: [Step]) {
    self.steps = steps
    columnCount = steps.reduce(0) { total, step in
      if case .indicators(_, let count) = step { total + count } else { total + 1 }
    }
    fills = steps.map { step in if case .number(let fill?) = step { fill } else { .nan } }
    isPlain = steps.allSatisfy { step in if case .number = step { true } else { false } }
  }

  /// The run of encoded rows: encoded now if the rows are in memory, else each time that they are wanted.
  ///
  /// - Parameters:
  ///   - run: The run; of one in memory nobody else may have seen the rows.
  ///   - type: What the numbers are stored in.
  /// - Returns: A run of as many rows.
  func apply<Element: Scalar>(to run: RowRun, of type: Element.Type) -> RowRun {
    @Sendable func encoded(_ rows: any RowBlock) -> any RowBlock {
      switch rows {
      case let rows as DenseRows<Element>: apply(to: rows)
      case let rows as SparseRows<Element>: apply(to: rows)
      default: preconditionFailure("\(rows.layout) rows in a file of \(Element.self)")
      }
    }
    return run.inMemory.map { RowRun(encoded($0)) } ?? run.mapped { encoded($0) }
  }

  /// The encoded rows: these rows themselves if nothing is to be changed.
  ///
  /// - Parameter rows: The rows; nobody else may have seen them, as they are changed in place where that can be done.
  /// - Returns: Rows of `columnCount` columns.
  func apply<Element: Scalar>(to rows: DenseRows<Element>) -> DenseRows<Element> {
    guard isPlain else { return spread(rows) }
    guard fills.contains(where: { !$0.isNaN }), Self.hasNaN(rows) else { return rows }
    if rows.withOwnedElements({ Self.fill($0, with: fills) }) { return rows }
    let storage = RowStorage<Element>(count: rows.rowCount * rows.columnCount) { buffer in
      rows.withUnsafeElements { _ = buffer.initialize(fromContentsOf: $0) }
      Self.fill(buffer, with: fills)
    }
    return DenseRows(storage, rowCount: rows.rowCount, columnCount: rows.columnCount)
  }

  /// The encoded rows; of sparse rows only missing numbers are filled in.
  func apply<Element: Scalar>(to rows: SparseRows<Element>) -> SparseRows<Element> {
    precondition(isPlain, "categories in sparse rows")
    return rows.withUnsafeEntries { offsets, columns, values in
      let entries = (offsets.first ?? 0)..<(offsets.last ?? 0)
      guard entries.contains(where: { values[$0].isNaN }) else { return rows }
      return SparseRows(
        checked: offsets.map { $0 - entries.lowerBound }, columns: Array(columns[entries]),
        values: entries.map { e in
          let fill = fills[Int(columns[e])]
          return values[e].isNaN && !fill.isNaN ? Element(fill) : values[e]
        }, columnCount: rows.columnCount)
    }
  }

  // A loop over `Element` that another module calls is not compiled for either type: these cross over to one that is.

  /// Whether a value is missing.
  static func hasNaN<Element: Scalar>(_ rows: DenseRows<Element>) -> Bool {
    rows.withUnsafeElements { elements in
      guard let base = elements.baseAddress else { return false }
      return Element.self == Float.self
        ? hasNaN(UnsafeRawPointer(base).assumingMemoryBound(to: Float.self), elements.count)
        : hasNaN(UnsafeRawPointer(base).assumingMemoryBound(to: Double.self), elements.count)
    }
  }

  private static func hasNaN<T: BinaryFloatingPoint>(_ elements: UnsafePointer<T>, _ count: Int) -> Bool {
    var start = 0
    while start < count {
      let end = min(start + 4096, count)
      var nanCount = 0
      for i in start..<end { nanCount &+= elements[i] != elements[i] ? 1 : 0 }
      if nanCount > 0 { return true }
      start = end
    }
    return false
  }

  private static func fill<Element: Scalar>(
    _ elements: UnsafeMutableBufferPointer<Element>, with fills: [Double]
  ) {
    guard let base = elements.baseAddress else { return }
    if Element.self == Float.self {
      fill(
        UnsafeMutableRawPointer(base).assumingMemoryBound(to: Float.self), elements.count, fills.map { Float($0) })
    } else {
      fill(UnsafeMutableRawPointer(base).assumingMemoryBound(to: Double.self), elements.count, fills)
    }
  }

  private static func fill<T: BinaryFloatingPoint>(_ elements: UnsafeMutablePointer<T>, _ count: Int, _ fills: [T]) {
    fills.withUnsafeBufferPointer { fills in
      for start in stride(from: 0, to: count, by: max(1, fills.count)) {
        for j in 0..<fills.count where elements[start + j] != elements[start + j] { elements[start + j] = fills[j] }
      }
    }
  }

  // MARK: Categories

  private func spread<Element: Scalar>(_ rows: DenseRows<Element>) -> DenseRows<Element> {
    let storage = RowStorage<Element>(count: rows.rowCount * columnCount) { buffer in
      rows.withUnsafeElements { elements in
        guard let source = elements.baseAddress, let target = buffer.baseAddress else { return }
        let (from, to) = (UnsafeRawPointer(source), UnsafeMutableRawPointer(target))
        if Element.self == Float.self {
          spread(
            from.assumingMemoryBound(to: Float.self), rowCount: rows.rowCount, to.assumingMemoryBound(to: Float.self))
        } else {
          spread(
            from.assumingMemoryBound(to: Double.self), rowCount: rows.rowCount, to.assumingMemoryBound(to: Double.self))
        }
      }
    }
    return DenseRows(storage, rowCount: rows.rowCount, columnCount: columnCount)
  }

  private func spread<T: BinaryFloatingPoint>(
    _ source: UnsafePointer<T>, rowCount: Int, _ target: UnsafeMutablePointer<T>
  ) {
    let width = steps.count
    target.initialize(repeating: 0, count: rowCount * columnCount)
    var place = 0
    for (j, step) in steps.enumerated() {
      switch step {
      case .number(let fill):
        let fill = T(fill ?? .nan)
        for i in 0..<rowCount {
          let value = source[i * width + j]
          target[i * columnCount + place] = value != value ? fill : value
        }
        place += 1
      case .indicators(let places, let count):
        places.withUnsafeBufferPointer { places in
          for i in 0..<rowCount {
            let code = source[i * width + j]
            guard code == code else { continue }
            let column = Int(places[Int(code)])
            if column >= 0 { target[i * columnCount + place + column] = 1 }
          }
        }
        place += count
      }
    }
  }
}
