// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep export`.
struct ExportVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write a saved model as a query that any database computes.",
    discussion: """
      The query gives, beside the columns of a table, what predict or transform gives: predictions, classes with their \
      probabilities, clusters, scores. Numbers have all their digits.

      Examples:
        lockstep export model.json --sql score.sql
        lockstep export model.json --sql - --table houses | duckdb houses.db
      """)

  @Argument(help: ArgumentHelp("A model that -o has saved: .json or .npz.", valueName: "model"))
  var model: String

  @Option(help: ArgumentHelp("Write one SELECT to this file; - for standard output.", valueName: "file.sql"))
  var sql: String

  @Option(help: ArgumentHelp("The table or view that the query reads.", valueName: "name"))
  var table = "data"

  func run() throws {
    let query = Array(try ModelFile(reading: model).sql(table: table).utf8)
    guard sql != "-" else {
      try StandardOutput.write(query)
      return
    }
    try WholeFile.checkWritable(sql)
    try AtomicFile.write(query, to: sql)
  }
}
