// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// Which compilation of the kernels this CPU runs, for reports.
public enum CPUKernels {
  /// `avx512`, `avx2` or `generic`.
  ///
  /// Results do not depend on it.
  public static var levelName: String { String(describing: KernelLevel.current) }
}
