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

  let open: @Sendable @convention(c) (UnsafePointer<CChar>?, Slot) -> Int32
  let close: @Sendable @convention(c) (Slot) -> Void
  let connect: @Sendable @convention(c) (Handle, Slot) -> Int32
  let disconnect: @Sendable @convention(c) (Slot) -> Void
  let query: @Sendable @convention(c) (Handle, UnsafePointer<CChar>, Result) -> Int32
  let error: @Sendable @convention(c) (Result) -> UnsafePointer<CChar>?
  let destroyResult: @Sendable @convention(c) (Result) -> Void
  let columnCount: @Sendable @convention(c) (Result) -> UInt64
  let columnType: @Sendable @convention(c) (Result, UInt64) -> Int32
  let logicalType: @Sendable @convention(c) (Result, UInt64) -> Handle?
  let decimalScale: @Sendable @convention(c) (Handle) -> UInt8
  let decimalType: @Sendable @convention(c) (Handle) -> Int32
  let destroyType: @Sendable @convention(c) (Slot) -> Void
  let fetchChunk: @Sendable @convention(c) (LockstepDuckDBResult) -> Handle?
  let chunkRowCount: @Sendable @convention(c) (Handle) -> UInt64
  let vector: @Sendable @convention(c) (Handle, UInt64) -> Handle?
  let values: @Sendable @convention(c) (Handle) -> Handle?
  let validity: @Sendable @convention(c) (Handle) -> UnsafeMutablePointer<UInt64>?
  let destroyChunk: @Sendable @convention(c) (Slot) -> Void

  /// The library; `nil` if none is named and none is there, or a program is named.
  ///
  /// - Throws: `LockstepError` with code `.unsupported` if what is named cannot be loaded.
  static func found() throws -> DuckDBLibrary? {
    guard let named = getenv("LOCKSTEP_DUCKDB").map({ String(cString: $0) }) else {
      return dlopen("libduckdb.so", RTLD_NOW | RTLD_LOCAL).flatMap { try? DuckDBLibrary($0) }
    }
    guard isName(named) else { return nil }
    if let version = pythonVersion(of: named) { loadPython(version, beside: named) }
    guard let handle = dlopen(named, RTLD_NOW | RTLD_LOCAL) else {
      throw LockstepError(
        .unsupported, "DuckDB's library cannot be loaded",
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
          .unsupported, "DuckDB's library has no function duckdb_\(name)", remedy: "install release 1.0 or a later one")
      }
      return unsafeBitCast(address, to: type)
    }
    open = try function("open")
    close = try function("close")
    connect = try function("connect")
    disconnect = try function("disconnect")
    query = try function("query")
    error = try function("result_error")
    destroyResult = try function("destroy_result")
    columnCount = try function("column_count")
    columnType = try function("column_type")
    logicalType = try function("column_logical_type")
    decimalScale = try function("decimal_scale")
    decimalType = try function("decimal_internal_type")
    destroyType = try function("destroy_logical_type")
    fetchChunk = try function("fetch_chunk")
    chunkRowCount = try function("data_chunk_get_size")
    vector = try function("data_chunk_get_vector")
    values = try function("vector_get_data")
    validity = try function("vector_get_validity")
    destroyChunk = try function("destroy_data_chunk")
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

/// The answer to a query, chunk by chunk.
///
/// Each query has a database of its own, in memory, so that nothing is shared between threads.
final class DuckDBAnswer {
  private let library: DuckDBLibrary
  private let name: String
  private let database: DuckDBLibrary.Slot = .allocate(capacity: 1)
  private let connection: DuckDBLibrary.Slot = .allocate(capacity: 1)
  private let result: DuckDBLibrary.Result = .allocate(capacity: 1)
  private(set) var kinds: [DuckDBKind] = []

  /// Asks.
  ///
  /// - Throws: `LockstepError` with code `.noInput` and DuckDB's words if it refuses.
  init(_ library: DuckDBLibrary, _ query: String, threadCount: Int = 1, name: String) throws {
    self.library = library
    self.name = name
    database.initialize(to: nil)
    connection.initialize(to: nil)
    result.initialize(to: LockstepDuckDBResult())
    guard library.open(nil, database) == 0, let opened = database.pointee, library.connect(opened, connection) == 0
    else { throw LockstepError(.unsupported, "DuckDB's library cannot be used", place: .init(file: name)) }
    try run("SET threads = \(threadCount)")
    try run(query)
    kinds = (0..<library.columnCount(result)).map { column in
      var kind = DuckDBKind(type: library.columnType(result, column))
      if kind.type == DuckDBKind.decimal, let type = library.logicalType(result, column) {
        kind = DuckDBKind(type: library.decimalType(type), scale: Int32(library.decimalScale(type)), isDecimal: true)
        var slot: UnsafeMutableRawPointer? = type
        library.destroyType(&slot)
      }
      return kind
    }
  }

  deinit {
    library.destroyResult(result)
    library.disconnect(connection)
    library.close(database)
    result.deallocate()
    connection.deallocate()
    database.deallocate()
  }

  private func run(_ query: String) throws {
    library.destroyResult(result)
    result.pointee = LockstepDuckDBResult()
    guard let connection = connection.pointee, library.query(connection, query, result) != 0 else { return }
    throw LockstepError(
      .noInput, "DuckDB refuses it", place: .init(file: name),
      cause: library.error(result).map {
        String(cString: $0).split(separator: "\n").joined(separator: " ")
      })
  }

