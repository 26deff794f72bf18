// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep

@c @implementation
public func lockstep_rows_dense(
  _ array: UnsafePointer<lockstep_array>, _ column_names: UnsafePointer<CChar>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let array = try CallerArray(array.pointee)
    let names = try columnNames(column_names, count: array.columnCount)
    return RowsBox(try array.isSingle ? array.table(Float.self, names) : array.table(Double.self, names)).handedOver()
  }
}

@c @implementation
public func lockstep_rows_columns(
  _ arrays: UnsafePointer<lockstep_array>?, _ array_count: Int64, _ column_names: UnsafePointer<CChar>?,
  _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let arrays = try UnsafeBufferPointer(start: arrays, count: arrays == nil ? 0 : Int(max(0, array_count))).map {
      try CallerArray($0)
    }
    guard let first = arrays.first else { throw LockstepError(.shapeMismatch, "rows without columns") }
    for (i, array) in arrays.enumerated() where array.rowCount != first.rowCount {
      throw LockstepError(
        .shapeMismatch, "column \(i) has \(array.rowCount) rows, column 0 has \(first.rowCount)",
        remedy: "give columns of one length")
    }
    let columnCount = arrays.reduce(0) { $0 + $1.columnCount }
    guard !columnCount.multipliedReportingOverflow(by: max(1, first.rowCount)).overflow else {
      throw LockstepError(.shapeMismatch, "\(first.rowCount) rows of \(columnCount) columns are too many")
    }
    let names = try columnNames(column_names, count: columnCount)
    func table<Element: Scalar>(_ type: Element.Type) -> Table<Element> {
      Table(CallerArray.sideBySide(arrays, columnCount: columnCount, as: type), columnNames: names)
    }
    let isSingle = arrays.allSatisfy(\.isSingle)
    return RowsBox(isSingle ? table(Float.self) : table(Double.self) as any RowSource).handedOver()
  }
}

@c @implementation
public func lockstep_rows_arrow(_ stream: UnsafeMutableRawPointer, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) {
    RowsBox(try rows(ofArrowStream: stream.assumingMemoryBound(to: ArrowArrayStream.self))).handedOver()
  }
}

@c @implementation
public func lockstep_rows_accompany(
  _ rows: OpaquePointer, _ responses: UnsafePointer<lockstep_array>?, _ weights: UnsafePointer<lockstep_array>?,
  _ labels: UnsafePointer<lockstep_array>?, _ label_names: UnsafePointer<CChar>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let box = try RowsBox.at(rows)
    guard box.source.roles == RowRoles() else {
      throw LockstepError(.usage, "these rows have responses, weights or labels already")
    }
    func values(_ array: UnsafePointer<lockstep_array>?, _ what: String) throws -> DenseRows<Double>? {
      guard let array = try array.map({ try CallerArray($0.pointee) }) else { return nil }
      guard array.rowCount == box.source.rowCount else {
        throw LockstepError(
          .shapeMismatch, "\(array.rowCount) \(what) for \(box.source.rowCount) rows", remedy: "give one for each row")
      }
      return try array.table(Double.self, nil).rows
    }
    let weights = try values(weights, "weights")
    guard weights.map({ $0.columnCount == 1 }) ?? true else {
      throw LockstepError(
        .shapeMismatch, "weights of \(weights?.columnCount ?? 0) columns", remedy: "give one for each row")
    }
    let source = trainingRows(
      box.source, responses: try values(responses, "responses"), weights: weights,
      labels: try rowLabels(labels, label_names, rowCount: box.source.rowCount))
    return RowsBox(
      source, skippedRowCount: box.skippedRowCount, missing: box.missing, encoding: box.encoding
    ).handedOver()
  }
}

/// `features` with their targets and weights, whatever their type.
private func trainingRows(
  _ features: some RowSource, responses: DenseRows<Double>?, weights: DenseRows<Double>?, labels: RowLabels?
) -> any RowSource { TrainingRows(features, responses: responses, weights: weights, labels: labels) }

/// Whole numbers, or indices of names.
private func rowLabels(
  _ array: UnsafePointer<lockstep_array>?, _ names: UnsafePointer<CChar>?, rowCount: Int
) throws -> RowLabels? {
  guard let array = try array.map({ try CallerArray($0.pointee) }) else { return nil }
  let integers = try array.integers(as: Int64.self, "labels")
  guard integers.count == rowCount else {
    throw LockstepError(
      .shapeMismatch, "\(integers.count) labels for \(rowCount) rows", remedy: "give one for each row")
  }
  guard let names else { return RowLabels(integers) }
  guard case .array(let list) = try JSONValue(cString: names), case let texts = list.compactMap(\.string),
    texts.count == list.count, integers.allSatisfy({ $0 >= 0 && $0 < texts.count })
  else { throw LockstepError(.usage, "the labels are not indices of their names") }
  return RowLabels(indices: integers, names: texts)
}

