// SPDX-License-Identifier: Apache-2.0

import Glibc
import LockstepErrors
import Synchronization

/// The HDF5 library, release 1.10 or later, found at run time.
///
/// Searched for: what `LOCKSTEP_HDF5` names, then the names that systems give it. It is not made for threads: one at a time has it.
struct HDF5Library: Sendable {
  typealias ID = Int64
  typealias Close = @convention(c) (ID) -> Int32
  typealias Get = @convention(c) (ID) -> ID
  typealias Ask = @convention(c) (ID) -> Int32
  typealias OpenFile = @convention(c) (UnsafePointer<CChar>, UInt32, ID) -> ID
  typealias OpenObject = @convention(c) (ID, UnsafePointer<CChar>, ID) -> ID
  typealias GroupInfo = @convention(c) (ID, UnsafeMutableRawPointer) -> Int32
  typealias LinkName =
    @convention(c) (
      ID, UnsafePointer<CChar>, Int32, Int32, UInt64, UnsafeMutablePointer<CChar>?, Int, ID
    ) -> Int
  typealias Extent = @convention(c) (ID, UnsafeMutablePointer<UInt64>?, UnsafeMutablePointer<UInt64>?) -> Int32
  typealias Select =
    @convention(c) (
      ID, Int32, UnsafePointer<UInt64>, UnsafePointer<UInt64>?, UnsafePointer<UInt64>, UnsafePointer<UInt64>?
    ) -> Int32
  typealias CreateSpace = @convention(c) (Int32, UnsafePointer<UInt64>, UnsafePointer<UInt64>?) -> ID
  typealias Read = @convention(c) (ID, ID, ID, ID, ID, UnsafeMutableRawPointer) -> Int32
  typealias Size = @convention(c) (ID) -> Int
  typealias MemberName = @convention(c) (ID, UInt32) -> UnsafeMutablePointer<CChar>?
  typealias MemberClass = @convention(c) (ID, UInt32) -> Int32
  typealias CreateType = @convention(c) (Int32, Int) -> ID
  typealias Insert = @convention(c) (ID, UnsafePointer<CChar>, Int, ID) -> Int32
  typealias FreeMemory = @convention(c) (UnsafeMutableRawPointer) -> Int32
  typealias Chunk = @convention(c) (ID, Int32, UnsafeMutablePointer<UInt64>) -> Int32
  typealias ObjectInfo = @convention(c) (ID, UnsafeMutableRawPointer, UInt32) -> Int32
  typealias Storage = @convention(c) (ID) -> UInt64
  private typealias CreateProperties = @convention(c) (ID) -> ID
  private typealias FollowLink =
    @convention(c) (
      UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?,
      UnsafeMutablePointer<UInt32>?, ID, UnsafeMutableRawPointer?
    ) -> Int32
  private typealias SetFollowLink = @convention(c) (ID, FollowLink, UnsafeMutableRawPointer?) -> Int32
  private typealias Start = @convention(c) () -> Int32
  private typealias Version =
    @convention(c) (UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>, UnsafeMutablePointer<UInt32>) -> Int32
  private typealias Handler = @convention(c) (ID, UnsafeMutableRawPointer?) -> Int32
  private typealias GetHandler =
    @convention(c) (ID, UnsafeMutablePointer<Handler?>, UnsafeMutablePointer<UnsafeMutableRawPointer?>) -> Int32
  private typealias SetHandler = @convention(c) (ID, Handler?, UnsafeMutableRawPointer?) -> Int32

  let openFile: OpenFile
  let closeFile: Close
  let openObject: OpenObject
  let closeObject: Close
  /// What an id stands for: 2 a group, 5 a dataset.
  let kind: Ask
  let groupInfo: GroupInfo
  let linkName: LinkName
  let space: Get
  let closeSpace: Close
  let dimensionCount: Ask
  let dimensions: Extent
  let select: Select
  let createSpace: CreateSpace
  let type: Get
  let closeType: Close
  /// 0 whole numbers, 1 floating-point numbers, 3 texts, 6 structures, 8 names of numbers.
  let typeClass: Ask
  let typeSize: Size
  let memberCount: Ask
  let memberName: MemberName
  let memberClass: MemberClass
  let createType: CreateType
  let insert: Insert
  let freeMemory: FreeMemory
  let creation: Get
  let closeProperties: Close
  let layout: Ask
  let chunk: Chunk
  let read: Read
  /// What is known of an object; its first three words tell it from all others.
  let objectInfo: ObjectInfo
  let externalCount: Ask
  let storageSize: Storage
  /// How links are followed: never into another file.
  let links: ID
  /// The types of `double` and `float`.
  let double: ID
  let float: ID
  /// The release, for messages.
  let release: String
  private let getHandler: GetHandler
  private let setHandler: SetHandler

