// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// How numbers are rounded to bytes: round((x − shift) / step), −128 … 127.
///
/// From the bytes of a row and a centre follows a lower bound of their distance, whatever was rounded or cut off. It takes an
/// eighth of the reading that a distance takes, and less arithmetic. Only rows that the bound leaves open are computed, so no
/// result depends on the codes.
package struct CodeScale: Sendable, Hashable {
  /// What a row is taken relative to, one number a column.
  package let shift: [Double]
  /// What one unit of a code stands for.
  package let step: Double

  /// The scale of these numbers; `nil` if no table can be rounded so.
  package init?(shift: [Double], step: Double) {
    guard step > 0, step.isFinite, (1 / step).isFinite, !shift.isEmpty, shift.count <= 1 << 14 else { return nil }
    self.shift = shift
    self.step = step
  }

  /// Whether bounds in float can hold what codes say.
  var suitsBounds: Bool { step > 1e-25 && step < 1e25 }

  /// The number of rows whose codes share a tile.
  package static var tileRowCount: Int { Int(LOCKSTEP_CODE_ROWS) }

  /// The bytes that the code of a row takes: a multiple of four.
  package var bytesPerRow: Int { (shift.count + 3) / 4 * 4 }
}

/// The codes of a block of rows, in memory that somebody else owns.
package struct RowCodesBuffer {
  let scale: CodeScale
  let codes: UnsafeMutablePointer<UInt8>
  let squares: UnsafeMutablePointer<Int32>
  let errors: UnsafeMutablePointer<Float>

  /// Codes of whole tiles, and for each row the sum of their squares and their error.
  ///
  /// - Precondition: `codes` holds ``CodeScale/bytesPerRow`` bytes for each row of whole tiles, and the others a number a row.
  package init?(
    _ scale: CodeScale, codes: UnsafeMutableBufferPointer<UInt8>, squares: UnsafeMutableBufferPointer<Int32>,
    errors: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(
      codes.count == (squares.count + 15) / 16 * 16 * scale.bytesPerRow && errors.count == squares.count,
      "\(codes.count) bytes and \(errors.count) errors of \(squares.count) rows")
    guard let codesStart = codes.baseAddress, let squaresStart = squares.baseAddress,
      let errorsStart = errors.baseAddress
    else { return nil }
    self.scale = scale
    self.codes = codesStart
    self.squares = squaresStart
    self.errors = errorsStart
  }

  func withView<R>(_ body: (lockstep_row_codes) -> R) -> R {
    scale.shift.withUnsafeBufferPointer {
      guard let shift = $0.baseAddress else { preconditionFailure("a scale without columns") }
      return body(
        lockstep_row_codes(shift: shift, step: scale.step, codes: codes, squares: squares, errors: errors))
    }
  }

  /// Sets how far from a row's code a centre's code may be while the centre is nearer than the root of the row's minimum.
  package func setReaches(_ reaches: UnsafeMutableBufferPointer<Float>, minimums: UnsafeBufferPointer<Double>) {
    guard let reachesStart = reaches.baseAddress, let minimumsStart = minimums.baseAddress else { return }
    withView { lockstep_set_reaches($0, minimumsStart, minimums.count, reachesStart) }
  }

  /// The same for one row.
  package func setReach(of row: Int, _ reaches: UnsafeMutableBufferPointer<Float>, minimum: Double) {
    withUnsafePointer(to: minimum) { minimum in
      withView {
        var view = $0
        view.errors += row
        guard let start = reaches.baseAddress else { return }
        lockstep_set_reaches(view, minimum, 1, start + row)
      }
    }
  }
}

/// Centres with their codes.
package struct CentreCodes: Sendable {
  /// The centres, row-major.
  package let centres: [Double]
  /// The number of centres.
  package let count: Int
  let codes: [Int32]
  let constants: [Int32]
  let errors: [Float]

  /// The codes of `centres`, row-major.
  package init(_ centres: [Double], scale: CodeScale) {
    let columnCount = scale.shift.count
    precondition(centres.count % columnCount == 0, "\(centres.count) numbers are not centres of \(columnCount)")
    count = centres.count / columnCount
    self.centres = centres
    var codes = [Int32](repeating: 0, count: count * scale.bytesPerRow / 4)
    var constants = [Int32](repeating: 0, count: count)
    var errors = [Float](repeating: 0, count: count)
    lockstep_encode_centres(centres, count, columnCount, scale.shift, scale.step, &codes, &constants, &errors)
    (self.codes, self.constants, self.errors) = (codes, constants, errors)
  }

  /// The largest error; a NaN if there is one.
  static func largest(_ errors: UnsafeBufferPointer<Float>) -> Float {
    errors.reduce(0) { $1 <= $0 ? $0 : $1 }
  }

  func withView<R>(_ body: (lockstep_centre_codes) -> R) -> R {
    centres.withUnsafeBufferPointer { centres in
      codes.withUnsafeBufferPointer { codes in
        constants.withUnsafeBufferPointer { constants in
          errors.withUnsafeBufferPointer { errors in
            guard let centresStart = centres.baseAddress, let codesStart = codes.baseAddress,
              let constantsStart = constants.baseAddress, let errorsStart = errors.baseAddress
            else { preconditionFailure("no centres") }
            return body(
              lockstep_centre_codes(
                centres: centresStart, codes: codesStart, constants: constantsStart, errors: errorsStart,
                largest_error: Self.largest(errors), count: count))
          }
        }
      }
    }
  }
}

extension KernelRows {
  /// Fills the codes of these rows.
  package func encode(into codes: RowCodesBuffer) {
    precondition(columnCount == codes.scale.shift.count, "rows of \(columnCount) columns")
    codes.withView { lockstep_encode_rows(view, $0) }
  }

  /// The rows that are nearer to one of the centres than the root of their minimum, ascending, each with its squared distance
  /// from the nearest: the bits that ``lowerMinimums(to:_:)`` gives.
  ///
  /// - Complexity: O(centres · rows · columns) operations on bytes, and those rows' distances.
  package func forEachNearerRow(
    to centres: CentreCodes, codes: RowCodesBuffer, reaches: UnsafePointer<Float>, minimums: UnsafePointer<Double>,
    _ body: (Int, Double) -> Void
  ) {
    guard centres.count > 0, rowCount > 0 else { return }
    precondition(columnCount == codes.scale.shift.count, "rows of \(columnCount) columns")
    withUnsafeTemporaryAllocation(
      byteCount: lockstep_nearer_rows_scratch(centres.count) + 12 * rowCount, alignment: 64
    ) { memory in
      guard let scratch = memory.baseAddress else { preconditionFailure("no scratch memory") }
      let distances = (scratch + lockstep_nearer_rows_scratch(centres.count)).bindMemory(
        to: Double.self, capacity: rowCount)
      let nearer = UnsafeMutableRawPointer(distances + rowCount).bindMemory(to: Int32.self, capacity: rowCount)
      let found = codes.withView { codes in
        centres.withView {
          lockstep_nearer_rows(view, codes, reaches, $0, minimums, nearer, distances, scratch)
        }
      }
      for i in 0..<found { body(Int(nearer[i]), distances[i]) }
    }
  }
}
