// SPDX-License-Identifier: Apache-2.0

import Foundation
import Lockstep
import LockstepTestSupport
import Testing

/// Where messages say that a wrong value is: file, line and column, on any number of processes.
@Suite struct PlacesTests {
  typealias Folder = ReadTests.Folder

  /// The errors of a fit on all ranks.
  private func failures(_ size: Int, _ names: [String], _ options: ReadOptions = ReadOptions()) -> [LockstepError?] {
    let results = ThreadRanks.run(size) { communicator -> LockstepError? in
      let context = ExecutionContext(communicator: communicator, threadCount: 2)
      do {
        _ = try LowOrderMoments().fit(try context.read(names, options: options), in: context)
        return nil
      } catch let error as LockstepError { return error }
    }
    return results.map { try? $0.get() }
  }

  @Test(arguments: [1, 2, 3, 5]) func anInfinityIsInItsFile(size: Int) throws {
    let folder = try Folder()
    for name in ["a", "b"] { try folder.write("\(name).csv", "x,y\n1,2\n3,4\n") }
    try folder.write("c.csv", "x,y\n1,2\n\n3,NA\n\"5\",inf\n7,8\n")
    let names = ["a", "b", "c"].map { "\(folder.path)/\($0).csv" }
    for options in [
      ReadOptions(missing: .skipRow), ReadOptions(columns: ColumnSelection(names: ["y"]), missing: .skipRow),
    ] {
      for error in failures(size, names, options) {
        #expect(
          error?.place == .init(file: names[2], line: 5, column: 2, columnName: "y"), "\(String(describing: error))")
      }
    }
  }

  @Test(arguments: [1, 2, 3]) func aLineIsThatOfTheWholeFile(size: Int) throws {
    let folder = try Folder()
    let lines = (0..<5000).map { $0 == 4321 ? "\($0),-inf" : "\($0),\"\($0 % 7)\"" }
    try folder.write("x.csv", "x,y\n" + lines.joined(separator: "\n") + "\n")
    for error in failures(size, ["\(folder.path)/x.csv"]) {
      #expect(error?.place == .init(file: "\(folder.path)/x.csv", line: 4323, column: 2, columnName: "y"))
    }
  }

  @Test(arguments: [1, 2, 3]) func aRowIsThatOfItsFile(size: Int) throws {
    let folder = try Folder()
    let names = ["a", "b"].map { "\(folder.path)/\($0).npy" }
    for (i, name) in names.enumerated() {
      let elements = (0..<40).map { i == 1 && $0 == 27 ? Double.nan : Double($0) }
      try RowFileWriter<Double>.write(elements, columnCount: 2, to: name)
    }
    for error in failures(size, names) {
      #expect(error?.place == .init(file: names[1], row: 13, column: 2), "\(String(describing: error))")
      #expect(error?.description.contains("b.npy, row 14, column 2: nan") == true)
    }
  }

  @Test(arguments: [1, 2]) func filesOfDatesAndOfNumbersAreNamed(size: Int) throws {
    let folder = try Folder()
    try folder.write("d.csv", "t,b\n2024-01-01,1\n")
    try folder.write("e.csv", "t,b\n5,1\n")
    for error in failures(size, ["d", "e"].map { "\(folder.path)/\($0).csv" }) {
      #expect(error?.place?.file == "\(folder.path)/e.csv" && error?.message.contains("d.csv") == true)
    }
  }

  @Test func ranksReadTheSameFiles() throws {
    let folder = try Folder()
    for name in ["a", "b"] { try folder.write("\(name).csv", "x,y\n1,2\n3,4\n") }
    let path = folder.path
    let results = ThreadRanks.run(2) { communicator -> LockstepError? in
      let name = "\(path)/\(communicator.rank == 0 ? "a" : "b").csv"
      do {
        _ = try ExecutionContext(communicator: communicator, threadCount: 1).read(name)
        return nil
      } catch let error as LockstepError { return error }
    }
    for result in results {
      let error = try #require(try result.get())
      #expect(error.code == .usage && error.message.contains("rank 1 reads \(path)/b.csv, rank 0 "))
    }
  }
}
