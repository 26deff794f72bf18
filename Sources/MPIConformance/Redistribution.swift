// SPDX-License-Identifier: Apache-2.0

import LockstepCommunication
import LockstepErrors
import LockstepReduction
import LockstepTables

/// Rows that change their rank.
enum Redistribution {
  private static let columnCount = 9

  /// This rank's rows: more on later ranks, so that messages of very different lengths cross; each begins with its number.
  private static func rows(of group: any Communicator) -> Table<Double> {
    let start = (0..<group.rank).reduce(0) { $0 + count(of: $1) }
    let elements = (start..<start + count(of: group.rank)).flatMap { number in
      (0..<columnCount).map { Double(number + 1000 * $0) }
    }
    return Table(DenseRows(elements, columnCount: columnCount))
  }

  private static func count(of rank: Int) -> Int { rank == 1 ? 0 : 4000 * rank + 1 }

  /// Each row goes to the rank of its number modulo the number of ranks, and every seventh to rank 0 as well.
  private static func redistribute(
    in context: ExecutionContext, failing: Int? = nil
  ) throws -> RedistributedRows {
    let aligned = try context.align(rows(of: context.communicator)) { _ in 64 }
    return try context.redistribute(aligned, shares: { Array(repeating: 1 / Double($0), count: $0) }) { samples in
      if context.rank == failing { throw LockstepError(.malformedInput, "no rows here", rank: context.rank) }
      var places = [[Int]](repeating: [], count: context.size)
      for i in 0..<samples.rowCount {
        let number = Int(samples.rows.row(i)[0])
        places[number % context.size].append(i)
        if number % 7 == 0, number % context.size != 0 { places[0].append(i) }
      }
      return places
    }
  }

  static func arrives(in group: any Communicator) throws -> Bool {
    let context = ExecutionContext(communicator: group)
    let found = try redistribute(in: context)
    let total = (0..<group.size).reduce(0) { $0 + count(of: $1) }
    let expected = (0..<total).filter { $0 % group.size == group.rank || (group.rank == 0 && $0 % 7 == 0) }
    guard found.numbers == expected else { return false }
    guard let rows = found.rows else { return expected.isEmpty }
    return expected.indices.allSatisfy { i in
      rows.row(i) == (0..<columnCount).map { Double(expected[i] + 1000 * $0) }
    }
  }

  static func failsAlike(in group: any Communicator) throws -> Bool {
    let failing = group.size - 1
    // A rank without rows has nothing to fail at.
    guard count(of: failing) > 0 else { return true }
    do {
      _ = try redistribute(in: ExecutionContext(communicator: group), failing: failing)
      return false
    } catch let error as LockstepError {
      return error.message == "no rows here" && error.rank ?? 0 == failing
    }
  }
}
