// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepTables

/// Each row rounded to bytes, with which most distances need not be computed.
struct RowCodeMemory: Sendable {
  let scale: CodeScale
  private let codes: RowMemory<UInt8>
  private let squares: RowMemory<Int32>
  private let errors: RowMemory<Float>

  /// Room for the codes of the rows that this rank sweeps, in blocks of whole tiles.
  init(_ aligned: AlignedRows, scale: CodeScale) {
    self.scale = scale
    let rows = aligned.sweptRange
    let tile = CodeScale.tileRowCount
    let whole = rows.lowerBound..<rows.lowerBound + (rows.count + tile - 1) / tile * tile
    codes = RowMemory(uninitialized: whole, valuesPerRow: scale.bytesPerRow)
    squares = RowMemory(uninitialized: whole, valuesPerRow: 1)
    errors = RowMemory(uninitialized: whole, valuesPerRow: 1)
  }

  /// Calls `body` with the codes of the `count` rows from global row `firstRow`, the first of a block.
  func withCodes<R>(firstRow: Int, count: Int, _ body: (RowCodesBuffer) -> R) -> R {
    let tile = CodeScale.tileRowCount
    return codes.withValues(firstRow: firstRow, count: (count + tile - 1) / tile * tile) { codes in
      squares.withValues(firstRow: firstRow, count: count) { squares in
        errors.withValues(firstRow: firstRow, count: count) { errors in
          guard let buffer = RowCodesBuffer(scale, codes: codes, squares: squares, errors: errors) else {
            preconditionFailure("codes of \(count) rows")
          }
          return body(buffer)
        }
      }
    }
  }

  /// The bytes that a row takes beside its code.
  static let bytesBesideCode = MemoryLayout<Int32>.stride + MemoryLayout<Float>.stride

  /// Whether codes can pay: many columns for few bytes, and rows enough that a sweep is not over at once.
  static func pays(rowCount: Int, columnCount: Int, sweepCount: Int) -> Bool {
    (16...1024).contains(columnCount) && sweepCount >= 8 && rowCount >= 1 << 14
  }

  /// The bytes that the codes of a row take, and what draws remember with them; 0 where codes do not pay.
  static func byteCountPerRow(columnCount: Int, sweepCount: Int) -> Int {
    guard pays(rowCount: .max, columnCount: columnCount, sweepCount: sweepCount) else { return 0 }
    return (columnCount + 3) / 4 * 4 + bytesBesideCode
  }

  /// The scale that suits most numbers of a sample of the rows: of values far out, the errors are large, which costs time alone.
  ///
  /// Collective.
  static func scale(for aligned: AlignedRows, in context: ExecutionContext) throws -> CodeScale? {
    let count = min(200, aligned.totalRowCount)
    let numbers = (0..<count).map { $0 * aligned.totalRowCount / count }
    let sample = try RowFetch.fetch(numbers, from: aligned, in: context).centroids
    let shift = sample.columnMedians
    var deviations: [Double] = []
    for i in 0..<count {
      for (x, middle) in zip(sample.row(i), shift) { deviations.append(abs(x - middle)) }
    }
    guard deviations.allSatisfy(\.isFinite) else { return nil }
    deviations.sort()
    let usual = deviations[deviations.count * 99 / 100] * 1.6
    let largest = deviations[deviations.count - 1] * 1.1
    return CodeScale(shift: shift, step: (usual > 0 ? min(usual, largest) : largest) / 127)
  }
}
