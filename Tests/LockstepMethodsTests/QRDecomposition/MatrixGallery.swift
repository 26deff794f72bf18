// SPDX-License-Identifier: Apache-2.0

import LockstepTables
import LockstepTestSupport

/// Matrices of known difficulty, after the test matrices of LAPACK: n × p for any n and p.
struct MatrixGallery {
  let rowCount: Int
  let columnCount: Int
  private var generator: SplitMix64

  init(rowCount: Int, columnCount: Int, seed: UInt64 = 1) {
    self.rowCount = rowCount
    self.columnCount = columnCount
    generator = SplitMix64(state: seed &+ UInt64(1000 * rowCount + columnCount))
  }

  /// All kinds by name.
  static let kinds: [String] =
    [
      "uniform", "far from the origin", "rank p/2", "zero columns", "equal columns", "all zero", "graded columns",
      "graded rows", "huge", "tiny", "one nonzero row",
    ] + (1...8).map { "condition 1e\(2 * $0)" }

  /// A few kinds that take each route once.
  static let fewKinds = ["uniform", "condition 1e4", "condition 1e10", "condition 1e16", "rank p/2", "zero columns"]

  private mutating func uniform(_ n: Int, _ p: Int) -> [Double] {
    (0..<n * p).map { _ in Double.random(in: -1..<1, using: &generator) }
  }

  mutating func matrix(_ kind: String) -> Matrix {
    let (n, p) = (rowCount, columnCount)
    var x = Matrix(rowCount: n, columnCount: p, elements: uniform(n, p))
    func scale(_ factor: (_ i: Int, _ j: Int) -> Double) {
      for i in 0..<n { for j in 0..<p { x[i, j] *= factor(i, j) } }
    }
    func power(_ exponent: Double) -> Double { .exp10(exponent) }
    switch kind {
    case "uniform": break
    case "far from the origin": x.elements = x.elements.map { $0 + 1000 }
    case "rank p/2": for i in 0..<n { for j in (p + 1) / 2..<p { x[i, j] = x[i, j / 2] - 2 * x[i, j % ((p + 1) / 2)] } }
    case "zero columns": scale { _, j in j == 0 || j == p / 2 || j == p - 1 ? 0 : 1 }
    case "equal columns": for i in 0..<n { for j in 1..<max(p, 1) { x[i, j] = x[i, 0] } }
    case "all zero": scale { _, _ in 0 }
    case "graded columns": scale { _, j in power(150 - 300 * Double(j) / Double(p)) }
    case "graded rows": scale { i, _ in power(-300 * Double(i) / Double(n)) }
    case "huge": scale { _, _ in 1e300 }
    case "tiny": scale { _, _ in 1e-290 }
    case "one nonzero row": scale { i, _ in i == n / 3 ? 1 : 0 }
    default:
      // Column j becomes a tenth to a power of itself plus a mixture of all columns before: condition 10^power.
      let exponent = Double(kind.drop { $0 != "e" }.dropFirst().drop { $0 != "e" }.dropFirst()) ?? 0
      for i in 0..<n {
        var sum = 0.0
        for j in 0..<p {
          let own = x[i, j]
          x[i, j] = own * power(-exponent * Double(j) / Double(max(p - 1, 1))) + (j > 0 ? 0.5 * sum / Double(j) : 0)
          sum += own
        }
      }
    }
    return x
  }
}

extension Double {
  /// 10 to a power, without Foundation.
  fileprivate static func exp10(_ exponent: Double) -> Double {
    var (result, base) = (1.0, exponent < 0 ? 0.1 : 10.0)
    var whole = Int(exponent.magnitude)
    while whole > 0 {
      if whole & 1 == 1 { result *= base }
      base *= base
      whole >>= 1
    }
    return result * (1 + 2 * (exponent.magnitude - exponent.magnitude.rounded(.down)))
  }
}

/// The scaled residuals by which factorizations are judged.
struct Residuals {
  /// ‖X − Q·R‖ / (‖X‖·√n·ε).
  let residual: Double
  /// ‖QᵀQ − I‖ / (p·ε).
  let departure: Double

  /// Of X, n × p, Q, n × k, and R, k × p.
  init(_ x: Matrix, _ q: DenseRows<Double>, _ r: Matrix) {
    let (n, p, k) = (x.rowCount, x.columnCount, q.columnCount)
    precondition(q.rowCount == n && r.rowCount == k && r.columnCount == p, "shapes of a factorization")
    // A power of two for each side keeps the norms of huge and tiny numbers in range.
    let largest = x.elements.lazy.map(abs).max() ?? 0
    let scale = largest > 0 ? Double(sign: .plus, exponent: -largest.exponent, significand: 1) : 1
    let scaledR = r.elements.map { $0 * scale }
    var (error, norm) = (0.0, 0.0)
    // Sums of 64 rows first: plain sums over all rows would measure their own rounding.
    var gram = [Double](repeating: 0, count: k * k)
    var part = gram
    var row = [Double](repeating: 0, count: p)
    q.withUnsafeElements { q in
      scaledR.withUnsafeBufferPointer { r in
        x.elements.withUnsafeBufferPointer { x in
          gram.withUnsafeMutableBufferPointer { gram in
            part.withUnsafeMutableBufferPointer { part in
              row.withUnsafeMutableBufferPointer { row in
                for i in 0..<n {
                  for j in 0..<p {
                    row[j] = x[i * p + j] * scale
                    norm += row[j] * row[j]
                  }
                  for l in 0..<k {
                    let factor = q[i * k + l]
                    for j in 0..<p { row[j] -= factor * r[l * p + j] }
                    for m in l..<k { part[l * k + m] += factor * q[i * k + m] }
                  }
                  if i % 64 == 63 || i == n - 1 {
                    for l in 0..<k * k {
                      gram[l] += part[l]
                      part[l] = 0
                    }
                  }
                  for j in 0..<p { error += row[j] * row[j] }
                }
              }
            }
          }
        }
      }
    }
    residual = error == 0 ? 0 : (error / norm).squareRoot() / (Double(n).squareRoot() * Double.ulpOfOne)
    var squares = 0.0
    for l in 0..<k {
      for m in l..<k {
        let difference = gram[l * k + m] - (l == m ? 1 : 0)
        squares += (l == m ? 1 : 2) * difference * difference
      }
    }
    departure = squares.squareRoot() / (Double(p) * Double.ulpOfOne)
  }
}
