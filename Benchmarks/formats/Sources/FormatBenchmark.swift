// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepTableIO
import LockstepTables

/// Times the reading of files of any format into rows, beside the copying of as many bytes.
///
///     lockstep-format-benchmark THREADS ROUNDS FILE...
///
/// Prints for each file the median time, and the speed in gigabytes of rows per second.
@main struct FormatBenchmark {
  static func seconds() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_MONOTONIC, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }

  /// The median over the rounds, after one round that warms up.
  static func median(_ rounds: Int, _ body: () throws -> Void) rethrows -> Double {
    var times: [Double] = []
    for round in 0...rounds {
      let start = seconds()
      try body()
      if round > 0 { times.append(seconds() - start) }
    }
    return times.sorted()[times.count / 2]
  }

  static func main() throws {
    let arguments = CommandLine.arguments
    guard arguments.count > 3, let threads = Int(arguments[1]), let rounds = Int(arguments[2]), threads > 0, rounds > 0
    else {
      print("usage: lockstep-format-benchmark THREADS ROUNDS FILE...")
      exit(64)
    }
    for path in arguments.dropFirst(3) {
      var byteCount = 0
      let time = try median(rounds) {
        let loaded = try DataReading<Double>([DataPart(path)], options: ReadOptions(threadCount: threads)).resolved()
        byteCount = loaded.rowCount * loaded.columnCount * 8
      }
      let source = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
      memset(source, 1, byteCount)
      let fresh = median(rounds) {
        let target = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: 64)
        memcpy(target, source, byteCount)
        target.deallocate()
      }
      source.deallocate()
      let gigabytes = Double(byteCount) / 1e9
      func shown(_ value: Double) -> String { String(Int(value * 1000)) }
      print(
        "\(path): \(shown(time)) ms, \(shown(gigabytes / time)) MB/s; "
          + "memcpy into new memory \(shown(fresh)) ms, \(shown(gigabytes / fresh)) MB/s")
    }
  }
}
