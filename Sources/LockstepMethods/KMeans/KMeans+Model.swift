// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepTables

extension KMeans {
  /// The clusters that a fit found.
  public struct Model: FittedModel, Hashable {
    /// The centroids, k × p.
    public var centroids: Matrix
    /// Σᵢ ‖xᵢ − c(aᵢ)‖² for these centroids, in squared units of the data.
    public var objective: Double
    /// The number of iterations done.
    public var iterations: Int
    /// Whether the assignments repeated or the tolerance was met, before the iterations ran out.
    public var isConverged: Bool
    /// The number of rows of each cluster; of those whose weight is not 0, if the rows had weights.
    public var clusterSizes: [Int]
    /// The sum of the weights of each cluster's rows, if the rows had weights.
    public var clusterWeights: [Double]?
    /// The part of ``objective`` that each cluster has; `nil` in models of an earlier release.
    public var withinSumOfSquares: [Double]?
    /// The sum of squared distances of all rows from their common mean; `nil` in models of an earlier release.
    public var totalSumOfSquares: Double?
    /// The standard deviations by which columns are divided before distances are taken, if the fit standardized them.
    public var deviations: [Double]?
    /// What spoke for each number of clusters, if there was a choice.
    public var choices: [Choice]?

    /// A model of its parts.
    public init(
      centroids: Matrix, objective: Double, iterations: Int, isConverged: Bool, clusterSizes: [Int],
      clusterWeights: [Double]? = nil, withinSumOfSquares: [Double]? = nil, totalSumOfSquares: Double? = nil
    ) {
      self.centroids = centroids
      self.objective = objective
      self.iterations = iterations
      self.isConverged = isConverged
      self.clusterSizes = clusterSizes
      self.clusterWeights = clusterWeights
      self.withinSumOfSquares = withinSumOfSquares
      self.totalSumOfSquares = totalSumOfSquares
    }

    /// `kmeans`.
    public static var methodName: String { "kmeans" }
    /// The number of columns, p.
    public var columnCount: Int { centroids.columnCount }
    /// The number of clusters, k.
    public var clusterCount: Int { centroids.rowCount }
    /// What of ``totalSumOfSquares`` the clusters explain: all but ``objective``.
    public var betweenSumOfSquares: Double? { totalSumOfSquares.map { $0 - objective } }

    /// `centroids`, `objective`, `iterations`, `isConverged`, `clusterSizes`, `clusterWeights` of rows with weights, `deviations` of standardized columns, and
    /// `withinSumOfSquares` and `totalSumOfSquares`;
    /// `choices`, a row for each number of clusters: the number, objective, silhouette, Caliński–Harabasz, Davies–Bouldin, BIC, simplified
    /// silhouette.
    public var fields: [ModelField] {
      var fields = [
        ModelField("centroids", .matrix(centroids)), ModelField("objective", .scalar(objective)),
        ModelField("iterations", .scalar(iterations)), ModelField("isConverged", .bool(isConverged)),
        ModelField("clusterSizes", .vector(clusterSizes)),
      ]
      if let clusterWeights { fields.append(ModelField("clusterWeights", .vector(clusterWeights))) }
      if let deviations { fields.append(ModelField("deviations", .vector(deviations))) }
      if let withinSumOfSquares {
        fields.append(ModelField("withinSumOfSquares", .vector(withinSumOfSquares), isDigested: false))
      }
      if let totalSumOfSquares {
        fields.append(ModelField("totalSumOfSquares", .scalar(totalSumOfSquares), isDigested: false))
      }
      if let choices { fields.append(ModelField("choices", .matrix(Self.matrix(of: choices)), isDigested: false)) }
      return fields
    }

    private static func matrix(of choices: [Choice]) -> Matrix {
      Matrix(
        rows: choices.map {
          [
            Double($0.clusterCount), $0.objective, $0.silhouette, $0.calinskiHarabasz, $0.daviesBouldin, $0.bic,
            $0.simplifiedSilhouette,
          ]
        })
    }

