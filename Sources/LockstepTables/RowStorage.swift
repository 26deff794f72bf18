// SPDX-License-Identifier: Apache-2.0

/// A run of numbers in memory that is written once and read by many: allocated here, mapped from a file, or borrowed.
///
/// Audited `@unchecked Sendable`: the pointer is only read after `init` returns, but by whoever made the rows and alone has
/// them, and freed once, when the last table that shows it goes.
package final class RowStorage<Element: Scalar>: @unchecked Sendable {
  /// The numbers.
  package let elements: UnsafeBufferPointer<Element>
  /// Whether the memory is this storage's own, to be written to by whoever made the rows, before anyone else sees them.
  let isWritable: Bool
  private let release: (@Sendable () -> Void)?
  private let owner: (any AnyObject & Sendable)?

  /// Allocates room for `count` numbers and lets `initialize` fill all of it.
  package init(count: Int, initializedBy initialize: (UnsafeMutableBufferPointer<Element>) throws -> Void) rethrows {
    let buffer = UnsafeMutableBufferPointer<Element>.allocate(capacity: count)
    do { try initialize(buffer) } catch {
      buffer.deallocate()
      throw error
    }
    elements = UnsafeBufferPointer(buffer)
    isWritable = true
    owner = nil
    release = { [address = UInt(bitPattern: buffer.baseAddress)] in
      UnsafeMutablePointer<Element>(bitPattern: address)?.deallocate()
    }
  }

  /// Takes over memory that somebody else made and `release` frees, a mapped file for example.
  package convenience init(adopting elements: UnsafeBufferPointer<Element>, release: @escaping @Sendable () -> Void) {
    self.init(adopting: elements, isWritable: false, release: release)
  }

  /// Takes over memory that may be written to, or not.
  package init(
    adopting elements: UnsafeBufferPointer<Element>, isWritable: Bool, release: @escaping @Sendable () -> Void
  ) {
    self.elements = elements
    self.isWritable = isWritable
    self.release = release
    owner = nil
  }

  /// Shows memory that the caller keeps unchanged for as long as this storage lives; `owner`, if any, is kept alive with it.
  package init(borrowing elements: UnsafeBufferPointer<Element>, owner: (any AnyObject & Sendable)? = nil) {
    self.elements = elements
    isWritable = false
    self.owner = owner
    release = nil
  }

  deinit { release?() }
}
