// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepMethods

/// A directory that is gone when the test is over.
final class ScratchDirectory {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.path + "/lockstep-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { "\(path)/\(name)" }
}

struct ModelFileTests {
  /// Numbers that are easy to lose: halves of the last bit, the smallest, the largest, zeros of both signs, whole numbers that
  /// look like integers, and what JSON has no words for.
  static let hardNumbers: [Double] = [
    0.1, 1.0 / 3, .leastNonzeroMagnitude, .leastNormalMagnitude, 1.7976931348623157e308, 0, -0.0, 3, -4,
    9_007_199_254_740_994,
    1.2345678901234567e18, 1e22, .nan, .infinity, -.infinity, -1e-5,
  ]

  static func model(_ elements: [Double] = hardNumbers) -> KMeans.Model {
    KMeans.Model(
      centroids: Matrix(rowCount: 2, columnCount: elements.count / 2, elements: elements), objective: 0.1 + 0.2,
      iterations: 7, isConverged: true, clusterSizes: [3, 1 << 60])
  }

  static func sameBits(_ a: [Double], _ b: [Double]) -> Bool {
    a.count == b.count && zip(a, b).allSatisfy { $0.isNaN ? $1.isNaN : $0.bitPattern == $1.bitPattern }
  }

  @Test(arguments: ModelFile.Form.allCases)
  func bringsEveryNumberBackToTheBit(_ form: ModelFile.Form) throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("model.\(form.rawValue)")
    let model = Self.model()
    let names = (0..<8).map { "naïve \"\($0)\", ∑" }
    let parameters = KMeans(clusterCount: 2).parameters
    try ModelFile(model, rowCount: 12, columnNames: names, parameters: parameters).write(to: path)

    let file = try ModelFile(reading: path)
    let back = try #require(file.model as? KMeans.Model)
    #expect(Self.sameBits(back.centroids.elements, model.centroids.elements))
    #expect(back.objective == model.objective && back.clusterSizes == model.clusterSizes)
    #expect(back.iterations == 7 && back.isConverged)
    #expect(try back.digest == model.digest)
    #expect(file.rowCount == 12 && file.columnNames == names && file.parameters == parameters)
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["model.\(form.rawValue)"])
  }

  @Test(arguments: ModelFile.Form.allCases)
  func keepsAFileWithoutNames(_ form: ModelFile.Form) throws {
    let scratch = try ScratchDirectory()
    let path = scratch.file("model.\(form.rawValue)")
    try ModelFile(Self.model([1, 2]), rowCount: 2).write(to: path)
    let file = try ModelFile(reading: path)
    #expect(file.columnNames == nil)
    #expect((file.model as? KMeans.Model)?.centroids.elements == [1, 2])
  }

  @Test func aDigestTakesEveryNaNForTheSame() throws {
    var other = Self.model()
    other.centroids.elements[12] = Double(bitPattern: 0xFFF8_0000_0000_0001)
    #expect(try other.digest == Self.model().digest)
    other.centroids.elements[6] = 0
    #expect(try other.digest != Self.model().digest)
  }

  @Test func refusesAChangedNumber() throws {
    let error = try failure { $0.replacing("\"iterations\":7", with: "\"iterations\":8") }
    #expect(error.code == .malformedInput)
    #expect(error.message.contains("the numbers are not those that were saved"))
    #expect(error.place?.file?.hasSuffix("model.json") == true)
  }

  @Test(arguments: [
    ("\"format\":\"lockstep-model\"", "\"format\":\"pickle\"", "this is not a model"),
    ("\"version\":1", "\"version\":2", "this model is of version 2, and versions up to 1 can be read"),
    ("\"version\":1", "\"version\":\"one\"", "this model has no version"),
    (
      "\"method\":\"kmeans\"", "\"method\":\"k-medoids\"",
      "this is a model of \"k-medoids\", which this release does not know"
    ),
    ("\"clusterSizes\"", "\"sizes\"", "a kmeans model without \"clusterSizes\""),
    ("\"isConverged\":true", "\"isConverged\":\"yes\"", "\"isConverged\" is not an array of a model"),
    ("\"rowCount\":12", "\"rowCount\":-1", "this model does not tell its number of rows"),
    ("\"model\":{", "\"modle\":{", "this model has no numbers"),
    ("{\"columnNames\"", "{columnNames", "not a JSON document"),
  ])
  func saysWhatIsWrong(_ original: String, _ replacement: String, _ words: String) throws {
    let error = try failure { $0.replacing(original, with: replacement) }
    #expect(error.code == .malformedInput)
    #expect(error.message.contains(words), "\(error)")
  }

  /// The error for a file that `change` has changed.
  private func failure(_ change: (String) -> String) throws -> LockstepError {
    let scratch = try ScratchDirectory()
    let path = scratch.file("model.json")
    try ModelFile(Self.model(), rowCount: 12).write(to: path)
    let text = String(decoding: try WholeFile.read(path), as: UTF8.self)
    let changed = change(text)
    try #require(changed != text)
    try Data(changed.utf8).write(to: URL(fileURLWithPath: path))
    return try #require(throws: LockstepError.self) { _ = try ModelFile(reading: path) }
  }

  @Test func refusesOtherEndings() {
    for path in ["model", "model.txt", "dir.json/model", ".../"] {
      let error = #expect(throws: LockstepError.self) { try ModelFile(Self.model(), rowCount: 12).write(to: path) }
      #expect(error?.code == .usage)
    }
  }

  @Test func saysThatAFileIsMissing() {
    let error = #expect(throws: LockstepError.self) { _ = try ModelFile(reading: "/nowhere/model.json") }
    #expect(error?.code == .noInput)
    #expect(error?.description == "/nowhere/model.json: there is no such file")
  }

  @Test func checksPlacesBeforeTheWork() throws {
    let scratch = try ScratchDirectory()
    try WholeFile.checkWritable(scratch.file("new.json"))
    for path in [scratch.file("missing/new.json"), scratch.path] {
      let error = #expect(throws: LockstepError.self) { try WholeFile.checkWritable(path) }
      #expect(error?.code == .outputFailed)
    }
  }
}
