// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables
import Testing

@testable import LockstepMethods

struct CatalogTests {
  static let rows = Table(rows: [[0, 0], [0, 1], [9, 9], [9, 8.0]])

  @Test func namesAreDistinctAndFound() {
    let names = Catalog.methods.map(\.name)
    #expect(Set(names).count == names.count)
    for method in Catalog.methods {
      #expect(Catalog.method(named: method.name)?.name == method.name)
      #expect(!method.summary.isEmpty && method.summary.last != ".")
    }
    #expect(Catalog.method(named: "kmedoids") == nil)
  }

  @Test func fitsFromParametersInJSON() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    let model = try method.fit(
      .object(["clusterCount": .integer(2), "initialization": .string("first-rows"), "tolerance": .integer(0)]),
      to: Self.rows, in: .local)
    let expected = try KMeans(clusterCount: 2).fit(Self.rows, startingAt: Matrix(rows: [[0, 0], [0, 1]]))
    #expect(try model.digest == expected.digest)
  }

  @Test func fitsFromGivenCentroids() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    let start: JSONValue = .array([.array([.integer(1), .double(0.5)]), .array([.integer(8), .integer(8)])])
    let model = try method.fit(
      .object(["clusterCount": .integer(2), "centroids": start]), to: Self.rows, in: .local)
    #expect((model as? KMeans.Model)?.centroids == Matrix(rows: [[0, 0.5], [9, 8.5]]))
  }

  @Test func findsStartingCentroidsAlone() throws {
    let method = try #require(Catalog.method(named: "kmeans-initialization"))
    let parameters = JSONValue.object([
      "clusterCount": .integer(2), "method": .string("plus-plus"), "seed": .integer(5),
    ])
    let model = try #require(
      try method.fit(parameters, to: Self.rows, in: .local) as? KMeansInitialization.Model)
    #expect(model == (try KMeansInitialization(clusterCount: 2, seed: 5).fit(Self.rows)))
    let text = try ModelFile(model, rowCount: 4, parameters: parameters).encodedAsJSON()
    #expect(try ModelFile(json: text, file: "start").model as? KMeansInitialization.Model == model)
    let fields = [ModelField("centroids", .matrix(model.centroids)), ModelField("rows", .vector([1]))]
    #expect(throws: LockstepError.self) {
      try method.model(of: ModelFields(methodName: method.name, fields))
    }
  }

  @Test func refusesParametersThatDoNotExist() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    let error = #expect(throws: LockstepError.self) {
      try method.fit(.object(["clusters": .integer(2)]), to: Self.rows, in: .local)
    }
    #expect(error?.code == .usage)
    #expect(error?.message == "kmeans has no parameter \"clusters\"")
    #expect(error?.remedy?.contains("clusterCount") == true)
  }

  @Test func refusesParametersOfTheWrongKind() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    for value in [JSONValue.string("two"), .double(2.5), .array([.integer(2)])] {
      let error = #expect(throws: LockstepError.self) {
        try method.fit(.object(["clusterCount": value]), to: Self.rows, in: .local)
      }
      #expect(error?.code == .usage)
    }
    let error = #expect(throws: LockstepError.self) {
      try method.fit(.object(["clusterCount": .integer(0)]), to: Self.rows, in: .local)
    }
    #expect(error?.message == "0 clusters")
  }

  /// What a description says of bounds is what validation holds, with one rule or another where a parameter belongs to a rule.
  @Test(arguments: Catalog.methods.map(\.name)) func boundsAreThoseOfValidation(name: String) throws {
    let method = try #require(Catalog.method(named: name))
    let rules = method.parameters.flatMap { parameter -> [[String: JSONValue]] in
      guard case .choice(let words) = parameter.kind else { return [] }
      return words.map { [parameter.name: .string($0)] }
    }
    for parameter in method.parameters {
      guard let bounds = parameter.bounds else { continue }
      func isRefused(_ number: Double) throws -> Bool {
        let value: JSONValue = number == number.rounded() ? .integer(Int(number)) : .double(number)
        let given: JSONValue = if case .list = parameter.kind { .array([value]) } else { value }
        return try ([[:]] + rules).contains { rule in
          let estimator = try method.estimator(.object(rule.merging([parameter.name: given]) { $1 }))
          do {
            try estimator.validate()
            return false
          } catch { return (error as? LockstepError)?.code == .usage }
        }
      }
      if let minimum = bounds.minimum {
        #expect(try isRefused(bounds.isMinimumExcluded ? minimum : minimum - 1), "\(parameter.name) below its bounds")
      }
      if let maximum = bounds.maximum {
        #expect(try isRefused(maximum + 0.5), "\(parameter.name) above its bounds")
        #expect(try !isRefused(maximum), "\(parameter.name) at its maximum")
      }
    }
  }

  @Test func parametersReadBackAsThemselves() throws {
    var estimator = KMeans(clusterCount: 3)
    estimator.centroids = [[1, 2], [3, 4], [5, 0.1]]
    estimator.tolerance = 1e-9
    estimator.seed = .max >> 1
    #expect(try KMeans(parameters: estimator.parameters) == estimator)
    #expect(try KMeans(parameters: .object([:])) == KMeans())
  }

  @Test func tellsWhatModelsSayOfRows() throws {
    let method = try #require(Catalog.method(named: "kmeans"))
    #expect(method.rowValues == KMeans.Model.rowValuesDescription)
    let model = try KMeans(clusterCount: 2).fit(Self.rows, startingAt: Matrix(rows: [[0, 0], [9, 9]]))
    guard case .integers([0, 0, 1, 1]) = try model.rowValues(of: Self.rows.rows) else {
      Issue.record("other clusters")
      return
    }
  }
}
