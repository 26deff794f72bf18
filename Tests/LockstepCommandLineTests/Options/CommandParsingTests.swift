// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep
import Testing

@testable import LockstepCommandLine

struct CommandParsingTests {
  private func kmeans(_ words: String...) throws -> KMeansVerb {
    try #require(try LockstepCommand.parseAsRoot(["kmeans"] + words) as? KMeansVerb)
  }

  private func message(_ words: [String]) -> String {
    do {
      _ = try LockstepCommand.parseAsRoot(words)
      return ""
    } catch {
      #expect(LockstepCommand.exitCode(for: error).rawValue == 64)
      return LockstepCommand.message(for: error)
    }
  }

  @Test func defaultsAreThoseOfTheContract() throws {
    let verb = try kmeans("--clusters", "3", "data.csv")
    let estimator = verb.kmeans.estimator(seed: verb.common.seed)
    #expect(estimator == KMeans(clusterCount: 3))
    #expect(estimator.seed == 777_777 && estimator.initialization == .plusPlus && estimator.maxIterations == 100)
    #expect(estimator.tolerance == 0 && estimator.trials == 1 && estimator.oversampling == 0.5 && estimator.rounds == 5)
    #expect(verb.data.data == ["data.csv"] && verb.data.columns == nil && verb.data.header == .automatic)
    #expect(verb.data.delimiter == nil && verb.data.missing == .error && !verb.data.single)
    #expect(verb.common.processes == nil && verb.common.threads == nil)
    #expect(!verb.common.json && !verb.common.quiet && !verb.common.verbose)
    #expect(verb.output.output == nil && verb.kmeans.assignments == nil)
  }

  @Test func everyOptionArrives() throws {
    let verb = try kmeans(
      "-n", "4", "--threads", "2", "--columns", "a,3-5", "--header", "no", "--delimiter", "tab", "--missing",
      "skip-row",
      "--single", "--seed", "5", "-o", "m.npz", "--json", "-v", "--clusters", "7", "--init", "parallel", "--trials",
      "3",
      "--oversampling", "2", "--rounds", "4", "--max-iterations", "9", "--tolerance", "1e-4", "--assignments",
      "a{rank}.npy", "x.csv", "y.csv")
    var estimator = KMeans(clusterCount: 7)
    estimator.initialization = .parallel
    estimator.seed = 5
    estimator.trials = 3
    estimator.oversampling = 2
    estimator.rounds = 4
    estimator.maxIterations = 9
    estimator.tolerance = 1e-4
    #expect(verb.kmeans.estimator(seed: verb.common.seed) == estimator)
    #expect(verb.common.processes == 4 && verb.common.threads == 2 && verb.common.json && verb.common.verbose)
    #expect(verb.data.data == ["x.csv", "y.csv"] && verb.data.single && verb.data.header == .no)
    #expect(try verb.data.columns == ColumnSelection(parsing: "a,3-5"))
    #expect(verb.data.delimiter == 9 && verb.data.missing == .skipRow)
    #expect(verb.output.output == "m.npz")
    #expect(verb.kmeans.assignments?.path(rank: 2) == "a2.npy" && verb.kmeans.assignments?.isPerRank == true)
  }

  @Test(arguments: KMeansInitialization.Method.allCases)
  func everyRuleHasItsName(_ method: KMeansInitialization.Method) throws {
    #expect(try kmeans("--clusters", "2", "--init", method.rawValue, "x").kmeans.initialization == method)
  }

  @Test func centroidsReplaceTheNumberOfClusters() throws {
    let verb = try kmeans("--centroids", "c.csv", "x.csv")
    #expect(verb.kmeans.clusters == nil && verb.kmeans.centroids == "c.csv")
  }

  @Test func standardInputIsData() throws {
    #expect(try kmeans("--clusters", "2", "-").data.data == ["-"])
  }

  @Test(arguments: [
    (["kmeans", "x.csv"], "--clusters"),
    (["kmeans", "--clusters", "2"], "<data>"),
    (["kmeans", "--clusters", "0", "x.csv"], "0 clusters"),
    (["kmeans", "--clusters", "two", "x.csv"], "two"),
    (["kmeans", "--clusters", "2", "--init", "best", "x.csv"], "best"),
    (["kmeans", "--clusters", "2", "--init", "random", "--centroids", "c.csv", "x.csv"], "exclude each other"),
    (["kmeans", "--clusters", "2", "--trials", "0", "x.csv"], "0 trials"),
    (["kmeans", "--clusters", "2", "--max-iterations=-1", "x.csv"], "-1 iterations"),
    (["kmeans", "--clusters", "2", "--tolerance", "nan", "x.csv"], "tolerance of nan"),
    (["kmeans", "--clusters", "2", "--delimiter", "ab", "x.csv"], "cannot separate fields"),
    (["kmeans", "--clusters", "2", "--columns", "a,,b", "x.csv"], "empty item"),
    (["kmeans", "--clusters", "2", "--missing", "zero", "x.csv"], "zero"),
    (["kmeans", "--clusters", "2", "-o", "m.pkl", "x.csv"], ".json"),
    (["kmeans", "--clusters", "2", "--assignments", "a.txt", "x.csv"], ".csv or .npy"),
    (["kmeans", "--clusters", "2", "--threads", "0", "x.csv"], "0 threads"),
    (["kmeans", "--clusters", "2", "-n", "0", "x.csv"], "0 processes"),
    (["kmeans", "--clusters", "2", "-q", "-v", "x.csv"], "exclude each other"),
    (["kmeans", "--clusters", "2", "-", "x.csv"], "Standard input"),
    (["kmeans", "--clusters", "2", "--fast", "x.csv"], "--fast"),
    (["predict"], "<model>"),
    (["predict", "m.json"], "<data>"),
    (["cluster", "x.csv"], "cluster"),
  ])
  func wrongUsageIsSaidInWords(_ words: [String], _ expected: String) {
    #expect(message(words).contains(expected))
  }

  @Test func everyOptionSaysWhatItDoesAndItsDefault() {
    for verb in [KMeansVerb.self, PredictVerb.self, DoctorVerb.self] as [any ParsableCommand.Type] {
      let help = LockstepCommand.helpMessage(for: verb, columns: 1000)
      #expect(help.contains("Examples:"))
      #expect(!help.contains("started-by-lockstep"))
      for line in help.split(separator: "\n") where line.hasPrefix("  -") && line.contains("<") {
        #expect(line.contains("default: ") || line.contains("Needed"), "\(line)")
      }
    }
  }
}
