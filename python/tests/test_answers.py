# SPDX-License-Identifier: Apache-2.0
"""Right answers where they are hard: small designs, extreme numbers, odd shapes of arguments."""

import importlib.util
import pickle
import unittest
import warnings

import lockstep
import numpy as np

generator = np.random.default_rng(3)
COUNTS = generator.integers(0, 5, (40, 3)).astype(float)
CLASSES = generator.integers(0, 3, 40)


class NaiveBayes(unittest.TestCase):
    def test_counts(self) -> None:
        weights = generator.integers(0, 4, 40).astype(float)
        sums = np.array([(COUNTS * weights[:, None])[CLASSES == k].sum(axis=0) for k in range(3)])
        model = lockstep.MultinomialNB().fit(COUNTS, CLASSES, weights)
        np.testing.assert_array_equal(model.feature_count_, sums)
        np.testing.assert_array_equal(model.class_count_, [weights[CLASSES == k].sum() for k in range(3)])
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(model)).feature_count_, sums)
        parts = lockstep.MultinomialNB()
        for part in (slice(0, 7), slice(7, 40)):
            parts.partial_fit(COUNTS[part], CLASSES[part], classes=[0, 1, 2], sample_weight=weights[part])
        np.testing.assert_array_equal(parts.feature_count_, sums)

    def test_classes_without_weight(self) -> None:
        weights = np.where(CLASSES == 1, 0.0, 1.0)
        model = lockstep.MultinomialNB().fit(COUNTS, CLASSES, weights)
        self.assertEqual(model.classes_.tolist(), [0, 1, 2])
        self.assertEqual(model.class_log_prior_[1], -np.inf)
        np.testing.assert_array_equal(model.feature_count_[1], 0)
        self.assertNotIn(1, model.predict(COUNTS))

    def test_no_smoothing(self) -> None:
        counts = COUNTS.copy()
        counts[CLASSES == 0, 2] = 0
        model = lockstep.MultinomialNB(alpha=0).fit(counts, CLASSES)
        sums = np.array([counts[CLASSES == k].sum(axis=0) for k in range(3)])
        np.testing.assert_allclose(np.exp(model.feature_log_prob_), sums / sums.sum(axis=1, keepdims=True), rtol=1e-14)
        self.assertTrue(np.isfinite(model.predict_log_proba(counts)).all())
        # A row with the column that class 0 has never had is of another class.
        self.assertTrue((model.predict(counts[counts[:, 2] > 0]) != 0).all())

    def test_kinds_of_classes(self) -> None:
        model = lockstep.MultinomialNB().partial_fit(COUNTS[:2], np.array(["a", "b"]), classes=["a", "b", "bbb"])
        model.partial_fit(COUNTS[2:], np.array(["bbb"] * 38))
        self.assertEqual(model.classes_.tolist(), ["a", "b", "bbb"])
        self.assertIn("bbb", model.predict(COUNTS).tolist())
        model = lockstep.MultinomialNB().partial_fit(COUNTS[:2], np.array([1, 2], np.int8), classes=[1, 2, 300])
        model.partial_fit(COUNTS[2:], np.full(38, 300))
        self.assertEqual(model.classes_.tolist(), [1, 2, 300])
        self.assertIn(300, model.predict(COUNTS).tolist())

    def test_score_of_a_column(self) -> None:
        model = lockstep.MultinomialNB().fit(COUNTS, CLASSES)
        self.assertEqual(model.score(COUNTS, CLASSES[:, None]), np.mean(model.predict(COUNTS) == CLASSES))


