// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Glibc
import Lockstep
import LockstepGraphics

func catalogMethod(named name: UnsafePointer<CChar>) throws -> Method {
  let name = String(cString: name)
  guard let method = Catalog.method(named: name) else {
    throw LockstepError(
      .usage, "there is no method \"\(name)\"",
      remedy: "the methods are " + Catalog.methods.map(\.name).joined(separator: ", "))
  }
  return method
}

@c @implementation
public func lockstep_methods(_ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    text(.array(Catalog.methods.map(\.json)))
  } ?? nil
}

@c @implementation
public func lockstep_fit(
  _ context: OpaquePointer, _ name: UnsafePointer<CChar>, _ parameters: UnsafePointer<CChar>?, _ rows: OpaquePointer,
  _ row_values: UnsafeMutablePointer<OpaquePointer?>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    try fit(name, parameters, to: RowsBox.at(rows), row_values, in: ContextBox.at(context).context)
  }
}

/// Fits a method, by way of the context's checkpoint if there is one; collective.
func fit(
  _ name: UnsafePointer<CChar>, _ parameters: UnsafePointer<CChar>?, to rows: RowsBox,
  _ row_values: UnsafeMutablePointer<OpaquePointer?>?, in context: ExecutionContext
) throws -> OpaquePointer {
  let (method, parameters, all) = try context.agree {
    let method = try catalogMethod(named: name)
    let parameters = try JSONValue(cString: parameters)
    return (method, parameters, try method.estimator(parameters).parameters)
  }
  return try Interrupts.guarding {
    let (model, values): (any FittedModel, RowValues?) = try context.resumingFit(
      of: method.name, all, to: rows.source
    ) { context in
      guard row_values != nil else { return (try method.fit(parameters, to: rows.source, in: context), nil) }
      return try method.fitWithRowValues(parameters, to: rows.source, in: context)
    }
    let box = try ModelBox(of: model, fittedTo: rows, parameters, in: context)
    try context.endCheckpoint()
    if let values { row_values?.pointee = try ValuesBox(values).handedOver() }
    return box.handedOver()
  }
}

extension ModelBox {
  /// A model with what is known of the rows it was fitted to; collective.
  convenience init(
    of model: any FittedModel, fittedTo rows: RowsBox, _ parameters: JSONValue, in context: ExecutionContext
  ) throws {
    self.init(try ModelFile(model, fittedTo: rows.source, rows.facts, parameters: parameters, in: context))
  }
}

@c @implementation
public func lockstep_model_json(_ model: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) { text(String(decoding: try ModelBox.at(model).file.encodedAsJSON(), as: UTF8.self)) } ?? nil
}

@c @implementation
public func lockstep_model_from_json(_ json: UnsafePointer<CChar>, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) {
    let bytes = UnsafeRawBufferPointer(start: json, count: strlen(json))
    return ModelBox(try ModelFile(json: Array(bytes), file: "the model")).handedOver()
  }
}

@c @implementation
public func lockstep_model_write(
  _ model: OpaquePointer, _ path: UnsafePointer<CChar>, _ error: FailureOut
) -> Int32 { attemptStatus(error) { try ModelBox.at(model).file.write(to: String(systemPath: path)) } }

@c @implementation
public func lockstep_model_read(_ path: UnsafePointer<CChar>, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) { ModelBox(try ModelFile(reading: String(systemPath: path))).handedOver() }
}

@c @implementation
public func lockstep_model_describe(_ model: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) {
    let file = try ModelBox.at(model).file
    let name = type(of: file.model).methodName
    return text(
      .object([
        "method": .string(name), "columnCount": .integer(file.model.columnCount), "rowCount": .integer(file.rowCount),
        "columnNames": JSONValue(names: file.columnNames), "responseNames": JSONValue(names: file.responseNames),
        "encoding": file.encoding?.json ?? .null, "parameters": file.parameters,
        "digest": .string(try file.model.digest),
        "rowValues": Catalog.method(named: name)?.rowValues.map { .string($0.verb.rawValue) } ?? .null,
      ]))
  } ?? nil
}

@c @implementation
public func lockstep_model_text(_ model: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) { text(try ModelBox.at(model).file.text()) } ?? nil
}

@c @implementation
public func lockstep_model_page(_ model: OpaquePointer, _ error: FailureOut) -> UnsafeMutablePointer<CChar>? {
  attempt(error) { text(try ModelBox.at(model).file.page().html()) } ?? nil
}
