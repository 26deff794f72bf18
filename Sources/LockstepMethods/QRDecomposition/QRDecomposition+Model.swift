// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension QRDecomposition {
  /// The triangular factor that a fit found.
  public struct Model: FittedModel, Hashable {
    /// R, p × p (min(n, p) × p for n rows), upper triangular with a diagonal that is not negative.
    public var r: Matrix

    /// A model of its part.
    public init(r: Matrix) { self.r = r }

    /// `qr`.
    public static var methodName: String { "qr" }
    /// The number of columns, p.
    public var columnCount: Int { r.columnCount }

    /// `r`.
    public var fields: [ModelField] { [ModelField("r", .matrix(r))] }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(r: fields.matrix("r"))
      guard r.rowCount <= r.columnCount else {
        throw LockstepError(
          .malformedInput, "a qr model of \(r.rowCount) × \(r.columnCount)", remedy: "save the model again")
      }
    }
  }
}
