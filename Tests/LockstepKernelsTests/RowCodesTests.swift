// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct RowCodesTests {
    /// The codes of some rows, in memory of their own.
    final class Codes {
      let codes: UnsafeMutableBufferPointer<UInt8>
      let squares: UnsafeMutableBufferPointer<Int32>
      let errors: UnsafeMutableBufferPointer<Float>
      var reaches: [Float]
      let scale: CodeScale

      init(_ scale: CodeScale, rowCount: Int) {
        self.scale = scale
        codes = .allocate(capacity: (rowCount + 15) / 16 * 16 * scale.bytesPerRow)
        squares = .allocate(capacity: rowCount)
        errors = .allocate(capacity: rowCount)
        codes.initialize(repeating: 77)
        squares.initialize(repeating: 0)
        errors.initialize(repeating: 0)
        reaches = Array(repeating: 0, count: rowCount)
      }

      deinit {
        codes.deallocate()
        squares.deallocate()
        errors.deallocate()
      }

      var buffer: RowCodesBuffer? {
        RowCodesBuffer(scale, codes: codes, squares: squares, errors: errors)
      }
    }

    /// Lowers minimums by 23 centres, one, two and eleven at a time, by codes and without: the bits must be the same.
    ///
    /// - Returns: How many rows the codes have left open, beside how many there were.
    func expectSameMinimums<Element: KernelElement & BinaryFloatingPoint>(
      _ rows: [Element], columnCount p: Int, step: Double, _ comment: Comment
    ) throws -> (computed: Int, all: Int) {
      let n = rows.count / p
      let doubles = rows.map { Double($0) }
      let centres = startingCentroids(doubles, clusterCount: 23, columnCount: p)
      let scale = try #require(CodeScale(shift: columnMeans(doubles, columnCount: p), step: step))
      var counts = (computed: 0, all: 0)
      for level in levels {
        level.use()
        let view = testRows(rows, columnCount: p)
        var plain = [Double](repeating: .infinity, count: n)
        _ = view.lowerMinimums(to: Array(centres[..<p]), &plain)
        var coded = plain
        let codes = Codes(scale, rowCount: n)
        let buffer = try #require(codes.buffer)
        view.encode(into: buffer)
        codes.reaches.withUnsafeMutableBufferPointer { reaches in
          coded.withUnsafeBufferPointer { buffer.setReaches(reaches, minimums: $0) }
        }
        var first = 1
        for count in [1, 2, 1, 7, 11] {
          let some = Array(centres[first * p..<(first + count) * p])
          first += count
          for c in 0..<count { _ = view.lowerMinimums(to: Array(some[c * p..<(c + 1) * p]), &plain) }
          var found: [(row: Int, distance: Double)] = []
          view.forEachNearerRow(
            to: CentreCodes(some, scale: scale), codes: buffer, reaches: codes.reaches, minimums: coded
          ) { found.append(($0, $1)) }
          for (row, distance) in found {
            #expect(distance < coded[row])
            coded[row] = distance
            codes.reaches.withUnsafeMutableBufferPointer { buffer.setReach(of: row, $0, minimum: distance) }
          }
          counts.computed += found.count
          counts.all += n * count
          #expect(coded == plain, "\(comment), \(level), \(p) columns, \(count) centres")
        }
      }
      return counts
    }

    @Test(arguments: DataKind.allCases) func `codes change no bit of a minimum`(kind: DataKind) throws {
      for p in [1, 3, 4, 7, 8, 17, 33, 50] {
        for n in [31, 150] {
          let rows = kind.rows(count: n, columnCount: p, seed: 10 * n + p)
          for step in [1e-3, 0.3, 20] {
            _ = try expectSameMinimums(rows, columnCount: p, step: step, "\(kind)")
            _ = try expectSameMinimums(rows.map { Float($0) }, columnCount: p, step: step, "\(kind), floats")
          }
        }
      }
    }

    @Test func `codes exclude most rows of clusters`() throws {
      let rows = DataKind.clustered.rows(count: 600, columnCount: 32, seed: 5)
      let counts = try expectSameMinimums(rows, columnCount: 32, step: 0.3, "clusters")
      #expect(counts.computed * 4 < counts.all, "\(counts)")
    }

    @Test func `values far out, subnormal and not finite change nothing`() throws {
      for p in [5, 16, 21] {
        var rows = DataKind.clustered.rows(count: 64, columnCount: p, seed: p)
        rows[3 * p] = 1e200
        rows[20 * p + 2] = -1e9
        rows[33 * p + 1] = .nan
        rows[50 * p + 4] = .infinity
        rows[51 * p + 3] = 1e-310
        _ = try expectSameMinimums(rows, columnCount: p, step: 0.3, "far out")
        let small = DataKind.clustered.rows(count: 64, columnCount: p, seed: p).map { $0 * 1e-200 }
        _ = try expectSameMinimums(small, columnCount: p, step: 3e-201, "small")
      }
      #expect(CodeScale(shift: [1], step: 0) == nil)
      #expect(CodeScale(shift: [1], step: .nan) == nil)
      #expect(CodeScale(shift: [1], step: 1e-310) == nil)
    }
  }
}
