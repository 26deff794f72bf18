// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// Moments, covariance, principal components and regressions of NPY files of doubles that are in memory already.
///
///     lockstep-cross-product-benchmark threads repetitions moments|covariance|pca|read rows.npy
///     lockstep-cross-product-benchmark threads repetitions linear|ridge rows.npy responses.npy
///
/// Under `mpirun`, each rank holds its share of the rows, and rank 0 prints.
@main struct CrossProductBenchmark {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 5, let threads = Int(arguments[1]), let repetitions = Int(arguments[2]) else {
      print(
        "usage: \(arguments[0]) threads repetitions moments|covariance|pca|linear|ridge|read rows.npy [responses.npy]")
      exit(64)
    }
    Lockstep.run(threadCount: threads) { try measure(arguments[3], Array(arguments[4...]), repetitions, in: $0) }
  }

  private static func measure(
    _ kind: String, _ paths: [String], _ repetitions: Int, in context: ExecutionContext
  ) throws {
    let (rows, source) = try context.agree {
      let rows = try load(paths[0], shareOf: context)
      let responses = paths.count > 1 ? try load(paths[1], shareOf: context).rows : nil
      return (rows, AccompaniedSource(rows, responses: responses))
    }
    func time(_ body: () throws -> Void) throws {
      var seconds: [Double] = []
      for _ in 0..<repetitions {
        try context.agree {}  // all ranks begin together
        let start = ContinuousClock.now
        try body()
        seconds.append(start.duration(to: .now) / .seconds(1))
      }
      let sorted = seconds.sorted()
      guard context.rank == 0 else { return }
      let gigabytes = Double(context.size * rows.rowCount * rows.columnCount * 8) * 1e-9
      let ranks = context.size > 1 ? " on \(context.size) ranks" : ""
      print(
        "lockstep \(kind)\(ranks) \(context.size * rows.rowCount) × \(rows.columnCount): median \(sorted[sorted.count / 2]) s, least"
          + " \(sorted[0]) s, \(gigabytes / sorted[sorted.count / 2]) GB/s")
    }
    switch kind {
    case "moments": try time { _ = try LowOrderMoments().fit(rows, in: context) }
    case "covariance": try time { _ = try Covariance().fit(rows, in: context) }
    case "pca": try time { _ = try PCA(componentCount: 10).fit(rows, in: context) }
    case "linear": try time { _ = try LinearRegression().fit(source, in: context) }
    case "ridge": try time { _ = try RidgeRegression().fit(source, in: context) }
    default: try time { _ = try context.reduce(Reading(), over: rows) }
    }
  }

  /// Reads every number and does next to nothing: what the memory gives.
  private struct Reading: Pass {
    struct Partial: Mergeable {
      var isFinite = true
      mutating func merge(_ later: Self) { isFinite = isFinite && later.isFinite }
    }
    func makePartial(columnCount: Int) -> Partial { Partial() }
    func accumulate(_ samples: Samples, into partial: inout Partial) {
      partial.isFinite = partial.isFinite && samples.rows.firstNonFinite() == nil
    }
    func finalize(_ partial: Partial) -> Bool { partial.isFinite }
  }

  /// This rank's share of the rows; what is left of the division is left out.
  private static func load(_ path: String, shareOf context: ExecutionContext) throws -> Table<Double> {
    guard let file = fopen(path, "rb") else { throw LockstepError(.noInput, "cannot open \(path)") }
    defer { fclose(file) }
    var prefix = [UInt8](repeating: 0, count: 10)
    guard fread(&prefix, 1, 10, file) == 10, prefix[0] == 0x93, prefix[6] == 1 else {
      throw LockstepError(.malformedInput, "\(path) is not NPY 1.0")
    }
    var header = [UInt8](repeating: 0, count: Int(prefix[8]) + 256 * Int(prefix[9]))
    guard fread(&header, 1, header.count, file) == header.count else {
      throw LockstepError(.malformedInput, "\(path) ends in its header")
    }
    let text = String(decoding: header, as: UTF8.self)
    let counts =
      text.split(separator: "(").last?.prefix { $0 != ")" }.split(separator: ",")
      .compactMap { Int($0.filter(\.isNumber)) } ?? []
    guard counts.count == 2, text.contains("<f8"), !text.contains("True") else {
      throw LockstepError(.unsupported, "\(path) is not a two-dimensional array of doubles by rows")
    }
    let rowCount = counts[0] / context.size
    fseek(file, context.rank * rowCount * counts[1] * 8, SEEK_CUR)
    let storage = try RowStorage<Double>(count: rowCount * counts[1]) {
      guard fread($0.baseAddress, 8, $0.count, file) == $0.count else {
        throw LockstepError(.malformedInput, "\(path) ends early")
      }
    }
    return Table(DenseRows(storage, rowCount: rowCount, columnCount: counts[1]))
  }
}
