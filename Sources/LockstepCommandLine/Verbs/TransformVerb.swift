// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Lockstep

/// `lockstep transform`.
struct TransformVerb: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Give each row the coordinates that a saved model has for it.",
    discussion: """
      \(RowValuesDescription.meanings(of: .transform))
      \(RowValuesOptions.discussion)

      Examples:
        lockstep transform model.json data.csv > scores.csv
        mpirun -n 4 lockstep transform model.json --rows scores.npy data.csv
      """)

  @OptionGroup var asked: RowValuesOptions

  @OptionGroup(title: "Common") var common: CommonOptions

  func run() throws {
    try RowValuesRun(verb: .transform, model: asked.model, data: asked.data, rows: asked.rows).run(common)
  }
}

extension RowValuesDescription {
  /// What each method's model says about rows, a line each.
  static func meanings(of verb: Verb) -> String {
    Catalog.methods.compactMap { method in
      method.rowValues.flatMap { $0.verb == verb ? "A \(method.name) model says \($0.meaning)." : nil }
    }.joined(separator: "\n")
  }
}
