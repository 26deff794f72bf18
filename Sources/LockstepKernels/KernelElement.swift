// SPDX-License-Identifier: Apache-2.0

/// A type that the kernels are compiled for: `Float` and `Double`.
///
/// Only storage differs: each number is made a `Double` as it is loaded.
public protocol KernelElement: BitwiseCopyable, Sendable {
  /// Whether the type is `Float`; it is `Double` otherwise.
  static var isSinglePrecision: Bool { get }
}

extension Float: KernelElement {
  /// True.
  public static var isSinglePrecision: Bool { true }
}

extension Double: KernelElement {
  /// False.
  public static var isSinglePrecision: Bool { false }
}
