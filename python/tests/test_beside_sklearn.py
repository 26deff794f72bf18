# SPDX-License-Identifier: Apache-2.0
"""Estimators beside scikit-learn's own of the same names."""

import importlib.util
import pickle
import unittest

import lockstep
import numpy as np

generator = np.random.default_rng(11)
X = generator.normal(size=(300, 6)) @ generator.normal(size=(6, 6)) + [1, 20, 3, -4, 5, 0]
y = X @ [1.0, -2, 0, 3, 0.5, 0] + generator.normal(size=300)
W = generator.integers(0, 4, 300).astype(float)


@unittest.skipUnless(importlib.util.find_spec("sklearn"), "scikit-learn is not here")
class Beside(unittest.TestCase):
    def test_ledoit_wolf(self) -> None:
        from sklearn.covariance import LedoitWolf

        for rows in (X, X[:4], np.ones((5, 1)) * np.arange(5)[:, None]):
            ours, theirs = lockstep.LedoitWolf().fit(rows), LedoitWolf().fit(rows)
            self.assertAlmostEqual(ours.shrinkage_, theirs.shrinkage_, 10)
            np.testing.assert_allclose(ours.covariance_, theirs.covariance_, rtol=1e-10, atol=1e-12)
            np.testing.assert_allclose(ours.location_, theirs.location_, rtol=1e-12)
        ours, theirs = lockstep.LedoitWolf().fit(X), LedoitWolf().fit(X)
        np.testing.assert_allclose(ours.mahalanobis(X), theirs.mahalanobis(X), rtol=1e-9)
        self.assertAlmostEqual(ours.score(X), theirs.score(X), 9)
        parts = lockstep.LedoitWolf()
        for start in range(0, 300, 90):
            parts.partial_fit(X[start : start + 90])
        np.testing.assert_allclose(parts.covariance_, ours.covariance_, rtol=1e-12)
        with self.assertRaisesRegex(ValueError, "assume_centered"):
            lockstep.LedoitWolf(assume_centered=True).fit(X)

    def test_ridge_cv(self) -> None:
        from sklearn.linear_model import Ridge

        alphas = [0.01, 1.0, 100.0, 1e4]
        both = np.c_[y, generator.normal(size=300)]
        n = len(X)

        def validation(alpha: float, response: np.ndarray) -> float:
            centred = X - X.mean(axis=0)
            hat = centred @ np.linalg.solve(centred.T @ centred + alpha * np.eye(6), centred.T) + 1 / n
            residual = response - hat @ response
            return float(np.mean(residual**2) / (1 - np.trace(hat) / n) ** 2)

        model = lockstep.RidgeCV(alphas).fit(X, y)
        scores = [validation(alpha, y) for alpha in alphas]
        self.assertEqual(model.alpha_, alphas[int(np.argmin(scores))])
        self.assertAlmostEqual(-model.best_score_ / min(scores), 1, 9)
        theirs = Ridge(model.alpha_).fit(X, y)
        np.testing.assert_allclose(model.coef_, theirs.coef_, rtol=1e-9)
        np.testing.assert_allclose(model.predict(X), theirs.predict(X), rtol=1e-9, atol=1e-9)
        self.assertAlmostEqual(model.score(X, y), theirs.score(X, y), 12)
        own = lockstep.Ridge(model.alpha_).fit(X, y)
        np.testing.assert_array_equal(model.predict(X), own.predict(X))
        each = lockstep.RidgeCV(alphas, alpha_per_target=True).fit(X, both)
        best = [alphas[int(np.argmin([validation(alpha, both[:, k]) for alpha in alphas]))] for k in range(2)]
        self.assertEqual(each.alpha_.tolist(), best)
        self.assertNotEqual(best[0], best[1])
        np.testing.assert_allclose(each.coef_[1], Ridge(best[1]).fit(X, both[:, 1]).coef_, rtol=1e-9)
        shared = lockstep.RidgeCV(alphas).fit(X, both)
        self.assertEqual(shared.coef_.shape, (2, 6))
        self.assertIsInstance(shared.alpha_, float)
        weighted = lockstep.RidgeCV(alphas).fit(X, y, W)
        np.testing.assert_allclose(weighted.coef_, Ridge(weighted.alpha_).fit(X, y, W).coef_, rtol=1e-9)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(each)).predict(X), each.predict(X))
        for wrong, words in (([0.0], "must be > 0"), ([], "array of one dimension"), (-1.0, "alphas")):
            with self.assertRaisesRegex(ValueError, words):
                lockstep.RidgeCV(wrong).fit(X, y)

    def test_elastic_net(self) -> None:
        from sklearn.linear_model import ElasticNet, Lasso

        both = np.c_[y, generator.normal(size=300)]
        for alpha in (0.01, 0.3, 2.0):
            pairs = [(lockstep.Lasso(alpha), Lasso(alpha, tol=1e-14, max_iter=100_000))]
            for share in (0.2, 0.5, 1.0):
                for positive in (False, True):
                    for intercept in (False, True):
                        words = {"l1_ratio": share, "positive": positive, "fit_intercept": intercept}
                        pairs.append((lockstep.ElasticNet(alpha, **words), ElasticNet(alpha, **words, tol=1e-14, max_iter=100_000)))
            for ours, theirs in pairs:
                for response, weights in ((y, None), (y, W), (both, None), (y[:, None], None)):
                    with self.subTest(repr(ours), shape=response.shape, weighted=weights is not None):
                        ours.fit(X, response, weights)
                        theirs.fit(X, response, weights)
                        self.assertEqual(ours.coef_.shape, theirs.coef_.shape)
                        self.assertEqual(np.shape(ours.intercept_), np.shape(theirs.intercept_))
                        np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-9, atol=1e-9)
                        np.testing.assert_array_equal(ours.coef_ == 0, theirs.coef_ == 0)
                        np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8, atol=1e-8)
        sparse = lockstep.Lasso(0.3).fit(X, y).sparse_coef_
        np.testing.assert_array_equal(sparse.toarray()[0], lockstep.Lasso(0.3).fit(X, y).coef_)
        plain = lockstep.ElasticNet(alpha=0).fit(X, y)
        np.testing.assert_array_equal(plain.coef_, lockstep.LinearRegression().fit(X, y).coef_)
        for wrong in ({"alpha": -1}, {"l1_ratio": 1.5}, {"selection": "best"}):
            with self.assertRaisesRegex(ValueError, next(iter(wrong))):
                lockstep.ElasticNet(**wrong).fit(X, y)

    def test_elastic_net_cv(self) -> None:
        from sklearn.linear_model import ElasticNet, ElasticNetCV

        model = lockstep.ElasticNetCV(l1_ratio=[0.3, 1.0], alphas=30, cv=4, random_state=3).fit(X, y)
        theirs = ElasticNetCV(l1_ratio=[0.3, 1.0], alphas=30, cv=4).fit(X, y)
        np.testing.assert_allclose(model.alphas_, theirs.alphas_, rtol=1e-9)
        self.assertEqual(model.mean_mse_path_.shape, (2, 30))
        self.assertEqual(model.mean_mse_path_.min(), model.mean_mse_path_[[0.3, 1.0].index(model.l1_ratio_)].min())
        # Other folds, so the errors agree as two draws of folds do.
        np.testing.assert_allclose(model.mean_mse_path_, theirs.mse_path_.mean(axis=-1), rtol=0.1)
        again = ElasticNet(model.alpha_, l1_ratio=model.l1_ratio_, tol=1e-14, max_iter=100_000).fit(X, y)
        np.testing.assert_allclose(model.coef_, again.coef_, rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(model.predict(X), again.predict(X), rtol=1e-9, atol=1e-9)
        lasso = lockstep.LassoCV(alphas=[0.1, 1.0, 0.01]).fit(X, y, W)
        self.assertEqual(lasso.alphas_.tolist(), [1.0, 0.1, 0.01])
        np.testing.assert_array_equal(lasso.coef_, lockstep.Lasso(lasso.alpha_).fit(X, y, W).coef_)
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(lasso)).predict(X), lasso.predict(X))
        with self.assertRaisesRegex(ValueError, "y should be a 1d array"):
            lockstep.LassoCV().fit(X, np.c_[y, y])
        with self.assertRaisesRegex(ValueError, "positive"):
            lockstep.LassoCV(positive=True).fit(X, y)

    def test_standard_scaler(self) -> None:
        import scipy.sparse
        from sklearn.preprocessing import StandardScaler

        rows = X.copy()
        rows[:, 5] = 0.1
        for weights in (None, W):
            for mean in (True, False):
                for deviation in (True, False):
                    named = {"with_mean": mean, "with_std": deviation}
                    ours = lockstep.StandardScaler(**named).fit(rows, sample_weight=weights)
                    theirs = StandardScaler(**named).fit(rows, sample_weight=weights)
                    for name in ("mean_", "var_", "scale_"):
                        mine, other = getattr(ours, name), getattr(theirs, name)
                        self.assertEqual(mine is None, other is None, (name, named))
                        if mine is not None:
                            np.testing.assert_allclose(mine, other, rtol=1e-12, atol=1e-25)
                    self.assertEqual(ours.n_samples_seen_, theirs.n_samples_seen_)
                    np.testing.assert_allclose(ours.transform(rows), theirs.transform(rows), rtol=1e-9, atol=1e-12)
                    np.testing.assert_allclose(ours.inverse_transform(ours.transform(rows)), rows, rtol=1e-12)
        sparse = scipy.sparse.csr_array(np.where(X > 0, X, 0))
        ours, theirs = lockstep.StandardScaler(with_mean=False).fit(sparse), StandardScaler(with_mean=False).fit(sparse)
        np.testing.assert_allclose(ours.transform(sparse).toarray(), theirs.transform(sparse).toarray(), rtol=1e-12)
        with self.assertRaisesRegex(ValueError, "Cannot center sparse"):
            lockstep.StandardScaler().fit(sparse)
        parts = lockstep.StandardScaler()
        for start in range(0, 300, 70):
            parts.partial_fit(X[start : start + 70], sample_weight=W[start : start + 70])
        whole = lockstep.StandardScaler().fit(X, sample_weight=W)
        np.testing.assert_allclose(parts.scale_, whole.scale_, rtol=1e-13)
        self.assertEqual(parts.n_samples_seen_, W.sum())
        single = lockstep.StandardScaler().fit(X.astype(np.float32))
        self.assertEqual(single.transform(X.astype(np.float32)).dtype, np.float32)

    def test_log_linear(self) -> None:
        from sklearn.linear_model import GammaRegressor, PoissonRegressor

        rows = X / 10
        mean = np.exp(rows @ [0.3, -0.2, 0.1, 0, 0.2, 0] + 0.5)
        counts, amounts = generator.poisson(mean).astype(float), generator.gamma(2.0, mean / 2)
        for kind, theirs, response in (
            (lockstep.PoissonRegressor, PoissonRegressor, counts), (lockstep.GammaRegressor, GammaRegressor, amounts),
        ):
            for alpha, weights, intercept in ((0.0, None, True), (0.5, W, True), (1.0, None, False)):
                with self.subTest(kind.__name__, alpha=alpha):
                    named = {"alpha": alpha, "fit_intercept": intercept}
                    ours = kind(**named).fit(rows, response, weights)
                    other = theirs(**named, tol=1e-10, max_iter=10000, solver="newton-cholesky").fit(rows, response, weights)
                    np.testing.assert_allclose(ours.coef_, other.coef_, rtol=1e-6, atol=1e-8)
                    self.assertAlmostEqual(ours.intercept_, other.intercept_, 6)
                    np.testing.assert_allclose(ours.predict(rows), other.predict(rows), rtol=1e-6)
                    self.assertAlmostEqual(ours.score(rows, response, weights), other.score(rows, response, weights), 6)
                    np.testing.assert_array_equal(pickle.loads(pickle.dumps(ours)).predict(rows), ours.predict(rows))
                    given = kind(**named).fit(lockstep.rows(rows, response, weights))
                    np.testing.assert_allclose(given.coef_, ours.coef_, rtol=1e-10, atol=1e-13)
                    moved = kind(**named).fit(rows, response, weights)
                    moved.coef_ = moved.coef_ * 2
                    np.testing.assert_allclose(moved.predict(rows), np.exp(rows @ moved.coef_ + moved.intercept_), rtol=1e-12)
            with self.assertRaisesRegex(ValueError, "out of the valid range"):
                kind().fit(rows, np.full(300, -1.0))
        self.assertIn("deviance", lockstep.PoissonRegressor(alpha=0).fit(rows, counts).summary())

    def test_logistic(self) -> None:
        import scipy.sparse
        from sklearn.linear_model import LogisticRegression

        rows = X / 10
        binary = np.where(rows[:, 0] + generator.normal(size=300) > 0.3, "yes", "no")
        three = np.digitize(rows[:, 1] + rows[:, 2] + generator.normal(size=300), [1.5, 3.0]) * 10
        for labels in (binary, three):
            for named, weights in (
                ({}, None), ({"C": 0.1}, W), ({"C": np.inf}, None), ({"C": 10.0, "fit_intercept": False}, None),
                ({"class_weight": "balanced"}, W), ({"class_weight": {labels[0]: 2.5}}, None),
            ):
                with self.subTest(named=named, classes=len(np.unique(labels))):
                    ours = lockstep.LogisticRegression(**named).fit(rows, labels, weights)
                    theirs = LogisticRegression(**named, tol=1e-10, max_iter=10000).fit(rows, labels, weights)
                    np.testing.assert_array_equal(ours.classes_, theirs.classes_)
                    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4, atol=1e-5)
                    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-4, atol=1e-4)
                    np.testing.assert_allclose(ours.predict_proba(rows), theirs.predict_proba(rows), atol=1e-5)
                    np.testing.assert_allclose(ours.decision_function(rows), theirs.decision_function(rows), atol=1e-4)
                    self.assertGreater(np.mean(ours.predict(rows) == theirs.predict(rows)), 0.99)
                    self.assertEqual(ours.score(rows, labels), np.mean(ours.predict(rows) == labels))
                    np.testing.assert_allclose(ours.predict_proba(rows).sum(axis=1), 1, rtol=1e-14)
                    kept = pickle.loads(pickle.dumps(ours))
                    np.testing.assert_array_equal(kept.predict_proba(rows), ours.predict_proba(rows))
                    kept.coef_ = kept.coef_ * 1.0
                    kept.intercept_ = kept.intercept_ + 1e-9
                    np.testing.assert_allclose(kept.predict_proba(rows), ours.predict_proba(rows), atol=1e-7)
                    np.testing.assert_array_equal(kept.predict(rows), ours.predict(rows))
        sparse = lockstep.LogisticRegression().fit(scipy.sparse.csr_array(rows), binary)
        np.testing.assert_allclose(sparse.coef_, lockstep.LogisticRegression().fit(rows, binary).coef_, rtol=1e-10)
        for wrong, words in (({"l1_ratio": 0.5}, "l1_ratio"), ({"C": -1}, "'C' parameter"), ({"class_weight": "some"}, "class_weight")):
            with self.assertRaisesRegex(ValueError, words):
                lockstep.LogisticRegression(**wrong).fit(rows, binary)
        with self.assertRaisesRegex(ValueError, "at least 2 classes"):
            lockstep.LogisticRegression().fit(rows, np.zeros(300))
        with self.assertRaisesRegex(ValueError, "separates|penalty"):
            lockstep.LogisticRegression(C=np.inf).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
