// SPDX-License-Identifier: Apache-2.0

extension PoissonRegression: CatalogEstimator {
  package static let summary = "Regression of counts on a log scale, with standard errors and tests"
  package static let hyperparameters: [Hyperparameter<PoissonRegression>] = hyperparameters()
}
