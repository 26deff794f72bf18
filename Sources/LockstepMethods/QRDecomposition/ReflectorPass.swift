// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import LockstepReduction
import LockstepStatistics
import LockstepTables

/// The safe route: Householder QR of every block, and of the triangles in the tree over the blocks (TSQR).
///
/// Each block leaves its reflectors where its rows of the answer will be, so that nothing else as large as the rows is held
/// and no row is read twice. `finish` makes of the factor of all rows the result, and the coefficients of the answer:
/// what is written is Q · coefficients.
struct ReflectorPass<Output: Codable & Sendable>: RetraceablePass {
  /// Where reflectors, and then the answer, go: p numbers a row; nil if only the result is wanted.
  let output: RowMemory<Double>?
  let finish: @Sendable (TriangularFactor) throws -> (output: Output, coefficients: Matrix)

  func makePartial(columnCount: Int) -> TriangularFactor { TriangularFactor(columnCount: columnCount) }

  func summarize(_ samples: Samples) throws -> (TriangularFactor, Range<Int>) {
    let block = samples.firstRow..<samples.firstRow + samples.rowCount
    let factor = try output?.withValues(firstRow: block.lowerBound, count: block.count) {
      try TriangularFactor(samples, reflectors: $0.baseAddress, stride: samples.columnCount)
    }
    return (try factor ?? TriangularFactor(samples), block)
  }

  func finalizeTracing(_ partial: TriangularFactor) throws -> (output: Output, seed: Matrix) {
    let (output, coefficients) = try finish(partial)
    return (output, partial.seed(coefficients))
  }

  func emit(_ seed: Matrix, from block: Range<Int>) {
    guard let output, seed.columnCount > 0 else { return }
    let p = output.valuesPerRow
    let scratch = FactorScratch(columnCount: p, seedColumnCount: seed.columnCount)
    output.withValues(firstRow: block.lowerBound, count: block.count) {
      guard let first = $0.baseAddress else { return }
      FactorKernels.expand(
        first, stride: p, rowCount: block.count, columnCount: p, seed: seed.elements, seedColumnCount: seed.columnCount,
        into: first, outStride: p, scratch: scratch)
    }
  }
}

extension ExecutionContext {
  /// The safe route: looks for NaN and infinities first, then factors, and writes the answer if there is where to.
  func factor<Output: Codable & Sendable>(
    _ aligned: AlignedRows, writing output: RowMemory<Double>?,
    finish: @escaping @Sendable (TriangularFactor) throws -> (output: Output, coefficients: Matrix)
  ) throws -> Output {
    _ = try reduce(FiniteCheck(columnNames: aligned.columnNames), over: aligned)
    let pass = ReflectorPass(output: output, finish: finish)
    return output == nil ? try reduce(pass, over: aligned) : try retrace(pass, over: aligned)
  }
}

extension DenseRows where Element == Double {
  /// A copy of the first `count` columns; the rows themselves if they have no more.
  func columns(prefix count: Int) -> DenseRows {
    guard count < columnCount else { return self }
    return withUnsafeElements { elements in
      let storage = RowStorage<Double>(count: rowCount * count) { buffer in
        for i in 0..<rowCount {
          _ = UnsafeMutableBufferPointer(rebasing: buffer[i * count..<(i + 1) * count])
            .initialize(fromContentsOf: elements[i * columnCount..<i * columnCount + count])
        }
      }
      return DenseRows(storage, rowCount: rowCount, columnCount: count)
    }
  }
}

extension [RowRun] {
  /// The first `count` columns of dense rows.
  func columns(prefix count: Int) -> [RowRun] {
    map { run in
      guard let rows = run.inMemory as? DenseRows<Double> else {
        return run.mapped { ($0 as? DenseRows<Double>)?.columns(prefix: count) ?? $0 }
      }
      return RowRun(rows.columns(prefix: count))
    }
  }

  /// All rows in one, a copy if they are in more than one run.
  func inMemory(columnCount: Int) throws -> DenseRows<Double> {
    let blocks = try map { try $0.rows() }
    return blocks.concatenated as? DenseRows<Double> ?? DenseRows([], columnCount: columnCount)
  }
}

extension ExecutionContext {
  /// All rows of this rank's runs in one.
  ///
  /// Collective under a limit of memory, where rows have to be loaded, which may fail on one rank.
  func inMemory(_ runs: [RowRun], columnCount: Int) throws -> DenseRows<Double> {
    guard memoryLimit != nil else { return try runs.inMemory(columnCount: columnCount) }
    return try agree { try runs.inMemory(columnCount: columnCount) }
  }
}
