// SPDX-License-Identifier: Apache-2.0

import Glibc
import Testing

@testable import LockstepTableIO

/// Writes a matrix as the only dataset of an HDF5 file, by the system's library.
enum HDF5Writer {
  private typealias ID = Int64

  /// The library; `nil` where there is none.
  private static let library: UInt? = {
    let names = [
      "libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5.so.103", "libhdf5.so.200", "libhdf5.so.310",
    ]
    let named = getenv("LOCKSTEP_HDF5").map { [String(cString: $0)] }
    return (named ?? names).lazy.compactMap { dlopen($0, RTLD_NOW | RTLD_LOCAL).map { UInt(bitPattern: $0) } }.first
  }()

  static var isHere: Bool { library != nil }

  private static func symbol(_ name: String) throws -> UnsafeMutableRawPointer {
    let handle = try #require(library)
    return try #require(dlsym(UnsafeMutableRawPointer(bitPattern: handle), name))
  }

  private static func function<F>(_ name: String, as type: F.Type) throws -> F {
    unsafeBitCast(try symbol(name), to: type)
  }

  /// Writes while nobody in this process reads: the library is not made for threads.
  static func write(_ rows: [[Double]], to path: String) throws -> String {
    try HDF5Library.use { _ in try writeAlone(rows, to: path) }
  }

  private static func writeAlone(_ rows: [[Double]], to path: String) throws -> String {
    let start = try function("H5open", as: (@convention(c) () -> Int32).self)
    try #require(start() >= 0)
    let createFile = try function(
      "H5Fcreate", as: (@convention(c) (UnsafePointer<CChar>, UInt32, ID, ID) -> ID).self)
    let createSpace = try function(
      "H5Screate_simple", as: (@convention(c) (Int32, UnsafePointer<UInt64>, UnsafePointer<UInt64>?) -> ID).self)
    let createDataset = try function(
      "H5Dcreate2", as: (@convention(c) (ID, UnsafePointer<CChar>, ID, ID, ID, ID, ID) -> ID).self)
    let write = try function(
      "H5Dwrite", as: (@convention(c) (ID, ID, ID, ID, ID, UnsafeRawPointer) -> Int32).self)
    let double = try symbol("H5T_NATIVE_DOUBLE_g").load(as: ID.self)
    let file = createFile(path, 2, 0, 0)  // what is there is overwritten
    let space = createSpace(2, [UInt64(rows.count), 3], nil)
    let dataset = createDataset(file, "rows", double, space, 0, 0, 0)
    try #require(write(dataset, double, 0, 0, 0, rows.flatMap { $0 }) >= 0)
    for (name, id) in [("H5Dclose", dataset), ("H5Sclose", space), ("H5Fclose", file)] {
      let close = try function(name, as: (@convention(c) (ID) -> Int32).self)
      try #require(close(id) >= 0)
    }
    return path
  }
}
