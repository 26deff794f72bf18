// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep
import Synchronization

/// What an opaque pointer of the interface points to.
///
/// C does not tell kinds apart, so every function looks before it believes.
class Box {
  /// The kind, for messages.
  class var kind: String { "an object" }

  /// A pointer that owns this object, until `lockstep_release`.
  func handedOver() -> OpaquePointer { OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

  /// The object behind a pointer, of whatever kind.
  static func any(at pointer: OpaquePointer) -> Box {
    Unmanaged<Box>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// The object behind a pointer; throws if it is of another kind.
  static func at(_ pointer: OpaquePointer) throws -> Self {
    let object = any(at: pointer)
    guard let object = object as? Self else {
      throw LockstepError(.usage, "\(type(of: object).kind) was given where \(kind) should be")
    }
    return object
  }
}

final class ContextBox: Box {
  override class var kind: String { "a context" }
  let context: ExecutionContext
  init(_ context: ExecutionContext) { self.context = context }
}

final class RowsBox: Box {
  override class var kind: String { "rows" }
  let source: any RowSource
  let responseNames: [String]?
  let skippedRowCount: Int
  /// The columns of files in which values were missing, and how many.
  let missing: [MissingCount]
  /// How the columns of files became those of the rows, if it is not one for one.
  let encoding: ColumnEncoding?
  /// What is known of the rows besides their numbers.
  var facts: RowFacts {
    RowFacts(responseNames: responseNames, encoding: encoding, skippedRowCount: skippedRowCount)
  }

  init(
    _ source: any RowSource, responseNames: [String]? = nil, skippedRowCount: Int = 0, missing: [MissingCount] = [],
    encoding: ColumnEncoding? = nil
  ) {
    self.source = source
    self.responseNames = responseNames
    self.skippedRowCount = skippedRowCount
    self.missing = missing
    self.encoding = encoding
  }
}

/// Anything that is made of named arrays.
class ArraysBox: Box {
  override class var kind: String { "a model or values of rows" }
  private let make: () -> [NamedArray]
  /// The arrays, made when they are first asked for.
  private(set) lazy var arrays = make()
  init(_ arrays: @escaping @autoclosure () -> [NamedArray]) { make = arrays }
}

final class ValuesBox: ArraysBox {
  override class var kind: String { "values of rows" }
  init(_ values: RowValues) throws {
    let elements = try NamedArray.Elements(values)
    super.init([NamedArray(name: "values", elements: elements)])
  }
}

final class ModelBox: ArraysBox {
  override class var kind: String { "a model" }
  let file: ModelFile

  init(_ file: ModelFile) {
    self.file = file
    super.init(
      (file.model.fields + file.model.derivedFields).map { NamedArray(name: $0.name, elements: .init($0.value)) })
  }
}

final class StreamBox: Box {
  override class var kind: String { "a stream" }
  let stream: Mutex<MethodStream>
  init(_ stream: MethodStream) { self.stream = Mutex(stream) }
}

@c @implementation
public func lockstep_interface() -> Int32 { LOCKSTEP_INTERFACE }

@c @implementation
public func lockstep_release(_ object: OpaquePointer?) {
  guard let object else { return }
  Unmanaged<Box>.fromOpaque(UnsafeRawPointer(object)).release()
}
