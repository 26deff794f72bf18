// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep

/// An array that the caller can look at.
struct NamedArray {
  let name: String
  let elements: Elements

  enum Elements {
    case doubles([Double], shape: [Int])
    case integers([Int], shape: [Int])
    case codes([Int32])
    case bool(Bool)
    case texts([String])
    case rows(DenseRows<Double>)

    init(_ value: ModelValue) {
      switch value {
      case .doubles(let elements, let shape): self = .doubles(elements, shape: shape)
      case .integers(let elements, let shape): self = .integers(elements, shape: shape)
      case .bool(let value): self = .bool(value)
      case .strings(let texts): self = .texts(texts)
      }
    }

    init(_ values: RowValues) throws {
      switch values {
      case .integers(let codes): self = .codes(codes)
      case .numbers(let rows): self = .rows(try rows.inMemory())
      case .labels(let labels) where labels.isText:
        self = .texts(
          (0..<labels.count).map { i in
            if case .string(let text) = labels[i] { text } else { "" }
          })
      case .labels(let labels): self = .integers(labels.integers, shape: [labels.count])
      }
    }
  }

  /// The line that describes it.
  var line: String {
    let (kind, shape): (String, [Int]) =
      switch elements {
      case .doubles(_, let shape): ("f", shape)
      case .integers(_, let shape): ("i", shape)
      case .codes(let codes): ("l", [codes.count])
      case .bool: ("b", [])
      case .texts(let texts): ("s", [texts.count])
      case .rows(let rows): ("f", [rows.rowCount, rows.columnCount])
      }
    return ([name, kind] + shape.map(String.init)).joined(separator: " ")
  }

  func copy(to destination: UnsafeMutableRawPointer) throws {
    func copy<Element>(_ buffer: UnsafeBufferPointer<Element>) {
      guard let first = buffer.baseAddress else { return }
      destination.copyMemory(from: first, byteCount: buffer.count * MemoryLayout<Element>.stride)
    }
    switch elements {
    case .doubles(let elements, _): elements.withUnsafeBufferPointer { copy($0) }
    case .integers(let elements, _): elements.withUnsafeBufferPointer { copy($0) }
    case .codes(let elements): elements.withUnsafeBufferPointer { copy($0) }
    case .bool(let value): destination.storeBytes(of: value ? 1 : 0, as: UInt8.self)
    case .texts: throw LockstepError(.usage, "\(name) is text", remedy: "lockstep_array_texts gives it")
    case .rows(let rows): rows.withUnsafeElements { copy($0) }
    }
  }
}

private func array(_ object: OpaquePointer, _ index: Int64) throws -> NamedArray {
  let arrays = try ArraysBox.at(object).arrays
  guard arrays.indices.contains(Int(index)) else { throw LockstepError(.usage, "no array \(index) of \(arrays.count)") }
  return arrays[Int(index)]
}

@c @implementation
public func lockstep_arrays(_ object: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) { text(try ArraysBox.at(object).arrays.map(\.line).joined(separator: "\n")) } ?? nil
}

@c @implementation
public func lockstep_array_address(_ object: OpaquePointer, _ index: Int64) -> UnsafeRawPointer? {
  // Only memory that the object holds by its address: arrays of Swift may be anywhere.
  guard let array = try? array(object, index), case .rows(let rows) = array.elements else { return nil }
  return rows.withUnsafeElements { UnsafeRawPointer($0.baseAddress) }
}

@c @implementation
public func lockstep_array_copy(
  _ object: OpaquePointer, _ index: Int64, _ destination: UnsafeMutableRawPointer, _ error: FailureOut
) -> Int32 { attemptStatus(error) { try array(object, index).copy(to: destination) } }

@c @implementation
public func lockstep_array_texts(
  _ object: OpaquePointer, _ index: Int64, _ error: FailureOut
) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    let array = try array(object, index)
    guard case .texts(let texts) = array.elements else { throw LockstepError(.usage, "\(array.name) is not text") }
    return text(.array(texts.map(JSONValue.string)))
  } ?? nil
}
