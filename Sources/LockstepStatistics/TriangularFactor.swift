// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepKernels
import LockstepLinearAlgebra
import LockstepReduction
import LockstepTables

/// The R of the QR factorization of some rows: all that X tells about Xβ, with no digit lost to squares.
///
/// A block of rows is factored by Householder reflections; two factors merge by factoring one over the other (TSQR). R has
/// min(n, p) rows. Each column is kept times a power of two that brings it to about 1, so that columns near the ends of
/// the range of doubles, or far from each other, are as good as others.
///
/// - Accuracy: backward stable whatever the condition, rank-deficient and zero columns included:
///   ‖X − QR‖ ≤ c·pε‖X‖, column by column.
/// - Complexity: 2np² flops for n rows, ⅔p³ to merge; ½p² numbers.
/// - Source: Demmel, Grigori, Hoemmen & Langou (2012), "Communication-optimal parallel and sequential QR and LU
///   factorizations", section 5.
package struct TriangularFactor: Retraceable {
  /// The number of columns, p.
  package let columnCount: Int
  /// The number of rows summarized, n.
  package private(set) var rowCount = 0
  /// Column j is kept times 2^−exponents[j].
  private var exponents: [Int]
  /// The rows of the kept R, each from the diagonal on; the diagonal may be negative.
  private var elements: [Double] = []

  /// The exponent of a column of zeros, below any other.
  private static let zeroColumn = -10_000

  /// The number of rows of R, min(n, p).
  package var heldRowCount: Int { min(rowCount, columnCount) }

  /// The factor of no rows.
  package init(columnCount: Int) {
    self.columnCount = columnCount
    exponents = Array(repeating: Self.zeroColumn, count: columnCount)
  }

  /// The factor of a block of rows.
  ///
  /// - Parameters:
  ///   - samples: The rows.
  ///   - reflectors: Room for n × p numbers, `stride` from row to row, from which the block's rows of Q are made; nil if they
  ///     are not wanted.
  ///   - stride: The number of elements from one row of `reflectors` to the next.
  /// - Throws: ``LockstepError`` with code `.notFinite` for a NaN or an infinity, with its place.
  package init(
    _ samples: Samples, reflectors: UnsafeMutablePointer<Double>? = nil, stride: Int = 0
  ) throws {
    self.init(columnCount: samples.columnCount)
    let rows = samples.rows
    if let place = rows.firstNonFinite() {
      throw LockstepError(
        .notFinite, "\(rows.row(place.row)[place.column]) where a finite number is needed",
        remedy: "leave the row out, or correct it",
        place: .init(row: samples.firstRow + place.row, column: place.column + 1))
    }
    guard rows.rowCount > 0, columnCount > 0 else { return }
    rowCount = rows.rowCount
    exponents = rows.columnMagnitudes().map { $0 > 0 ? max(Int($0.exponent), -1000) : Self.zeroColumn }
    let scales = exponents.map {
      $0 == Self.zeroColumn ? 1 : Double(sign: .plus, exponent: -$0, significand: 1)
    }
    let scratch = FactorScratch(columnCount: columnCount)
    elements = Array(
      unsafeUninitializedCapacity: Self.elementCount(heldRowCount, columnCount)
    ) { buffer, count in
      if let first = buffer.baseAddress {
        rows.factor(scales: scales, into: first, reflectors: reflectors, stride: stride, scratch: scratch)
      }
      count = buffer.count
    }
  }

  private static func elementCount(_ rowCount: Int, _ columnCount: Int) -> Int {
    rowCount * columnCount - rowCount * (rowCount - 1) / 2
  }

  /// R, min(n, p) × p, upper triangular, with a diagonal that is not negative.
  ///
  /// An element that no double can hold, as of columns with a norm beyond the range, is infinite.
  package var r: Matrix {
    var matrix = Matrix(zeros: heldRowCount, columnCount)
    var next = 0
    for i in 0..<heldRowCount {
      let sign: FloatingPointSign = elements[next] < 0 ? .minus : .plus
      for j in i..<columnCount {
        let value = elements[next]
        // A zero stays positive; −0 would show as "-0".
        if value != 0 { matrix[i, j] = Double(sign: sign, exponent: exponents[j], significand: value) }
        next += 1
      }
    }
    return matrix
  }

  /// The seed that gives Q · `coefficients` when it is walked down the merges, for the Q that belongs to ``r``.
  ///
  /// - Precondition: there are as many rows of coefficients as of R.
  package func seed(_ coefficients: Matrix) -> Matrix {
    precondition(
      coefficients.rowCount == heldRowCount, "\(coefficients.rowCount) coefficients for \(heldRowCount) rows of R")
    var seed = coefficients
    var diagonal = 0
    for i in 0..<heldRowCount {
      if elements[diagonal] < 0 { for j in 0..<seed.columnCount { seed[i, j] = -seed[i, j] } }
      diagonal += columnCount - i
    }
    return seed
  }
}

