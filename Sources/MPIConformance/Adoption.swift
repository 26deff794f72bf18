// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import LockstepMPI

/// A program that initializes MPI itself, as mpi4py does, before it uses this library.
enum Adoption {
  static func run() throws {
    let path = try MPI.describe().path
    guard let library = dlopen(path, RTLD_NOW | RTLD_GLOBAL), let initialize = dlsym(library, "MPI_Init"),
      let finalized = dlsym(library, "MPI_Finalized"), let finalize = dlsym(library, "MPI_Finalize")
    else { throw LockstepError(.noMPI, "cannot open \(path) for a program of its own") }
    typealias Init = @convention(c) (UnsafeMutablePointer<Int32>?, UnsafeMutableRawPointer?) -> Int32
    typealias Finalized = @convention(c) (UnsafeMutablePointer<Int32>) -> Int32
    typealias Finalize = @convention(c) () -> Int32
    guard unsafeBitCast(initialize, to: Init.self)(nil, nil) == 0 else {
      throw LockstepError(.noMPI, "MPI_Init failed")
    }

    let world = try MPI.start()
    var isGood = world is MPICommunicator
    let isAdopted = try MPI.describe().isAdopted
    isGood = isGood && isAdopted
    let expected = (0..<world.size).map { [UInt8($0)] }
    isGood = try isGood && world.allGather([UInt8(world.rank)]) == expected

    // The program's own communicator, by its handle.
    if let mine = world as? MPICommunicator {
      let again = try MPICommunicator(adopting: mine.handle)
      isGood = try isGood && again.allGather([UInt8(again.rank)]) == expected && again.localSize == world.localSize
    }
    let failures = try world.allGather([isGood ? 0 : 1]).flatMap { $0 }.reduce(0) { $0 + Int($1) }
    try MPI.finish()
    var flag: Int32 = 1
    guard unsafeBitCast(finalized, to: Finalized.self)(&flag) == 0, flag == 0 else {
      throw LockstepError(.internalInconsistency, "MPI was finalized although the program had initialized it")
    }
    guard unsafeBitCast(finalize, to: Finalize.self)() == 0 else {
      throw LockstepError(.communication, "MPI_Finalize failed")
    }
    if world.rank == 0 {
      print(failures == 0 ? "passed  adoption" : "FAILED  adoption, on \(failures) ranks")
      print("\(failures == 0 ? 1 : 0) passed, \(failures == 0 ? 0 : 1) failed")
    }
    guard failures == 0 else { throw LockstepError(.internalInconsistency, "adoption failed") }
  }
}
