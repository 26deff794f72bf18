// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep

@c @implementation
public func lockstep_stream(
  _ method: UnsafePointer<CChar>, _ parameters: UnsafePointer<CChar>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let method = try catalogMethod(named: method)
    return StreamBox(try method.stream(try JSONValue(cString: parameters))).handedOver()
  }
}

@c @implementation
public func lockstep_stream_observe(_ stream: OpaquePointer, _ rows: OpaquePointer, _ error: FailureOut) -> Int32 {
  attemptStatus(error) {
    let rows = try RowsBox.at(rows)
    let box = try StreamBox.at(stream)
    try Interrupts.guarding { try box.stream.withLock { try $0.observe(rows.source, rows.facts) } }
  }
}

@c @implementation
public func lockstep_stream_merge(_ stream: OpaquePointer, _ later: OpaquePointer, _ error: FailureOut) -> Int32 {
  attemptStatus(error) {
    let theirs = try StreamBox.at(later).stream.withLock { $0 }
    try StreamBox.at(stream).stream.withLock { try $0.merge(theirs) }
  }
}

@c @implementation
public func lockstep_stream_model(
  _ context: OpaquePointer, _ stream: OpaquePointer, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let context = try ContextBox.at(context).context
    let stream = try StreamBox.at(stream).stream.withLock { $0 }
    return try Interrupts.guarding {
      ModelBox(try stream.modelFile(in: context)).handedOver()
    }
  }
}

@c @implementation
public func lockstep_stream_describe(_ stream: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    let stream = try StreamBox.at(stream).stream.withLock { $0 }
    return text(
      .object([
        "method": .string(stream.method.name), "parameters": stream.parameters, "rowCount": .integer(stream.rowCount),
        "columnCount": stream.columnCount.map(JSONValue.integer) ?? .null,
        "layout": stream.layout.map(JSONValue.string) ?? .null,
        "columnNames": JSONValue(names: stream.columnNames), "responseNames": JSONValue(names: stream.responseNames),
        "encoding": stream.encoding?.json ?? .null, "skippedRowCount": .integer(stream.skippedRowCount),
      ]))
  } ?? nil
}

@c @implementation
public func lockstep_stream_save(
  _ stream: OpaquePointer, _ byte_count: UnsafeMutablePointer<Int64>, _ error: FailureOut
) -> UnsafeMutableRawPointer? {
  attempt(error) {
    let bytes = try StreamBox.at(stream).stream.withLock { try $0.encoded() }
    guard let memory = malloc(max(1, bytes.count)) else {
      throw LockstepError(.unsupported, "there is no memory for \(bytes.count) bytes")
    }
    bytes.withUnsafeBytes { if let first = $0.baseAddress { memory.copyMemory(from: first, byteCount: $0.count) } }
    byte_count.pointee = Int64(bytes.count)
    return memory
  }
}

@c @implementation
public func lockstep_stream_restore(
  _ bytes: UnsafeRawPointer, _ byte_count: Int64, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let bytes = Array(UnsafeRawBufferPointer(start: bytes, count: Int(max(0, byte_count))))
    return StreamBox(try MethodStream(decoding: bytes)).handedOver()
  }
}
