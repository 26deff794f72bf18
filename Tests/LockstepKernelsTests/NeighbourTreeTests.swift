// SPDX-License-Identifier: Apache-2.0

import LockstepKernels
import Testing

extension AllKernelTests {
  @Suite struct NeighbourTreeTests {
    @Test(arguments: [1, 3, 8, 17]) func `cores, components and borders are the definition on every level`(
      p: Int
    ) {
      let before = KernelLevel.current
      defer { before.use() }
      for n in [1, 31, 33, 120] {
        let rows = DataKind.uniform.rows(count: n, columnCount: p, seed: p + n)
        // Some rows are there only because they are near; distances of every size.
        let isOwn = (0..<n).map { $0 % 5 != 4 }
        let squares = (0..<n).map { i in
          (0..<n).map { j in
            (0..<p).reduce(0.0) { sum, c in
              let difference = rows[i * p + c] - rows[j * p + c]
              return sum + difference * difference
            }
          }
        }
        let all = squares.flatMap(\.self).sorted()
        for share in [0.02, 0.1, 0.5] {
          let limit = all[Int(share * Double(all.count - 1))]
          for weights in [nil, (0..<n).map { Int64($0 % 4) }] {
            let least = Int64(2 + n / 40)
            let isCore = (0..<n).map { i in
              (0..<n).reduce(Int64(0)) { $0 + (squares[i][$1] <= limit ? weights?[$1] ?? 1 : 0) } >= least
            }
            for level in levels {
              level.use()
              let tree = NeighbourTree(states: isOwn.map { $0 ? .own : [] }, weights: weights, columnCount: p)
              rows.withUnsafeBufferPointer { rows in
                for node in 0..<2 * tree.leafCount - 1 { #expect(tree.divide(node: node, rows)) }
              }
              tree.sumUp()
              tree.findCores(0..<tree.leafCount, squaredDistance: limit, leastWeight: least)
              for i in 0..<n {
                if isOwn[i] { #expect(tree[i].contains(.core) == isCore[i]) } else if isCore[i] { tree[i] = .core }
              }
              tree.sumUp()
              tree.linkCores(0..<tree.leafCount, squaredDistance: limit)
              tree.findLowestCores(0..<tree.leafCount, squaredDistance: limit)
              let roots = components(isCore, squares, limit)
              for i in 0..<n {
                if isCore[i] {
                  #expect(tree.root(of: i) == roots[i])
                } else if isOwn[i] {
                  #expect(tree.lowestCore(near: i) == (0..<n).first { isCore[$0] && squares[i][$0] <= limit })
                }
              }
            }
          }
        }
      }
    }

    /// The lowest core of each core's component: every leaf here has own rows, so that no pair is left out.
    private func components(_ isCore: [Bool], _ squares: [[Double]], _ limit: Double) -> [Int] {
      var roots = Array(isCore.indices)
      var changes = true
      while changes {
        changes = false
        for i in roots.indices where isCore[i] {
          for j in roots.indices where isCore[j] && squares[i][j] <= limit && roots[j] < roots[i] {
            roots[i] = roots[j]
            changes = true
          }
        }
      }
      return roots
    }
  }
}
