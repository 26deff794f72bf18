// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The sweep for robust errors without clusters: the products of the rows' scores.
struct RobustPass: Pass {
  let errors: RobustErrors
  let fit: LinearRegression.FirstFit
  private let map: ResidualMap

  init(_ errors: RobustErrors, _ fit: LinearRegression.FirstFit) {
    self.errors = errors
    self.fit = fit
    map = ResidualMap(fit)
  }

  struct Partial: Mergeable {
    /// Of each response, of √w z with the weights w r² / σ².
    var products: [CrossProduct] = []
    /// The number of rows whose response alone decides their fitted value.
    var fullLeverageCount = 0

    mutating func merge(_ later: Self) {
      fullLeverageCount += later.fullLeverageCount
      guard !products.isEmpty else {
        products = later.products
        return
      }
      for k in later.products.indices { products[k].merge(later.products[k]) }
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func blockRowCount(columnCount: Int) -> Int { LinearRegression().blockRowCount(columnCount: columnCount) }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    let (n, m, q) = (samples.rowCount, map.coordinateCount, map.responseCount)
    var rows = [Double](repeating: 0, count: n * m)
    var squares = [Double](repeating: 0, count: n * q)
    var fullLeverageCount = 0
    let inverses = (0..<q).map { k in fit.residualScale(k).map { 1 / $0 } ?? 0 }
    let (errors, isFrequency) = (errors, map.weightKind == .frequency)
    try rows.withUnsafeMutableBufferPointer { rows in
      try squares.withUnsafeMutableBufferPointer { squares in
        try map.forEachRow(of: samples) { row in
          guard row.weight > 0 else { return }
          // Rows that were seen several times have one residual each.
          let scale = isFrequency ? 1 : row.weight.squareRoot()
          for c in 0..<m { rows[row.index * m + c] = scale * row.coordinates[c] }
          var factor = row.weight
          if errors.usesLeverages {
            if row.leverage > LinearRegression.FirstFit.fullLeverage { fullLeverageCount += 1 }
            let rest = max(1 - row.leverage, 1e-10)
            factor /= errors == .hc3 ? rest * rest : rest
          }
          for k in 0..<q {
            let residual = (row.responses[k] - row.fitted[k]) * inverses[k]
            squares[k * n + row.index] = factor * residual * residual
          }
        }
      }
    }
    var part = Partial(fullLeverageCount: fullLeverageCount)
    let features = DenseRows(rows, columnCount: m)
    part.products = try (0..<q).map { k in
      var products = CrossProduct()
      let weights = DenseRows(Array(squares[k * n..<(k + 1) * n]), columnCount: 1)
      try products.observe(
        Samples(SupervisedRows(features: features, weights: weights), firstRow: samples.firstRow),
        includingResponses: false, precision: .automatic)
      return products
    }
    partial.merge(part)
  }

  func finalize(_ partial: Partial) -> LinearRegression.Model {
    let m = map.coordinateCount
    let meats = (0..<map.responseCount).map { k in
      k < partial.products.count && partial.products[k].columnCount == m
        ? partial.products[k].raw(0..<m, 0..<m).rounded : Matrix(zeros: m, m)
    }
    return fit.robust(errors, meats, areKnown: partial.fullLeverageCount == 0)
  }
}

/// The sweep for errors of rows that depend on each other in clusters: the sums of the scores of each cluster.
///
/// - Memory and communication per rank: G q (k + 1) numbers for G clusters.
struct ClusterPass: Pass {
  let errors: RobustErrors
  let fit: LinearRegression.FirstFit
  private let map: ResidualMap

  init(_ errors: RobustErrors, _ fit: LinearRegression.FirstFit) {
    self.errors = errors
    self.fit = fit
    map = ResidualMap(fit)
  }

  /// Σ w r z / σ of each cluster, response after response; clusters in the order of their labels.
  struct Partial: Mergeable {
    var clusters: [ClassLabel] = []
    var sums: [Double] = []

    mutating func merge(_ later: Self) {
      guard !later.clusters.isEmpty else { return }
      guard !clusters.isEmpty else {
        self = later
        return
      }
      let width = sums.count / clusters.count
      var all = Partial()
      all.clusters.reserveCapacity(clusters.count + later.clusters.count)
      all.sums.reserveCapacity(sums.count + later.sums.count)
      var (i, j) = (0, 0)
      while i < clusters.count || j < later.clusters.count {
        let isMine = j == later.clusters.count || i < clusters.count && !(later.clusters[j] < clusters[i])
        let isTheirs = i == clusters.count || j < later.clusters.count && !(clusters[i] < later.clusters[j])
        let (mine, theirs) = (i * width, j * width)
        all.clusters.append(isMine ? clusters[i] : later.clusters[j])
        if isMine, isTheirs {
          for c in 0..<width { all.sums.append(sums[mine + c] + later.sums[theirs + c]) }
        } else if isMine {
          all.sums += sums[mine..<mine + width]
        } else {
          all.sums += later.sums[theirs..<theirs + width]
        }
        if isMine { i += 1 }
        if isTheirs { j += 1 }
      }
      self = all
    }
  }

  func makePartial(columnCount: Int) -> Partial { Partial() }

  func blockRowCount(columnCount: Int) -> Int { LinearRegression().blockRowCount(columnCount: columnCount) }

  func accumulate(_ samples: Samples, into partial: inout Partial) throws {
    guard samples.rowCount > 0 else { return }
    guard let labels = samples.labels else {
      throw LockstepError(.usage, "rows without clusters", remedy: "give the cluster of each row, on every rank")
    }
    let (m, q) = (map.coordinateCount, map.responseCount)
    let (clusters, codes) = labels.coded
    let width = m * q
    var sums = [Double](repeating: 0, count: clusters.count * width)
    var isWeighed = [Bool](repeating: false, count: clusters.count)
    let inverses = (0..<q).map { k in fit.residualScale(k).map { 1 / $0 } ?? 0 }
    try sums.withUnsafeMutableBufferPointer { sums in
      try map.forEachRow(of: samples) { row in
        guard row.weight > 0 else { return }
        let code = Int(codes[row.index])
        isWeighed[code] = true
        for k in 0..<q {
          let score = row.weight * ((row.responses[k] - row.fitted[k]) * inverses[k])
          let start = code * width + k * m
          for c in 0..<m { sums[start + c] += score * row.coordinates[c] }
        }
      }
    }
    var part = Partial()
    for (g, cluster) in clusters.enumerated() where isWeighed[g] {
      part.clusters.append(cluster)
      part.sums += sums[g * width..<(g + 1) * width]
    }
    partial.merge(part)
  }

  func finalize(_ partial: Partial) -> LinearRegression.Model {
    let (m, q, count) = (map.coordinateCount, map.responseCount, partial.clusters.count)
    let meats = (0..<q).map { k -> Matrix in
      var meat = Matrix(zeros: m, m)
      partial.sums.withUnsafeBufferPointer { sums in
        meat.elements.withUnsafeMutableBufferPointer { meat in
          for g in 0..<count {
            let scores = UnsafeBufferPointer(rebasing: sums[(g * q + k) * m..<(g * q + k + 1) * m])
            for i in 0..<m { for j in 0..<m { meat[i * m + j] += scores[i] * scores[j] } }
          }
        }
      }
      return meat
    }
    return fit.robust(errors, meats, clusterCount: count, areKnown: count > 1)
  }
}