  /// Calls `body` with the number of rows of each chunk, and its columns, in order.
  func forEachChunk(_ body: (_ rowCount: Int, _ columns: [LockstepColumn]) throws -> Void) throws {
    while let chunk = library.fetchChunk(result.pointee) {
      var slot: UnsafeMutableRawPointer? = chunk
      defer { library.destroyChunk(&slot) }
      try body(Int(library.chunkRowCount(chunk)), library.columns(of: chunk, kinds))
    }
    try checkEnd()
  }

  /// What threads that share an answer know of it.
  private final class Sharing: Sendable {
    let state = Mutex<(rowCount: Int, failure: (row: Int, error: any Error)?)>((0, nil))
  }

  /// Calls `body` with the number of the first row of each chunk, and what ``forEachChunk(_:)`` gives, on several threads: chunks are taken in
  /// turn, what is done with them is done at the same time.
  ///
  /// - Returns: The number of rows.
  /// - Throws: The failure of the first chunk that fails.
  func forEachChunk(
    threadCount: Int,
    _ body: @escaping @Sendable (_ firstRow: Int, _ rowCount: Int, _ columns: [LockstepColumn]) throws -> Void
  ) throws -> Int {
    let sharing = Sharing()
    let address = UInt(bitPattern: result)
    WorkerThreads.run(threadCount) { [library, kinds] _ in
      while true {
        let taken = sharing.state.withLock { state -> (chunk: UInt, row: Int, count: Int)? in
          guard state.failure == nil, let result = DuckDBLibrary.Result(bitPattern: address),
            let chunk = library.fetchChunk(result.pointee)
          else { return nil }
          let count = Int(library.chunkRowCount(chunk))
          defer { state.rowCount += count }
          return (UInt(bitPattern: chunk), state.rowCount, count)
        }
        guard let taken, let chunk = UnsafeMutableRawPointer(bitPattern: taken.chunk) else { return }
        var slot: UnsafeMutableRawPointer? = chunk
        defer { library.destroyChunk(&slot) }
        do { try body(taken.row, taken.count, library.columns(of: chunk, kinds)) } catch {
          sharing.state.withLock { state in
            if state.failure.map({ taken.row < $0.row }) ?? true { state.failure = (taken.row, error) }
          }
        }
      }
    }
    let end = sharing.state.withLock { (rowCount: $0.rowCount, error: $0.failure?.error) }
    if let error = end.error { throw error }
    try checkEnd()
    return end.rowCount
  }

  /// Throws if the answer has ended because of an error.
  private func checkEnd() throws {
    if let words = library.error(result), words.pointee != 0 {
      throw LockstepError(.noInput, "DuckDB fails to read it", place: .init(file: name), cause: String(cString: words))
    }
  }
}

extension DuckDBLibrary {
  /// The columns of a chunk.
  fileprivate func columns(of chunk: Handle, _ kinds: [DuckDBKind]) -> [LockstepColumn] {
    kinds.enumerated().map { number, kind in
      let vector = vector(chunk, UInt64(number))
      return kind.column(values: vector.flatMap { values($0) }, validity: vector.flatMap { validity($0) })
    }
  }
}

/// How DuckDB stores the values of a column.
struct DuckDBKind: Sendable {
  /// DuckDB's number for the type.
  let type: Int32
  /// The decimal places of decimals.
  var scale: Int32 = 0
  var isDecimal = false

  static let text: Int32 = 17
  static let decimal: Int32 = 19

  /// Whether the values are whole numbers of up to 64 bits.
  var isWhole: Bool { !isDecimal && (2...9).contains(type) }
  var isText: Bool { type == DuckDBKind.text }

  /// A column of values in memory.
  func column(values: UnsafeRawPointer?, validity: UnsafeMutablePointer<UInt64>?) -> LockstepColumn {
    let (kind, factor, divisor) = storage ?? (LockstepColumnNull, 1, 1)
    return LockstepColumn(
      kind: kind, scale: scale, factor: factor, divisor: divisor, values: values, first: 0, stride: 1,
      validity: validity.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }, validityFirst: 0,
      rowValidity: nil, rowValidityFirst: 0)
  }

  /// How the values are stored, and what makes seconds of times; `nil` for what is no number.
  var storage: (kind: LockstepColumnKind, factor: Int64, divisor: Int64)? {
    if isDecimal {
      switch type {
      case 4: return (LockstepColumnDecimal32, 1, 1)
      case 5: return (LockstepColumnDecimal64, 1, 1)
      default: return (LockstepColumnDecimal128, 1, 1)
      }
    }
    switch type {
    case 1, 6: return (LockstepColumnUInt8, 1, 1)  // truth values have a byte each
    case 2: return (LockstepColumnInt8, 1, 1)
    case 3: return (LockstepColumnInt16, 1, 1)
    case 4: return (LockstepColumnInt32, 1, 1)
    case 5: return (LockstepColumnInt64, 1, 1)
    case 7: return (LockstepColumnUInt16, 1, 1)
    case 8: return (LockstepColumnUInt32, 1, 1)
    case 9: return (LockstepColumnUInt64, 1, 1)
    case 10: return (LockstepColumnFloat32, 1, 1)
    case 11: return (LockstepColumnFloat64, 1, 1)
    case 12, 31: return (LockstepColumnInt64, 1, 1_000_000)  // times in microseconds
    case 13: return (LockstepColumnInt32, 86_400, 1)  // dates in days
    case 16: return (LockstepColumnDecimal128, 1, 1)  // whole numbers of 128 bits
    case 20: return (LockstepColumnInt64, 1, 1)
    case 21: return (LockstepColumnInt64, 1, 1_000)
    case 22: return (LockstepColumnInt64, 1, 1_000_000_000)
    default: return nil
    }
  }
}
