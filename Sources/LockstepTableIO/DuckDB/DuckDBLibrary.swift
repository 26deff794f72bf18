// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors
import Synchronization

/// DuckDB's library, found at run time: its rows come as columns in memory, not as text.
///
/// Searched for: what `LOCKSTEP_DUCKDB` names, if that is a shared object; if nothing is named, `libduckdb.so` where the system looks
/// for libraries. The module of DuckDB's Python package is such a library too.
struct DuckDBLibrary: Sendable {
  /// An object of DuckDB's, whose address functions set and clear.
  typealias Handle = UnsafeMutableRawPointer
  typealias Slot = UnsafeMutablePointer<UnsafeMutableRawPointer?>
  typealias Result = UnsafeMutablePointer<LockstepDuckDBResult>
  /// A function that queries may call: what it is told, a chunk of arguments, and the vector for what it gives back.
  typealias Function = @convention(c) (Handle?, Handle?, Handle?) -> Void

  let open: @Sendable @convention(c) (UnsafePointer<CChar>?, Slot) -> Int32
  let close: @Sendable @convention(c) (Slot) -> Void
  let connect: @Sendable @convention(c) (Handle, Slot) -> Int32
  let disconnect: @Sendable @convention(c) (Slot) -> Void
  let prepare: @Sendable @convention(c) (Handle, UnsafePointer<CChar>, Slot) -> Int32
  let prepareError: @Sendable @convention(c) (Handle) -> UnsafePointer<CChar>?
  let execute: @Sendable @convention(c) (Handle, Result) -> Int32
  let executeStreaming: @Sendable @convention(c) (Handle, Result) -> Int32
  let destroyPrepared: @Sendable @convention(c) (Slot) -> Void
  let error: @Sendable @convention(c) (Result) -> UnsafePointer<CChar>?
  let destroyResult: @Sendable @convention(c) (Result) -> Void
  let columnCount: @Sendable @convention(c) (Result) -> UInt64
  let logicalType: @Sendable @convention(c) (Result, UInt64) -> Handle?
  let typeNumber: @Sendable @convention(c) (Handle) -> Int32
  let decimalScale: @Sendable @convention(c) (Handle) -> UInt8
  let decimalType: @Sendable @convention(c) (Handle) -> Int32
  let createType: @Sendable @convention(c) (Int32) -> Handle?
  let destroyType: @Sendable @convention(c) (Slot) -> Void
  let fetchChunk: @Sendable @convention(c) (LockstepDuckDBResult) -> Handle?
  let chunkRowCount: @Sendable @convention(c) (Handle) -> UInt64
  let chunkColumnCount: @Sendable @convention(c) (Handle) -> UInt64
  let vector: @Sendable @convention(c) (Handle, UInt64) -> Handle?
  let vectorType: @Sendable @convention(c) (Handle) -> Handle?
  let values: @Sendable @convention(c) (Handle) -> Handle?
  let validity: @Sendable @convention(c) (Handle) -> UnsafeMutablePointer<UInt64>?
  let destroyChunk: @Sendable @convention(c) (Slot) -> Void
  let createFunction: @Sendable @convention(c) () -> Handle?
  let setFunctionName: @Sendable @convention(c) (Handle, UnsafePointer<CChar>) -> Void
  let setFunctionVarargs: @Sendable @convention(c) (Handle, Handle) -> Void
  let setFunctionReturnType: @Sendable @convention(c) (Handle, Handle) -> Void
  let setFunctionTakesNull: @Sendable @convention(c) (Handle) -> Void
  let setFunctionVolatile: @Sendable @convention(c) (Handle) -> Void
  let setFunction: @Sendable @convention(c) (Handle, Function) -> Void
  let setFunctionError: @Sendable @convention(c) (Handle, UnsafePointer<CChar>) -> Void
  let registerFunction: @Sendable @convention(c) (Handle, Handle) -> Int32
  let destroyFunction: @Sendable @convention(c) (Slot) -> Void

  private static let first = Mutex<DuckDBLibrary?>(nil)

  /// The library that was found first, which serves this process from then on.
  static var loaded: DuckDBLibrary? { first.withLock { $0 } }

  /// The library; `nil` if none is named and none is there, or a program is named.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if what is named cannot be loaded.
  static func found() throws -> DuckDBLibrary? {
    let named = getenv("LOCKSTEP_DUCKDB").map { String(cString: $0) }
    if let named, !isName(named) { return nil }
    return try first.withLock { first in
      if first == nil { first = try load(named) }
      return first
    }
  }