@c @implementation
public func lockstep_rows_sparse(
  _ offsets: UnsafePointer<lockstep_array>, _ columns: UnsafePointer<lockstep_array>,
  _ values: UnsafePointer<lockstep_array>, _ column_count: Int64, _ column_names: UnsafePointer<CChar>?,
  _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    guard column_count >= 0, column_count <= Int64(Int32.max) else {
      throw LockstepError(.shapeMismatch, "sparse rows of \(column_count) columns")
    }
    let offsets = try CallerArray(offsets.pointee).integers(as: Int.self, "offsets")
    let columns = try CallerArray(columns.pointee)
    let values = try CallerArray(values.pointee)
    guard values.columnCount == 1 else {
      throw LockstepError(.shapeMismatch, "entries of \(values.columnCount) columns")
    }
    let names = try columnNames(column_names, count: Int(column_count))
    func table<Element: Scalar>(_ type: Element.Type) throws -> SparseTable<Element> {
      if let columns = columns.shown(as: Int32.self), let values = values.shown(as: type) {
        return SparseTable(
          try SparseRows(offsets: offsets, borrowing: columns, values, columnCount: Int(column_count)),
          columnNames: names)
      }
      let columns = try columns.integers(as: Int32.self, "columns")
      let elements = try values.table(type, nil).rows.withUnsafeElements { Array($0) }
      return SparseTable(
        try SparseRows(offsets: offsets, columns: columns, values: elements, columnCount: Int(column_count)),
        columnNames: names)
    }
    return RowsBox(values.isSingle ? try table(Float.self) : try table(Double.self) as any RowSource).handedOver()
  }
}

/// The names in a JSON array, as many as there are columns.
private func columnNames(_ text: UnsafePointer<CChar>?, count: Int) throws -> [String]? {
  guard let text else { return nil }
  guard case .array(let list) = try JSONValue(cString: text) else {
    throw LockstepError(.usage, "the names of the columns are not a JSON array")
  }
  let names = list.compactMap(\.string)
  guard names.count == count, list.count == count else {
    throw LockstepError(.shapeMismatch, "\(names.count) names for \(count) columns", remedy: "give each column a name")
  }
  return names
}

/// A number of rows or columns that a caller asks for, -1 for what is neither rows nor a model.
@c @implementation
public func lockstep_row_count(_ object: OpaquePointer) -> Int64 {
  switch Box.any(at: object) {
  case let rows as RowsBox: Int64(rows.source.rowCount)
  case let model as ModelBox: Int64(model.file.rowCount)
  default: -1
  }
}

@c @implementation
public func lockstep_column_count(_ object: OpaquePointer) -> Int64 {
  switch Box.any(at: object) {
  case let rows as RowsBox: Int64(rows.source.columnCount)
  case let model as ModelBox: Int64(model.file.model.columnCount)
  default: -1
  }
}

@c @implementation
public func lockstep_rows_describe(_ rows: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    let box = try RowsBox.at(rows)
    return text(
      .object([
        "rowCount": .integer(box.source.rowCount), "columnCount": .integer(box.source.columnCount),
        "layout": .string(box.source.layout), "columnNames": JSONValue(names: box.source.columnNames),
        "responseNames": JSONValue(names: box.responseNames), "skippedRowCount": .integer(box.skippedRowCount),
        "missingCounts": .object(
          Dictionary(box.missing.map { ($0.column, .integer($0.count)) }) { first, _ in first }),
        "encoding": box.encoding?.json ?? .null,
      ]))
  } ?? nil
}

@c @implementation
public func lockstep_rows_copy(
  _ rows: OpaquePointer, _ part: Int32, _ destination: UnsafeMutablePointer<Double>, _ error: FailureOut
) -> Int32 {
  attemptStatus(error) {
    let source = try RowsBox.at(rows).source
    var next = destination
    func write(_ block: any RowBlock) {
      if let dense = block as? DenseRows<Double> {
        dense.withUnsafeElements {
          if let first = $0.baseAddress { next.update(from: first, count: $0.count) }
          next += $0.count
        }
        return
      }
      for i in 0..<block.rowCount {
        for value in block.row(i) {
          next.pointee = value
          next += 1
        }
      }
    }
    try source.forEachChunk { chunk in
      let accompanied = chunk as? SupervisedRows
      switch part {
      case 0: write(accompanied?.features ?? chunk)
      case 1: if let responses = accompanied?.responses { write(responses) }
      case 2: if let weights = accompanied?.weights { write(weights) }
      default: throw LockstepError(.usage, "rows have no part \(part)", remedy: "give 0, 1 or 2")
      }
    }
  }
}
