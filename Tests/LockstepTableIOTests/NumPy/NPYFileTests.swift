// SPDX-License-Identifier: Apache-2.0

import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

@Suite struct NPYFileTests {
  /// The bytes of an NPY file with the given description and numbers.
  private func file(
    _ text: String, _ numbers: [Double], version: UInt8 = 1, dropping dropped: Int = 0, adding: [UInt8] = []
  ) -> [UInt8] {
    let header = Array(text.utf8)
    let length: [UInt8] = version == 1 ? [UInt8(header.count), 0] : [UInt8(header.count), 0, 0, 0]
    let data = numbers.withUnsafeBytes { Array($0) }
    return NPYHeader.magic + [version, 0] + length + header + data.dropLast(dropped) + adding
  }

  private func failure(_ bytes: [UInt8]) throws -> String {
    let directory = try TemporaryDirectory()
    do {
      let file = try NPYFile(try directory.write(bytes, to: "x.npy"))
      return "no error, but \(file.table.nested)"
    } catch let error as LockstepError {
      return error.description.withoutDirectory(directory)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func readsAllVersions(_ version: UInt8) throws {
    let directory = try TemporaryDirectory()
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }  \n"
    let path = try directory.write(file(text, [1, 2, 3, 4, 5, 6], version: version))
    #expect(try NPYFile(path).table.nested == [[1, 2, 3], [4, 5, 6]])
    #expect(try NPYFile<Float>(path).table.nested == [[1, 2, 3], [4, 5, 6]])
  }

  @Test func readsOneDimensionAsAColumn() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(file("{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }", [1, 2, 3]))
    #expect(try NPYFile(path).table.nested == [[1], [2], [3]])
  }

  @Test func showsTheFileWithoutACopy() throws {
    let directory = try TemporaryDirectory()
    let header = NPYHeader(type: "<f4", shape: [1000, 7])
    let numbers = (0..<7000).map { Float($0) / 3 }
    let path = try directory.write(header.bytes + numbers.withUnsafeBytes { Array($0) })
    for count in [1, 2, 3, 7, 1001] {
      var joined: [Float] = []
      for index in 0..<count {
        let part = try NPYFile<Float>(path, shard: FileShard(index: index, count: count))
        #expect(part.totalRowCount == 1000)
        joined += part.table.nested.joined()
      }
      #expect(joined == numbers)
    }
    let doubles = try NPYFile(path)
    #expect(doubles.table.nested.joined().elementsEqual(numbers.map(Double.init)))
  }

