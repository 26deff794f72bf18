// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep merge`.
struct MergeVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "merge",
    abstract: "Make one model of the summaries of several runs.",
    discussion: """
      Each summary was saved with --partial by one and the same verb with the same options, on other rows: another day's, or \
      another machine's. The model is that of all their rows together, up to rounding.

      Examples:
        lockstep moments --partial day1.part day1.csv
        lockstep moments --partial day2.part day2.csv
        lockstep merge day*.part
        lockstep merge --partial week.part -o week.json day*.part
      """)

  @Argument(help: ArgumentHelp("Summaries that --partial has saved, in the order of their rows.", valueName: "part"))
  var parts: [String]

  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var summary: PartialOptions
  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try Session.run(common) { session in
      let context = session.context
      try session.checkOutputs(
        models: [output.output, summary.partial].compactMap { $0 }, rows: [], data: nil, files: parts)
      // A summary is small, and rank 0 alone has to see the files.
      let merged = try context.decide {
        let all = try merge()
        let file = try all.modelFile()
        if let path = output.output { try file.write(to: path) }
        if let path = summary.partial { try all.write(to: path) }
        return Merged(model: try file.encodedAsJSON(), skippedRowCount: all.skippedRowCount)
      }
      let file = try context.agree { try ModelFile(json: merged.model, file: "the merged model") }
      let rowCounts = try context.gathered(session.isFirst ? [file.rowCount, merged.skippedRowCount] : [0, 0])
      let shares = rowCounts.map {
        RunFacts.Share(rowCount: $0[0], skippedRowCount: $0[1], seconds: context.ledger.total)
      }
      let run = RunFacts(shares: shares, columnCount: file.model.columnCount, threadCount: context.threadCount)
      try session.finish(FitReport(file, run: run))
    }
  }

  /// All parts in one; errors name the file of the part that does not fit.
  private func merge() throws -> MethodStream {
    var all = try MethodStream(reading: parts[0])
    for part in parts.dropFirst() {
      let next = try MethodStream(reading: part)
      do { try all.merge(next) } catch var error as LockstepError {
        error.place = error.place ?? .init(file: part)
        throw error
      }
    }
    return all
  }
}

/// What rank 0 has merged, for the others.
private struct Merged: Codable, Sendable {
  var model: [UInt8]
  var skippedRowCount: Int
}