  private init() throws {
    let named = getenv("LOCKSTEP_HDF5").map { [String(cString: $0)] }
    let usual =
      ["libhdf5_serial.so.103", "libhdf5_serial.so.310", "libhdf5_serial.so.200", "libhdf5_serial.so"]
      + ["libhdf5.so.103", "libhdf5.so.200", "libhdf5.so.310", "libhdf5.so.320", "libhdf5.so"]
    let library = try SystemLibrary(
      named ?? usual, for: "HDF5",
      remedy: "install it (apt-get install libhdf5-103-1 or libhdf5-310), or name the library in LOCKSTEP_HDF5")
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    guard try library.function("H5open", as: Start.self)() >= 0,
      try library.function("H5get_libversion", as: Version.self)(&major, &minor, &release) >= 0
    else { throw LockstepError(.missingLibrary, "the HDF5 library does not start") }
    guard major > 1 || minor >= 10 else {
      throw LockstepError(
        .missingLibrary, "HDF5 \(major).\(minor).\(release) is too old", remedy: "install release 1.10 or later")
    }
    self.release = "\(major).\(minor).\(release)"
    openFile = try library.function("H5Fopen", as: OpenFile.self)
    closeFile = try library.function("H5Fclose", as: Close.self)
    openObject = try library.function("H5Oopen", as: OpenObject.self)
    closeObject = try library.function("H5Oclose", as: Close.self)
    kind = try library.function("H5Iget_type", as: Ask.self)
    groupInfo = try library.function("H5Gget_info", as: GroupInfo.self)
    linkName = try library.function("H5Lget_name_by_idx", as: LinkName.self)
    space = try library.function("H5Dget_space", as: Get.self)
    closeSpace = try library.function("H5Sclose", as: Close.self)
    dimensionCount = try library.function("H5Sget_simple_extent_ndims", as: Ask.self)
    dimensions = try library.function("H5Sget_simple_extent_dims", as: Extent.self)
    select = try library.function("H5Sselect_hyperslab", as: Select.self)
    createSpace = try library.function("H5Screate_simple", as: CreateSpace.self)
    type = try library.function("H5Dget_type", as: Get.self)
    closeType = try library.function("H5Tclose", as: Close.self)
    typeClass = try library.function("H5Tget_class", as: Ask.self)
    typeSize = try library.function("H5Tget_size", as: Size.self)
    memberCount = try library.function("H5Tget_nmembers", as: Ask.self)
    memberName = try library.function("H5Tget_member_name", as: MemberName.self)
    memberClass = try library.function("H5Tget_member_class", as: MemberClass.self)
    createType = try library.function("H5Tcreate", as: CreateType.self)
    insert = try library.function("H5Tinsert", as: Insert.self)
    freeMemory = try library.function("H5free_memory", as: FreeMemory.self)
    creation = try library.function("H5Dget_create_plist", as: Get.self)
    closeProperties = try library.function("H5Pclose", as: Close.self)
    layout = try library.function("H5Pget_layout", as: Ask.self)
    chunk = try library.function("H5Pget_chunk", as: Chunk.self)
    read = try library.function("H5Dread", as: Read.self)
    // The earlier versions of it have no third argument, and leave it alone.
    objectInfo =
      try (try? library.function("H5Oget_info3", as: ObjectInfo.self))
      ?? (try? library.function("H5Oget_info1", as: ObjectInfo.self))
      ?? library.function("H5Oget_info", as: ObjectInfo.self)
    externalCount = try library.function("H5Pget_external_count", as: Ask.self)
    storageSize = try library.function("H5Dget_storage_size", as: Storage.self)
    links = try library.function("H5Pcreate", as: CreateProperties.self)(
      try library.variable("H5P_CLS_LINK_ACCESS_ID_g", as: ID.self))
    guard links >= 0,
      try library.function("H5Pset_elink_cb", as: SetFollowLink.self)(links, { _, _, _, _, _, _, _ in -1 }, nil) >= 0
    else { throw LockstepError(.missingLibrary, "the HDF5 library cannot be kept from other files") }
    getHandler = try library.function("H5Eget_auto2", as: GetHandler.self)
    setHandler = try library.function("H5Eset_auto2", as: SetHandler.self)
    // The types are numbered as the library starts.
    double = try library.variable("H5T_NATIVE_DOUBLE_g", as: ID.self)
    float = try library.variable("H5T_NATIVE_FLOAT_g", as: ID.self)
  }

  private static let shared = Mutex<HDF5Library?>(nil)

  /// Whether the library is here.
  static var isHere: Bool { (try? use { _ in true }) ?? false }

  /// Calls `body` with the library, which nobody else has meanwhile; it prints nothing.
  ///
  /// - Throws: `LockstepError` with code `.missingLibrary` if it is not here, and what `body` throws.
  static func use<Result: Sendable>(_ body: (HDF5Library) throws -> Result) throws -> Result {
    try shared.withLock { shared in
      let library = try shared ?? HDF5Library()
      shared = library
      // Others in this process may have told it what to print.
      var handler: Handler?
      var context: UnsafeMutableRawPointer?
      _ = library.getHandler(0, &handler, &context)
      _ = library.setHandler(0, nil, nil)
      defer { _ = library.setHandler(0, handler, context) }
      return try body(library)
    }
  }
}
