// SPDX-License-Identifier: Apache-2.0

import LockstepErrors

extension DBSCAN {
  /// The clusters that a fit found, in figures; which rows they have is what the fit gives for each row.
  public struct Model: FittedModel, Hashable {
    /// The number of columns, p.
    public var columnCount: Int
    /// The number of rows of each cluster, k.
    public var clusterSizes: [Int]
    /// The number of core rows of each cluster, k.
    public var clusterCoreCounts: [Int]
    /// The lowest core row of each cluster, ascending, k: rows are counted from 0 over all ranks.
    public var firstCores: [Int]
    /// The number of rows that belong to no cluster.
    public var noiseCount: Int

    /// A model of its parts.
    public init(
      columnCount: Int, clusterSizes: [Int], clusterCoreCounts: [Int], firstCores: [Int], noiseCount: Int
    ) {
      self.columnCount = columnCount
      self.clusterSizes = clusterSizes
      self.clusterCoreCounts = clusterCoreCounts
      self.firstCores = firstCores
      self.noiseCount = noiseCount
    }

    /// `dbscan`.
    public static var methodName: String { "dbscan" }
    /// The number of clusters, k.
    public var clusterCount: Int { clusterSizes.count }
    /// The number of core rows.
    public var coreCount: Int { clusterCoreCounts.reduce(0, +) }
    /// The number of rows of clusters that are no cores.
    public var borderCount: Int { clusterSizes.reduce(0, +) - coreCount }

    /// `clusterCount`, `coreCount`, `borderCount`, `noiseCount`, `clusterSizes`, `clusterCoreCounts`, `firstCores`, `columnCount`.
    public var fields: [ModelField] {
      [
        ModelField("clusterCount", .scalar(clusterCount)), ModelField("coreCount", .scalar(coreCount)),
        ModelField("borderCount", .scalar(borderCount)), ModelField("noiseCount", .scalar(noiseCount)),
        ModelField("clusterSizes", .vector(clusterSizes)), ModelField("clusterCoreCounts", .vector(clusterCoreCounts)),
        ModelField("firstCores", .vector(firstCores)), ModelField("columnCount", .scalar(columnCount)),
      ]
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        columnCount: fields.integer("columnCount"), clusterSizes: fields.integers("clusterSizes"),
        clusterCoreCounts: fields.integers("clusterCoreCounts"), firstCores: fields.integers("firstCores"),
        noiseCount: fields.integer("noiseCount"))
      let isWhole =
        clusterSizes.count == clusterCoreCounts.count && clusterSizes.count == firstCores.count
        && zip(clusterSizes, clusterCoreCounts).allSatisfy { 1...max($0, 1) ~= $1 } && noiseCount >= 0
        && columnCount >= 0
      let counts = try [fields.integer("clusterCount"), fields.integer("coreCount"), fields.integer("borderCount")]
      // What does not fit together is not added up.
      guard isWhole, counts == [clusterCount, coreCount, borderCount] else {
        throw LockstepError(
          .malformedInput, "a dbscan model of \(clusterSizes.count) clusters whose counts do not fit together",
          remedy: "save the model again")
      }
    }
  }
}

extension DBSCAN.Model: CustomStringConvertible {
  /// A line for people.
  public var description: String {
    "DBSCAN: \(clusterCount) clusters of \(columnCount) columns, \(coreCount) core rows, \(borderCount) border rows, "
      + "\(noiseCount) rows of noise"
  }
}