  /// What NumPy writes of the numbers 0, 1, … 23 as 8 rows of 3, in each type, byte order and order of elements.
  @Test(
    arguments: ["f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"], [false, true])
  func readsEveryTypeAndOrder(_ type: String, _ isFortranOrder: Bool) throws {
    let directory = try TemporaryDirectory()
    let expected = (0..<8).map { i in (0..<3).map { Double(i * 3 + $0) } }
    for order in ["<", ">"] {
      let values = isFortranOrder ? (0..<3).flatMap { j in expected.map { $0[j] } } : expected.flatMap(\.self)
      let data = values.flatMap { value -> [UInt8] in
        let bytes: [UInt8] =
          switch type {
          case "f2": withUnsafeBytes(of: Float16(value)) { Array($0) }
          case "f4": withUnsafeBytes(of: Float(value)) { Array($0) }
          case "f8": withUnsafeBytes(of: value) { Array($0) }
          default: withUnsafeBytes(of: Int64(value)) { Array($0.prefix(Int(type.dropFirst()) ?? 8)) }
          }
        return order == ">" ? bytes.reversed() : bytes
      }
      var header = NPYHeader(type: order + type, shape: [8, 3])
      header.isFortranOrder = isFortranOrder
      let path = try directory.write(header.bytes + data, to: "x\(order == ">").npy")
      #expect(try NPYFile(path).table.nested == expected)
      #expect(
        try NPYFile<Float>(path, options: ReadOptions(columns: [2, 0])).table.nested
          == expected.map { [Float($0[2]), Float($0[0])] })
      let parts = try (0..<3).flatMap { try NPYFile(path, shard: FileShard(index: $0, count: 3)).table.nested }
      #expect(parts == expected)
    }
  }

  @Test func readsBooleansAndSkipsNaNInAnyOrder() throws {
    let directory = try TemporaryDirectory()
    let bools = try directory.write(NPYHeader(type: "|b1", shape: [2, 2]).bytes + [1, 0, 0, 1], to: "b.npy")
    #expect(try NPYFile(bools).table.nested == [[1, 0], [0, 1]])
    var header = NPYHeader(type: ">f4", shape: [3, 2])
    header.isFortranOrder = true
    let numbers: [Float] = [1, .nan, 3, 4, 5, 6]
    let path = try directory.write(
      header.bytes + numbers.flatMap { withUnsafeBytes(of: $0.bitPattern.bigEndian) { Array($0) } }, to: "n.npy")
    let file = try NPYFile(path, options: ReadOptions(missing: .skipRow))
    #expect(file.table.nested == [[1, 4], [3, 6]] && file.loaded.skippedRowCount == 1)
  }

  @Test func choosesColumns() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.write(
      file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", [1, 2, 3, 4, .nan, 6]))
    let some = try NPYFile(path, options: ReadOptions(columns: [2, 0]), shard: FileShard(index: 1, count: 2))
    #expect(some.table.nested == [[6, 4]])
    let targeted = try NPYFile(path, options: ReadOptions(targets: 0, missing: .skipRow))
    #expect(targeted.table.nested == [[2, 3]])
    #expect(targeted.loaded.extraTables[0].table.nested == [[1]])
    #expect(targeted.loaded.skippedRowCount == 1)
    #expect(targeted.loaded.rows.missingCounts == [1, 0])
    #expect(throws: LockstepError.self) { try NPYFile(path, options: ReadOptions(columns: 3)) }
    #expect(throws: LockstepError.self) { try NPYFile(path, options: ReadOptions(columns: "a")) }
  }

  @Test func saysWhatIsWrong() throws {
    let good = "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 1), }"
    #expect(try failure(file(good, [1, 2])) == "no error, but [[1.0], [2.0]]")
    #expect(try failure([]) == "x.npy: the file is empty")
    #expect(try failure(Array("1,2\n3,4\n5,6\n".utf8)).hasPrefix("x.npy: this is not an NPY file"))
    #expect(try failure(NPYHeader.magic).hasPrefix("x.npy: the NPY header is cut off"))
    #expect(try failure(Array(file(good, []).prefix(30))).hasPrefix("x.npy: the NPY header is cut off"))
    #expect(try failure(file(good, [1, 2], version: 9)).hasPrefix("x.npy: NPY format version 9.0 is not known"))
    #expect(
      try failure(file(good, [1, 2], dropping: 1))
        == "x.npy: the file is cut off: 2 × 1 numbers take 16 bytes, there are 15; write it again")
    #expect(try failure(file(good, [1, 2], adding: [0])).hasPrefix("x.npy: 1 bytes follow the array"))
    func described(_ type: String, _ order: String, _ shape: String) throws -> String {
      try failure(file("{'descr': \(type), 'fortran_order': \(order), 'shape': \(shape)}", [1, 2, 3, 4]))
    }
    #expect(
      try described("'<c16'", "False", "(2, 1)")
        == "x.npy: the array holds complex128 (<c16), not real numbers; save x.astype('float64')")
    #expect(try described("'<U4'", "False", "(2, 1)").contains("strings (<U4)"))
    #expect(try described("'|O'", "False", "(2, 2)").contains("Python objects"))
    #expect(try described("'<f8'", "False", "(2, 2, 1)").contains("3 dimensions"))
    #expect(try described("'<f8'", "False", "()").contains("0 dimensions"))
    #expect(try described("'<f8'", "False", "(4, 0)").contains("4 rows of no columns"))
    #expect(try described("[('a', '<f8')]", "False", "(4,)").contains("does not describe an array of numbers"))
    #expect(try described("'<f8'", "False", "(9223372036854775807, 9223372036854775807)").contains("cut off"))
    #expect(try described("'<f8'", "False", "(-1, 2)").contains("does not describe"))
    #expect(try described("'<f8'", "Maybe", "(4, 1)").contains("does not describe"))
  }
}
