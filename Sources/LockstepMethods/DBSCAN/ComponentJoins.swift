// SPDX-License-Identifier: Apache-2.0

/// Components of cores, each named by a row, that are parts of one: union–find over names.
struct ComponentJoins: Codable, Sendable {
  /// A component and the lowest of those that it is connected with, for each that is not the lowest itself, one after the other.
  private(set) var pairs: [Int] = []
  private var roots: [Int: Int] = [:]

  private enum CodingKeys: CodingKey { case pairs }

  /// Components joined pair by pair.
  init(pairs: [Int]) {
    var parents: [Int: Int] = [:]
    func root(of name: Int) -> Int {
      var (root, name) = (name, name)
      while let parent = parents[root] { root = parent }
      while let parent = parents[name], parent != root {
        parents[name] = root
        name = parent
      }
      return root
    }
    for i in stride(from: 0, to: pairs.count, by: 2) {
      let (a, b) = (root(of: pairs[i]), root(of: pairs[i + 1]))
      if a != b { parents[max(a, b)] = min(a, b) }
    }
    set(parents.keys.sorted().flatMap { [$0, root(of: $0)] })
  }

  init(from decoder: any Decoder) throws {
    set(try decoder.container(keyedBy: CodingKeys.self).decode([Int].self, forKey: .pairs))
  }

  private mutating func set(_ pairs: [Int]) {
    self.pairs = pairs
    roots = Dictionary(
      uniqueKeysWithValues: stride(from: 0, to: pairs.count - 1, by: 2).map { (pairs[$0], pairs[$0 + 1]) })
  }

  /// The lowest of the components that one is connected with.
  func root(of name: Int) -> Int { roots[name] ?? name }
}
