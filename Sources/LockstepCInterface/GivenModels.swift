// SPDX-License-Identifier: Apache-2.0
// The functions are documented in lockstep.h.
// swift-format-ignore-file: AllPublicDeclarationsHaveDocumentation

import CLockstepInterface
import Lockstep

@c @implementation
public func lockstep_projection(
  _ matrix: UnsafePointer<lockstep_array>, _ offsets: UnsafePointer<lockstep_array>?, _ error: FailureOut
) -> OpaquePointer? {
  attempt(error) {
    let matrix = try givenMatrix(matrix)
    let offsets = try offsets.map { try givenMatrix($0).elements } ?? Array(repeating: 0, count: matrix.rowCount)
    let zeros = ModelValue.doubles(Array(repeating: 0, count: matrix.rowCount), shape: [matrix.rowCount])
    // A regression says exactly this of a row.
    let fields = ModelFields(
      methodName: RidgeRegression.Model.methodName,
      [
        ModelField("coefficients", .doubles(matrix.elements, shape: [matrix.rowCount, matrix.columnCount])),
        ModelField("intercepts", .doubles(offsets, shape: [offsets.count])), ModelField("regularization", zeros),
        ModelField("rSquared", zeros), ModelField("residualStandardDeviations", zeros),
        ModelField("effectiveDegreesOfFreedom", zeros), ModelField("crossValidation", zeros),
        ModelField("rank", .scalar(matrix.columnCount)), ModelField("conditionEstimate", .scalar(1.0)),
      ])
    return ModelBox(ModelFile(try RidgeRegression.Model(fields: fields), rowCount: 0)).handedOver()
  }
}

@c @implementation
public func lockstep_centers(_ centers: UnsafePointer<lockstep_array>, _ error: FailureOut) -> OpaquePointer? {
  attempt(error) {
    let centers = try givenMatrix(centers)
    guard centers.rowCount > 0, centers.elements.allSatisfy(\.isFinite) else {
      throw LockstepError(.notFinite, "\(centers.rowCount) centers", remedy: "give one or more, of finite numbers")
    }
    return ModelBox(
      ModelFile(
        KMeans.Model(
          centroids: centers, objective: 0, iterations: 0, isConverged: true,
          clusterSizes: Array(repeating: 0, count: centers.rowCount)), rowCount: 0)
    ).handedOver()
  }
}

private func givenMatrix(_ array: UnsafePointer<lockstep_array>) throws -> Matrix {
  let array = try CallerArray(array.pointee)
  let elements = try array.table(Double.self, nil).rows.withUnsafeElements { Array($0) }
  return Matrix(rowCount: array.rowCount, columnCount: array.columnCount, elements: elements)
}
