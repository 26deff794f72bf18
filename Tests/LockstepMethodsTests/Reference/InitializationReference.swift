// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The rows that daal4py chooses as initial centroids (`Scripts/golden/kmeans_initialization.py`).
struct InitializationReference: Decodable {
  struct Table: Decodable {
    var digest: String
    var rows: GeneratedRows

    private enum CodingKeys: String, CodingKey { case digest }

    init(from decoder: any Decoder) throws {
      digest = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .digest)
      rows = try GeneratedRows(from: decoder)
    }
  }

  struct Draw: Decodable, CustomTestStringConvertible {
    /// The index of the table.
    var table: Int
    var method: Method
    var clusters: Int
    var seed: UInt64
    /// For k-means++; one if it is not there.
    var trials: Int?
    /// For k-means‖, which always has five rounds.
    var oversamplingFactor: Double?
    /// The chosen rows, in the order of the centroids.
    var chosen: [Int]

    var testDescription: String {
      "\(method.rawValue), table \(table), \(clusters) clusters, seed \(seed)" + (trials.map { ", \($0) trials" } ?? "")
        + (oversamplingFactor.map { ", factor \($0)" } ?? "")
    }
  }

  enum Method: String, Decodable {
    case random
    case plusPlus
    case parallelPlus
  }

  var tables: [Table]
  var draws: [Draw]

  /// Reads the references.
  static func read() throws -> InitializationReference {
    try JSONDecoder().decode(InitializationReference.self, from: goldenFile("kmeans-initialization"))
  }
}
