// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import LockstepErrors
import Testing

@testable import LockstepTableIO

@Suite struct NPZFileTests {
  private let arrays: [(name: String, array: NPYArray)] = [
    ("centroids", NPYArray(shape: [2, 3], .double([1, -0.0, .infinity, .leastNonzeroMagnitude, .pi, -7]))),
    ("sizes", NPYArray(shape: [2], .int64([.min, .max]))),
    ("objective", NPYArray(shape: [], .double([0.1]))),
    ("cube", NPYArray(shape: [1, 2, 1], .double([1, 2]))),
    ("names", NPYArray(shape: [3], .string(["time", "", "größe 🌦"]))),
    ("json", NPYArray(shape: [2], .uint8([123, 125]))),
    ("empty", NPYArray(shape: [0, 4], .double([]))),
  ]

  @Test func whatIsWrittenIsRead() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.npz"
    try NPZFile(arrays).write(to: path)
    let file = try NPZFile(path)
    #expect(file.entries.map(\.name) == arrays.map(\.name))
    for (name, array) in arrays { #expect(file[name] == array) }
    #expect(file["none"] == nil)
    #expect(file["sizes"]?.doubles == [Double(Int64.min), Double(Int64.max)])
    let first = try directory.read("model.npz")
    try NPZFile(arrays).write(to: path)
    #expect(try directory.read("model.npz") == first)
    #expect(directory.names == ["model.npz"])
  }

  @Test(.enabled(if: NumPyScript.isAvailable, "python3 with numpy")) func numPyReadsIt() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.npz"
    try NPZFile(arrays).write(to: path)
    let status = NumPyScript.run(
      """
      assert zipfile.ZipFile('\(path)').testzip() is None
      f = np.load('\(path)', allow_pickle=False)
      assert f.files == ['centroids', 'sizes', 'objective', 'cube', 'names', 'json', 'empty'], f.files
      assert f['centroids'].tobytes() == np.array([[1, -0.0, np.inf], [5e-324, np.pi, -7]]).tobytes()
      assert f['sizes'].dtype == np.int64 and f['sizes'].tolist() == [-2**63, 2**63 - 1]
      assert f['objective'].shape == () and f['objective'] == 0.1
      assert f['cube'].shape == (1, 2, 1)
      assert f['names'].tolist() == ['time', '', 'größe 🌦'], f['names']
      assert f['json'].tobytes() == b'{}'
      assert f['empty'].shape == (0, 4)
      """)
    #expect(status == 0)
  }

  @Test(.enabled(if: NumPyScript.isAvailable, "python3 with numpy")) func readsWhatNumPyWrites() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path + "/numpy.npz"
    let squeezed = directory.path + "/squeezed.npz"
    let matrix = directory.path + "/matrix.npy"
    let status = NumPyScript.run(
      """
      np.savez('\(path)', a=np.arange(6.).reshape(2, 3), b=np.array(['x', 'yz']), n=np.array([7]), s=np.float64(2.5))
      np.savez_compressed('\(squeezed)', a=np.zeros(1000))
      np.save('\(matrix)', np.arange(12, dtype=np.float32).reshape(4, 3))
      """)
    try #require(status == 0)
    let file = try NPZFile(path)
    #expect(file["a"] == NPYArray(shape: [2, 3], .double([0, 1, 2, 3, 4, 5])))
    #expect(file["b"] == NPYArray(shape: [2], .string(["x", "yz"])))
    #expect(file["n"] == NPYArray(shape: [1], .int64([7])))
    #expect(file["s"] == NPYArray(shape: [], .double([2.5])))
    let error = #expect(throws: LockstepError.self) { try NPZFile(squeezed) }
    #expect(
      error?.description.hasSuffix("a.npy is compressed; write it with numpy.savez, not savez_compressed") == true)
    #expect(try NPYFile(matrix, shard: FileShard(index: 1, count: 2)).table.nested == [[6, 7, 8], [9, 10, 11]])
  }

  @Test(arguments: 0..<300 as Range<UInt64>) func damagedFilesOnlyThrow(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let directory = try TemporaryDirectory()
    let path = directory.path + "/model.npz"
    try NPZFile(Array(arrays.prefix(3))).write(to: path)
    var bytes = try directory.read("model.npz")
    if seed % 3 == 0 {
      bytes.removeLast(Int.random(in: 1...bytes.count, using: &random))
    } else {
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8(truncatingIfNeeded: random.next())
      }
    }
    _ = try directory.write(bytes, to: "model.npz")
    do { _ = try NPZFile(path) } catch { #expect(error is LockstepError) }
    let npy = try directory.write(
      NPYHeader(type: "<f8", shape: [2, 2]).bytes.map { byte in
        Int.random(in: 0..<60, using: &random) == 0 ? UInt8(truncatingIfNeeded: random.next()) : byte
      } + Array(repeating: 0, count: 32), to: "x.npy")
    do { _ = try NPYFile(npy).table.nested } catch { #expect(error is LockstepError) }
  }

  @Test func checkSumsAreThoseOfZIP() {
    let bytes = Array("123456789".utf8)
    #expect(bytes.withUnsafeBytes { lockstep_crc32(0, $0.baseAddress, $0.count) } == 0xCBF4_3926)
    #expect(
      bytes.withUnsafeBytes { lockstep_crc32(lockstep_crc32(0, $0.baseAddress, 4), $0.baseAddress.map { $0 + 4 }, 5) }
        == 0xCBF4_3926)
    #expect(lockstep_crc32(0, nil, 0) == 0)
  }
}
