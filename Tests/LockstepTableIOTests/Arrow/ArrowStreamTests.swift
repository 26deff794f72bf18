// SPDX-License-Identifier: Apache-2.0

import CLockstepTableIO
import Glibc
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Streams of Arrow's C stream interface, from a maker that counts what is given back.
@Suite struct ArrowStreamTests {
  /// Makes batches of two columns, `x` and `y`, of which the second lacks the value of each batch's second row.
  final class Maker {
    var batchCount: Int
    var failure: UnsafeMutablePointer<CChar>?
    var made = 0
    var released = 0
    var format: String

    init(batchCount: Int, failure: String? = nil, format: String = "g") {
      self.batchCount = batchCount
      self.failure = failure.flatMap { strdup($0) }
      self.format = format
    }

    deinit { free(failure) }

    static func of(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> Maker {
      guard let data = stream?.pointee.private_data else { preconditionFailure("a stream without its maker") }
      return Unmanaged<Maker>.fromOpaque(data).takeUnretainedValue()
    }

    /// A schema of a name, format and parts; nothing of it is freed, which tests can afford.
    static func schema(_ name: String, _ format: String, _ parts: [String] = []) -> CLockstepTableIO.ArrowSchema {
      var schema = CLockstepTableIO.ArrowSchema()
      schema.format = UnsafePointer(strdup(format))
      schema.name = UnsafePointer(strdup(name))
      schema.n_children = Int64(parts.count)
      schema.children = .allocate(capacity: max(1, parts.count))
      for (i, part) in parts.enumerated() {
        let child = UnsafeMutablePointer<CLockstepTableIO.ArrowSchema>.allocate(capacity: 1)
        child.initialize(to: Self.schema(i == 0 ? "x" : "y", part))
        schema.children[i] = child
      }
      return schema
    }

    /// Three rows, the first of which comes before the batch, as in a slice.
    static func batch(_ number: Int) -> ArrowArray {
      func array(_ buffers: [UnsafeRawPointer?], length: Int64, offset: Int64, missing: Int64) -> ArrowArray {
        var array = ArrowArray()
        array.length = length
        array.offset = offset
        array.null_count = missing
        array.n_buffers = Int64(buffers.count)
        array.buffers = .allocate(capacity: buffers.count)
        for (i, buffer) in buffers.enumerated() { array.buffers[i] = buffer }
        return array
      }
      var batch = array([nil], length: 2, offset: 1, missing: 0)
      batch.n_children = 2
      batch.children = .allocate(capacity: 2)
      for j in 0..<2 {
        let values = UnsafeMutablePointer<Double>.allocate(capacity: 4)
        for i in 0..<4 { values[i] = Double(100 * j + 10 * number + i - 2) }
        let bits = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
        bits.pointee = 0b0111
        let child = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
        child.initialize(
          to: array(
            [j == 0 ? nil : UnsafeRawPointer(bits), UnsafeRawPointer(values)], length: 3, offset: 1, missing: Int64(j)))
        batch.children[j] = child
      }
      return batch
    }

    var stream: ArrowArrayStream {
      var stream = ArrowArrayStream()
      stream.private_data = Unmanaged.passRetained(self).toOpaque()
      stream.get_schema = { stream, out in
        let maker = Maker.of(stream)
        out?.pointee = Maker.schema("", "+s", ["g", maker.format])
        out?.pointee.release = { $0?.pointee.release = nil }
        return 0
      }
      stream.get_next = { stream, out in
        let maker = Maker.of(stream)
        guard maker.made < maker.batchCount else {
          out?.pointee = ArrowArray()
          return maker.failure == nil ? 0 : 5
        }
        out?.pointee = Maker.batch(maker.made)
        out?.pointee.private_data = stream?.pointee.private_data
        out?.pointee.release = { array in
          guard let data = array?.pointee.private_data else { return }
          Unmanaged<Maker>.fromOpaque(data).takeUnretainedValue().released += 1
          array?.pointee.release = nil
        }
        maker.made += 1
        return 0
      }
      stream.get_last_error = { UnsafePointer(Maker.of($0).failure) }
      stream.release = { $0?.pointee.release = nil }
      return stream
    }
  }

  @Test func batchesAreRowsAndAreGivenBack() throws {
    let maker = Maker(batchCount: 3)
    var stream = maker.stream
    let loaded = try LoadedRows<Double>(arrowStream: &stream, options: ReadOptions(missing: .skipRow))
    #expect(stream.release == nil && maker.released == 3)
    #expect(loaded.columnNames == ["x", "y"] && loaded.skippedRowCount == 3 && loaded.rows.missingCounts == [0, 3])
    #expect(loaded.table.nested == [[0, 100], [10, 110], [20, 120]])
    stream = Maker(batchCount: 2).stream
    let all = try LoadedRows<Float>(arrowStream: &stream)
    #expect(all.table.nested.map { $0[0] } == [0, 1, 10, 11])
    #expect(all.table.nested.map { $0[1].isNaN } == [false, true, false, true])
    stream = Maker(batchCount: 0).stream
    #expect(try LoadedRows<Double>(arrowStream: &stream).rowCount == 0)
  }

  @Test func failuresSayWhatTheMakerSays() throws {
    let maker = Maker(batchCount: 2, failure: "the disk is gone")
    var stream = maker.stream
    let error = #expect(throws: LockstepError.self) { try LoadedRows<Double>(arrowStream: &stream, name: "t") }
    #expect(error?.cause == "the disk is gone" && error?.place?.file == "t")
    #expect(stream.release == nil && maker.released == 2)
    let again = #expect(throws: LockstepError.self) { try LoadedRows<Double>(arrowStream: &stream) }
    #expect(again != nil)
  }

  @Test(arguments: ["+l", "z", "u", "tiM", "?"]) func otherTypesAreNamed(format: String) throws {
    let maker = Maker(batchCount: 0, format: format)
    var stream = maker.stream
    let error = #expect(throws: LockstepError.self) { try LoadedRows<Double>(arrowStream: &stream) }
    #expect(error?.place?.columnName == "y" && stream.release == nil)
  }
}
