// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepGraphics

extension FitReport {
  /// The result as a page to look at; all but the times is the same for any number of processes.
  func page(data: DataOptions) throws -> Page {
    var facts: [(name: String, value: String)] = [("data", data.sql ?? data.data.joined(separator: ", "))]
    if run.skippedRowCount > 0 { facts.append(("rows left out", NumberLabel.count(run.skippedRowCount))) }
    if let missing = run.missingList { facts.append(("missing values", missing)) }
    var page = try modelFile.page(facts: facts)
    page.content += [.heading("Run"), .table(headings: runHeadings, rows: runRows)]
    return page
  }

  private var runHeadings: [String] { ["rank", "rows", "read s", "compute s", "communicate s"] }

  private var runRows: [[String]] {
    run.shares.prefix(64).enumerated().map { rank, share in
      ["\(rank)", NumberLabel.count(share.rowCount)]
        + [share.seconds.read, share.seconds.compute, share.seconds.communicate].map {
          NumberText.fixed($0, decimals: 3)
        }
    }
  }
}

extension Page {
  /// Writes the page, complete or not at all.
  func write(to path: String) throws { try AtomicFile.write(Array(html().utf8), to: path) }
}