    private static func choices(of matrix: Matrix) throws -> [Choice] {
      let counts = matrix.columnCount == 7 ? (0..<matrix.rowCount).compactMap { Int(exactly: matrix[$0, 0]) } : []
      guard counts.count == matrix.rowCount else {
        throw LockstepError(
          .malformedInput, "\"choices\" of a kmeans model is \(matrix.rowCount) × \(matrix.columnCount)",
          remedy: "save the model again")
      }
      return counts.enumerated().map { i, count in
        Choice(
          clusterCount: count, objective: matrix[i, 1], silhouette: matrix[i, 2], calinskiHarabasz: matrix[i, 3],
          daviesBouldin: matrix[i, 4], bic: matrix[i, 5], simplifiedSilhouette: matrix[i, 6])
      }
    }

    /// `betweenSumOfSquares`.
    public var derivedFields: [ModelField] {
      betweenSumOfSquares.map { [ModelField("betweenSumOfSquares", .scalar($0))] } ?? []
    }

    /// The model of these fields.
    public init(fields: ModelFields) throws {
      try self.init(
        centroids: fields.matrix("centroids"), objective: fields.double("objective"),
        iterations: fields.integer("iterations"), isConverged: fields.bool("isConverged"),
        clusterSizes: fields.integers("clusterSizes"),
        clusterWeights: fields.contains("clusterWeights") ? fields.vector("clusterWeights") : nil,
        withinSumOfSquares: fields.contains("withinSumOfSquares") ? fields.vector("withinSumOfSquares") : nil,
        totalSumOfSquares: fields.contains("totalSumOfSquares") ? fields.double("totalSumOfSquares") : nil)
      if fields.contains("deviations") { deviations = try fields.vector("deviations") }
      if fields.contains("choices") { choices = try Self.choices(of: fields.matrix("choices")) }
      guard clusterSizes.count == centroids.rowCount, clusterCount > 0,
        [clusterWeights, withinSumOfSquares].allSatisfy({ $0?.count ?? clusterCount == clusterCount }),
        deviations.map({ $0.count == columnCount && $0.allSatisfy { $0 > 0 && $0.isFinite } }) ?? true
      else {
        throw LockstepError(
          .malformedInput, "a kmeans model of \(centroids.rowCount) centroids and \(clusterSizes.count) cluster sizes",
          remedy: "save the model again")
      }
    }

    /// The nearest centroid of each row, ties to the lowest; local, no communication.
    ///
    /// - Throws: ``LockstepError`` with code `.shapeMismatch` for rows of another number of columns, `.notFinite` for a row
    ///   with a NaN or an infinity.
    /// - Complexity: 2nkp flops.
    public func predict(_ rows: any RowBlock) throws -> [Int32] {
      guard rows.columnCount == columnCount || rows.rowCount == 0 else {
        throw LockstepError(
          .shapeMismatch, "rows of \(rows.columnCount) columns for a model of \(columnCount)",
          remedy: "give the columns that the model was fitted to, in the same order")
      }
      if let place = rows.firstNonFinite() {
        throw LockstepError(
          .notFinite, "a row with a NaN or an infinity has no nearest centroid",
          place: .init(row: place.row, column: place.column + 1))
      }
      let (rows, centroids) = (scaled(rows), scaledCentroids)
      let panels = CentroidPanels(centroids.elements, shift: centroids.columnMedians, measuresSeparations: false)
      var labels = [Int32](repeating: 0, count: rows.rowCount)
      _ = labels.withUnsafeMutableBufferPointer {
        rows.assign(to: panels, labels: $0, bounds: nil, isFirstSweep: true, sums: nil)
      }
      return labels
    }
  }
}

extension KMeans.Model: CustomStringConvertible {
  /// A few lines for people: the summary, and each cluster's size and centroid.
  public var description: String {
    var lines = [
      "k-means: \(clusterCount) clusters of \(columnCount) columns, objective \(objective), "
        + "\(iterations) iterations, \(isConverged ? "converged" : "not converged")"
    ]
    for j in 0..<clusterCount {
      lines.append("  cluster \(j): \(clusterSizes[j]) rows, centroid \(Array(centroids.row(j)))")
    }
    do { lines.append("  digest \(try digest)") } catch { lines.append("  no digest: \(error)") }
    return lines.joined(separator: "\n")
  }
}
