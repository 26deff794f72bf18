// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepReduction

extension AlignedRows {
  /// Throws ``LockstepError`` with code `.tooFewRows` if there are fewer rows than clusters.
  ///
  /// To be called on rank 0, inside `decide`, which tells the others.
  func requireRows(forClusters clusterCount: Int) throws {
    guard totalRowCount < clusterCount else { return }
    throw LockstepError(
      .tooFewRows, "\(clusterCount) clusters of \(totalRowCount) rows",
      remedy: "ask for at most as many clusters as there are rows")
  }
}
