// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors

/// The memory of matrices that have a row and a column for each column of the data.
enum SquareMemory {
  /// Throws if the matrices of a method cannot be had: a file of a few bytes may claim millions of columns.
  ///
  /// Two of them at a time, a summary and what it is merged with or becomes, are what any method has.
  ///
  /// - Throws: `LockstepError` with code `.outOfMemory` and the figures.
  static func require(columnCount: Int) throws {
    let memory = Int(sysconf(Int32(_SC_PHYS_PAGES))) * Int(sysconf(Int32(_SC_PAGESIZE)))
    let (count, isTooLong) = columnCount.multipliedReportingOverflow(by: columnCount)
    let (byteCount, isLonger) = count.multipliedReportingOverflow(by: 2 * MemoryLayout<Double>.stride)
    guard isTooLong || isLonger || byteCount > memory else { return }
    let gigabytes = Double(columnCount) * Double(columnCount) * 16 / 1e9
    throw LockstepError(
      .outOfMemory,
      "matrices of \(columnCount) × \(columnCount) numbers take \(gigabytes.rounded()) GB, and this machine has \(memory >> 30) GiB",
      remedy: "choose fewer columns")
  }
}
