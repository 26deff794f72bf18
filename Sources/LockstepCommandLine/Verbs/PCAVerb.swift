// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep pca`.
struct PCAVerb: MethodVerb {
  static let configuration = CommandConfiguration(
    commandName: "pca",
    abstract: PCA.summary + ".",
    discussion: """
      Columns are centred, and by the methods correlation and svd also scaled to a deviation of 1, over the rows of all \
      processes. The loading of largest magnitude of each component is positive. The method svd keeps the digits of \
      components of very small variance.

      Examples:
        lockstep pca --components 2 --scores scores.npy data.csv
        lockstep pca --components 0.95 --method covariance -o model.json data.csv
        lockstep transform model.json new.csv
      """)

  @Option(
    help: ArgumentHelp(
      "The number of components, or the share of the variance to explain, as 0.95. (default: all)", valueName: "k"))
  var components: String?

  @Option(help: ArgumentHelp(PCA.help("method")))
  var method = PCA.Method.correlation

  @Flag(help: "With --method svd: centre the columns, and do not scale them.")
  var noScaling = false

  @Flag(help: ArgumentHelp(PCA.help("isWhitened")))
  var whiten = false

  @Option(
    help: ArgumentHelp(
      "Write the scores of each row, one line for each row: .csv, .npy or .parquet. With {rank} in its name, each process writes its "
        + "own. (default: not written)", valueName: "file"),
    transform: RowFile.init(_:))
  var scores: RowFile?

  @OptionGroup var weighting: WeightOptions
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  var roles: ColumnRoles { ColumnRoles(weights: weighting.weights) }
  var rowFiles: [RowFile] { [scores].compactMap { $0 } }
  var partialFile: String? { summary.partial }
  var estimator: PCA {
    var pca = PCA(componentCount: nil, method: method, isWhitened: whiten, isScaled: !noScaling)
    if let components {
      pca.componentCount = Int(components)
      if pca.componentCount == nil { pca.varianceShare = Double(components) }
    }
    return pca
  }

  func validate() throws {
    if let components, Int(components) == nil, Double(components) == nil {
      throw ValidationError("\"\(components)\" is neither a number of components nor a share of the variance.")
    }
    if noScaling, method != .svd {
      throw ValidationError("--no-scaling goes with --method svd; --method covariance never scales.")
    }
    if scores != nil, summary.partial != nil { throw ValidationError("--scores and --partial exclude each other.") }
    try checkUsage { try estimator.validate() }
  }
}

extension PCA.Method: ExpressibleByArgument {}
