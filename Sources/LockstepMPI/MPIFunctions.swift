// SPDX-License-Identifier: Apache-2.0

/// The MPI functions that the library calls, found by name at run time.
///
/// One set of types serves all ABIs, see ``MPIHandle``. Counts are C `int`: longer messages are cut.
struct MPIFunctions: Sendable {
  typealias Status = UnsafeMutableRawPointer
  typealias HandleOut = UnsafeMutablePointer<MPIHandle>
  typealias IntOut = UnsafeMutablePointer<Int32>

  let initThread: @convention(c) (IntOut?, UnsafeMutableRawPointer?, Int32, IntOut) -> Int32
  let initialized: @convention(c) (IntOut) -> Int32
  let finalized: @convention(c) (IntOut) -> Int32
  let finalize: @convention(c) () -> Int32
  let queryThread: @convention(c) (IntOut) -> Int32
  let abort: @convention(c) (MPIHandle, Int32) -> Int32
  let errorString: @convention(c) (Int32, UnsafeMutablePointer<CChar>, IntOut) -> Int32
  let libraryVersion: @convention(c) (UnsafeMutablePointer<CChar>, IntOut) -> Int32

  let commRank: @convention(c) (MPIHandle, IntOut) -> Int32
  let commSize: @convention(c) (MPIHandle, IntOut) -> Int32
  let commDup: @convention(c) (MPIHandle, HandleOut) -> Int32
  let commSplit: @convention(c) (MPIHandle, Int32, Int32, HandleOut) -> Int32
  let commFree: @convention(c) (HandleOut) -> Int32
  let commSetErrhandler: @convention(c) (MPIHandle, MPIHandle) -> Int32

  let isend: @convention(c) (UnsafeRawPointer?, Int32, MPIHandle, Int32, Int32, MPIHandle, HandleOut) -> Int32
  let irecv: @convention(c) (UnsafeMutableRawPointer?, Int32, MPIHandle, Int32, Int32, MPIHandle, HandleOut) -> Int32
  let test: @convention(c) (HandleOut, IntOut, Status?) -> Int32
  let cancel: @convention(c) (HandleOut) -> Int32
  let iprobe: @convention(c) (Int32, Int32, MPIHandle, IntOut, Status?) -> Int32
  let ibarrier: @convention(c) (MPIHandle, HandleOut) -> Int32

  /// Fills the table by asking `symbol` for each name.
  init(symbol: (String) throws -> UnsafeMutableRawPointer) throws {
    func function<T>(_ name: String, as type: T.Type = T.self) throws -> T {
      unsafeBitCast(try symbol("MPI_" + name), to: type)
    }
    initThread = try function("Init_thread")
    initialized = try function("Initialized")
    finalized = try function("Finalized")
    finalize = try function("Finalize")
    queryThread = try function("Query_thread")
    abort = try function("Abort")
    errorString = try function("Error_string")
    libraryVersion = try function("Get_library_version")
    commRank = try function("Comm_rank")
    commSize = try function("Comm_size")
    commDup = try function("Comm_dup")
    commSplit = try function("Comm_split")
    commFree = try function("Comm_free")
    commSetErrhandler = try function("Comm_set_errhandler")
    isend = try function("Isend")
    irecv = try function("Irecv")
    test = try function("Test")
    cancel = try function("Cancel")
    iprobe = try function("Iprobe")
    ibarrier = try function("Ibarrier")
  }
}
