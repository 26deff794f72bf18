// SPDX-License-Identifier: Apache-2.0

/// Any MPI handle.
///
/// An `Int` carries all of them: MPICH's are C `int`s, which ride in the low half of the register or of the zeroed
/// variable that a call fills in; the other ABIs' are pointers. That holds on 64-bit little-endian machines with the
/// System V or AAPCS64 calling convention, the only ones this library supports.
package typealias MPIHandle = Int

/// The binary interfaces that MPI libraries have.
package enum MPIABI: String, Sendable, CaseIterable {
  /// MPICH and its derivatives (Intel MPI, Cray MPICH, MVAPICH): handles are integers.
  case mpich
  /// Open MPI 4 and 5: handles are addresses of exported objects.
  case openMPI
  /// The standard ABI of MPI-5, `libmpi_abi`: handles are small numbers of pointer size.
  case standard
}

/// The numbers that `mpi.h` gives to names, for one ABI.
struct MPIConstants: Sendable, Equatable {
  var commWorld: MPIHandle
  var byte: MPIHandle
  var errorsReturn: MPIHandle
  /// The address that stands for `MPI_STATUS_IGNORE`.
  var statusIgnore: Int
  var anySource: Int32
  var undefined: Int32
  /// The three levels are spaced differently in the standard ABI.
  var threadFunneled: Int32
  var threadSerialized: Int32
  var threadMultiple: Int32

  /// The constants of MPICH's `mpi.h`, the same since MPICH 3.1 (the common ABI agreed in 2013).
  static let mpich = MPIConstants(
    commWorld: 0x4400_0000, byte: 0x4c00_010d, errorsReturn: 0x5400_0001, statusIgnore: 1, anySource: -2,
    undefined: -32766, threadFunneled: 1, threadSerialized: 2,
    threadMultiple: 3)

  /// The constants of MPI-5's standard `mpi.h`, section 20 of the standard.
  static let standard = MPIConstants(
    commWorld: 0x101, byte: 0x247, errorsReturn: 0x143, statusIgnore: 0, anySource: -1, undefined: -32766,
    threadFunneled: 1024, threadSerialized: 2048,
    threadMultiple: 4096)

  /// The constants of Open MPI, whose predefined handles are the addresses of symbols, as `address` finds them.
  static func openMPI(address: (String) throws -> Int) rethrows -> MPIConstants {
    MPIConstants(
      commWorld: try address("ompi_mpi_comm_world"), byte: try address("ompi_mpi_byte"),
      errorsReturn: try address("ompi_mpi_errors_return"), statusIgnore: 0, anySource: -1, undefined: -32766,
      threadFunneled: 1, threadSerialized: 2, threadMultiple: 3)
  }

  /// The name of a thread level.
  func threadLevelName(_ level: Int32) -> String {
    switch level {
    case threadMultiple: "MULTIPLE"
    case threadSerialized: "SERIALIZED"
    case threadFunneled: "FUNNELED"
    default: "SINGLE"
    }
  }
}
