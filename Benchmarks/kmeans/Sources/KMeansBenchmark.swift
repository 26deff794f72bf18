// SPDX-License-Identifier: Apache-2.0

import Dispatch
import Glibc
import LockstepKernels

/// Lloyd's iteration over blocks of rows on some threads, with the kernels alone: no reading, no ranks.
///
///     lockstep-kmeans-benchmark rows.npy centroids.npy [threads [repetitions [plain]]]
@main struct KMeansBenchmark {
  static func main() {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else {
      print("usage: \(arguments[0]) rows.npy centroids.npy [threads [repetitions [plain]]]")
      exit(64)
    }
    let threads = arguments.count > 3 ? Int(arguments[3]) ?? 2 : 2
    let repetitions = arguments.count > 4 ? Int(arguments[4]) ?? 3 : 3
    let isPlain = arguments.contains("plain")
    guard let start = NPYArray(arguments[2]), let rows = NPYArray(arguments[1]) else {
      print("cannot read \(arguments[1]) or \(arguments[2]) as two-dimensional NPY")
      exit(66)
    }
    let centroids = start.doubles
    print("\(KernelLevel.current), \(rows.rowCount) × \(rows.columnCount), k = \(start.rowCount), \(threads) threads")
    for _ in 0..<repetitions {
      if rows.isSinglePrecision {
        LloydTiming(rows.elements.assumingMemoryBound(to: Float.self), rows, centroids, threads, isPlain).run()
      } else {
        LloydTiming(rows.elements.assumingMemoryBound(to: Double.self), rows, centroids, threads, isPlain).run()
      }
    }
  }
}
