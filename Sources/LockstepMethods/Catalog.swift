// SPDX-License-Identifier: Apache-2.0

/// All methods.
///
/// A new one joins with one line here.
///
/// What must work for every method goes through this list: model files, `predict` and `transform` of the command line, fits
/// from JSON parameters, the table of methods in the README.
public enum Catalog {
  /// The methods, in the order to show them.
  public static let methods: [Method] = [
    Method(LowOrderMoments.self),
    Method(Covariance.self),
    Method(LedoitWolf.self),
    Method(RankCorrelation.self),
    Method(PCA.self),
    Method(SVD.self),
    Method(QRDecomposition.self),
    Method(LinearRegression.self),
    Method(RidgeRegression.self),
    Method(RidgePath.self),
    Method(ElasticNet.self),
    Method(LogisticRegression.self),
    Method(PoissonRegression.self),
    Method(GammaRegression.self),
    Method(KMeans.self),
    Method(KMeansInitialization.self),
    Method(DBSCAN.self),
    Method(NaiveBayes.self),
    Method(GaussianNaiveBayes.self),
  ]

  /// The seed of random draws where none is given: daal4py's.
  public static let defaultSeed: UInt64 = 777_777

  /// The method of that name, if there is one.
  public static func method(named name: String) -> Method? { methods.first { $0.name == name } }
}
