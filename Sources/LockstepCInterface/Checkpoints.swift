// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep

@c @implementation
public func lockstep_fit_resuming(
  _ context: OpaquePointer, _ name: UnsafePointer<CChar>, _ parameters: UnsafePointer<CChar>?, _ rows: OpaquePointer,
  _ checkpoint: UnsafePointer<CChar>, _ row_values: UnsafeMutablePointer<OpaquePointer?>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let context = try ContextBox.at(context).context
    let keeping = try context.agree {
      ExecutionContext(context, checkpoint: try Checkpoint(JSONValue(cString: checkpoint)))
    }
    return try fit(name, parameters, to: RowsBox.at(rows), row_values, in: keeping)
  }
}

extension Checkpoint {
  /// The checkpoint that a caller describes.
  fileprivate convenience init(_ document: JSONValue) throws {
    guard case .object(let members) = document, let path = members["path"]?.string, !path.isEmpty else {
      throw LockstepError(.usage, "a checkpoint without a path")
    }
    var interval = Duration.seconds(180)
    var (isFresh, isKept) = (false, false)
    for (key, value) in members.sorted(by: { $0.key < $1.key }) where key != "path" {
      switch (key, value) {
      case ("every", .integer(let seconds)) where (0...1_000_000_000).contains(seconds): interval = .seconds(seconds)
      case ("every", .double(let seconds)) where (0...1e9).contains(seconds): interval = .seconds(seconds)
      case ("fresh", .bool(let flag)): isFresh = flag
      case ("keep", .bool(let flag)): isKept = flag
      default:
        let shown = String(decoding: try value.encoded(), as: UTF8.self)
        throw LockstepError(
          .usage, "\(key) of a checkpoint cannot be \(shown)",
          remedy: "give path, every (seconds), fresh and keep (true or false)")
      }
    }
    self.init(path: path, interval: interval, isFresh: isFresh, isKept: isKept)
  }
}
