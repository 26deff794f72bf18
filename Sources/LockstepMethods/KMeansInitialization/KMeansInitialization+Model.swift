// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables

extension KMeansInitialization {
  /// The chosen rows.
  public struct Model: FittedModel, Hashable {
    /// The centroids, k × p.
    public var centroids: Matrix
    /// The global number of the row that each centroid is.
    public var rows: [Int]

    init(centroids: Matrix, rows: [Int]) {
      self.centroids = centroids
      self.rows = rows
    }

    /// `kmeans-initialization`.
    public static var methodName: String { "kmeans-initialization" }
    /// The number of columns, p.
    public var columnCount: Int { centroids.columnCount }
    /// `centroids` and `rows`.
    public var fields: [ModelField] {
      [ModelField("centroids", .matrix(centroids)), ModelField("rows", .vector(rows))]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(centroids: fields.matrix("centroids"), rows: fields.integers("rows"))
      guard rows.count == centroids.rowCount else {
        throw LockstepError(
          .malformedInput, "a start of \(centroids.rowCount) centroids from \(rows.count) rows",
          remedy: "save the model again")
      }
    }
  }
}
