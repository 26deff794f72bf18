// SPDX-License-Identifier: Apache-2.0

import CLockstepVersion

/// Which release of the library this is.
public enum LockstepRelease {
  /// The version, `major.minor.patch`.
  public static let version = LOCKSTEP_VERSION
  /// The commit that it was built from; `nil` if that was not known then.
  public static let commit: String? = {
    let commit = String(cString: lockstep_commit())
    return commit.isEmpty ? nil : commit
  }()
}