  private static func load(_ named: String?) throws -> DuckDBLibrary? {
    guard let named else { return dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL).flatMap { try? DuckDBLibrary($0) } }
    if let version = pythonVersion(of: named) { loadPython(version, beside: named) }
    guard let handle = dlopen(named, RTLD_NOW | RTLD_LOCAL) else {
      throw LockstepError(
        .missingLibrary, "DuckDB's library cannot be loaded",
        remedy: "name libduckdb.so or the program in LOCKSTEP_DUCKDB",
        place: .init(file: named), cause: dlerror().map { String(cString: $0) })
    }
    return try DuckDBLibrary(handle)
  }

  /// Whether a path is that of a shared object.
  static func isName(_ path: String) -> Bool { (path.split(separator: "/").last ?? "").contains(".so") }

  private init(_ handle: UnsafeMutableRawPointer) throws {
    func function<F>(_ name: String, as type: F.Type = F.self) throws -> F {
      guard let address = dlsym(handle, "duckdb_\(name)") else {
        throw LockstepError(
          .missingLibrary, "DuckDB's library has no function duckdb_\(name)",
          remedy: "install release 1.2 or a later one")
      }
      return unsafeBitCast(address, to: type)
    }
    open = try function("open")
    close = try function("close")
    connect = try function("connect")
    disconnect = try function("disconnect")
    prepare = try function("prepare")
    prepareError = try function("prepare_error")
    execute = try function("execute_prepared")
    executeStreaming = try function("execute_prepared_streaming")
    destroyPrepared = try function("destroy_prepare")
    error = try function("result_error")
    destroyResult = try function("destroy_result")
    columnCount = try function("column_count")
    logicalType = try function("column_logical_type")
    typeNumber = try function("get_type_id")
    decimalScale = try function("decimal_scale")
    decimalType = try function("decimal_internal_type")
    createType = try function("create_logical_type")
    destroyType = try function("destroy_logical_type")
    fetchChunk = try function("fetch_chunk")
    chunkRowCount = try function("data_chunk_get_size")
    chunkColumnCount = try function("data_chunk_get_column_count")
    vector = try function("data_chunk_get_vector")
    vectorType = try function("vector_get_column_type")
    values = try function("vector_get_data")
    validity = try function("vector_get_validity")
    destroyChunk = try function("destroy_data_chunk")
    createFunction = try function("create_scalar_function")
    setFunctionName = try function("scalar_function_set_name")
    setFunctionVarargs = try function("scalar_function_set_varargs")
    setFunctionReturnType = try function("scalar_function_set_return_type")
    setFunctionTakesNull = try function("scalar_function_set_special_handling")
    setFunctionVolatile = try function("scalar_function_set_volatile")
    setFunction = try function("scalar_function_set_function")
    setFunctionError = try function("scalar_function_set_error")
    registerFunction = try function("register_scalar_function")
    destroyFunction = try function("destroy_scalar_function")
  }

  /// The release of Python that a module is for, 3.11 for example; `nil` for what is no module.
  private static func pythonVersion(of path: String) -> String? {
    guard let tag = path.split(separator: "/").last?.split(separator: ".").first(where: { $0.hasPrefix("cpython-") })
    else { return nil }
    let digits = tag.dropFirst("cpython-".count).prefix { $0.isNumber }
    return digits.count > 1 ? "\(digits.prefix(1)).\(digits.dropFirst())" : nil
  }

  /// Makes Python's functions known, which the module of its package refers to, unless this process is Python.
  ///
  /// Its library is where the system looks, or beside the interpreter that the module was installed for.
  private static func loadPython(_ version: String, beside module: String) {
    guard dlsym(nil, "Py_IsInitialized") == nil else { return }
    var names = ["libpython\(version).so.1.0"]
    if let root = module.range(of: "/lib/python") {
      let interpreter = "\(module[..<root])/bin/python\(version)"
      if let resolved = realpath(interpreter, nil) {
        let path = String(cString: resolved)
        free(resolved)
        if let end = path.range(of: "/bin/", backwards: true) { names.append("\(path[..<end])/lib/\(names[0])") }
      }
    }
    // What is missing is told when the module is loaded.
    _ = names.first { dlopen($0, RTLD_NOW | RTLD_GLOBAL) != nil }
  }
}

extension String {
  /// Where a text is first, or last, in this one.
  fileprivate func range(of text: String, backwards: Bool = false) -> String.Index? {
    let places = indices.lazy.filter { self[$0...].hasPrefix(text) }
    return backwards ? places.last : places.first
  }
}
