// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep kmeans`.
struct KMeansVerb: FitVerb {
  static let configuration = CommandConfiguration(
    commandName: "kmeans",
    abstract: KMeansRecipe.summary + ".",
    discussion: """
      Chooses k starting centroids, then moves each to the mean of the rows that are nearest to it until no row changes its \
      cluster. Columns of different units should be scaled first.

      Examples:
        lockstep kmeans --clusters 10 data.csv
        lockstep kmeans --clusters 10 -o model.json --assignments clusters.csv data.csv
        mpirun -n 4 lockstep kmeans --clusters 10 --columns temp,humid --missing skip-row 'file{rank}.csv'
      """)

  @OptionGroup(title: "Data") var data: DataOptions

  @Option(help: ArgumentHelp("The number of clusters. Needed, unless --centroids tells it.", valueName: "k"))
  var clusters: Int?

  @Option(name: .customLong("init"), help: "The rule for the starting centroids.")
  var initialization: KMeansInitialization.Method?

  @Option(help: ArgumentHelp("plus-plus: rows drawn for each centroid, of which the best is taken.", valueName: "n"))
  var trials = 1

  @Option(help: ArgumentHelp("parallel: each round draws this many times k rows.", valueName: "x"))
  var oversampling = 0.5

  @Option(help: ArgumentHelp("parallel: the number of rounds.", valueName: "n"))
  var rounds = 5

  @Option(
    help: ArgumentHelp(
      "Start from these centroids, a CSV or NPY file or a saved k-means model, instead of a rule.", valueName: "file"))
  var centroids: String?

  @Option(help: ArgumentHelp("The largest number of iterations.", valueName: "n"))
  var maxIterations = 100

  @Option(
    help: ArgumentHelp(
      "Stop when the sum of squared shifts of the centroids is at most this; 0: when the assignments repeat.",
      valueName: "x"))
  var tolerance = 0.0

  @Option(
    help: ArgumentHelp(
      "Write the cluster of each row, from 0, one line for each row: .csv or .npy. With {rank} in its name, each process "
        + "writes its own.", valueName: "file"),
    transform: RowFile.init(_:))
  var assignments: RowFile?

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var rowFiles: [RowFile] { [assignments].compactMap { $0 } }

  private var recipe: KMeansRecipe {
    var recipe = KMeansRecipe()
    recipe.clusterCount = clusters ?? 1
    recipe.initialization = initialization ?? .plusPlus
    recipe.seed = common.seed
    recipe.trials = trials
    recipe.oversampling = oversampling
    recipe.rounds = rounds
    recipe.maxIterations = maxIterations
    recipe.tolerance = tolerance
    return recipe
  }

  func validate() throws {
    if clusters == nil, centroids == nil { throw ValidationError("Missing expected option '--clusters <k>'") }
    if centroids != nil, initialization != nil { throw ValidationError("--centroids and --init exclude each other.") }
    try checkUsage { try recipe.validate() }
  }

  func fit(_ rows: any RowSource, in context: ExecutionContext) throws -> FitOutcome {
    var recipe = recipe
    if let centroids {
      let start = try context.decide { try StartingCentroids.read(centroids, delimiter: data.delimiter) }
      if let clusters, clusters != start.rowCount {
        throw LockstepError(
          .usage, "\(count(start.rowCount, "starting centroid")) for \(count(clusters, "cluster"))",
          remedy: "leave --clusters out, or give as many centroids", place: .init(file: centroids))
      }
      recipe.centroids = start.rows
      recipe.clusterCount = start.rowCount
    }
    let (model, labels) = try recipe.fitAssigning(rows, in: context)
    return FitOutcome(
      model: model, parameters: recipe.parameters,
      rowOutputs: assignments.map { [($0, .integers(labels))] } ?? [])
  }
}

/// Centroids from a file.
enum StartingCentroids {
  /// The rows of a CSV or NPY file, or the centroids of a saved k-means model.
  static func read(_ path: String, delimiter: UInt8?) throws -> Matrix {
    let name = path.lowercased()
    if name.hasSuffix(".json") || name.hasSuffix(".npz") {
      let saved = try ModelFile(reading: path)
      guard let model = saved.model as? KMeans.Model else {
        throw LockstepError(
          .usage, "a model of \(type(of: saved.model).methodName) has no centroids", place: .init(file: path))
      }
      return model.centroids
    }
    let table = name.hasSuffix(".npy") ? try NPYFile(path).table : try CSVFile(path, CSVOptions(delimiter: delimiter)).table
    var elements: [Double] = []
    try table.forEachChunk { chunk in for i in 0..<chunk.rowCount { elements += chunk.row(i) } }
    return Matrix(rowCount: table.rowCount, columnCount: table.columnCount, elements: elements)
  }
}
