// SPDX-License-Identifier: Apache-2.0

import CLockstepKernels

/// A set of instructions that the kernels are compiled for.
///
/// The best one that the CPU offers is chosen when the first kernel runs; the environment variable `LOCKSTEP_KERNELS`
/// (`avx512`, `avx2` or `generic`) asks for a lesser one. Results do not depend on it, to the last bit.
package enum KernelLevel: Int32, CaseIterable, Sendable {
  /// What the compiler may assume of every CPU. On x86-64, fused multiply-adds are then library calls: right, but slow.
  case generic
  /// 256-bit vectors and fused multiply-adds.
  case avx2
  /// 512-bit vectors.
  case avx512

  /// The level in use.
  package static var current: KernelLevel { KernelLevel(rawValue: lockstep_level()) ?? .generic }

  /// Uses this level from now on, in the whole process; meant for tests.
  ///
  /// - Returns: Whether this CPU can run it; if not, nothing changes.
  @discardableResult
  package func use() -> Bool { lockstep_set_level(rawValue) }
}
