// SPDX-License-Identifier: Apache-2.0

extension GammaRegression: CatalogEstimator {
  package static let summary = "Regression of positive numbers on a log scale, with standard errors and tests"
  package static let hyperparameters: [Hyperparameter<GammaRegression>] = hyperparameters()
}
