// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepTableIO
import LockstepTables

/// Reads a CSV file into a row-major matrix, as often as asked, and prints a line of JSON for each reading.
///
/// Usage: `lockstep-csv-benchmark FILE THREADS READINGS [float]`
@main
struct CSVBenchmark {
  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 4, let threadCount = Int(arguments[2]), let readingCount = Int(arguments[3]) else {
      print("usage: lockstep-csv-benchmark FILE THREADS READINGS [float]")
      exit(64)
    }
    for _ in 0..<readingCount {
      if arguments.count > 4 {
        try read(arguments[1], as: Float.self, threadCount: threadCount)
      } else {
        try read(arguments[1], as: Double.self, threadCount: threadCount)
      }
    }
  }

  private static func read<Element: Scalar>(_ path: String, as element: Element.Type, threadCount: Int) throws {
    let (start, userStart, systemStart) = times()
    let file = try CSVFile<Element>(path, ReadOptions(threadCount: threadCount, csv: CSVOptions(header: .no)))
    let (end, userEnd, systemEnd) = times()
    var sum = 0.0
    file.table.rows.withUnsafeElements { for element in $0 { sum += Double(element) } }
    print(
      "{\"method\": \"lockstep\", \"threads\": \(threadCount), \"total\": \(end - start), \"user\": \(userEnd - userStart), "
        + "\"system\": \(systemEnd - systemStart), \"shape\": [\(file.rowCount), \(file.columnCount)], \"sum\": \(sum)}"
    )
  }

  /// The time of day, and this process's user and system time, in seconds.
  private static func times() -> (Double, Double, Double) {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + 1e-6 * Double(time.tv_usec) }
    return (
      Double(now.tv_sec) + 1e-9 * Double(now.tv_nsec), seconds(usage.ru_utime), seconds(usage.ru_stime)
    )
  }
}