class Regressions(unittest.TestCase):
    def test_more_columns_than_rows(self) -> None:
        for seed in range(100):
            numbers = np.random.default_rng(seed)
            X, y = numbers.normal(size=(4, 8)), numbers.normal(size=4)
            model = lockstep.LinearRegression(fit_intercept=False).fit(X, y)
            self.assertEqual(model.rank_, 4)
            np.testing.assert_allclose(model.coef_, np.linalg.lstsq(X, y, rcond=None)[0], rtol=1e-9, atol=1e-12)
            model = lockstep.LinearRegression().fit(X, y)
            self.assertEqual(model.rank_, 3)
            centred = X - X.mean(axis=0)
            np.testing.assert_allclose(model.coef_, np.linalg.pinv(centred, rcond=1e-10) @ (y - y.mean()), rtol=1e-9, atol=1e-12)
            # Rows of weight 0 are none.
            model = lockstep.LinearRegression().fit(X, y, [1.0, 0.0, 0.0, 0.0])
            self.assertEqual(model.rank_, 0)

    def test_ridge_without_a_penalty_to_speak_of(self) -> None:
        for seed in range(50):
            numbers = np.random.default_rng(seed)
            X, y = numbers.normal(size=(5, 12)), numbers.normal(size=5)
            centred = X - X.mean(axis=0)
            for alpha in (0.0, 1e-10, 1e-3):
                if alpha:
                    exact = centred.T @ np.linalg.solve(centred @ centred.T + alpha * np.eye(5), y - y.mean())
                else:
                    exact = np.linalg.pinv(centred, rcond=1e-10) @ (y - y.mean())
                found = lockstep.Ridge(alpha).fit(X, y).coef_
                self.assertLess(np.abs(found - exact).max(), 1e-12 * np.abs(exact).max(), (seed, alpha))


class Decompositions(unittest.TestCase):
    def test_variance_far_from_zero(self) -> None:
        X = generator.normal(size=(300, 3)) * [1, 2, 0.5] + 1e8
        model = lockstep.TruncatedSVD(2).fit(X)
        # The coordinates minus a constant, so that their rounding is small.
        shifted = (X - 1e8) @ model.components_.T
        np.testing.assert_allclose(model.explained_variance_, shifted.var(axis=0), rtol=1e-5)

    def test_ends_of_the_range(self) -> None:
        X = generator.normal(size=(20, 3))
        right = np.linalg.svd(X, compute_uv=False)
        for scale in (1e155, 1e160, 1e300, 1e-162, 1e-165, 1e-290):
            found = lockstep.fit("svd", None, X * scale)["singularValues"]
            np.testing.assert_allclose(found / scale, right, rtol=1e-12)
            np.testing.assert_allclose(lockstep.TruncatedSVD(2).fit(X * scale).singular_values_ / scale, right[:2], rtol=1e-12)
        with self.assertRaisesRegex(ValueError, "scale"):
            lockstep.TruncatedSVD(2).fit(np.full((10, 3), 1.7e308))

    def test_shares_of_the_variance(self) -> None:
        for seed in range(30):
            X = np.random.default_rng(seed).normal(size=(40, 6))
            share = lockstep.PCA().fit(X).explained_variance_ratio_.cumsum()[-2]
            # The fewest whose share is above; a share in other last digits is the same share.
            for asked in (share, np.nextafter(share, 0), np.nextafter(share, 1)):
                self.assertEqual(lockstep.PCA(n_components=asked).fit(X).n_components_, 6)
            self.assertEqual(lockstep.PCA(n_components=share - 1e-9).fit(X).n_components_, 5)


class Clusters(unittest.TestCase):
    def test_small(self) -> None:
        model = lockstep.KMeans(1, init="k-means||").fit(COUNTS)
        np.testing.assert_allclose(model.cluster_centers_[0], COUNTS.mean(axis=0), rtol=1e-14)
        model = lockstep.KMeans(3).fit(COUNTS)
        self.assertEqual(model.score(model.cluster_centers_[:1]), 0)


