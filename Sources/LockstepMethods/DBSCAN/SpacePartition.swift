// SPDX-License-Identifier: Apache-2.0

/// Space cut into one box for each rank by planes: a k-d tree whose cuts halve rows that were drawn from all.
struct SpacePartition: Codable, Sendable {
  /// The number of boxes.
  let count: Int
  /// Of each cut the column, or −1 of a box; the cuts of the first half of the boxes follow, then those of the second.
  private var axes: [Int] = []
  /// Of each cut where it is: what is below is on the first side.
  private var cuts: [Double] = []

  /// Cuts space for `count` ranks.
  ///
  /// - Parameters:
  ///   - sample: Some rows, `columnCount` numbers each.
  ///   - columnCount: The number of columns.
  ///   - distance: Rows so near to a cut go to both sides: of all columns that is cut which has the fewest.
  ///   - count: The number of boxes.
  init(sample: [Double], columnCount: Int, distance: Double, count: Int) {
    self.count = count
    let rows = columnCount > 0 ? Array(0..<sample.count / columnCount) : []
    divide(rows, sample, columnCount, distance, count)
  }

  private mutating func divide(_ rows: [Int], _ sample: [Double], _ p: Int, _ distance: Double, _ count: Int) {
    guard count > 1 else {
      axes.append(-1)
      cuts.append(0)
      return
    }
    let wanted = rows.count * (count / 2) / count
    var best: (cost: Int, axis: Int, cut: Double)?
    if !rows.isEmpty {
      for axis in 0..<p {
        let numbers = rows.map { sample[$0 * p + axis] }.sorted()
        let cut = numbers[wanted]
        // How far from half, and how many go to both sides.
        let below = Self.firstIndex(in: numbers) { $0 >= cut }
        let near =
          Self.firstIndex(in: numbers) { $0 - cut > distance } - Self.firstIndex(in: numbers) { cut - $0 <= distance }
        let cost = abs(below - wanted) + near
        if best.map({ cost < $0.cost }) ?? true { best = (cost, axis, cut) }
      }
    }
    let (axis, cut) = best.map { ($0.axis, $0.cut) } ?? (0, 0)
    axes.append(axis)
    cuts.append(cut)
    divide(rows.filter { sample[$0 * p + axis] < cut }, sample, p, distance, count / 2)
    divide(rows.filter { sample[$0 * p + axis] >= cut }, sample, p, distance, count - count / 2)
  }

  /// The first index of ascending numbers for which something holds, as it does for all later ones.
  private static func firstIndex(in numbers: [Double], where holds: (Double) -> Bool) -> Int {
    var (low, high) = (0, numbers.count)
    while low < high {
      let middle = (low + high) / 2
      if holds(numbers[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The box that a row lies in.
  func owner(of row: UnsafePointer<Double>) -> Int {
    var (node, first, count) = (0, 0, count)
    while count > 1 {
      let half = count / 2
      if row[axes[node]] < cuts[node] {
        (node, count) = (node + 1, half)
      } else {
        (node, first, count) = (node + 2 * half, first + half, count - half)
      }
    }
    return first
  }

  /// Appends the boxes that may hold a row within the distance of this one, its own included, in ascending order.
  ///
  /// The square of the distance to a box is summed column by column, as those of rows are, so none is left out that should not be.
  func boxes(near row: UnsafePointer<Double>, squaredDistance: Double, into found: inout [Int]) {
    guard count > 1 else { return found.append(0) }
    // How far the box reaches on this row's side of it, by column; 0 where the row is between its sides.
    var gaps: [(axis: Int, gap: Double)] = []
    visit(0, 0, count, row, squaredDistance, &gaps, &found)
  }

  private func visit(
    _ node: Int, _ first: Int, _ count: Int, _ row: UnsafePointer<Double>, _ limit: Double,
    _ gaps: inout [(axis: Int, gap: Double)], _ found: inout [Int]
  ) {
    guard count > 1 else { return found.append(first) }
    let (half, axis, cut) = (count / 2, axes[node], cuts[node])
    let isBelow = row[axis] < cut
    for side in [true, false] {
      let (child, start, number) = side ? (node + 1, first, half) : (node + 2 * half, first + half, count - half)
      if side == isBelow {
        visit(child, start, number, row, limit, &gaps, &found)
        continue
      }
      // Further cuts of a column on the same side are nearer to the box, and farther from the row.
      let gap = abs(row[axis] - cut)
      let place = gaps.firstIndex { $0.axis >= axis } ?? gaps.count
      let old = place < gaps.count && gaps[place].axis == axis ? gaps[place].gap : nil
      if let old { gaps[place].gap = max(old, gap) } else { gaps.insert((axis, gap), at: place) }
      if gaps.reduce(0, { $0 + $1.gap * $1.gap }) <= limit { visit(child, start, number, row, limit, &gaps, &found) }
      if let old { gaps[place].gap = old } else { gaps.remove(at: place) }
    }
  }
}
