// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

/// The same start gives what scikit-learn makes of it.
@Suite struct KMeansReferenceTests {
  @Test(arguments: LloydReference.names) func equalsScikitLearn(name: String) throws {
    let reference = try LloydReference.named(name)
    let elements = reference.rows.elements()
    let table = Table(DenseRows(elements, columnCount: reference.rows.columns))
    let start = Matrix(
      rowCount: reference.centroids.count, columnCount: reference.rows.columns, elements: reference.start(elements))
    let estimator = KMeans(clusterCount: start.rowCount, maxIterations: reference.maximumIterations)
    let weights = (0..<table.rowCount).map { Double($0 * 7 % 9) / 4 }
    let (model, assignments) =
      reference.weighted == true
      ? try estimator.fitAssigning(
        TrainingRows(table, weights: DenseRows(weights, columnCount: 1)), startingAt: start)
      : try estimator.fitAssigning(table, startingAt: start)
    #expect(relativeDifference(model.centroids.elements, reference.centroids.flatMap(\.self)) < 1e-9)
    #expect(abs(model.objective - reference.inertia) <= 1e-9 * reference.inertia)
    #expect(model.clusterSizes == reference.sizes)
    #expect(assignments.map(Int.init) == reference.assignments)
    #expect(model.iterations == reference.iterations)
  }

  @Test func distributedStartsEqualThePredecessors() throws {
    let reference = try InitializationReference.read()
    let tables = reference.tables.map { Table(DenseRows($0.rows.elements(), columnCount: $0.rows.columns)) }
    for draw in reference.draws {
      let method: KMeansInitialization.Method =
        switch draw.method {
        case .random: .random
        case .plusPlus: .plusPlus
        case .parallelPlus: .parallel
        }
      let initialization = KMeansInitialization(
        clusterCount: draw.clusters, method: method, seed: draw.seed, trials: draw.trials ?? 1,
        oversampling: draw.oversamplingFactor ?? 0.5)
      let table = tables[draw.table]
      let results = ThreadRanks.run(3) { communicator in
        let cuts = [0, table.rowCount / 5, table.rowCount / 2, table.rowCount]
        let share = Table(table.rows.rows(cuts[communicator.rank]..<cuts[communicator.rank + 1]))
        return try initialization.fit(share, in: ExecutionContext(communicator: communicator)).rows
      }
      for result in results { #expect(try result.get() == draw.chosen, "\(draw.testDescription)") }
    }
  }
}
