// SPDX-License-Identifier: Apache-2.0

import LockstepKernels

/// A number that rows are stored in: `Float` or `Double`, and no other type.
///
/// Storage only: every sum, every centroid and every model is a `Double`.
public protocol Scalar: KernelElement, BinaryFloatingPoint, BitwiseCopyable, Sendable, Codable {}
extension Float: Scalar {}
extension Double: Scalar {}
