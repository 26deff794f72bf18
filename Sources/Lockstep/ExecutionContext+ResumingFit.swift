// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepMethods
import LockstepReduction
import LockstepTables

extension ExecutionContext {
  /// Runs the fit of a method, going on from where an earlier run of it by this release came to.
  ///
  /// Collective; without a checkpoint it is `body` alone.
  ///
  /// - Parameters:
  ///   - method: The name of the method.
  ///   - parameters: All of its parameters.
  ///   - rows: This rank's rows.
  ///   - body: The fit.
  /// - Returns: What `body` returns.
  /// - Throws: What `body` throws, and `LockstepError` with code `.usage` if the checkpoint is that of another computation.
  package func resumingFit<T>(
    of method: String, _ parameters: JSONValue, to rows: some RowSource, _ body: (ExecutionContext) throws -> T
  ) throws -> T {
    guard checkpoint != nil else { return try body(self) }
    let text = String(decoding: try parameters.encoded(), as: UTF8.self)
    return try resuming("\(method) \(text) by release \(LockstepRelease.version)", rows, body)
  }
}
