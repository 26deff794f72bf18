// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors

extension MPICommunicator {
  /// A group of the ranks of an MPI communicator of the program's; collective over its ranks.
  ///
  /// Duplicates it, so that the program goes on using it as before. MPI must be initialized, by whomever.
  ///
  /// ```python
  /// lockstep.fit(..., communicator=MPI._handleof(comm))       # mpi4py
  /// ```
  /// - Parameter handle: The value of the program's `MPI_Comm` variable: an address under Open MPI and the standard ABI, a
  ///   C `int` under MPICH. It must come from the library that this process has initialized.
  /// - Throws: `LockstepError` with code `.noMPI` if MPI is not initialized, or `.communication` with MPI's words.
  package convenience init(adopting handle: MPIHandle) throws {
    try self.init(duplicating: handle, process: try MPI.initializedProcess())
  }

  /// A group of the ranks of any intracommunicator; collective over them.
  convenience init(duplicating original: MPIHandle, process: MPIProcess) throws {
    var handle: MPIHandle = 0
    var control: MPIHandle = 0
    try process.call("Comm_dup") { $0.commDup(original, &handle) }
    try process.call("Comm_dup") { $0.commDup(original, &control) }
    try process.call("Comm_set_errhandler") { $0.commSetErrhandler(control, process.constants.errorsReturn) }
    var rank: Int32 = 0
    var size: Int32 = 0
    try process.call("Comm_rank") { $0.commRank(handle, &rank) }
    try process.call("Comm_size") { $0.commSize(handle, &size) }
    let members = Array(0..<Int(size))
    let watch = MPIWatch(control: control, rank: Int(rank), size: Int(size), process: process)
    MPI.watches.withLock { $0.append(watch) }
    // The first collective finds out which ranks share a machine and its cores; until then all are taken to share one.
    let first = try MPICommunicator(
      handle: handle, rank: Int(rank), members: members, machines: Array(repeating: 0, count: members.count),
      isCrowded: true, context: 0, process: process, watch: watch)
    let own = PeerProcess.current()
    let places = try first.allGather(
      ProcessFacts.machineIdentity() + [0] + ProcessFacts.coreMask() + [0] + Array(own.text.utf8)
    ).map { $0.split(separator: 0, maxSplits: 2, omittingEmptySubsequences: false).map(Array.init) }
    watch.know(places.map { $0.count > 2 ? PeerProcess(text: String(decoding: $0[2], as: UTF8.self)) : nil })
    var numbers: [[UInt8]: Int] = [:]
    let machines = places.map { place in
      let number = numbers[place[0]] ?? numbers.count
      numbers[place[0]] = number
      return number
    }
    // A launcher may have bound each rank to a core of its own: what counts is all their cores together.
    let masks = places.indices.filter { machines[$0] == machines[Int(rank)] }.map {
      places[$0].count > 1 ? places[$0][1] : []
    }
    let coreCount = max(1, ProcessFacts.coreCount(ofMasks: masks))
    try self.init(
      handle: handle, rank: Int(rank), members: members, machines: machines, isCrowded: masks.count > coreCount,
      context: 0, process: process, watch: watch)
  }
}
