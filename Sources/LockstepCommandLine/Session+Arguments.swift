// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension Session {
  /// Throws on all ranks if one was given other arguments than the first: they would compute something else together.
  ///
  /// Threads and scratch directories are each process's own.
  func agreeOnArguments(_ arguments: [String]) throws {
    guard context.size > 1 else { return }
    let shared = Self.sharedArguments(arguments)
    let digest = Self.digest(shared)
    guard try Set(context.gathered(digest)).count > 1 else { return }
    let all = try context.gathered(shared)
    guard let other = all.indices.first(where: { all[$0] != all[0] }) else { return }
    let (mine, theirs) = (all[0], all[other])
    let place = zip(mine, theirs).enumerated().first { $1.0 != $1.1 }?.offset ?? min(mine.count, theirs.count)
    func word(_ words: [String]) -> String { place < words.count ? words[place] : "nothing" }
    throw LockstepError(
      .usage, "rank \(other) is asked for \(word(theirs)) where rank 0 is asked for \(word(mine))",
      remedy: "give all processes the same arguments; {rank} in a name is the number of the process")
  }

  /// The arguments that all processes need alike.
  static func sharedArguments(_ arguments: [String]) -> [String] {
    var shared: [String] = []
    var isValue = false
    for argument in arguments {
      if !isValue, !["--threads", "--scratch"].contains(where: { argument.hasPrefix($0) }) { shared.append(argument) }
      isValue = !isValue && ["--threads", "--scratch"].contains(argument)
    }
    return shared
  }

  private static func digest(_ words: [String]) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in words.joined(separator: "\0").utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return hash
  }
}
