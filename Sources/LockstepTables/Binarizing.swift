// SPDX-License-Identifier: Apache-2.0

/// Copies of rows as ones and zeros.
public protocol Binarizing {
  /// A copy in which numbers above the threshold are 1 and others 0.
  ///
  /// - Precondition: no number is NaN.
  func binarized(above threshold: Double) -> any RowBlock
}

extension DenseRows {
  /// A copy in which numbers above the threshold are 1 and others 0.
  public func binarized(above threshold: Double) -> any RowBlock {
    let storage = RowStorage<Element>(count: rowCount * columnCount) { buffer in
      withUnsafeElements { Ones.write($0, above: threshold, to: buffer) }
    }
    return DenseRows(storage, rowCount: rowCount, columnCount: columnCount)
  }
}

extension SparseRows {
  /// A copy in which numbers above the threshold are 1 and others 0; sparse unless zeros become ones.
  public func binarized(above threshold: Double) -> any RowBlock {
    guard threshold >= 0 else {
      let ones = (0..<rowCount).flatMap { row($0).map { Element($0 > threshold ? 1 : 0) } }
      return DenseRows(ones, columnCount: columnCount)
    }
    return withUnsafeEntries { offsets, columns, values in
      let isOne = Ones.marks(values, above: threshold)
      var (starts, theirs) = ([0], [Int32]())
      for i in 0..<rowCount {
        for e in offsets[i]..<offsets[i + 1] where isOne[e] { theirs.append(columns[e]) }
        starts.append(theirs.count)
      }
      return SparseRows(
        checked: starts, columns: theirs, values: Array(repeating: Element(1), count: theirs.count),
        columnCount: columnCount)
    }
  }
}

extension SupervisedRows {
  /// The same rows with features that are 1 above the threshold, and otherwise 0.
  package func binarized(above threshold: Double) -> any RowBlock {
    SupervisedRows(
      features: features.binarized(above: threshold), responses: responses, weights: weights, labels: labels)
  }
}

// A loop over `Element` that another module calls is not compiled for either type: this crosses over to one that is.
private enum Ones {
  static func write<Element: Scalar>(
    _ elements: UnsafeBufferPointer<Element>, above threshold: Double, to buffer: UnsafeMutableBufferPointer<Element>
  ) {
    let (from, to) = (UnsafeRawBufferPointer(elements), UnsafeMutableRawBufferPointer(buffer))
    if Element.self == Float.self {
      fill(from.assumingMemoryBound(to: Float.self), threshold, to.assumingMemoryBound(to: Float.self))
    } else {
      fill(from.assumingMemoryBound(to: Double.self), threshold, to.assumingMemoryBound(to: Double.self))
    }
  }

  static func marks<Element: Scalar>(_ elements: UnsafeBufferPointer<Element>, above threshold: Double) -> [Bool] {
    let bytes = UnsafeRawBufferPointer(elements)
    return Element.self == Float.self
      ? marks(of: bytes.assumingMemoryBound(to: Float.self), threshold)
      : marks(of: bytes.assumingMemoryBound(to: Double.self), threshold)
  }

  private static func marks<T: BinaryFloatingPoint>(of from: UnsafeBufferPointer<T>, _ threshold: Double) -> [Bool] {
    from.map { Double($0) > threshold }
  }

  private static func fill<T: BinaryFloatingPoint>(
    _ from: UnsafeBufferPointer<T>, _ threshold: Double, _ to: UnsafeMutableBufferPointer<T>
  ) { for i in from.indices { to[i] = Double(from[i]) > threshold ? 1 : 0 } }
}
