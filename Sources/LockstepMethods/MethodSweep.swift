// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction
import LockstepTables

/// The one sweep of a method behind JSON and bytes: a summary of some rows that can be kept, merged with others, and finalized
/// later and elsewhere.
public struct MethodSweep: Sendable {
  private let summarizeRows: @Sendable (JSONValue, any RowSource, ExecutionContext) throws -> [UInt8]
  private let mergeSummaries: @Sendable ([[UInt8]]) throws -> [UInt8]
  private let finalizeSummary: @Sendable (JSONValue, [UInt8]) throws -> any FittedModel

  /// The sweep of an estimator.
  init<E: CatalogEstimator & OnePassEstimator>(_ estimator: E.Type) {
    summarizeRows = { parameters, rows, context in
      let pass = try context.agree {
        let estimator = try E(parameters: parameters)
        try estimator.validate()
        return SummaryPass(estimator: estimator.forSingleReading)
      }
      return try PackedEncoder().encode(try context.reduce(pass, over: rows))
    }
    mergeSummaries = { summaries in
      let parts = try summaries.map { try E.Partial(summary: $0) }
      guard var merged = parts.first else { throw LockstepError(.usage, "there is nothing to merge") }
      for part in parts.dropFirst() {
        guard merged.canMerge(part) else {
          throw LockstepError(
            .shapeMismatch, "summaries of different columns", remedy: "merge summaries of the same making")
        }
        merged.merge(part)
      }
      return try PackedEncoder().encode(merged)
    }
    finalizeSummary = { parameters, summary in
      let estimator = try E(parameters: parameters).forSingleReading
      try estimator.validate()
      return try estimator.finalize(try E.Partial(summary: summary))
    }
  }

  /// The summary of the rows of all ranks, packed.
  ///
  /// Collective; the same bits on every rank.
  ///
  /// - Throws: `LockstepError` with code `.usage` for parameters that make no sense, and what the sweep throws.
  public func summary(
    _ parameters: JSONValue, of rows: any RowSource, in context: ExecutionContext
  ) throws -> [UInt8] { try summarizeRows(parameters, rows, context) }

  /// The summary of the rows of all summaries, in order.
  ///
  /// - Throws: `LockstepError` with code `.malformedInput` for bytes that are no summary, `.shapeMismatch` for summaries of different
  ///   columns.
  public func merged(_ summaries: [[UInt8]]) throws -> [UInt8] { try mergeSummaries(summaries) }

  /// The model of a summary.
  ///
  /// - Throws: `LockstepError` with code `.tooFewRows` and others, as the method's `finalize` does.
  public func model(_ parameters: JSONValue, of summary: [UInt8]) throws -> any FittedModel {
    try finalizeSummary(parameters, summary)
  }
}

extension CatalogEstimator where Self: OnePassEstimator {
  /// Fits to the rows of all ranks, and gives the summary of the rows too, packed.
  ///
  /// Collective; the same bits on every rank.
  package func fitWithSummary(
    _ rows: any RowSource, in context: ExecutionContext
  ) throws -> (model: any FittedModel, summary: [UInt8]) {
    let pass = try context.agree {
      try validate()
      return SummaryPass(estimator: forSingleReading)
    }
    let partial = try context.reduce(pass, over: rows)
    // Rank 0 finalizes: what it makes of the summary, all have to the bit.
    let model = try context.decide { try pass.estimator.finalize(partial) }
    return (model, try PackedEncoder().encode(partial))
  }
}

extension Mergeable {
  /// The summary in bytes that may be anybody's.
  fileprivate init(summary bytes: [UInt8]) throws {
    let refusal = LockstepError(
      .malformedInput, "the numbers of this summary do not fit together", remedy: "summarize the rows again")
    do { self = try PackedDecoder().decode(Self.self, from: bytes) } catch {
      var failure = refusal
      failure.cause = String(describing: error)
      throw failure
    }
    guard isWellFormed else { throw refusal }
  }
}

/// A sweep that ends with the summary itself.
private struct SummaryPass<E: OnePassEstimator>: Pass, Codable {
  let estimator: E

  func makePartial(columnCount: Int) -> E.Partial { estimator.makePartial(columnCount: columnCount) }
  func accumulate(_ samples: Samples, into partial: inout E.Partial) throws {
    try estimator.accumulate(samples, into: &partial)
  }
  func finalize(_ partial: E.Partial) -> E.Partial { partial }
  func blockRowCount(columnCount: Int) -> Int { estimator.blockRowCount(columnCount: columnCount) }
}
