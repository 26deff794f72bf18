// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import LockstepTables

/// A database of DuckDB's in memory, which queries on any threads share, each by a connection of its own.
final class DuckDBDatabase: Sendable {
  let library: DuckDBLibrary
  /// What is read, for messages.
  let name: String
  private let address: UInt
  /// Where it stores what does not fit into memory.
  private let spillFolder: SpillFolder?
  private let complaint: @Sendable (String?) -> LockstepError

  /// Opens a database.
  ///
  /// - Parameters:
  ///   - library: The library.
  ///   - threadCount: The number of threads that queries use.
  ///   - memoryLimit: A quarter of it is DuckDB's; what is more it stores in the scratch directory. Default: what DuckDB takes.
  ///   - settings: What DuckDB is told besides, last of all.
  ///   - name: What is read, for messages.
  ///   - spills: Whether there is a folder for what does not fit into memory. Default: no.
  ///   - complaint: The error that DuckDB's words make. Default: that it refuses what is read.
  /// - Throws: `LockstepError` with code `.missingLibrary` if that fails.
  init(
    _ library: DuckDBLibrary, threadCount: Int = 1, memoryLimit: MemoryLimit? = nil, settings: [String], name: String,
    spills: Bool = false, complaint: (@Sendable (String?) -> LockstepError)? = nil
  ) throws {
    var slot: DuckDBLibrary.Handle?
    guard library.open(nil, &slot) == 0, let slot else { throw Self.failure(name) }
    self.library = library
    self.name = name
    self.complaint =
      complaint ?? { LockstepError(.noInput, "DuckDB refuses it", place: .init(file: name), cause: $0) }
    spillFolder =
      spills ? ScratchFile.candidates(memoryLimit?.scratchDirectory).lazy.compactMap(SpillFolder.init).first : nil
    address = UInt(bitPattern: slot)
    var connection: DuckDBLibrary.Handle?
    defer { library.disconnect(&connection) }
    try connect(&connection)
    guard let connection, DuckDBReceivers.register(library, connection) else { throw Self.failure(name) }
    try use(threadCount: threadCount)
    var all = [
      // Otherwise whole row groups are fetched ahead and kept, which takes their memory and, of files on this machine, twice the time.
      "GLOBAL disable_parquet_prefetching = true",
      "GLOBAL parquet_metadata_cache = true",
    ]
    if let memoryLimit { all.append("memory_limit = '\(max(memoryLimit.byteCount >> 12, 1 << 14))KiB'") }
    // A Parquet file is read piece by piece: there is nothing to store.
    all.append("temp_directory = \(DuckDB.literal(spillFolder?.path ?? ""))")
    for setting in all + settings { _ = try DuckDBAnswer(self, "SET \(setting)") }
  }

  /// Sets the number of threads that queries use.
  func use(threadCount: Int) throws { _ = try DuckDBAnswer(self, "SET threads = \(max(1, threadCount))") }

  deinit {
    var slot = DuckDBLibrary.Handle(bitPattern: address)
    library.close(&slot)
  }

  /// Fills in a connection, which the caller disconnects.
  func connect(_ connection: DuckDBLibrary.Slot) throws {
    guard let database = DuckDBLibrary.Handle(bitPattern: address), library.connect(database, connection) == 0 else {
      throw Self.failure(name)
    }
  }

  /// The error that DuckDB's words make.
  func refusal(_ words: UnsafePointer<CChar>?) -> LockstepError {
    complaint(words.map { String(cString: $0).split(separator: "\n").joined(separator: " ") })
  }

  private static func failure(_ name: String) -> LockstepError {
    LockstepError(.missingLibrary, "DuckDB's library cannot be used", place: .init(file: name))
  }
}
