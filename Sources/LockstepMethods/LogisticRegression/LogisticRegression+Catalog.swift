// SPDX-License-Identifier: Apache-2.0

extension LogisticRegression: CatalogEstimator {
  package static let summary = "Probabilities of two or more classes, with standard errors and tests"
  package static let roles = MethodRoles(label: .required, weights: .optional)
  package static let iterates = true
  package static let hyperparameters: [Hyperparameter<LogisticRegression>] = hyperparameters(
    intercept: "Fit intercepts.",
    penalty: "The penalty: half of this times the squared length of the coefficients; 1/C of scikit-learn.")
}
