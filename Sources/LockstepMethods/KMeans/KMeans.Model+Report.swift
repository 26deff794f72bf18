// SPDX-License-Identifier: Apache-2.0

extension KMeans.Model: ReportedModel {
  /// Sizes and centroids of the clusters.
  package func report(_ names: ReportNames) -> ModelReport {
    let shownCount = ReportNames.shownCount
    let clusters = 0..<min(clusterCount, shownCount)
    let table = TextTable(
      keys: [.init("cluster", clusters.map { "\($0)" })],
      columns: [.init("rows", clusters.map { "\(clusterSizes[$0])" })]
        + (clusterWeights.map { weights in [.init("weight", numbers: clusters.map { weights[$0] })] } ?? [])
        + (withinSumOfSquares.map { squares in [.init("within", numbers: clusters.map { squares[$0] })] } ?? [])
        + names.shownColumns.enumerated().map { column, name in
          .init(name, numbers: clusters.map { centroids[$0, column] })
        })
    var notes: [String] = []
    if clusterCount > shownCount || columnCount > shownCount {
      notes.append(
        "the table shows the first \(shownCount) of \(clusterCount) clusters, \(columnCount) columns; "
          + "the saved model has all")
    }
    if deviations != nil {
      notes.append("distances and sums of squares are those of columns divided by their standard deviations")
    }
    if let preferences { notes.append(preferences) }
    if !isConverged { notes.append("the assignments still changed in the last iteration; allow more iterations") }
    let emptyCount = clusterSizes.count { $0 == 0 }
    if emptyCount > 0 {
      let empty = NumberText.count(emptyCount, "cluster is", "clusters are")
      notes.append("\(empty) empty: there are fewer distinct rows than clusters")
    }
    return ModelReport(
      title: "k-means", tables: choiceTable.map { [$0, table] } ?? [table],
      figures: [
        ("objective", NumberText.exact(objective))
      ] + sumsOfSquares + [
        ("iterations", "\(iterations), \(isConverged ? "converged" : "not converged")")
      ], notes: notes)
  }

  /// What of the sum of squares about the common mean the clusters explain.
  private var sumsOfSquares: [(String, String)] {
    guard let total = totalSumOfSquares, let between = betweenSumOfSquares else { return [] }
    let share = total > 0 ? ", \(NumberText.significant(100 * between / total, 4)) % of it between clusters" : ""
    return [("total sum of squares", NumberText.exact(total) + share)]
  }

  /// What speaks for each number of clusters.
  private var choiceTable: TextTable? {
    guard let choices else { return nil }
    func column(_ name: String, _ figure: (KMeans.Choice) -> Double) -> TextTable.Column {
      .init(name, choices.map { figure($0).isNaN ? "" : NumberText.short(figure($0)) })
    }
    return TextTable(
      keys: [.init("clusters", choices.map { "\($0.clusterCount)" })],
      columns: [
        column("objective", \.objective), column("silhouette", \.silhouette),
        column("Caliński–Harabasz", \.calinskiHarabasz), column("Davies–Bouldin", \.daviesBouldin),
        column("BIC", \.bic),
        column("simplified", \.simplifiedSilhouette),
        .init("", choices.map { $0.clusterCount == clusterCount ? "taken" : "" }),
      ])
  }

  /// Which number of clusters each figure prefers.
  private var preferences: String? {
    guard let choices else { return nil }
    let names: [(KMeans.Criterion, String)] = [
      (.silhouette, "the silhouette"), (.calinskiHarabasz, "Caliński–Harabasz"), (.daviesBouldin, "Davies–Bouldin"),
      (.bic, "BIC"), (.simplifiedSilhouette, "the simplified silhouette"),
    ]
    let preferred = names.compactMap { criterion, name in
      criterion.preferred(among: choices).map { "\(choices[$0].clusterCount) by \(name)" }
    }
    return "preferred numbers of clusters: \(preferred.joined(separator: ", ")); \(clusterCount) taken"
  }
}
