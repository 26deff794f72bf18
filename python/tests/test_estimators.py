# SPDX-License-Identifier: Apache-2.0
"""Estimators: against NumPy's own arithmetic, and scikit-learn's checks where it is here."""

import contextlib
import importlib.util
import io
import os
import pickle
import tempfile
import unittest
import warnings

import lockstep
import numpy as np

generator = np.random.default_rng(1)
X = generator.normal(size=(400, 5)) @ generator.normal(size=(5, 5)) + [1, 2, 3, 4, 5]
y = X @ np.arange(5) + 2 + generator.normal(size=400)
W = generator.integers(1, 4, 400).astype(float)


class Estimators(unittest.TestCase):
    def test_pca(self) -> None:
        pca = lockstep.PCA(3).fit(X)
        values, vectors = np.linalg.eigh(np.cov(X.T))
        np.testing.assert_allclose(pca.explained_variance_, values[::-1][:3], rtol=1e-10)
        np.testing.assert_allclose(np.abs(pca.components_ @ vectors[:, ::-1][:, :3]), np.eye(3), atol=1e-8)
        np.testing.assert_allclose(pca.fit_transform(X), (X - X.mean(0)) @ pca.components_.T, atol=1e-10)
        full = lockstep.PCA(svd_solver="full").fit(X)
        np.testing.assert_allclose(full.inverse_transform(full.transform(X)), X, rtol=1e-9)
        self.assertEqual(lockstep.PCA(0.999999).fit(X).n_components_, 5)
        parts = lockstep.PCA(3)
        for start in range(0, 400, 150):
            parts.partial_fit(X[start : start + 150])
        np.testing.assert_allclose(parts.components_, pca.components_, atol=1e-12)

    def test_truncated_svd(self) -> None:
        svd = lockstep.TruncatedSVD(2).fit(X)
        u, s, v = np.linalg.svd(X, full_matrices=False)
        np.testing.assert_allclose(svd.singular_values_, s[:2], rtol=1e-12)
        np.testing.assert_allclose(np.abs(svd.transform(X)), np.abs(u[:, :2] * s[:2]), rtol=1e-8, atol=1e-8)
        np.testing.assert_allclose(svd.explained_variance_, np.var(svd.transform(X), axis=0), rtol=1e-9)

    def test_robust_errors(self) -> None:
        design = np.c_[np.ones(400), X]
        groups = np.arange(400) ** 2 % 23
        bread = np.linalg.inv(design.T @ design)
        model = lockstep.LinearRegression(robust="hc3").fit(X, y)
        residuals = y - model.predict(X)
        leverages = np.einsum("ij,jk,ik->i", design, bread, design)
        scores = design * (residuals / (1 - leverages))[:, None]
        np.testing.assert_allclose(model.model_["coefficientCovariance"][0], bread @ scores.T @ scores @ bread, rtol=1e-9)
        sums = np.array([(design * residuals[:, None])[groups == g].sum(0) for g in np.unique(groups)])
        expected = bread @ sums.T @ sums @ bread * len(sums) / (len(sums) - 1) * 399 / 394
        for names in (groups, np.array([f"g{g}" for g in groups])):
            model = lockstep.LinearRegression().fit(X, y, groups=names)
            np.testing.assert_allclose(model.model_["coefficientCovariance"][0], expected, rtol=1e-9)
            self.assertEqual(model.model_["clusterCount"], len(sums))
            self.assertIn("Clustered standard errors CR1", model.summary())
        twice = lockstep.LinearRegression(weight_kind="frequency", confidence=0.9).fit(X, y, W)
        repeated = lockstep.LinearRegression().fit(np.repeat(X, W.astype(int), axis=0), np.repeat(y, W.astype(int)))
        np.testing.assert_allclose(twice.model_["standardErrors"], repeated.model_["standardErrors"], rtol=1e-9)
        self.assertEqual(lockstep.LinearRegression().fit(X, y, W).model_["degreesOfFreedom"], 394)
        with self.assertRaises(lockstep.LockstepError):
            lockstep.LinearRegression(robust="cr0").fit(X, y)
        with self.assertRaises(lockstep.LockstepError):
            lockstep.LinearRegression(robust="hc0").partial_fit(X, y)
        with self.assertRaises(ValueError):
            lockstep.LinearRegression().fit(X, y, groups=groups[:-1])

    def test_diagnostics_and_intervals(self) -> None:
        design = np.c_[np.ones(400), X]
        bread = np.linalg.inv(design.T @ design)
        model = lockstep.LinearRegression()
        rows = model.fit_diagnostics(X, y)
        leverages = np.einsum("ij,jk,ik->i", design, bread, design)
        residuals = y - model.predict(X)
        deviation = np.sqrt((residuals**2).sum() / 394)
        np.testing.assert_allclose(rows["leverage"], leverages, rtol=1e-9)
        np.testing.assert_allclose(rows["residual"], residuals, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(rows["standardized"], residuals / deviation / np.sqrt(1 - leverages), rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(rows["cook"], rows["standardized"] ** 2 * leverages / (1 - leverages) / 6, rtol=1e-7)
        self.assertEqual(model.model_.digest, lockstep.LinearRegression().fit(X, y).model_.digest)
        both = lockstep.LinearRegression()
        self.assertEqual(both.fit_diagnostics(X, np.c_[y, -y])["cook"].shape, (400, 2))
        mean, new = model.predict_interval(X), model.predict_interval(X, "prediction", 0.95)
        np.testing.assert_allclose(mean[:, 0], model.predict(X), rtol=1e-12)
        width = (mean[:, 2] - mean[:, 0]) / (deviation * np.sqrt(leverages))
        np.testing.assert_allclose(width, width[0], rtol=1e-8)
        np.testing.assert_allclose(new[:, 2] - new[:, 0], width[0] * deviation * np.sqrt(1 + leverages), rtol=1e-8)
        self.assertEqual(both.predict_interval(X[:5]).shape, (5, 2, 3))
        with self.assertRaises(lockstep.LockstepError):
            model.predict_interval(X, "certain")

    def test_scores_of_models(self) -> None:
        regression = lockstep.LinearRegression().fit(X, np.c_[y, -y])
        found = regression.model_.score(X, np.c_[y, -y], W)
        residuals = y - regression.predict(X)[:, 0]
        np.testing.assert_allclose(found["rSquared"][0], regression.score(X, np.c_[y, -y], W), rtol=1e-12)
        np.testing.assert_allclose(found["rootMeanSquaredError"][0], np.sqrt(np.average(residuals**2, weights=W)), rtol=1e-10)
        np.testing.assert_allclose(found["meanAbsoluteError"][1], np.average(np.abs(residuals), weights=W), rtol=1e-10)
        kinds = np.array(["no", "yes"])[(y + 3 * np.sin(np.arange(400)) > y.mean()).astype(int)]
        model = lockstep.LogisticRegression(C=1.0).fit(X, kinds)
        scores = model.model_.score(X, weights=W, labels=kinds)
        right = model.predict(X) == kinds
        np.testing.assert_allclose(scores["accuracy"], np.average(right, weights=W), rtol=1e-12)
        chances = model.predict_proba(X)
        own = np.where(kinds == "yes", chances[:, 1], chances[:, 0])
        np.testing.assert_allclose(scores["logLoss"], -np.average(np.log(own), weights=W), rtol=1e-9)
        ahead = chances[kinds == "yes", 1][:, None] - chances[kinds == "no", 1][None, :]
        pairs = W[kinds == "yes"][:, None] * W[kinds == "no"][None, :]
        area = (pairs * ((ahead > 0) + 0.5 * (ahead == 0))).sum() / pairs.sum()
        self.assertLessEqual(abs(scores["rocAUC"][0] - area), scores["rocAUCError"][0] + 1e-12)
        self.assertLess(scores["rocAUCError"][0], 1e-3)
        self.assertEqual(scores["classes"], ["no", "yes"])
        np.testing.assert_allclose(np.sum(scores["confusion"]), W.sum())
        with self.assertRaises(lockstep.LockstepError):
            model.model_.score(X, labels=["maybe"] * 400)

    def test_regressions(self) -> None:
        design = np.c_[X, np.ones(400)]
        root = np.sqrt(W)
        exact = np.linalg.lstsq(design * root[:, None], y * root, rcond=None)[0]
        model = lockstep.LinearRegression().fit(X, y, W)
        np.testing.assert_allclose(np.r_[model.coef_, model.intercept_], exact, rtol=1e-10)
        residuals = y - model.predict(X)
        score = 1 - (W * residuals**2).sum() / (W * (y - np.average(y, weights=W)) ** 2).sum()
        self.assertAlmostEqual(model.score(X, y, W), score, 12)
        penalty = np.diag([2.5] * 5 + [0])
        exact = np.linalg.solve(design.T @ design + penalty, design.T @ np.c_[y, -y])
        ridge = lockstep.Ridge(2.5).fit(X, np.c_[y, -y])
        np.testing.assert_allclose(ridge.coef_, exact[:5].T, rtol=1e-9)
        np.testing.assert_allclose(ridge.intercept_, exact[5], rtol=1e-9)
        self.assertEqual(ridge.predict(X).shape, (400, 2))
        parts = lockstep.Ridge(2.5)
        for start in range(0, 400, 100):
            parts.partial_fit(X[start : start + 100], y[start : start + 100])
        np.testing.assert_allclose(parts.coef_, exact[:5, 0], rtol=1e-9)
        self.assertIn("Std. Error", model.summary())

    def test_covariance(self) -> None:
        model = lockstep.EmpiricalCovariance().fit(X)
        np.testing.assert_allclose(model.covariance_, np.cov(X.T, bias=True), rtol=1e-10)
        np.testing.assert_allclose(model.precision_ @ model.covariance_, np.eye(5), atol=1e-9)
        centred = lockstep.EmpiricalCovariance(assume_centered=True).fit(X)
        np.testing.assert_allclose(centred.covariance_, X.T @ X / 400, rtol=1e-10)

    def test_kmeans(self) -> None:
        model = lockstep.KMeans(4, random_state=3).fit(X)
        self.assertEqual(model.cluster_centers_.shape, (4, 5))
        np.testing.assert_array_equal(model.predict(X), model.labels_)
        np.testing.assert_array_equal(model.transform(X).argmin(1), model.labels_)
        self.assertAlmostEqual(model.score(X), -model.inertia_, 6)
        again = lockstep.KMeans(4, init=model.cluster_centers_).fit(X)
        self.assertAlmostEqual(again.inertia_, model.inertia_, 6)
        best = lockstep.KMeans(4, init="random", n_init=5, random_state=0).fit(X)
        self.assertLessEqual(best.inertia_, lockstep.KMeans(4, init="random", n_init=1, random_state=0).fit(X).inertia_)

    def test_kmeans_weights(self) -> None:
        self.assertEqual(lockstep.KMeans(1).fit([[0.0], [1.0]], sample_weight=[2, 2]).inertia_, 1.0)
        whole = generator.integers(0, 4, 400)
        model = lockstep.KMeans(4).fit(X, sample_weight=whole / 3)
        repeated = lockstep.KMeans(4).fit(np.repeat(X, whole, axis=0))
        np.testing.assert_allclose(model.cluster_centers_, repeated.cluster_centers_, rtol=1e-12)
        np.testing.assert_array_equal(np.repeat(model.labels_, whole), repeated.labels_)
        self.assertAlmostEqual(3 * model.inertia_, repeated.inertia_, 6)
        self.assertAlmostEqual(model.score(X, sample_weight=whole / 3), -model.inertia_, 6)
        self.assertAlmostEqual(sum(model.model_["withinSumOfSquares"]), model.inertia_, 6)
        weights = model.model_["clusterWeights"]
        np.testing.assert_allclose(weights, np.bincount(model.labels_, whole / 3, 4), rtol=1e-12)

    def test_kmeans_starts(self) -> None:
        one = [lockstep.KMeans(6, init="random", n_init=1, random_state=seed).fit(X) for seed in range(4)]
        best = lockstep.KMeans(6, init="random", n_init=4, random_state=0).fit(X)
        least = min(one, key=lambda model: model.inertia_)
        self.assertEqual(best.model_.digest, least.model_.digest)
        np.testing.assert_array_equal(best.labels_, least.labels_)
        with contextlib.redirect_stdout(io.StringIO()) as told:
            loud = lockstep.KMeans(6, init="random", n_init=4, random_state=0, verbose=1).fit(X)
        self.assertEqual(loud.model_.digest, best.model_.digest)
        self.assertEqual(told.getvalue().count("Initialization complete"), 4)
        greedy = lockstep.KMeans(6, trials=4).fit(X)
        self.assertEqual(greedy.get_params()["trials"], 4)

    def test_dbscan(self) -> None:
        shifted = np.vstack([X[:200], X[200:] + 30])[:, :2]
        model = lockstep.DBSCAN(eps=1.2, min_samples=6).fit(shifted)
        near = np.linalg.norm(shifted[:, None] - shifted, axis=2) <= 1.2
        cores = near.sum(axis=1) >= 6
        np.testing.assert_array_equal(model.core_sample_indices_, np.flatnonzero(cores))
        np.testing.assert_array_equal(model.components_, shifted[cores])
        np.testing.assert_array_equal(model.labels_ == -1, ~(near & cores).any(axis=1))
        borders = np.flatnonzero(~cores & (model.labels_ >= 0))
        self.assertGreater(len(borders), 0)
        for row in borders:
            self.assertEqual(model.labels_[row], model.labels_[np.flatnonzero(near[row] & cores)[0]])
        np.testing.assert_array_equal(lockstep.DBSCAN(eps=1.2, min_samples=6).fit_predict(shifted), model.labels_)
        weighted = lockstep.DBSCAN(eps=1.2, min_samples=6).fit(shifted, sample_weight=np.full(400, 0.5))
        np.testing.assert_array_equal(weighted.core_sample_indices_, np.flatnonzero(near.sum(axis=1) >= 12))
        self.assertEqual(model.model_["coreCount"], cores.sum())
        with self.assertRaisesRegex(ValueError, "The 'eps' parameter of DBSCAN must be a float"):
            lockstep.DBSCAN(eps=0.0).fit(X)

    def test_naive_bayes(self) -> None:
        counts = generator.poisson(3, (300, 6)).astype(float)
        for names in (np.array([2, 5, 9]), np.array(["b", "ä", "zz"]), np.array([1.0, 3.0, 7.0])):
            labels = names[generator.integers(0, 3, 300)]
            model = lockstep.MultinomialNB(alpha=0.5).fit(counts, labels)
            np.testing.assert_array_equal(model.classes_, np.unique(labels))
            sums = np.array([counts[labels == name].sum(0) for name in model.classes_]) + 0.5
            np.testing.assert_allclose(model.feature_log_prob_, np.log(sums / sums.sum(1, keepdims=True)), rtol=1e-12)
            np.testing.assert_allclose(model.predict_proba(counts).sum(1), 1)
            np.testing.assert_array_equal(model.classes_[model.predict_log_proba(counts).argmax(1)], model.predict(counts))
            self.assertEqual(model.score(counts, labels), np.mean(model.predict(counts) == labels))
            parts = lockstep.MultinomialNB(alpha=0.5)
            for start in range(0, 300, 100):
                parts.partial_fit(counts[start : start + 100], labels[start : start + 100], classes=names)
            np.testing.assert_allclose(parts.feature_log_prob_, model.feature_log_prob_, rtol=1e-12)
        with self.assertRaisesRegex(ValueError, "Negative values"):
            lockstep.MultinomialNB().fit(-counts, labels)

    def test_other_naive_bayes(self) -> None:
        rows = generator.normal(size=(300, 4)) + 1000
        labels = np.array(["b", "ä", "zz"])[generator.integers(0, 3, 300)]
        model = lockstep.GaussianNB().fit(rows, labels)
        groups = [rows[labels == name] for name in model.classes_]
        np.testing.assert_allclose(model.theta_, [group.mean(0) for group in groups], rtol=1e-13)
        np.testing.assert_allclose(model.var_, np.array([group.var(0) for group in groups]) + model.epsilon_, rtol=1e-10)
        np.testing.assert_allclose(model.epsilon_, 1e-9 * rows.var(0).max(), rtol=1e-10)
        np.testing.assert_allclose(model.predict_proba(rows).sum(1), 1)
        joint = model.predict_joint_log_proba(rows)
        np.testing.assert_array_equal(model.classes_[joint.argmax(1)], model.predict(rows))
        parts = lockstep.GaussianNB()
        for start in range(0, 300, 100):
            parts.partial_fit(rows[start : start + 100], labels[start : start + 100], classes=np.unique(labels))
        np.testing.assert_allclose(parts.var_, model.var_, rtol=1e-12)

        counts = generator.poisson(2, (300, 6)).astype(float)
        complement = lockstep.ComplementNB(alpha=0.5).fit(counts, labels)
        others = np.array([counts[labels != name].sum(0) for name in complement.classes_]) + 0.5
        np.testing.assert_allclose(complement.feature_log_prob_, -np.log(others / others.sum(1, keepdims=True)), rtol=1e-12)
        bernoulli = lockstep.BernoulliNB(binarize=1.5).fit(-counts + 3, labels)
        ones = np.array([(-counts + 3 > 1.5)[labels == name].mean(0) for name in bernoulli.classes_])
        sizes = np.array([np.sum(labels == name) for name in bernoulli.classes_])[:, None]
        np.testing.assert_allclose(np.exp(bernoulli.feature_log_prob_), (ones * sizes + 1) / (sizes + 2), rtol=1e-12)
        for found, rows in ((complement, counts), (bernoulli, -counts + 3)):
            np.testing.assert_array_equal(found.classes_[found.predict_joint_log_proba(rows).argmax(1)], found.predict(rows))
            own = found.predict_log_proba(rows)
            # Probabilities that a program has set are used.
            found.feature_log_prob_ = found.feature_log_prob_.copy()
            np.testing.assert_allclose(found.predict_log_proba(rows), own, atol=1e-12)
        with self.assertRaisesRegex(ValueError, "sum of the priors"):
            lockstep.GaussianNB(priors=[0.5, 0.6]).fit(rows[:, :2], labels != "b")

    def test_describe_in_depth(self) -> None:
        rows = generator.normal(size=(200, 3))
        found = lockstep.describe(rows, shape=True, quantiles=[0.1, 0.5])
        np.testing.assert_array_equal(found.quantiles, np.quantile(rows, [0.1, 0.5], axis=0).T)
        z = rows - rows.mean(0)
        np.testing.assert_allclose(found.skewness, (z**3).mean(0) / (z**2).mean(0) ** 1.5, rtol=1e-12)
        np.testing.assert_allclose(found.kurtosis, (z**4).mean(0) / (z**2).mean(0) ** 2 - 3, rtol=1e-11)
        rows[::7, 1] = np.nan
        gaps = lockstep.describe(rows, skip_missing=True, quantiles=0.5)
        np.testing.assert_array_equal(gaps.missing_count, [0, 29, 0])
        np.testing.assert_allclose(gaps.mean, np.nanmean(rows, axis=0), rtol=1e-13)
        np.testing.assert_array_equal(gaps.quantiles[:, 0], np.nanmedian(rows, axis=0))

    @unittest.skipUnless(importlib.util.find_spec("scipy"), "SciPy is not here")
    def test_sparse(self) -> None:
        import scipy.sparse

        counts = generator.poisson(0.3, (300, 20)).astype(float)
        labels = generator.integers(0, 3, 300)
        target = counts @ np.arange(20) + generator.normal(size=300)
        for make in (scipy.sparse.csr_matrix, scipy.sparse.csc_array, scipy.sparse.coo_matrix):
            rows = make(counts)
            for dense, sparse in (
                (lockstep.MultinomialNB().fit(counts, labels), lockstep.MultinomialNB().fit(rows, labels)),
                (lockstep.KMeans(3).fit(counts), lockstep.KMeans(3).fit(rows)),
                (lockstep.PCA(3).fit(counts), lockstep.PCA(3).fit(rows)),
                (lockstep.TruncatedSVD(3).fit(counts), lockstep.TruncatedSVD(3).fit(rows)),
                (lockstep.Ridge().fit(counts, target), lockstep.Ridge().fit(rows, target)),
            ):
                self.assertEqual(dense.model_.digest, sparse.model_.digest)
                for name in ("predict", "transform", "predict_proba"):
                    if hasattr(dense, name):
                        np.testing.assert_allclose(getattr(sparse, name)(rows), getattr(dense, name)(counts), atol=1e-7)

    def test_functions(self) -> None:
        q, r = lockstep.qr(X)
        np.testing.assert_allclose(q @ r, X, rtol=1e-12)
        np.testing.assert_allclose(q.T @ q, np.eye(5), atol=1e-14)
        figures = lockstep.describe(X)
        np.testing.assert_allclose(figures.mean, X.mean(0))
        np.testing.assert_allclose(figures["standard_deviation"], X.std(0, ddof=1))
        self.assertEqual(figures.count, 400)

    def test_files_and_rows(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "rows.csv")
            np.savetxt(path, np.c_[X, y], delimiter=",", fmt="%.17g")
            model = lockstep.LinearRegression().fit(lockstep.read(path, targets="last"))
            self.assertEqual(model.model_.digest, lockstep.LinearRegression().fit(X, y).model_.digest)
            whole = lockstep.KMeans(3).fit(path)
            np.testing.assert_array_equal(whole.predict(path), whole.labels_)

    def test_manners(self) -> None:
        model = lockstep.KMeans(3, comm=lockstep.world)
        self.assertEqual(model.get_params()["n_clusters"], 3)
        self.assertEqual(model.set_params(n_clusters=5).n_clusters, 5)
        with self.assertRaisesRegex(ValueError, "Invalid parameter"):
            model.set_params(clusters=5)
        with self.assertRaises((lockstep.NotFittedError, ValueError)):
            model.predict(X)
        fitted = pickle.loads(pickle.dumps(model.fit(X)))
        np.testing.assert_array_equal(fitted.predict(X), model.labels_)
        self.assertIn("n_clusters=5", repr(model))


@unittest.skipUnless(importlib.util.find_spec("sklearn"), "scikit-learn is not here")
class ScikitLearn(unittest.TestCase):
    def test_check_estimator(self) -> None:
        from sklearn.utils.estimator_checks import check_estimator

        for estimator in (
            lockstep.MultinomialNB(), lockstep.KMeans(n_clusters=3), lockstep.DBSCAN(), lockstep.PCA(), lockstep.TruncatedSVD(n_components=1), lockstep.LinearRegression(),
            lockstep.Ridge(), lockstep.EmpiricalCovariance(), lockstep.LedoitWolf(), lockstep.RidgeCV(), lockstep.StandardScaler(),
            lockstep.LogisticRegression(), lockstep.PoissonRegressor(), lockstep.GammaRegressor(),
            lockstep.ElasticNet(), lockstep.Lasso(alpha=0.1), lockstep.ElasticNetCV(), lockstep.LassoCV(),
        ):
            with self.subTest(repr(estimator)), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                # scikit-learn's own k-means is excused from these: starts are drawn from the rows as they come. Of estimators with a cv
                # they give folds, which ours have not.
                weights = [f"check_sample_weight_equivalence_on_{kind}_data" for kind in ("dense", "sparse")]
                excused = dict.fromkeys(weights, "random") if isinstance(estimator, lockstep.KMeans) or hasattr(estimator, "cv") else None
                results = check_estimator(estimator, expected_failed_checks=excused, on_fail=None, on_skip=None)
                for status in ("failed", "skipped"):
                    # The only check that scikit-learn skips asks for a setting of SciPy's and array types of other libraries.
                    found = {
                        result["check_name"]: result["exception"] for result in results
                        if result["status"] == status and result["check_name"] != "check_array_api_input"
                    }
                    self.assertEqual(found, {}, status)

    def test_pipelines(self) -> None:
        from sklearn.base import clone
        from sklearn.model_selection import GridSearchCV
        from sklearn.pipeline import make_pipeline
        from sklearn.preprocessing import StandardScaler

        pipeline = make_pipeline(StandardScaler(), lockstep.PCA(3, comm=lockstep.world), lockstep.Ridge()).fit(X, y)
        np.testing.assert_allclose(clone(pipeline).fit(X, y).predict(X), pipeline.predict(X))
        search = GridSearchCV(lockstep.Ridge(), {"alpha": [0.1, 1e4]}, cv=3).fit(X, y)
        self.assertEqual(search.best_params_, {"alpha": 0.1})

    def test_same_numbers(self) -> None:
        import sklearn.cluster
        import sklearn.decomposition

        ours, theirs = lockstep.PCA(whiten=True).fit(X), sklearn.decomposition.PCA(whiten=True).fit(X)
        np.testing.assert_allclose(np.abs(ours.transform(X)), np.abs(theirs.transform(X)), atol=1e-9)
        start = X[:4]
        ours = lockstep.KMeans(4, init=start).fit(X)
        theirs = sklearn.cluster.KMeans(4, init=start, n_init=1).fit(X)
        np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        from sklearn import metrics

        for k in (2, 5):
            figures = lockstep.fit("kmeans", {"clusterCount": k, "maxClusterCount": k}, X)
            labels = figures.predict(X)
            np.testing.assert_allclose(figures["choices"][0, [0, 1, 2, 3, 4]], [
                k, figures["objective"], metrics.silhouette_score(X, labels, metric="sqeuclidean"), metrics.calinski_harabasz_score(X, labels),
                metrics.davies_bouldin_score(X, labels)], rtol=1e-9)
        import scipy.sparse

        for labels in (generator.integers(-2, 3, 400), np.array(list("abc"))[generator.integers(0, 3, 400)], np.minimum(np.arange(400), 3)):
            scores = metrics.silhouette_score(X, labels, metric="sqeuclidean"), metrics.calinski_harabasz_score(X, labels)
            for rows in (X, scipy.sparse.csr_matrix(X)):
                found = lockstep.silhouette_score(rows, labels), lockstep.calinski_harabasz_score(rows, labels)
                np.testing.assert_allclose(found, scores, rtol=1e-9)
                self.assertAlmostEqual(lockstep.davies_bouldin_score(rows, labels), metrics.davies_bouldin_score(X, labels), 9)
        with self.assertRaisesRegex(ValueError, "Number of labels is 1"):
            lockstep.silhouette_score(X, np.zeros(400, int))
        weights = generator.integers(0, 5, 400) / 3
        ours = lockstep.KMeans(4, init=start, tol=0).fit(X, sample_weight=weights)
        theirs = sklearn.cluster.KMeans(4, init=start, n_init=1, tol=0).fit(X, sample_weight=weights)
        np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
        np.testing.assert_array_equal(ours.labels_, theirs.labels_)
        self.assertAlmostEqual(ours.inertia_, theirs.inertia_, 6)
        clusters, expected = lockstep.DBSCAN(eps=1.1, min_samples=4).fit(X), sklearn.cluster.DBSCAN(eps=1.1, min_samples=4).fit(X)
        np.testing.assert_array_equal(clusters.core_sample_indices_, expected.core_sample_indices_)
        np.testing.assert_array_equal(clusters.components_, expected.components_)
        cores = clusters.core_sample_indices_
        np.testing.assert_array_equal(clusters.labels_[cores], expected.labels_[cores])
        np.testing.assert_array_equal(clusters.labels_ == -1, expected.labels_ == -1)


if __name__ == "__main__":
    unittest.main()
