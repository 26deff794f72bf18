// SPDX-License-Identifier: Apache-2.0

import Glibc
import Lockstep

/// Thin QR and SVD of an NPY file of doubles that is in memory already.
///
///     lockstep-qr-benchmark rows.npy [threads [repetitions [qr|svd|r|values|householder ...]]]
@main struct QRBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 2 else {
      print("usage: \(arguments[0]) rows.npy [threads [repetitions [qr|svd|r|values|bad-qr ...]]]")
      exit(64)
    }
    let threads = arguments.count > 2 ? Int(arguments[2]) ?? 2 : 2
    let repetitions = arguments.count > 3 ? Int(arguments[3]) ?? 3 : 3
    let kinds = arguments.count > 4 ? Array(arguments[4...]) : ["qr", "svd", "r", "values"]
    var rows = try load(arguments[1])
    if kinds.contains("bad-qr") { rows = withDependentColumn(rows) }
    let context = ExecutionContext(threadCount: threads)
    print("\(rows.rowCount) × \(rows.columnCount), \(threads) threads")
    for kind in kinds {
      var seconds: [Double] = []
      for _ in 0..<repetitions {
        let start = ContinuousClock.now
        switch kind {
        case "svd": _ = try SVD().decompose(rows, in: context)
        case "values": _ = try SVD().fit(rows, in: context)
        case "r": _ = try QRDecomposition().fit(rows, in: context)
        default: _ = try QRDecomposition().decompose(rows, in: context)
        }
        let elapsed = start.duration(to: .now)
        seconds.append(elapsed / .seconds(1))
      }
      let sorted = seconds.sorted()
      print("\(kind): median \(sorted[sorted.count / 2]) s of \(seconds.map { ($0 * 1000).rounded() / 1000 })")
    }
  }

  /// The last column becomes the first, so that the fast route is not safe.
  private static func withDependentColumn(_ rows: Table<Double>) -> Table<Double> {
    var copy = rows.rows.withUnsafeElements { Array($0) }
    let p = rows.columnCount
    for i in 0..<rows.rowCount { copy[i * p + p - 1] = copy[i * p] }
    return Table(DenseRows(copy, columnCount: p))
  }

  private static func load(_ path: String) throws -> Table<Double> {
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
      text.split(separator: "(").last?.prefix { $0 != ")" }.split(separator: ",").compactMap {
        Int($0.filter(\.isNumber))
      }
      ?? []
    guard counts.count == 2, text.contains("<f8"), !text.contains("True") else {
      throw LockstepError(.unsupported, "\(path) is not a two-dimensional array of doubles by rows")
    }
    let storage = try RowStorage<Double>(count: counts[0] * counts[1]) {
      guard fread($0.baseAddress, 8, $0.count, file) == $0.count else {
        throw LockstepError(.malformedInput, "\(path) ends early")
      }
    }
    return Table(DenseRows(storage, rowCount: counts[0], columnCount: counts[1]))
  }
}
