// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The example data of daal4py and the results that it stored, which are not part of the project.
///
/// They are looked for where `LOCKSTEP_REFERENCE_DATA` says, or in `../shared/data`; tests that need them are skipped without.
enum ExampleData {
  static let directory: String =
    (ProcessInfo.processInfo.environment["LOCKSTEP_REFERENCE_DATA"] ?? "../shared/data") + "/daal4py"

  /// Whether the data are there.
  static var isHere: Bool { FileManager.default.fileExists(atPath: directory) }

  /// What the runner says of skipped tests.
  static let condition: ConditionTrait = .enabled(
    if: isHere, "daal4py's example data are not in \(directory); LOCKSTEP_REFERENCE_DATA may say where they are")

  /// The rows of a file.
  static func rows(_ path: String) throws -> [[Double]] {
    try String(contentsOfFile: "\(directory)/\(path)", encoding: .utf8).split(whereSeparator: \.isNewline).map {
      $0.split(separator: ",").compactMap { Double($0) }
    }
  }
}
