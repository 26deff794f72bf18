// SPDX-License-Identifier: Apache-2.0

/// A type that the kernels are compiled for: `Float` and `Double`.
public protocol KernelElement {}
extension Float: KernelElement {}
extension Double: KernelElement {}
