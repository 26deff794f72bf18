// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import Testing

@Suite(.serialized) struct NaiveBayesCommandTests {
  let scratch: ScratchDirectory
  /// Counts of three words, the weight and the kind of each row; the kinds come one after the other.
  static let kinds = (0..<60).map { ["ham", "spam", "ei, \"gelb\""][$0 / 25] }
  static let counts = (0..<60).map { i in
    [i % 5 + (i / 25 == 0 ? 4 : 0), i % 3 + (i / 25 == 1 ? 5 : 0), i % 4, 1 + i % 2]
  }

  init() throws {
    scratch = try ScratchDirectory()
    let lines = zip(Self.counts, Self.kinds).map { counts, kind in
      counts.map(String.init).joined(separator: ",") + ",\"" + kind.replacing("\"", with: "\"\"") + "\"\n"
    }
    let header = "a,b,c,times,kind\n"
    try scratch.write(header + lines.joined(), to: "all.csv")
    try scratch.write(header + lines[..<26].joined(), to: "part0.csv")
    try scratch.write(header + lines[26...].joined(), to: "part1.csv")
    try scratch.write(lines.joined(), to: "bare.csv")
  }

  private func json(_ arguments: String...) throws -> JSONValue {
    let run = try CommandRun(arguments + ["--json"], in: scratch)
    #expect(run.code == 0, "\(run.errors)")
    return try JSONValue(parsing: Array(run.output.utf8))
  }

  @Test func `the same model from one file and several, by one process and several`() throws {
    let whole = try json("naive-bayes", "--label", "kind", "--weights", "times", "all.csv")
    let digest = whole["digest"]?.string
    #expect(whole["model"]?["classes"] == .array(["ei, \"gelb\"", "ham", "spam"].map(JSONValue.string)))
    #expect(digest != nil && whole["model"]?["logPriors"] != nil && whole["model"]?["logProbabilities"] != nil)
    for arguments in [["part0.csv", "part1.csv"], ["-n", "2", "part0.csv", "part1.csv"], ["-n", "3", "all.csv"]] {
      let run = try CommandRun(
        ["naive-bayes", "--weights", "times", "--json"] + arguments, in: scratch)
      guard run.code != 69 else { continue }  // no MPI here
      #expect(try JSONValue(parsing: Array(run.output.utf8))["digest"]?.string == digest, "\(arguments): \(run.errors)")
    }
    #expect(try json("naive-bayes", "--weights", "3", "bare.csv")["digest"]?.string == digest)
    let given = try json("naive-bayes", "--priors", "1,2,1", "--smoothing", "0.5", "--columns", "a,b,c", "all.csv")
    #expect(given["model"]?["logPriors"] == .array([log(0.25), log(0.5), log(0.25)].map(JSONValue.double)))
  }

  @Test func `predicts classes and probabilities`() throws {
    let fit = try CommandRun(["naive-bayes", "-o", "model.json", "--columns", "a,b,c", "all.csv"], in: scratch)
    #expect(fit.code == 0 && fit.output.contains("spam"), "\(fit.errors)")
    let printed = try CommandRun(["predict", "model.json", "all.csv"], in: scratch)
    #expect(printed.code == 0, "\(printed.errors)")
    let lines = printed.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 60 && Set(lines).isSubset(of: ["ham", "spam", "\"ei, \"\"gelb\"\"\""]) && lines[0] == "ham")
    let values = try json("predict", "model.json", "all.csv")["values"]
    guard case .array(let classes)? = values else { return #expect(Bool(false), "no values") }
    for name in ["rows.csv", "rows.npy"] {
      #expect(try CommandRun(["predict", "model.json", "--rows", name, "all.csv"], in: scratch).code == 0)
    }
    #expect(try String(contentsOfFile: scratch.file("rows.csv"), encoding: .utf8) == printed.output)
    let array = try NPYArray(
      npyBytes: Array(Data(contentsOf: URL(filePath: scratch.file("rows.npy")))), name: "rows.npy")
    #expect(array.elements == .string(classes.compactMap(\.string)) && array.shape == [60])

    func numbers(_ option: String) throws -> [Double] {
      let run = try CommandRun(["predict", "model.json", option, "--rows", "numbers.npy", "all.csv"], in: scratch)
      #expect(run.code == 0, "\(run.errors)")
      let matrix = try NPYArray(
        npyBytes: Array(Data(contentsOf: URL(filePath: scratch.file("numbers.npy")))), name: "numbers.npy")
      #expect(matrix.shape == [60, 3])
      return matrix.doubles ?? []
    }
    let (shares, logs) = (try numbers("--probabilities"), try numbers("--log-probabilities"))
    #expect(shares == logs.map { exp($0) })
    for i in 0..<60 { #expect(abs(shares[3 * i..<3 * i + 3].reduce(0, +) - 1) < 1e-14) }
  }

  @Test func `other distributions have a model file of their own`() throws {
    for (model, extra) in [
      ("complement", "--normalize"), ("bernoulli", "--threshold=0.5"), ("gaussian", "--variance-smoothing=1e-6"),
    ] {
      let fit = try CommandRun(
        ["naive-bayes", "--model", model, extra, "-o", "\(model).json", "all.csv"], in: scratch)
      #expect(fit.code == 0, "\(fit.errors)")
      let run = try CommandRun(["predict", "\(model).json", "--probabilities", "all.csv"], in: scratch)
      #expect(run.code == 0 && run.output.split(separator: "\n").count == 60, "\(run.errors)")
    }
    for arguments in [["--threshold", "1"], ["--normalize"], ["--model", "gaussian", "--smoothing", "1"]] {
      #expect(try CommandRun(["naive-bayes"] + arguments + ["all.csv"], in: scratch).code == 64, "\(arguments)")
    }
  }

  @Test func `wrong usage and bad data`() throws {
    for arguments in [
      ["--smoothing", "0"], ["--priors", "some"], ["--priors", "1,-1"], ["--label", "nothing"], ["--priors", "1,2"],
    ] { #expect(try CommandRun(["naive-bayes"] + arguments + ["all.csv"], in: scratch).code == 64, "\(arguments)") }
    try scratch.write("1,2,a\n3,-4,b\n", to: "negative.csv")
    let run = try CommandRun(["naive-bayes", "negative.csv"], in: scratch)
    #expect(run.code == 65 && run.errors.contains("-4"), "\(run.errors)")
    _ = try CommandRun(["kmeans", "--clusters", "2", "-o", "kmeans.json", "--columns", "a", "all.csv"], in: scratch)
    #expect(try CommandRun(["predict", "kmeans.json", "--probabilities", "all.csv"], in: scratch).code == 64)
  }
}
