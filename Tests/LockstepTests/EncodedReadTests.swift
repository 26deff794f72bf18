// SPDX-License-Identifier: Apache-2.0

import Lockstep
import LockstepTestSupport
import Testing

@Suite struct EncodedReadTests {
  typealias Folder = ReadTests.Folder

  /// A file of a categorical column, two numbers with gaps and a target, whose means are whole: rows of "Rome" come last.
  static func table(_ rowCount: Int = 240) -> (gaps: [String], filled: [String]) {
    var gaps: [String] = []
    var filled: [String] = []
    for i in 0..<rowCount {
      let city = i >= rowCount - 3 ? "Rome" : i % 5 == 0 ? "\"Oslo, N\"" : "Paris"
      // The values of `a` are 1 and 3 in turns, those of `b` −4 and 12: means 2 and 4.
      let (a, b) = (
        i % 6 == 4 || i % 6 == 5 ? "" : i % 2 == 0 ? "1" : "3", i % 8 < 2 ? "nan" : i % 2 == 0 ? "-4" : "12"
      )
      // Rows without a city are left out, and so are their numbers.
      if i % 11 == 6 { gaps.append("NA,\(i),7,1") }
      gaps.append("\(city),\(a),\(b),\(i % 13)")
      let ones = [city.contains("Oslo"), city == "Paris", city == "Rome"].map { $0 ? "1" : "0" }
      filled.append((ones + [a == "" ? "2" : a, b == "nan" ? "4" : b, "\(i % 13)"]).joined(separator: ","))
    }
    return (gaps, filled)
  }

  static let header = "city,a,b,y\n"
  static let options = ReadOptions(
    targets: .last, missing: .mean, categorical: .chosen(ColumnSelection(names: ["city"])))

  static func digests(_ size: Int, _ names: [String], _ options: ReadOptions) throws -> Set<String> {
    let results = ThreadRanks.run(size) { communicator in
      let context = ExecutionContext(communicator: communicator, threadCount: size % 2 + 1)
      let rows = try context.read(names, options: options)
      return try LinearRegression().fit(rows, in: context).digest
        + LowOrderMoments().fit(rows, in: context).digest
    }
    return Set(try results.map { try $0.get() })
  }

  @Test func modelsAreThoseOfTheFilledAndSpreadTableOnAnyNumberOfRanks() throws {
    let folder = try Folder()
    let (gaps, filled) = Self.table()
    try folder.write("gaps.csv", Self.header + gaps.joined(separator: "\n"))
    try folder.write(
      "filled.csv", "\"city=Oslo, N\",city=Paris,city=Rome,a,b,y\n" + filled.joined(separator: "\n"))
    let expected = try Self.digests(1, ["\(folder.path)/filled.csv"], ReadOptions(targets: .last))
    #expect(expected.count == 1)
    for size in 1...5 {
      var options = Self.options
      #expect(try Self.digests(size, ["\(folder.path)/gaps.csv"], options) == expected)
      options.categorical = .texts
      #expect(try Self.digests(size, ["\(folder.path)/gaps.csv"], options) == expected)
    }
    // The last of four files alone has the category "Rome", and more processes than files share them.
    let cuts = [0, 5, 100, gaps.count - 3, gaps.count]
    for rank in 0..<4 {
      try folder.write("part\(rank).csv", Self.header + gaps[cuts[rank]..<cuts[rank + 1]].joined(separator: "\n"))
    }
    for size in [1, 2, 4, 6] {
      #expect(try Self.digests(size, ["\(folder.path)/part*.csv"], Self.options) == expected)
    }
    #expect(try Self.digests(4, ["\(folder.path)/part{rank}.csv"], Self.options) == expected)
  }

