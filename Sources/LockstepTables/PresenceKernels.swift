// SPDX-License-Identifier: Apache-2.0

/// What the means that stand for missing values ask of a block of rows.
public protocol PresenceKernels {
  /// Adds the numbers of each column that are there, that is, not NaN, row by row in order, and counts those that are not.
  ///
  /// Zeros that sparse rows do not store add nothing and are not counted.
  func addPresent(to sums: PresentSumsBuffer)
}

/// Where the sums of p columns go, p numbers each.
public struct PresentSumsBuffer {
  /// The sums.
  public let sums: UnsafeMutablePointer<Double>
  /// The sums of the errors that the additions made (Knuth's two-sum).
  public let errors: UnsafeMutablePointer<Double>
  /// The numbers that are not there.
  public let missingCounts: UnsafeMutablePointer<Int>

  /// Three runs of p numbers.
  public init(
    sums: UnsafeMutablePointer<Double>, errors: UnsafeMutablePointer<Double>, missingCounts: UnsafeMutablePointer<Int>
  ) {
    self.sums = sums
    self.errors = errors
    self.missingCounts = missingCounts
  }

  @inline(__always)
  fileprivate func add(_ value: Double, to j: Int) {
    let isMissing = value != value
    let x = isMissing ? 0 : value
    let before = sums[j]
    let sum = before + x
    let part = sum - before
    errors[j] += (before - (sum - part)) + (x - part)
    sums[j] = sum
    missingCounts[j] &+= isMissing ? 1 : 0
  }

  fileprivate func add<T: BinaryFloatingPoint>(rows: UnsafePointer<T>, count: Int, columnCount: Int) {
    for start in stride(from: 0, to: count, by: columnCount) {
      for j in 0..<columnCount { add(Double(rows[start + j]), to: j) }
    }
  }

  fileprivate func add<T: BinaryFloatingPoint>(
    entries: UnsafePointer<T>, columns: UnsafePointer<Int32>, _ range: Range<Int>
  ) {
    for e in range { add(Double(entries[e]), to: Int(columns[e])) }
  }
}

// A loop over `Element` that another module calls is not compiled for either type: these cross over to one that is.

extension DenseRows {
  /// Adds the numbers that are there.
  public func addPresent(to sums: PresentSumsBuffer) {
    withUnsafeElements { elements in
      guard let base = elements.baseAddress, columnCount > 0 else { return }
      let raw = UnsafeRawPointer(base)
      if Element.self == Float.self {
        sums.add(rows: raw.assumingMemoryBound(to: Float.self), count: elements.count, columnCount: columnCount)
      } else {
        sums.add(rows: raw.assumingMemoryBound(to: Double.self), count: elements.count, columnCount: columnCount)
      }
    }
  }
}

extension SparseRows {
  /// Adds the numbers that are there, of those that are stored.
  public func addPresent(to sums: PresentSumsBuffer) {
    withUnsafeEntries { offsets, columns, values in
      guard let first = offsets.first, let last = offsets.last, let column = columns.baseAddress,
        let value = values.baseAddress
      else { return }
      let raw = UnsafeRawPointer(value)
      if Element.self == Float.self {
        sums.add(entries: raw.assumingMemoryBound(to: Float.self), columns: column, first..<last)
      } else {
        sums.add(entries: raw.assumingMemoryBound(to: Double.self), columns: column, first..<last)
      }
    }
  }
}

extension SupervisedRows {
  /// The features' kernel.
  package func addPresent(to sums: PresentSumsBuffer) { features.addPresent(to: sums) }
}
