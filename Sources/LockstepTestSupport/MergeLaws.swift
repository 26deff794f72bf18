// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// What a battery found wrong, in words.
public struct Violation: Error, CustomStringConvertible {
  /// The law, the case, and the figures.
  public let description: String
}

/// Checks that a pass's summaries obey the laws of ``/Lockstep/Mergeable``.
///
/// A new pass joins with one line.
///
/// Identity is checked to the bit; associativity and homomorphism, at every cut of the rows into two and three, by the
/// relative difference of outputs.
///
/// - Parameters:
///   - pass: The pass.
///   - rows: A few rows, one block or less; every cut is tried.
///   - tolerance: The largest relative difference that rounding explains.
///   - values: The numbers of an output that are compared.
/// - Throws: ``Violation`` naming the first law that fails.
public func checkMergeLaws<P: Pass>(
  _ pass: P, _ rows: some RowBlock, tolerance: Double, values: (P.Output) -> [Double]
) throws {
  func summary(_ range: Range<Int>) throws -> P.Partial {
    var partial = pass.makePartial(columnCount: rows.columnCount)
    if !range.isEmpty { try pass.accumulate(Samples(rows.rows(range), firstRow: range.lowerBound), into: &partial) }
    return partial
  }
  func merged(_ a: P.Partial, _ b: P.Partial) -> P.Partial {
    var joined = a
    joined.merge(b)
    return joined
  }
  func bits(_ partial: P.Partial) throws -> [UInt8] { try PackedEncoder().encode(partial) }

  let n = rows.rowCount
  let whole = try summary(0..<n)
  let none = pass.makePartial(columnCount: rows.columnCount)
  guard try bits(merged(none, whole)) == bits(whole), try bits(merged(whole, none)) == bits(whole) else {
    throw Violation(description: "identity: merging a summary of no rows changes \(whole)")
  }
  let expected = values(try pass.finalize(whole))
  for cut in 0...n {
    let (a, b) = (try summary(0..<cut), try summary(cut..<n))
    let found = values(try pass.finalize(merged(a, b)))
    let difference = relativeDifference(found, expected)
    guard difference <= tolerance else {
      throw Violation(description: "homomorphism: cut at \(cut) of \(n) differs by \(difference) > \(tolerance)")
    }
    let middle = cut / 2
    let (c, d) = (try summary(0..<middle), try summary(middle..<cut))
    let left = values(try pass.finalize(merged(merged(c, d), b)))
    let right = values(try pass.finalize(merged(c, merged(d, b))))
    let regrouped = relativeDifference(left, right)
    guard regrouped <= tolerance else {
      throw Violation(
        description: "associativity: cuts at \(middle), \(cut) of \(n) differ by \(regrouped) > \(tolerance)")
    }
  }
}

/// The largest difference, relative to the largest magnitude; infinite where the lengths or the NaNs differ.
public func relativeDifference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let scale = max(a.map(abs).max() ?? 0, b.map(abs).max() ?? 0, .leastNormalMagnitude)
  var largest = 0.0
  for (x, y) in zip(a, b) where x != y {
    if x.isNaN && y.isNaN { continue }
    let difference = abs(x - y) / scale
    largest = difference.isNaN ? .infinity : max(largest, difference)
  }
  return largest
}