  @Test func meansWithoutAnEndHaveTheSameBitsOnAnyNumberOfRanks() throws {
    let folder = try Folder()
    var generator = SplitMix64(state: 7)
    let lines = (0..<9000).map { i in
      (0..<3).map { j in (i + j) % 7 == 0 ? "" : "\(Double.random(in: -1...1000, using: &generator))" }
        .joined(separator: ",")
    }
    try folder.write("all.csv", "x,y,z\n" + lines.joined(separator: "\n"))
    let path = "\(folder.path)/all.csv"
    var found: Set<ColumnEncoding> = []
    for size in 1...5 {
      let results = ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator, threadCount: 6 - size)
        let single = try context.read(path, options: ReadOptions(missing: .mean), as: Float.self)
        let rows = try context.read(path, options: ReadOptions(missing: .mean))
        #expect(single.rowCount == rows.rowCount && rows.skippedRowCount == 0)
        return try #require(rows.encoding)
      }
      found.formUnion(try results.map { try $0.get() })
    }
    #expect(found.count == 1)
    #expect(found.first?.columns.map(\.name) == ["x", "y", "z"])
  }

  @Test(arguments: [1, 3]) func rowsWithoutATargetAreLeftOutAndNoPartOfTheMean(size: Int) throws {
    let folder = try Folder()
    try folder.write("a.csv", "a,y\n1,1\n,2\n3,3\n800,\n,\n")
    let path = "\(folder.path)/a.csv"
    let results = ThreadRanks.run(size) { communicator in
      let loaded = try ExecutionContext(communicator: communicator).read(
        path, options: ReadOptions(targets: .last, missing: .mean))
      return (try ReadTests.rows(loaded), loaded.skippedRowCount, loaded.missing)
    }
    let found = try results.map { try $0.get() }
    #expect(found.flatMap(\.0) == [[1], [2], [3]])
    #expect(found.reduce(0) { $0 + $1.1 } == 2)
    #expect(
      MissingCount.sums(found.map(\.2)).sorted { $0.column < $1.column } == [
        MissingCount(column: "a", count: 2), MissingCount(column: "y", count: 2),
      ])
  }

  @Test func missingEntriesOfSparseRowsAreTheMeanWithZeros() throws {
    let folder = try Folder()
    try folder.write("a.svm", "1 1:6 3:nan\n0 2:1\n1 3:9\n0 1:nan 3:3\n")
    try folder.write(
      "a.mtx", "%%MatrixMarket matrix coordinate real general\n4 3 6\n1 1 6\n1 3 nan\n2 2 1\n3 3 9\n4 1 nan\n4 3 3\n")
    try folder.write("b.mtx", "%%MatrixMarket matrix array real general\n4 3\n6\n0\n0\nnan\n0\n1\n0\n0\nnan\n0\n9\n3\n")
    for name in ["a.svm", "a.mtx", "b.mtx"] {
      for size in [1, 2, 5] {
        let found = ReadTests.readings(size, ["\(folder.path)/\(name)"], options: ReadOptions(missing: .mean))
        #expect(try found.flatMap { try $0.get() } == [[6, 0, 4], [0, 1, 0], [0, 0, 9], [2, 0, 3]], "\(name)")
      }
    }
    let loaded = try ExecutionContext.local.read(
      "\(folder.path)/a.svm", options: ReadOptions(targets: .last, missing: .skipRow))
    #expect(try ReadTests.rows(loaded) == [[0, 1, 0], [0, 0, 9]] && loaded.skippedRowCount == 2)
    #expect(loaded.missing == [MissingCount(column: "0", count: 1), MissingCount(column: "2", count: 1)])
  }

  @Test func missingNumbersOfNPYFilesAreTheMean() throws {
    let folder = try Folder()
    let columns = NPYArray(shape: [4, 2], .double([1, 5, .nan, 7, 3, .nan, 5, 9]))
    try folder.write("a.npy", columns.npyBytes)
    for size in [1, 3] {
      let found = ReadTests.readings(size, ["\(folder.path)/a.npy"], options: ReadOptions(missing: .mean))
      #expect(try found.flatMap { try $0.get() } == [[1, 5], [3, 7], [3, 7], [5, 9]])
    }
    // Stores of numbered rows do as NPY files; rows without a target are left out.
    try NPZFile([("x", columns)]).write(to: "\(folder.path)/a.npz")
    for size in [1, 3] {
      let found = ReadTests.readings(size, ["\(folder.path)/a.npz"], options: ReadOptions(missing: .mean))
      #expect(try found.flatMap { try $0.get() } == [[1, 5], [3, 7], [3, 7], [5, 9]])
    }
    let targeted = try ExecutionContext.local.read(
      "\(folder.path)/a.npz", options: ReadOptions(targets: .last, missing: .mean))
    #expect(try ReadTests.rows(targeted) == [[1], [3], [5]] && targeted.skippedRowCount == 1)
    #expect(targeted.missing == [MissingCount(column: "0", count: 1), MissingCount(column: "1", count: 1)])
    // The file is mapped, and stays as it is.
    let again = try ExecutionContext.local.read("\(folder.path)/a.npy")
    #expect(try ReadTests.rows(again)[1][0].isNaN)
    let error = #expect(throws: LockstepError.self) {
      try ExecutionContext.local.read(
        "\(folder.path)/a.npy", options: ReadOptions(categorical: .chosen(ColumnSelection(numbers: [0]))))
    }
    #expect(error?.code == .unsupported)
  }

  @Test(arguments: [1, 2, 4]) func aColumnWithoutAValueIsNamed(size: Int) throws {
    let folder = try Folder()
    try folder.write("a.csv", "a,b\n1,\n2,NA\n3,\n4,\n")
    for result in ReadTests.readings(size, ["\(folder.path)/a.csv"], options: ReadOptions(missing: .mean)) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.message == "column \"b\" has no value at all, and so no mean to fill in")
    }
    try folder.write("b.csv", "a,b\n1,inf\n2,\n3,1\n")
    for result in ReadTests.readings(size, ["\(folder.path)/b.csv"], options: ReadOptions(missing: .mean)) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .notFinite)
    }
  }

  @Test(arguments: [1, 3]) func categoriesAreTexts(size: Int) throws {
    let folder = try Folder()
    try folder.write("a.csv", "k,x,l\n10,1,u\n9,2,v\n10.0,3,u\n\" 9\",4,v\n")
    let options = ReadOptions(label: ColumnSelection(names: ["l"]), categorical: .chosen(ColumnSelection(names: ["k"])))
    let path = "\(folder.path)/a.csv"
    let results = ThreadRanks.run(size) { communicator in
      let loaded = try ExecutionContext(communicator: communicator, threadCount: 2).read(path, options: options)
      return (try ReadTests.rows(loaded), loaded.columnNames, loaded.labels)
    }
    let found = try results.map { try $0.get() }
    #expect(found.flatMap(\.0) == [[0, 1, 0, 0, 1], [0, 0, 0, 1, 2], [0, 0, 1, 0, 3], [1, 0, 0, 0, 4]])
    for one in found { #expect(one.1 == ["k= 9", "k=10", "k=10.0", "k=9", "x"]) }
    let labels = try found.map { try #require($0.2) }
    #expect(labels[0].appending(Array(labels.dropFirst())) == RowLabels(["u", "v", "u", "v"]))
  }

  @Test(arguments: [1, 4]) func aModelsEncodingIsFollowed(size: Int) throws {
    let folder = try Folder()
    try folder.write("new.csv", "x,other,k\n,a,Paris\n5,b,Rome\n6,c,Paris\n")
    try folder.write("plain.csv", "Paris,NA\nRome,5\nParis,6\n")
    let encoding = ColumnEncoding([
      .init(name: "k", values: ["Oslo", "Paris", "Rome"]), .init(name: "x", mean: -7),
    ])
    // The columns are those of the encoding's names.
    var options = ReadOptions(missing: .mean, encoding: encoding)
    let path = "\(folder.path)/new.csv"
    let found = ReadTests.readings(size, [path], options: options)
    #expect(try found.flatMap { try $0.get() } == [[0, 1, 0, -7], [0, 0, 1, 5], [0, 1, 0, 6]])
    let plain = ReadTests.readings(size, ["\(folder.path)/plain.csv"], options: options)
    #expect(try plain.flatMap { try $0.get() } == found.flatMap { try $0.get() })

    try folder.write("bad.csv", "x,k\n1,Paris\n5,Bergen\n")
    for result in ReadTests.readings(size, ["\(folder.path)/bad.csv"], options: options) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.message.hasPrefix("\"Bergen\" is not a category") == true)
      #expect(error?.place?.line == 3 && error?.place?.column == 2 && error?.place?.columnName == "k")
    }
    options.encoding?.columns[1].mean = nil
    for result in ReadTests.readings(size, [path], options: options) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.code == .usage && error?.message.contains("no means") == true)
    }
  }

  @Test(arguments: [1, 2, 5]) func tooManyCategoriesAreRefused(size: Int) throws {
    let folder = try Folder()
    try folder.write("a.csv", "id,x\n" + (0..<40).map { "n\($0),1\n" }.joined())
    var options = ReadOptions(categorical: .chosen(ColumnSelection(names: ["id"])), categoryLimit: 39)
    for result in ReadTests.readings(size, ["\(folder.path)/a.csv"], options: options) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.message == "the categorical column has more than 39 different values")
      #expect(error?.place?.columnName == "id")
    }
    options.categoryLimit = 40
    #expect(
      try ReadTests.readings(size, ["\(folder.path)/a.csv"], options: options).flatMap { try $0.get() }.count == 40)
  }

  @Test(arguments: [1, 2, 3, 5]) func cutsInsideQuotesDoNotMakeCategories(size: Int) throws {
    let folder = try Folder()
    let lines = (0..<90).map { "\"\(["a", "b\nx,y", "c"][$0 % 3])\",\"note\nq,\($0)\n,z\",\($0)" }
    try folder.write("a.csv", "k,note,v\n" + lines.joined(separator: "\n"))
    let options = ReadOptions(
      columns: ColumnSelection(names: ["k", "v"]), categorical: .chosen(ColumnSelection(names: ["k"])))
    let found = ReadTests.readings(size, ["\(folder.path)/a.csv"], options: options)
    let expected = (0..<90).map { i -> [Double] in
      var row: [Double] = [0, 0, 0, Double(i)]
      row[i % 3] = 1
      return row
    }
    #expect(try found.flatMap { try $0.get() } == expected)
  }

  @Test(arguments: [1, 2, 3]) func datesAndNumbersInOneColumnAreRefused(size: Int) throws {
    let folder = try Folder()
    try folder.write("a.csv", "when,x\n" + (0..<30).map { $0 < 15 ? "2024-01-31,1\n" : "20240131,1\n" }.joined())
    for result in ReadTests.readings(size, ["\(folder.path)/a.csv"]) {
      let error = #expect(throws: LockstepError.self) { try result.get() }
      #expect(error?.message == "column \"when\" holds dates in some rows and numbers in others")
    }
  }

  @Test(arguments: [1, 2]) func rowsThatDoNotFitIntoMemoryAreEncodedAlike(size: Int) throws {
    let folder = try Folder()
    let lines = (0..<1000).map { i in
      "\(["a", "b", "c"][i % 7 % 3]),\(i % 5 == 0 ? "" : "\(i % 9)"),"
        + (0..<6).map { "\(i * $0 % 11)" }.joined(separator: ",")
    }
    let block = lines.joined(separator: "\n") + "\n"
    try folder.write("all.csv", "k,x,a,b,c,d,e,f\n" + String(repeating: block, count: 200))
    try folder.write("b.npy", NPYArray(shape: [3, 2], .double([1, .nan, .nan, 4, 3, 6])).npyBytes)
    let path = folder.path
    func digests(_ limit: MemoryLimit?) throws -> Set<String> {
      let results = ThreadRanks.run(size) { communicator in
        let context = ExecutionContext(communicator: communicator, memoryLimit: limit)
        let options = ReadOptions(missing: .mean, categorical: .chosen(ColumnSelection(names: ["k"])))
        let rows = try context.read("\(path)/all.csv", options: options)
        #expect(rows.columnNames?.prefix(4) == ["k=a", "k=b", "k=c", "x"])
        let array = try context.read("\(path)/b.npy", options: ReadOptions(missing: .mean))
        return try LowOrderMoments().fit(rows, in: context).digest + LowOrderMoments().fit(array, in: context).digest
      }
      return Set(try results.map { try $0.get() })
    }
    let found = try digests(MemoryLimit(byteCount: MemoryLimit.least))
    #expect(try found == digests(nil) && found.count == 1)
  }
}
