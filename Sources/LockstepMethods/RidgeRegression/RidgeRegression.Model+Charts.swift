// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics

extension RidgeRegression.Model: ChartedModel {
  /// The coefficients of each target.
  package func charts(_ names: ReportNames) -> [Chart] {
    (0..<min(responseCount, 4)).map { k in
      let values = (0..<columnCount).map { coefficients[k, $0] }
      let shown = ReportNames.largest(values.map(abs))
      let largest = shown.max { abs(values[$0]) < abs(values[$1]) }
      return Chart(
        title: responseCount == 1 ? "Coefficients" : "Coefficients of \(names.responses(responseCount)[k])",
        alternative: (largest.map { "The largest is that of \(names.columns[$0]), \(NumberLabel.short(values[$0]))." }
          ?? "")
          + ReportNames.note(shown: shown.count, of: columnCount),
        x: .init("coefficient", .linear(of: shown.map { values[$0] }, includingZero: true)),
        y: .init("", .bands(shown.map { names.columns[$0] })), marks: [.bars(shown.map { values[$0] }, series: 0)])
    }
  }
}

extension RidgePath.Model: ChartedModel {
  /// For each target, the coefficients and the cross-validation error along the path; penalties of zero have no place on it.
  package func charts(_ names: ReportNames) -> [Chart] {
    let path = models.indices.filter { regularizations[$0] > 0 && regularizations[$0].isFinite }
      .sorted { regularizations[$0] < regularizations[$1] }
    guard path.count > 1, let first = path.first, let last = path.last else { return best.charts(names) }
    let penalties = Scale.logarithmic(regularizations[first]...regularizations[last])
    return (0..<min(responseCount, 4)).flatMap { k -> [Chart] in
      let target = responseCount == 1 ? "" : " of \(names.responses(responseCount)[k])"
      let chosen = best.regularization[k]
      let reference: [Mark] = chosen > 0 ? [.vertical(chosen, label: "chosen")] : []
      let figures = (0..<columnCount).map { j in path.map { abs(models[$0].coefficients[k, j]) }.max() ?? 0 }
      let shown = ReportNames.largest(figures, count: 6)
      let lines = shown.enumerated().map { series, j in
        Mark.line(
          path.map { .init(regularizations[$0], models[$0].coefficients[k, j]) }, series: series,
          label: names.columns[j])
      }
      let errors = path.map { models[$0].crossValidation[k] }
      return [
        Chart(
          title: "Coefficients along the path\(target)",
          alternative: "Coefficients shrink as the penalty grows."
            + ReportNames.note(shown: shown.count, of: columnCount),
          x: .init("penalty", penalties),
          y: .init(
            "coefficient",
            .linear(of: shown.flatMap { j in path.map { models[$0].coefficients[k, j] } }, includingZero: true)),
          marks: [.horizontal(0)] + reference + lines),
        Chart(
          title: "Cross-validation\(target)",
          alternative: "The error is least at a penalty of \(NumberLabel.short(chosen)).",
          x: .init("penalty", penalties),
          y: .init("generalized cross-validation", .linear(of: errors)),
          marks: reference + [
            .line(path.indices.map { .init(regularizations[path[$0]], errors[$0]) }, series: 0),
            .points(path.indices.map { .init(regularizations[path[$0]], errors[$0]) }, series: 0),
          ]),
      ]
    }
  }
}
