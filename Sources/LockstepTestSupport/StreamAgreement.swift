// SPDX-License-Identifier: Apache-2.0

import Lockstep

/// Checks that a pass over a stream agrees with one over the whole table.
///
/// A new method of one sweep joins with one line.
///
/// To the bit: pieces of 1, 7 and 100 rows, and a stream saved and restored after every third piece. Up to rounding: two
/// streams merged, and streams on 2, 3 and 4 ranks at once, some of which never get a row.
///
/// - Parameters:
///   - pass: The pass.
///   - source: The rows, of which a few hundred are enough.
///   - tolerance: The largest relative difference that rounding explains.
///   - values: The numbers of an output that are compared, in groups of one scale.
/// - Throws: ``Violation`` naming the first way that differs, or what the pass throws.
public func checkStreamsAgree<P: Pass & Codable>(
  _ pass: P, _ source: some RowSource, tolerance: Double, values: @escaping @Sendable (P.Output) -> [[Double]]
) throws {
  let n = source.rowCount
  func piece(_ range: Range<Int>) throws -> any RowBlock {
    guard let rows = try source.rows(range) else { throw Violation(description: "no rows \(range) of \(n)") }
    return rows
  }
  func stream(_ range: Range<Int>, by count: Int, saving: Bool = false) throws -> Online<P> {
    var stream = Online(pass, columnCount: source.columnCount)
    for (i, start) in Swift.stride(from: range.lowerBound, to: range.upperBound, by: count).enumerated() {
      try stream.observe(try piece(start..<min(start + count, range.upperBound)))
      if saving, i % 3 == 0 { stream = try PackedDecoder().decode(from: try PackedEncoder().encode(stream)) }
    }
    return stream
  }
  func bits(_ output: P.Output) throws -> [UInt8] { try PackedEncoder().encode(output) }

  let whole = try stream(0..<n, by: n).output()
  let expected = try bits(whole)
  for (count, saving) in [(1, false), (7, true), (100, false), (100, true)] {
    guard try bits(try stream(0..<n, by: count, saving: saving).output()) == expected else {
      throw Violation(description: "pieces of \(count) rows\(saving ? ", saved and restored" : ""): other bits")
    }
  }
  func check(_ way: String, _ output: P.Output) throws {
    let (found, wanted) = (values(output), values(whole))
    let difference =
      found.count == wanted.count ? zip(found, wanted).map(relativeDifference).max() ?? 0 : Double.infinity
    guard difference <= tolerance else {
      throw Violation(description: "\(way) differ by \(difference) > \(tolerance)")
    }
  }
  for cut in [0, n / 3, n] {
    var first = try stream(0..<cut, by: 50)
    first.merge(try stream(cut..<n, by: 30))
    try check("streams merged at row \(cut)", try first.output())
  }
  for size in [2, 3, 4] {
    for (name, cuts) in rankCuts(rowCount: n, size: size) {
      let streams = try (0..<size).map { try stream(cuts[$0]..<cuts[$0 + 1], by: 40) }
      let outputs = ThreadRanks.run(size) { communicator in
        try PackedEncoder().encode(
          try streams[communicator.rank].output(in: ExecutionContext(communicator: communicator)))
      }
      for output in outputs {
        try check("streams on \(size) ranks, \(name)", try PackedDecoder().decode(from: try output.get()))
      }
    }
  }
}
