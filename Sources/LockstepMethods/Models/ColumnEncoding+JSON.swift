// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTableIO
import LockstepTables

extension ColumnEncoding {
  /// The columns as a list of objects, with what there is of `name`, `mean`, `values` and `base`.
  public var json: JSONValue {
    .array(
      columns.map { column in
        var members: [String: JSONValue] = [:]
        members["name"] = column.name.map(JSONValue.string)
        members["mean"] = column.mean.map(JSONValue.double)
        members["base"] = column.base.map(JSONValue.string)
        members["values"] = column.values.map { .array($0.map(JSONValue.string)) }
        return .object(members)
      })
  }

  /// Reads what ``json`` made.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` if it is something else.
  public init(json: JSONValue) throws {
    let wrong = LockstepError(
      .malformedInput, "the encoding of the columns is not one", remedy: "save the model again")
    guard case .array(let list) = json else { throw wrong }
    self.init(
      try list.map { json in
        guard case .object = json else { throw wrong }
        var column = Column(name: json["name"]?.string)
        switch json["mean"] {
        case .double(let mean)?: column.mean = mean
        case .integer(let mean)?: column.mean = Double(mean)
        case nil, .null?: break
        default: throw wrong
        }
        switch json["values"] {
        case .array(let values)?:
          column.values = values.compactMap(\.string)
          guard column.values?.count == values.count else { throw wrong }
        case nil, .null?: break
        default: throw wrong
        }
        if let base = json["base"], base != .null {
          column.base = base.string
          // A base level is one of the values.
          let isValue = column.values?.contains { ClassLabel.string($0) == .string(column.base ?? "") } ?? false
          guard column.base != nil, isValue else { throw wrong }
        }
        return column
      })
  }
}
