// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep kmeans`.
struct KMeansVerb: FitVerb {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: KMeans.summary + ".",
    discussion: """
      Chooses k starting centroids, then moves each to the mean of the rows that are nearest to it until no row changes its \
      cluster. Columns of different units should be standardized.

      Examples:
        lockstep kmeans --clusters 10 data.csv
        lockstep kmeans --clusters 10 --columns temp,humid -o model.json data.csv
        lockstep kmeans --clusters 10 --weights people towns.csv
        lockstep kmeans --clusters 2-20 --starts 5 --standardize data.csv
        lockstep kmeans -n 4 --clusters 10 --missing skip-row data.csv
        mpirun -n 4 lockstep kmeans --clusters 10 'file{rank}.csv'
      """)

  @OptionGroup(title: "K-means") var kmeans: KMeansOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var rowFiles: [RowFile] { [kmeans.assignments].compactMap { $0 } }
  var inputFiles: [String] { [kmeans.centroids].compactMap { $0 } }

  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome {
    var estimator = kmeans.estimator(seed: common.seed)
    if let path = kmeans.centroids {
      let start = try context.decide {
        let start = try StartingCentroids.read(path, delimiter: data.delimiter)
        if let expected = kmeans.clusters?.first, expected != start.rowCount {
          throw LockstepError(
            .usage, "\(count(start.rowCount, "starting centroid")) for \(count(expected, "cluster"))",
            remedy: "leave --clusters out, or give as many centroids", place: .init(file: path))
        }
        return start
      }
      estimator.centroids = start.rows
      estimator.clusterCount = start.rowCount
    }
    return try fit(estimator, to: rows, in: context)
  }
}

/// Centroids from a file.
enum StartingCentroids {
  /// The rows of a CSV or NPY file, or the centroids of a saved k-means model.
  static func read(_ path: String, delimiter: UInt8?) throws -> Matrix {
    let name = path.lowercased()
    if name.hasSuffix(".json") || name.hasSuffix(".npz") {
      let saved = try ModelFile(reading: path)
      if let start = saved.model as? KMeansInitialization.Model { return start.centroids }
      guard let model = saved.model as? KMeans.Model else {
        throw LockstepError(
          .usage, "a model of \(type(of: saved.model).methodName) has no centroids", place: .init(file: path))
      }
      return model.centroids
    }
    let table =
      name.hasSuffix(".npy")
      ? try NPYFile(path).table : try CSVFile(path, ReadOptions(csv: CSVOptions(delimiter: delimiter))).table
    var elements: [Double] = []
    try table.forEachChunk { chunk in for i in 0..<chunk.rowCount { elements += chunk.row(i) } }
    return Matrix(rowCount: table.rowCount, columnCount: table.columnCount, elements: elements)
  }
}
