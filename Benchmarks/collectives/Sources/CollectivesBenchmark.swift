// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepCommunication
import LockstepErrors
import LockstepMPI
import LockstepReduction

/// Times one collective, a sum of 300 doubles over all ranks and its way back, beside `MPI_Allreduce` of the library in use.
///
/// Prints a line: ranks, ranks on this machine, microseconds of each (median of the batches, and the best batch).
@main struct CollectivesBenchmark {
  static let valueCount = 300

  static func main() {
    do {
      let world = try MPI.start()
      try run(in: world)
      try MPI.finish()
    } catch {
      print("lockstep-collectives-benchmark: \(error)")
      exit(LockstepError(wrapping: error).code.exitCode)
    }
  }

  static func run(in world: any Communicator) throws {
    let context = ExecutionContext(communicator: world)
    let values = [Double](repeating: 1, count: valueCount)
    let own = try times(in: world) {
      let sum = try context.merged(values) { earlier, later in
        var sum = earlier
        for i in 0..<valueCount { sum[i] += later[i] }
        return sum
      }
      guard sum[0] == Double(world.size) else {
        throw LockstepError(.internalInconsistency, "a sum of \(sum[0]) over \(world.size) ranks")
      }
    }
    let allreduce = try Allreduce(of: world).map { call in
      try times(in: world) {
        guard call(values)[0] == Double(world.size) else { throw LockstepError(.communication, "MPI_Allreduce failed") }
      }
    }
    guard world.rank == 0 else { return }
    let library = world.size > 1 ? try MPI.describe().version.prefix { $0 != "," } : "alone"
    let theirs = allreduce.map { "\(text($0.median)) us, best \(text($0.best))" } ?? "-"
    print(
      "\(world.size) ranks, \(world.localSize) here: \(text(own.median)) us, best \(text(own.best)); MPI_Allreduce \(theirs) (\(library))"
    )
  }

  /// Microseconds of one call: the median of the batches, and the best.
  static func times(in world: any Communicator, _ call: () throws -> Void) throws -> (median: Double, best: Double) {
    // As many calls to a batch as take some 10 ms, on rank 0's word.
    var start = now()
    for _ in 0..<20 { try call() }
    let each = (now() - start) / 20
    let count = try world.broadcast(Array(String(max(5, min(2000, Int(10_000 / max(each, 0.1))))).utf8))
    let callCount = Int(String(decoding: count, as: UTF8.self)) ?? 5
    var batches: [Double] = []
    for _ in 0..<31 {
      start = now()
      for _ in 0..<callCount { try call() }
      batches.append((now() - start) / Double(callCount))
    }
    batches.sort()
    return (batches[batches.count / 2], batches[0])
  }

  private static func text(_ microseconds: Double) -> String {
    "\((microseconds * (microseconds < 10 ? 100 : 10)).rounded() / (microseconds < 10 ? 100 : 10))"
  }

  /// Microseconds of a steady clock.
  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) * 1e6 + Double(time.tv_nsec) / 1e3
  }
}

/// The library's own sum.
struct Allreduce {
  typealias Function =
    @convention(c) (UnsafeRawPointer?, UnsafeMutableRawPointer?, Int32, MPIHandle, MPIHandle, MPIHandle) -> Int32

  private let function: Function
  private let double: MPIHandle
  private let sum: MPIHandle
  private let communicator: MPIHandle

  /// The function of the library that connects `world`; `nil` for a process alone.
  init?(of world: any Communicator) throws {
    guard let world = world as? MPICommunicator else { return nil }
    let description = try MPI.describe()
    guard let library = dlopen(description.path, RTLD_NOW | RTLD_NOLOAD), let address = dlsym(library, "MPI_Allreduce")
    else { return nil }
    function = unsafeBitCast(address, to: Function.self)
    communicator = world.handle
    switch description.abi {
    case .mpich: (double, sum) = (0x4c00_080b, 0x5800_0003)
    case .standard: (double, sum) = (0x214, 0x21)
    case .openMPI:
      (double, sum) = (
        Int(bitPattern: dlsym(library, "ompi_mpi_double")), Int(bitPattern: dlsym(library, "ompi_mpi_op_sum"))
      )
    }
  }

  func callAsFunction(_ values: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: values.count)
    let status = values.withUnsafeBytes { input in
      result.withUnsafeMutableBytes {
        function(input.baseAddress, $0.baseAddress, Int32(values.count), double, sum, communicator)
      }
    }
    return status == 0 ? result : [.nan]
  }
}
