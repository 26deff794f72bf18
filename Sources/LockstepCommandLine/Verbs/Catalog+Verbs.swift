// SPDX-License-Identifier: Apache-2.0

import Lockstep

extension Catalog {
  /// The verbs that fit the methods.
  ///
  /// A new method joins with one line here.
  static let verbs: [any FitVerb.Type] = [
    MomentsVerb.self,
    CovarianceVerb.self,
    LedoitWolfVerb.self,
    RankCorrelationVerb.self,
    PCAVerb.self,
    SVDVerb.self,
    QRVerb.self,
    LinearRegressionVerb.self,
    RidgeRegressionVerb.self,
    ElasticNetVerb.self,
    LogisticRegressionVerb.self,
    PoissonRegressionVerb.self,
    GammaRegressionVerb.self,
    NaiveBayesVerb.self,
    KMeansVerb.self,
    DBSCANVerb.self,
  ]
}
