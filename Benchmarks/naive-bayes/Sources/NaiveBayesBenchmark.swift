// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// What a fit of naive Bayes does, on arrays in memory: the sums of the classes, and the logarithms of the shares.
///
///     lockstep-naive-bayes-benchmark sparse data.npy indices.npy indptr.npy y.npy columns [threads [repetitions]]
///     lockstep-naive-bayes-benchmark dense x.npy y.npy columns [threads [repetitions]]
@main struct NaiveBayesBenchmark {
  struct Fit: Pass {
    func makePartial(columnCount: Int) -> ClassFeatureSums { ClassFeatureSums(columnCount: columnCount) }
    func accumulate(_ samples: Samples, into partial: inout ClassFeatureSums) throws { try partial.observe(samples) }
    func blockRowCount(columnCount: Int) -> Int { ClassFeatureSums.blockRowCount(columnCount: columnCount) }
    func finalize(_ partial: ClassFeatureSums) -> [Double] {
      let p = partial.columnCount
      return partial.classes.indices.flatMap { c -> [Double] in
        let sums = partial.sums[c * p..<(c + 1) * p]
        let total = sums.reduce(Double(p), +)
        return sums.map { log(($0 + 1) / total) }
      }
    }
  }

  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let isSparse = arguments.first == "sparse"
    guard arguments.count >= (isSparse ? 6 : 4) else {
      print("usage: lockstep-naive-bayes-benchmark sparse|dense arrays… columns [threads [repetitions]]")
      exit(64)
    }
    arguments.removeFirst()
    let arrays = arguments.prefix(isSparse ? 4 : 2)
    let numbers = arguments.dropFirst(arrays.count).compactMap { Int($0) }
    let labels = RowLabels(try load(arrays[arrays.endIndex - 1], as: Double.self).map { Int64($0) })
    if isSparse {
      let table = try SparseTable(
        offsets: try load(arrays[2], as: Int32.self).map { Int($0) }, columns: try load(arrays[1], as: Int32.self),
        values: try load(arrays[0], as: Double.self), columnCount: numbers[0])
      try time(AccompaniedSource(table, labels: labels), numbers)
    } else {
      let table = Table(DenseRows(try load(arrays[0], as: Double.self), columnCount: numbers[0]))
      try time(AccompaniedSource(table, labels: labels), numbers)
    }
  }

  static func time(_ rows: some RowSource, _ numbers: [Int]) throws {
    let threads = numbers.count > 1 ? numbers[1] : 2
    let context = ExecutionContext(threadCount: threads)
    var seconds: [Double] = []
    var result: [Double] = []
    for _ in 0..<(numbers.count > 2 ? numbers[2] : 7) {
      let start = ContinuousClock.now
      result = try context.reduce(Fit(), over: rows)
      seconds.append(start.duration(to: .now) / .seconds(1))
    }
    let median = seconds.sorted()[seconds.count / 2]
    print(
      "lockstep, \(rows.rowCount) × \(rows.columnCount), \(threads) threads: median \(median) s, least \(seconds.min() ?? 0) s"
    )
    print("sum of logarithms \(result.reduce(0, +))")
  }

  /// The numbers of an NPY file.
  static func load<T: BitwiseCopyable>(_ path: String, as type: T.Type) throws -> [T] {
    guard let file = fopen(path, "rb") else { throw LockstepError(.noInput, "cannot open \(path)") }
    defer { fclose(file) }
    var prefix = [UInt8](repeating: 0, count: 10)
    guard fread(&prefix, 1, 10, file) == 10, prefix[0] == 0x93, prefix[6] == 1 else {
      throw LockstepError(.malformedInput, "\(path) is not NPY 1.0")
    }
    let start = 10 + Int(prefix[8]) + 256 * Int(prefix[9])
    fseek(file, 0, SEEK_END)
    let count = (ftell(file) - start) / MemoryLayout<T>.stride
    fseek(file, start, SEEK_SET)
    return try [T](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = fread(buffer.baseAddress, MemoryLayout<T>.stride, count, file)
      guard filled == count else { throw LockstepError(.malformedInput, "\(path) ends early") }
    }
  }
}
