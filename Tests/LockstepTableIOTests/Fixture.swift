// SPDX-License-Identifier: Apache-2.0

import Foundation
import LockstepErrors
import LockstepTables
import Testing

@testable import LockstepTableIO

/// Files that other programs wrote: `Scripts/golden/arrow.py` and its neighbours.
enum Fixture {
  static func path(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
  }

  static func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: try path(name)))) }
}

/// What each of `size` processes reads of a file.
func parts<Element: Scalar>(
  of path: String, size: Int = 1, _ options: ReadOptions = ReadOptions(), as type: Element.Type = Double.self
) throws -> [LoadedRows<Element>] {
  try (0..<size).map { rank in
    try DataReading<Element>(DataNames.parts(of: [path], rank: rank, size: size), options: options).resolved()
  }
}

/// Reads what is left of a good file when it is cut or bytes of it are changed: it must be read, or refused in words.
///
/// `LOCKSTEP_FLIPS` asks for more changes.
func checkDamage(
  to bytes: [UInt8], name: String, flips: Int = 100, options: [ReadOptions] = [ReadOptions()], suffix: String = ""
) throws {
  let directory = try TemporaryDirectory()
  func attempt(_ bytes: [UInt8]) throws {
    let path = try directory.write(bytes, to: name)
    for options in options {
      do {
        _ = try ReadOptions().columnNames(ofFile: path + suffix)
        _ = try parts(of: path + suffix, size: 2, options)
      } catch let error as LockstepError { #expect(error.code != .internalInconsistency && error.code != .userCode) }
    }
  }
  for cut in 1..<16 { try attempt(Array(bytes.prefix(bytes.count * cut / 16))) }
  for count in [1, 4, 8, 9, 16] { try attempt(bytes.dropLast(count)) }
  var generator = SeededGenerator(seed: 7)
  let flips = ProcessInfo.processInfo.environment["LOCKSTEP_FLIPS"].flatMap { Int($0) } ?? flips
  for i in 0..<flips {
    var damaged = bytes
    for _ in 0..<1 + i % 3 {
      let place = Int.random(in: 0..<bytes.count, using: &generator)
      damaged[place] =
        i % 2 == 0 ? UInt8.random(in: 0...255, using: &generator) : damaged[place] ^ 1 << UInt8(i / 2 % 8)
    }
    try attempt(damaged)
  }
}
