// SPDX-License-Identifier: Apache-2.0

/// How standard errors take in that residuals vary with the rows, or depend on each other in clusters of rows.
///
/// With scores sᵢ = wᵢ rᵢ xᵢ, the covariances of the coefficients are (XᵀWX)⁻¹ M (XᵀWX)⁻¹, M a sum of products of scores.
///
/// - Source: White (1980); MacKinnon & White (1985), "Some heteroskedasticity-consistent covariance matrix estimators with improved finite
///   sample properties"; Liang & Zeger (1986).
public enum RobustErrors: String, Codable, Hashable, Sendable, CaseIterable {
  /// M = Σ sᵢ sᵢᵀ.
  case hc0
  /// HC0 times n / (n − k), k coefficients with the intercept.
  case hc1
  /// M = Σ sᵢ sᵢᵀ / (1 − hᵢ), hᵢ the leverage.
  case hc2
  /// M = Σ sᵢ sᵢᵀ / (1 − hᵢ)²; the most careful of the four with few rows.
  case hc3
  /// M = Σ s_g s_gᵀ, s_g the sum of the scores of a cluster.
  case cr0
  /// CR0 times G / (G − 1) · (n − 1) / (n − k), G clusters.
  case cr1

  /// Whether rows may depend on each other within clusters.
  public var isClustered: Bool { self == .cr0 || self == .cr1 }

  /// Whether scores are divided by what the leverages leave.
  var usesLeverages: Bool { self == .hc2 || self == .hc3 }

  /// As papers call it: `HC3`.
  var title: String { rawValue.uppercased() }
}

extension RobustErrors: HyperparameterChoice {}
