// SPDX-License-Identifier: Apache-2.0

import CLockstepVersion

/// Which release of the library this is.
package enum LockstepRelease {
  /// The version, `major.minor.patch`.
  package static let version = LOCKSTEP_VERSION
  /// The commit that it was built from; `nil` if that was not known then.
  package static let commit: String? = {
    let commit = String(cString: lockstep_commit())
    return commit.isEmpty ? nil : commit
  }()
}
