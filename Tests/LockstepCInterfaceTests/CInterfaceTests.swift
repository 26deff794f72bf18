// SPDX-License-Identifier: Apache-2.0

import CLockstepInterface
import Foundation
import Lockstep
import LockstepCInterface
import Testing

/// The functions as a C program calls them.
struct CInterfaceTests {
  typealias Words = UnsafeMutablePointer<CChar>

  /// What a failing call says.
  private func failure<Result>(_ body: (UnsafeMutablePointer<Words?>) -> Result?) throws -> JSONValue {
    var words: Words?
    let result = body(&words)
    defer { lockstep_free(words) }
    #expect(result == nil)
    return try JSONValue(parsing: Array(String(cString: try #require(words)).utf8))
  }

  private func take(_ words: Words?) throws -> String {
    defer { lockstep_free(words) }
    return String(cString: try #require(words))
  }

  /// Rows of `elements`, which live on in the closure.
  private func withRows<Element, Result>(
    _ elements: [Element], _ rows: Int, _ columns: Int, strides: (Int, Int)? = nil, type: Int,
    _ body: (OpaquePointer) throws -> Result
  ) throws -> Result {
    let size = MemoryLayout<Element>.stride
    return try elements.withUnsafeBytes { bytes in
      var array = lockstep_array(
        data: bytes.baseAddress, row_count: Int64(rows), column_count: Int64(columns),
        row_stride: Int64(strides?.0 ?? columns * size), column_stride: Int64(strides?.1 ?? size), type: Int32(type))
      let object = try #require(lockstep_rows_dense(&array, nil, nil))
      defer { lockstep_release(object) }
      return try body(object)
    }
  }

  private func digest(_ rows: OpaquePointer, _ method: String = "moments") throws -> String {
    let context = try #require(lockstep_context_solo(1, nil))
    defer { lockstep_release(context) }
    let model = try #require(lockstep_fit(context, method, nil, rows, nil, nil))
    defer { lockstep_release(model) }
    let details = try JSONValue(parsing: Array(try take(lockstep_model_describe(model, nil)).utf8))
    return try #require(details["digest"]?.string)
  }

  @Test func tellsItsRelease() { #expect(String(cString: lockstep_version()) == LockstepRelease.version) }

  @Test func takesRowsOfAnyOrderAndType() throws {
    let values = (0..<60).map { Double($0 * 37 % 101) }
    let expected = try LowOrderMoments().fit(Table(DenseRows(values, columnCount: 3))).digest
    #expect(try withRows(values, 20, 3, type: 0) { try digest($0) } == expected)
    let columnMajor = (0..<3).flatMap { j in (0..<20).map { values[$0 * 3 + j] } }
    #expect(try withRows(columnMajor, 20, 3, strides: (8, 160), type: 0) { try digest($0) } == expected)
    let gappy = values.flatMap { value -> [Double] in [value, -1] }
    #expect(try withRows(gappy, 20, 3, strides: (48, 16), type: 0) { try digest($0) } == expected)
    #expect(try withRows(values.map(Float.init), 20, 3, type: 1) { try digest($0) } == expected)
    #expect(try withRows(values.map(Int64.init), 20, 3, type: 2) { try digest($0) } == expected)
    #expect(try withRows(values.map(Int32.init), 20, 3, type: 3) { try digest($0) } == expected)
    #expect(try withRows(values.map(Int16.init), 20, 3, type: 4) { try digest($0) } == expected)
    #expect(try withRows(values.map(Int8.init), 20, 3, type: 5) { try digest($0) } == expected)
    #expect(try withRows(values.map(UInt64.init), 20, 3, type: 6) { try digest($0) } == expected)
    #expect(try withRows(values.map(UInt32.init), 20, 3, type: 7) { try digest($0) } == expected)
    #expect(try withRows(values.map(UInt16.init), 20, 3, type: 8) { try digest($0) } == expected)
    #expect(try withRows(values.map(UInt8.init), 20, 3, type: 9) { try digest($0) } == expected)
  }

  @Test func columnsPiecesAndReversedRows() throws {
    let values = (0..<60).map { Double($0 * 37 % 101) }
    let expected = try LowOrderMoments().fit(Table(DenseRows(values, columnCount: 3))).digest
    let reversed = (0..<20).reversed().flatMap { Array(values[$0 * 3..<$0 * 3 + 3]) }
    try reversed.withUnsafeBytes { bytes in
      let last = bytes.baseAddress.map { $0 + 19 * 24 }
      var array = lockstep_array(
        data: last, row_count: 20, column_count: 3, row_stride: -24, column_stride: 8, type: 0)
      let rows = try #require(lockstep_rows_dense(&array, nil, nil))
      #expect(try digest(rows) == expected)
      lockstep_release(rows)
    }
    try values.withUnsafeBytes { bytes in
      let columns = (0..<3).map {
        lockstep_array(
          data: bytes.baseAddress.map { [offset = $0 * 8] in $0 + offset }, row_count: 20, column_count: 1,
          row_stride: 24, column_stride: 0, type: 0)
      }
      let rows = try #require(lockstep_rows_columns(columns, 3, "[\"a\", \"b\", \"c\"]", nil))
      #expect(try digest(rows) == expected)
      lockstep_release(rows)
      var halves = [
        lockstep_array(
          data: bytes.baseAddress, row_count: 8, column_count: 3, row_stride: 24, column_stride: 8, type: 0),
        lockstep_array(
          data: bytes.baseAddress.map { $0 + 8 * 24 }, row_count: 12, column_count: 3, row_stride: 24, column_stride: 8,
          type: 0),
      ]
      let pieces = [lockstep_rows_dense(&halves[0], nil, nil), lockstep_rows_dense(&halves[1], nil, nil)]
      let chained = try #require(lockstep_rows_chained(pieces, 2, nil))
      for piece in pieces { lockstep_release(piece) }
      #expect(try digest(chained) == expected)
      lockstep_release(chained)
    }
  }

  @Test func givesModelsAndRowValues() throws {
    try withRows([0.0, 0.1, 9, 9.1], 4, 1, type: 0) { rows in
      let context = try #require(lockstep_context_solo(1, nil))
      defer { lockstep_release(context) }
      var values: OpaquePointer?
      let model = try #require(lockstep_fit(context, "kmeans", "{\"clusterCount\": 2}", rows, &values, nil))
      defer { lockstep_release(model) }
      #expect(
        try take(lockstep_arrays(model, nil))
          == "centroids f 2 1\nobjective f\niterations i\nisConverged b\nclusterSizes i 2\nwithinSumOfSquares f 2\n"
          + "totalSumOfSquares f\nbetweenSumOfSquares f")
      var sizes = [0, 0]
      #expect(lockstep_array_copy(model, 4, &sizes, nil) == 0)
      #expect(sizes == [2, 2])
      #expect(try take(lockstep_arrays(try #require(values), nil)) == "values l 4")
      var labels: [Int32] = [9, 9, 9, 9]
      #expect(lockstep_array_copy(try #require(values), 0, &labels, nil) == 0)
      #expect(labels[0] == labels[1] && labels[2] == labels[3] && labels[0] != labels[2])
      lockstep_release(values)
      let json = try take(lockstep_model_json(model, nil))
      let again = try #require(lockstep_model_from_json(json, nil))
      #expect(try take(lockstep_model_json(again, nil)) == json)
      lockstep_release(again)
    }
  }

  @Test func filesAreReadWithAModelsEncoding() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString).csv").path
    try Data("k,x\na,1\nb,\nNA,5\n".utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let context = try #require(lockstep_context_solo(1, nil))
    defer { lockstep_release(context) }
    func read(_ more: String) throws -> OpaquePointer {
      try #require(lockstep_rows_read(context, "{\"names\": [\"\(path)\"], \(more)}", nil))
    }
    let rows = try read("\"missing\": \"mean\", \"categorical\": [\"k\"]")
    defer { lockstep_release(rows) }
    let told = try JSONValue(parsing: Array(try take(lockstep_rows_describe(rows, nil)).utf8))
    #expect(told["columnNames"] == .array(["k=a", "k=b", "x"].map(JSONValue.string)))
    #expect(told["missingCounts"] == .object(["k": .integer(1), "x": .integer(1)]))
    var words: Words?
    let fitted = lockstep_fit(context, "kmeans", "{\"clusterCount\": 2}", rows, nil, &words)
    let model = try #require(fitted, "\(words.map { String(cString: $0) } ?? "")")
    defer { lockstep_release(model) }
    let known = try JSONValue(parsing: Array(try take(lockstep_model_describe(model, nil)).utf8))
    #expect(known["encoding"] == told["encoding"] && known["encoding"] != .null)
    let encoding = String(decoding: try #require(try known["encoding"]?.encoded()), as: UTF8.self)
    let alike = try read("\"missing\": \"mean\", \"encoding\": \(encoding)")
    defer { lockstep_release(alike) }
    #expect(lockstep_column_count(alike) == 3)
    lockstep_release(try #require(lockstep_predict(context, model, alike, nil)))
    let others = try read("\"missing\": \"mean\", \"categorical\": [\"x\"], \"columns\": [\"x\"]")
    defer { lockstep_release(others) }
    #expect(try failure { lockstep_predict(context, model, others, $0) }["code"] == .string("shapeMismatch"))
  }

  @Test func classifiersHaveProbabilities() throws {
    let context = try #require(lockstep_context_solo(0, nil))
    defer { lockstep_release(context) }
    try withRows([3.0, 0, 0, 2, 4, 1, 0, 5], 4, 2, type: 0) { rows in
      let codes: [Int64] = [0, 1, 0, 1]
      let labeled = codes.withUnsafeBytes { bytes in
        var labels = lockstep_array(
          data: bytes.baseAddress, row_count: 4, column_count: 1, row_stride: 8, column_stride: 8, type: 2)
        return lockstep_rows_accompany(rows, nil, nil, &labels, "[\"a\", \"b\"]", nil)
      }
      let accompanied = try #require(labeled)
      defer { lockstep_release(accompanied) }
      let model = try #require(lockstep_fit(context, "naive-bayes", nil, accompanied, nil, nil))
      defer { lockstep_release(model) }
      let values = try #require(lockstep_log_probabilities(context, model, rows, nil))
      defer { lockstep_release(values) }
      #expect(try take(lockstep_arrays(values, nil)) == "values f 4 2")
      var logarithms = [Double](repeating: 0, count: 8)
      #expect(lockstep_array_copy(values, 0, &logarithms, nil) == 0)
      for row in 0..<4 {
        let (a, b) = (exp(logarithms[2 * row]), exp(logarithms[2 * row + 1]))
        #expect(abs(a + b - 1) < 1e-15 && (a > b) == (codes[row] == 0))
      }
      let other = try #require(lockstep_fit(context, "covariance", nil, rows, nil, nil))
      defer { lockstep_release(other) }
      #expect(try failure { lockstep_log_probabilities(context, other, rows, $0) }["code"] == .string("usage"))
    }
  }

  @Test func failuresAreData() throws {
    let context = try #require(lockstep_context_solo(0, nil))
    defer { lockstep_release(context) }
    try withRows([1.0, 2, 3, .nan], 2, 2, type: 0) { rows in
      let unknown = try failure { lockstep_fit(context, "nothing", nil, rows, nil, $0) }
      #expect(unknown["code"] == .string("usage"))
      let notFinite = try failure { lockstep_fit(context, "covariance", nil, rows, nil, $0) }
      #expect(notFinite["code"] == .string("notFinite"))
      #expect(notFinite["place"]?["row"] == .integer(1) && notFinite["place"]?["column"] == .integer(2))
      let kind = try failure { lockstep_fit(rows, "moments", nil, rows, nil, $0) }
      #expect(kind["message"] == .string("rows was given where a context should be"))
      #expect(try failure { lockstep_fit(context, "moments", "[", rows, nil, $0) }["code"] == .string("malformedInput"))
      var values: OpaquePointer?
      #expect(try failure { lockstep_fit(context, "moments", nil, rows, &values, $0) }["code"] == .string("usage"))
      var wide = lockstep_array(data: nil, row_count: 3, column_count: 2, row_stride: 0, column_stride: 0, type: 0)
      #expect(try failure { lockstep_rows_dense(&wide, nil, $0) }["code"] == .string("usage"))
      wide.row_count = .max
      #expect(try failure { lockstep_rows_dense(&wide, nil, $0) }["code"] == .string("shapeMismatch"))
      wide.row_count = -1
      #expect(try failure { lockstep_rows_dense(&wide, nil, $0) }["code"] == .string("shapeMismatch"))
      wide.type = 77
      #expect(try failure { lockstep_rows_dense(&wide, nil, $0) }["code"] == .string("usage"))
      let weight = [1.0]
      try weight.withUnsafeBytes { bytes in
        var weights = lockstep_array(
          data: bytes.baseAddress, row_count: 1, column_count: 1, row_stride: 8, column_stride: 8, type: 0)
        let short = try failure { lockstep_rows_accompany(rows, nil, &weights, nil, nil, $0) }
        #expect(short["message"] == .string("1 weights for 2 rows"))
      }
    }
    let missing = try failure { lockstep_rows_read(context, "{\"names\": [\"/nowhere.csv\"]}", $0) }
    #expect(missing["code"] == .string("noInput") && missing["place"]?["file"] == .string("/nowhere.csv"))
    #expect(try failure { lockstep_rows_read(context, "{\"nomes\": []}", $0) }["code"] == .string("usage"))
  }

  @Test func streamsAreSavedAndMerged() throws {
    let first = try #require(lockstep_stream("moments", nil, nil))
    let second = try #require(lockstep_stream("moments", nil, nil))
    try withRows([1.0, 2, 3, 4], 2, 2, type: 0) { #expect(lockstep_stream_observe(first, $0, nil) == 0) }
    try withRows([5.0, 6], 1, 2, type: 0) { #expect(lockstep_stream_observe(second, $0, nil) == 0) }
    var count: Int64 = 0
    let bytes = try #require(lockstep_stream_save(second, &count, nil))
    let restored = try #require(lockstep_stream_restore(bytes, count, nil))
    lockstep_free(bytes)
    #expect(lockstep_stream_merge(first, restored, nil) == 0)
    let context = try #require(lockstep_context_solo(0, nil))
    let model = try #require(lockstep_stream_model(context, first, nil))
    var mean = [0.0, 0]
    #expect(lockstep_array_copy(model, 5, &mean, nil) == 0)
    #expect(mean == [3, 4])
    for object in [first, second, restored, context, model] { lockstep_release(object) }
    let refusal = try failure { lockstep_stream("kmeans", nil, $0) }
    #expect(refusal["code"] == .string("usage"))
  }
}
