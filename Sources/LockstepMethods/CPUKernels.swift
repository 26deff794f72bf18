// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// Which compilation of the kernels this CPU runs, for reports.
package enum CPUKernels {
  /// `avx512`, `avx2` or `generic`.
  ///
  /// Results do not depend on it.
  package static var levelName: String { String(describing: KernelLevel.current) }
}
