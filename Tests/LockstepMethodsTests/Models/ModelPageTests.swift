// SPDX-License-Identifier: Apache-2.0

import LockstepGraphics
@testable import LockstepMethods
import LockstepTables
import LockstepTestSupport
import Testing

@Suite("Pages of models")
struct ModelPageTests {
  /// 60 rows of 3 columns, counts, with a target.
  private static let rows: [[Double]] = (0..<60).map { (i: Int) -> [Double] in
    [Double(i % 7), Double(i * i % 11), Double(i % 7 + i % 3)]
  }

  @Test("Each method's model has a page with its figures, and no text of the data's gets out of its place")
  func pages() throws {
    for method in Catalog.methods {
      let features = Table(DenseRows(Array(Self.rows.joined()), columnCount: 3), columnNames: ["<b>", "y\u{1B}", "z"])
      let targets = DenseRows<Double>(Self.rows.map { 1 + $0[0] + $0[1] / 3 }, columnCount: 1)
      let labels = RowLabels((0..<60).map { Int64($0 % 2) })
      let source = TrainingRows(
        features, responses: method.roles.targets == .none ? nil : targets,
        labels: method.roles.label == .none ? nil : labels)
      let model = try method.fit(.object([:]), to: source, in: .local)
      let file = ModelFile(
        model, rowCount: 60, columnNames: ["<b>", "y\u{1B}", "z"], parameters: method.defaultParameters)
      let html = try file.page(notes: ["a < b"]).html()
      #expect(try html.contains(model.digest) && html.contains("a &lt; b"))
      #expect(!html.contains("<b>") && !html.contains("\u{1B}"))
      #expect(!html.contains("nan"), "\(method.name)")
      #expect(try html == file.page(notes: ["a < b"]).html())
    }
  }

  @Test("Correlated columns stand beside each other")
  func order() {
    // 0 and 2 are alike, 1 and 3 are alike.
    let order = Covariance.Model.clustered(4) { ($0 + $1) % 2 == 0 ? 0.1 : 0.9 }
    #expect(order == [0, 2, 1, 3])
  }

  @Test("Student's quantile inverts the tail probability")
  func quantile() {
    // scipy.stats.t.ppf(0.975, [1, 10, 1e6])
    for (freedom, expected) in [(1.0, 12.706204736174694), (10, 2.228138851986274), (1e6, 1.959966356814107)] {
      let found = Distributions.studentLimit(0.95, degreesOfFreedom: freedom)
      #expect(abs(found - expected) <= 16 * expected.ulp)
    }
  }
}
