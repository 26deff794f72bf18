// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// A reference set of NIST's statistical reference datasets: numbers, and the certified results of 15 digits.
struct NISTData {
  let name: String
  /// The data, row after row as in the file: y first.
  let rows: [[Double]]
  private let lines: [Substring]

  init(_ name: String) throws {
    self.name = name
    let url = Bundle.module.bundleURL.appending(path: "Golden/nist/\(name).dat")
    lines = try String(contentsOf: url, encoding: .utf8).split(omittingEmptySubsequences: false) { $0.isNewline }
    let start = try #require(lines.lastIndex { $0.hasPrefix("Data:") }) + 1
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