extension TriangularFactor {
  /// What a merge must remember: the reflectors that made one factor of two.
  package enum Trace: Sendable {
    /// One of the two was of no rows.
    case earlierAlone
    /// One of the two was of no rows.
    case laterAlone
    /// A trapezoid of so many rows was merged into a whole triangle.
    case triangle(reflectors: [Double], columnCount: Int, laterRowCount: Int)
    /// A factor of fewer rows than columns came first: both were stacked and factored as rows are.
    case stack(reflectors: [Double], columnCount: Int, earlierRowCount: Int, laterRowCount: Int)
  }

  /// Absorbs the factor of the rows that follow.
  package mutating func mergeTracing(_ later: Self) -> Trace {
    precondition(
      later.columnCount == columnCount, "a factor of \(later.columnCount) columns merges with one of \(columnCount)")
    guard later.rowCount > 0 else { return .earlierAlone }
    guard rowCount > 0 else {
      self = later
      return .laterAlone
    }
    let (earlierHeld, laterHeld) = (heldRowCount, later.heldRowCount)
    let common = zip(exponents, later.exponents).map { max($0, $1) }
    scale(to: common)
    var lower = later
    lower.scale(to: common)
    rowCount += later.rowCount
    let scratch = FactorScratch(columnCount: columnCount)
    if earlierHeld == columnCount {
      elements.withUnsafeMutableBufferPointer { mine in
        lower.elements.withUnsafeMutableBufferPointer { theirs in
          guard let mine = mine.baseAddress, let theirs = theirs.baseAddress else { return }
          FactorKernels.merge(mine, theirs, columnCount: columnCount, lowerRowCount: laterHeld, scratch: scratch)
        }
      }
      return .triangle(reflectors: lower.elements, columnCount: columnCount, laterRowCount: laterHeld)
    }
    let p = columnCount
    let stacked = DenseRows(dense(earlierHeld) + lower.dense(laterHeld), columnCount: p)
    var reflectors = [Double](repeating: 0, count: stacked.rowCount * p)
    elements = Array(
      unsafeUninitializedCapacity: Self.elementCount(min(stacked.rowCount, p), p)
    ) { buffer, count in
      reflectors.withUnsafeMutableBufferPointer { reflectors in
        if let first = buffer.baseAddress {
          stacked.factor(
            scales: Array(repeating: 1, count: p), into: first, reflectors: reflectors.baseAddress, stride: p,
            scratch: scratch)
        }
      }
      count = buffer.count
    }
    return .stack(
      reflectors: reflectors, columnCount: p, earlierRowCount: earlierHeld, laterRowCount: laterHeld)
  }

  /// The seeds of the two factors that a merge made one of: [earlier; later] = Q · [seed; 0].
  package static func split(_ seed: Matrix, along trace: Trace) -> (earlier: Matrix, later: Matrix) {
    let c = seed.columnCount
    switch trace {
    case .earlierAlone: return (seed, Matrix(zeros: 0, c))
    case .laterAlone: return (Matrix(zeros: 0, c), seed)
    case .triangle(let reflectors, let p, let laterHeld):
      var earlier = seed
      var later = Matrix(zeros: laterHeld, c)
      let scratch = FactorScratch(columnCount: p, seedColumnCount: c)
      earlier.elements.withUnsafeMutableBufferPointer { top in
        later.elements.withUnsafeMutableBufferPointer { bottom in
          guard let top = top.baseAddress, let bottom = bottom.baseAddress else { return }
          FactorKernels.split(
            reflectors, columnCount: p, lowerRowCount: laterHeld, seed: top, seedColumnCount: c, lower: bottom,
            scratch: scratch)
        }
      }
      return (earlier, later)
    case .stack(let reflectors, let p, let earlierHeld, let laterHeld):
      var both = Matrix(zeros: earlierHeld + laterHeld, c)
      let rowCount = both.rowCount
      let scratch = FactorScratch(columnCount: p, seedColumnCount: c)
      both.elements.withUnsafeMutableBufferPointer {
        guard let out = $0.baseAddress else { return }
        FactorKernels.expand(
          reflectors, stride: p, rowCount: rowCount, columnCount: p, seed: seed.elements, seedColumnCount: c, into: out,
          outStride: c, scratch: scratch)
      }
      let cut = earlierHeld * c
      return (
        Matrix(rowCount: earlierHeld, columnCount: c, elements: Array(both.elements[..<cut])),
        Matrix(rowCount: laterHeld, columnCount: c, elements: Array(both.elements[cut...]))
      )
    }
  }

  /// Changes the powers of two of the columns to larger ones; exact, unless what is tiny beside the other factor underflows.
  private mutating func scale(to common: [Int]) {
    guard common != exponents else { return }
    let factors = zip(exponents, common).map { Double(sign: .plus, exponent: $0 - $1, significand: 1) }
    var next = 0
    for i in 0..<heldRowCount {
      for j in i..<columnCount {
        elements[next] *= factors[j]
        next += 1
      }
    }
    exponents = common
  }

  /// The kept R with the zeros below its diagonal.
  private func dense(_ held: Int) -> [Double] {
    var result: [Double] = []
    var next = 0
    for i in 0..<held {
      result.append(contentsOf: repeatElement(0, count: i))
      result += elements[next..<next + columnCount - i]
      next += columnCount - i
    }
    return result
  }
}
