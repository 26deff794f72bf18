// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Glibc
import Lockstep

/// A reference set of NIST's statistical reference datasets: numbers, and the certified results of 15 digits.
///
/// The files are not part of the project: they are looked for where `LOCKSTEP_REFERENCE_DATA` says, or in `../shared/data`.
struct NISTData {
  let name: String
  /// The data, row after row as in the file: y first.
  let rows: [[Double]]
  private let lines: [Substring]

  static var directory: String {
    getenv("LOCKSTEP_REFERENCE_DATA").map { String(cString: $0) } ?? "../shared/data"
  }
  static func exists(_ name: String) -> Bool { access("\(directory)/nist/\(name).dat", R_OK) == 0 }

  init(_ name: String) throws {
    self.name = name
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: "\(Self.directory)/nist/\(name).dat")))
    lines = String(decoding: bytes, as: UTF8.self).split(omittingEmptySubsequences: false) { $0.isNewline }
    let start = (lines.lastIndex { $0.hasPrefix("Data:") } ?? 0) + 1
    rows = lines[start...].map { $0.split(separator: " ").compactMap { Double($0) } }.filter { !$0.isEmpty }
  }

  private static func numbers(_ line: Substring) -> [Double] {
    line.split { $0 == " " || $0 == ":" }.compactMap { Double($0.replacing("D", with: "E")) }
  }

  /// The first line that begins with a word, as numbers.
  private func numbers(after prefix: String) -> [Double] {
    for line in lines {
      let trimmed = line.drop { $0 == " " }
      if trimmed.hasPrefix(prefix) { return Self.numbers(trimmed.dropFirst(prefix.count)) }
    }
    return []
  }

  /// The certified mean and standard deviation of a univariate set.
  var mean: Double { numbers(after: "Sample Mean").last ?? .nan }
  var standardDeviation: Double {
    lines.first { $0.contains("Standard Deviation (denom") }.flatMap { Self.numbers($0).last } ?? .nan
  }

  /// The certified parameters: index (0 is the intercept), estimate, standard deviation.
  var parameters: [(index: Int, estimate: Double, deviation: Double)] {
    (0...10).compactMap { i in
      let found = numbers(after: "B\(i) ")
      return found.count >= 2 ? (i, found[0], found[1]) : nil
    }
  }
  var residualDeviation: Double { numbers(after: "Standard Deviation ").last ?? .nan }
  var rSquared: Double { numbers(after: "R-Squared").last ?? .nan }
}

/// The number of digits in which a result agrees with a certified one, −log₁₀ of the relative error (absolute for a certified 0),
/// at most the 15 that are certified.
func certifiedDigits(_ found: Double, _ certified: Double) -> Double {
  let error = certified == 0 ? abs(found) : abs(found - certified) / abs(certified)
  return error.isNaN ? 0 : min(15, max(0, -log10(error)))
}