class CutsOfRows(unittest.TestCase):
    """What is said of a row does not depend on the rows that come with it."""

    def test_row_outputs(self) -> None:
        X = generator.normal(size=(83, 5)) @ generator.normal(size=(5, 5)) + 3
        y = X.sum(axis=1) + generator.normal(size=83)
        counts = generator.integers(0, 9, (83, 5)).astype(float)
        bayes = lockstep.MultinomialNB().fit(counts, y > 15)
        pca, svd = lockstep.PCA(3).fit(X), lockstep.TruncatedSVD(3).fit(X)
        normal, clusters = lockstep.EmpiricalCovariance().fit(X), lockstep.KMeans(4).fit(X)
        functions = [
            (pca.transform, X), (pca.score_samples, X), (svd.transform, X), (normal.mahalanobis, X), (clusters.transform, X),
            (lockstep.LinearRegression().fit(X, y).predict, X), (lockstep.Ridge().fit(X, y).predict, X), (bayes.predict_proba, counts),
            (bayes.predict_log_proba, counts), (bayes.predict_joint_log_proba, counts),
        ]
        for function, rows in functions:
            whole = function(rows)
            for size in (1, 2, 3, 7, 31):
                parts = np.concatenate([function(rows[start : start + size]) for start in range(0, 83, size)])
                np.testing.assert_array_equal(parts, whole, f"{function} in pieces of {size}")
            np.testing.assert_array_equal(function(np.asfortranarray(rows)), whole, str(function))


class Parameters(unittest.TestCase):
    def test_words(self) -> None:
        for estimator, words in (
            (lockstep.KMeans(2.5), "'n_clusters' parameter of KMeans must be an int"),  # type: ignore[arg-type]
            (lockstep.KMeans(tol=float("nan")), "'tol' parameter of KMeans must be a float"),
            (lockstep.KMeans(n_init=0), "'n_init' parameter of KMeans must be"),
            (lockstep.Ridge(alpha=None), "'alpha' parameter of Ridge must be a float"),
        ):
            with self.assertRaisesRegex(ValueError, words) as caught:
                estimator.fit(COUNTS, CLASSES)
            self.assertIsInstance(caught.exception, lockstep.LockstepError)
            self.assertEqual(caught.exception.code, "usage")

    def test_calls(self) -> None:
        for call, words in (
            (lambda: lockstep.read("x.csv", colums=["a"]), "no option colums"),
            (lambda: lockstep.KMeans(2, comm=3).fit(COUNTS), "comm is None"),
            (lambda: lockstep.fit("kmeans", {"clusterCount": object()}, COUNTS), "a parameter cannot be"),
        ):
            for kind in (TypeError, ValueError, lockstep.LockstepError):
                with self.assertRaisesRegex(kind, words):
                    call()

    def test_one_row(self) -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            lockstep.EmpiricalCovariance().fit([[1.0, 2.0]])
        self.assertIn("Only one sample available", str(caught[0].message))


class Package(unittest.TestCase):
    def test_names(self) -> None:
        self.assertEqual([name for name in dir(lockstep) if not name.startswith("__")], sorted({*lockstep.__all__, "daal4py", "plot"}))
        self.assertEqual(sorted(lockstep.__all__), sorted(set(lockstep.__all__)))

    @unittest.skipUnless(importlib.util.find_spec("mypy"), "mypy is not here")
    def test_types(self) -> None:
        import os
        import subprocess
        import sys
        import tempfile

        program = (
            "import lockstep\nimport numpy as np\n\n"
            "model = lockstep.KMeans(n_clusters=3).fit(np.ones((5, 2)))\n"
            "centers: np.ndarray = model.cluster_centers_\n"
            "rows: lockstep.Rows = lockstep.read('x.csv', comm=lockstep.world)\n"
            "digest: str = lockstep.fit('moments', None, rows).digest\n")
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "program.py")
            with open(path, "w") as file:
                file.write(program)
            for arguments in (["-p", "lockstep"], [path]):
                found = subprocess.run(
                    [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.path.join(directory, "cache"), *arguments],
                    cwd=directory, capture_output=True, text=True)
                self.assertEqual(found.returncode, 0, found.stdout + found.stderr)
