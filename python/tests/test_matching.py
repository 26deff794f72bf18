# SPDX-License-Identifier: Apache-2.0
"""What programs have in tables: names in another order, dates, labels of rare types, and processes that were forked."""

import copy
import importlib.util
import os
import pickle
import tempfile
import unittest

import lockstep
import numpy as np

generator = np.random.default_rng(5)
X = generator.normal(size=(60, 3)) + [10, 200, 3000]
y = X @ [1.0, 2.0, 3.0] + generator.normal(size=60)
NAMES = ["a", "b", "c"]


@unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not here")
class Names(unittest.TestCase):
    def setUp(self) -> None:
        import pandas

        self.frame = pandas.DataFrame(X, columns=NAMES)
        self.shuffled = self.frame[["c", "a", "b"]].assign(extra=1.0)

    def test_models(self) -> None:
        model = lockstep.fit("linear-regression", None, self.frame, y)
        right = model.predict(self.frame)
        np.testing.assert_array_equal(model.predict(self.shuffled), right)
        np.testing.assert_array_equal(model.predict({name: self.shuffled[name].to_numpy() for name in self.shuffled}), right)
        np.testing.assert_array_equal(model.predict(lockstep.rows(self.shuffled)), right)
        np.testing.assert_array_equal(model.predict(X), right)
        with self.assertRaisesRegex(lockstep.ShapeError, "missing: 'b', 'c'"):
            model.predict(self.frame[["a"]])
        if importlib.util.find_spec("polars"):
            import polars

            np.testing.assert_array_equal(model.predict(polars.from_pandas(self.shuffled)), right)

    def test_files(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "shuffled.csv")
            self.shuffled.to_csv(path, index=False)
            model = lockstep.fit("linear-regression", None, self.frame, y)
            np.testing.assert_array_equal(model.predict(path), model.predict(self.frame))
            estimator = lockstep.LinearRegression().fit(self.frame, y)
            np.testing.assert_array_equal(estimator.predict(path), estimator.predict(self.frame))
            self.frame[["a", "b"]].to_csv(path, index=False)
            with self.assertRaisesRegex(lockstep.ShapeError, "missing: 'c'"):
                model.predict(path)
            with self.assertRaisesRegex(ValueError, "NUL"):
                lockstep.read(path + "\0.csv")

    def test_streams(self) -> None:
        right = lockstep.Stream("moments").observe(self.frame).observe(self.frame).model()["mean"]
        stream = lockstep.Stream("moments").observe(self.frame).observe(self.shuffled)
        np.testing.assert_array_equal(stream.model()["mean"], right)
        for kept in (copy.copy(stream), pickle.loads(pickle.dumps(stream))):
            with self.assertRaisesRegex(lockstep.ShapeError, "missing: 'a'"):
                kept.observe(self.frame[["b", "c"]])
        with self.assertRaisesRegex(ValueError, "columns differ: a,b,c before, c,a,b now"):
            stream.merge(lockstep.Stream("moments").observe(self.shuffled[["c", "a", "b"]]))


@unittest.skipUnless(importlib.util.find_spec("pandas"), "pandas is not here")
class Types(unittest.TestCase):
    def numbers(self, column: object) -> list[float]:
        import pandas

        frame = pandas.DataFrame({"x": column, "one": 1.0})
        return lockstep.rows(frame).to_numpy()[:, 0].tolist()

    def test_dates(self) -> None:
        import pandas

        for unit in ("s", "ms", "us", "ns"):
            dates = pandas.Series(np.array(["2020-01-01T00:00:00.5", "NaT"], dtype=f"datetime64[{unit}]"))
            first, missing = self.numbers(dates)
            self.assertEqual(first, 1577836800.0 if unit == "s" else 1577836800.5)
            self.assertTrue(np.isnan(missing))
        self.assertEqual(self.numbers(pandas.Series(pandas.to_datetime(["2020-01-01T01:00"])).dt.tz_localize("Europe/Berlin")), [1577836800.0])
        self.assertEqual(self.numbers(pandas.Series(pandas.to_timedelta(["1h", "-1500ms"]))), [3600.0, -1.5])
        self.assertEqual(lockstep.rows(np.array(["2020-01-01"], dtype="M8[D]")).to_numpy().tolist(), [[1577836800.0]])

    def test_others(self) -> None:
        from decimal import Decimal

        import pandas

        self.assertEqual(self.numbers(pandas.Series([True, False])), [1.0, 0.0])
        first, missing = self.numbers(pandas.Series([7, None], dtype="Int64"))
        self.assertTrue(first == 7.0 and np.isnan(missing))
        self.assertEqual(self.numbers(pandas.Series([3, 5, 3]).astype("category")), [3.0, 5.0, 3.0])
        self.assertEqual(self.numbers(pandas.Series([Decimal("1.25"), Decimal("-3")])), [1.25, -3.0])
        with self.assertRaises(ValueError):
            self.numbers(pandas.Series(["red", "blue"]))


class Labels(unittest.TestCase):
    counts = generator.poisson(3, (90, 4)).astype(float)

    def test_objects(self) -> None:
        labels = np.array([3, 1, 20] * 30, dtype=object)
        self.counts[labels == 20] += [9, 0, 0, 0]
        plain = lockstep.MultinomialNB().fit(self.counts, labels.astype(int))
        model = lockstep.MultinomialNB().fit(self.counts, labels)
        self.assertEqual(model.classes_.tolist(), [1, 3, 20])
        np.testing.assert_array_equal(model.predict(self.counts).astype(int), plain.predict(self.counts))
        self.assertEqual(model.score(self.counts, labels), plain.score(self.counts, labels))
        self.assertEqual(plain.score(self.counts, labels.astype(int)[:, None]), plain.score(self.counts, labels.astype(int)))

    def test_pieces(self) -> None:
        texts = np.array(["b", "a"] * 45)
        longer = np.where(texts == "a", "bbb", "a")
        model = lockstep.MultinomialNB().partial_fit(self.counts, texts, classes=["a", "b", "bbb"]).partial_fit(self.counts, longer)
        self.assertEqual(model.classes_.tolist(), ["a", "b", "bbb"])
        with self.assertRaisesRegex(ValueError, "do not exist in the initial classes"):
            model.partial_fit(self.counts, np.array(["new"] * 90))
        with self.assertRaisesRegex(ValueError, "classes must be passed"):
            lockstep.MultinomialNB().partial_fit(self.counts, texts)
        small = np.array([1, 2] * 45, dtype=np.int8)
        model = lockstep.MultinomialNB().partial_fit(self.counts, small, classes=[1, 2, 300])
        self.assertEqual(model.classes_.tolist(), [1, 2, 300])
        whole = lockstep.MultinomialNB().fit(np.vstack([self.counts] * 2), np.r_[small, small])
        added = lockstep.MultinomialNB().fit(self.counts, small).partial_fit(self.counts, small)
        self.assertEqual(added.model_.digest, whole.model_.digest)


class State(unittest.TestCase):
    def test_assigned(self) -> None:
        model = lockstep.LinearRegression().fit(X, y)
        model.coef_ = np.array([1.0, 0.0, 0.0])
        model.intercept_ = 5.0
        np.testing.assert_allclose(model.predict(X), X[:, 0] + 5, rtol=1e-14)
        clusters = lockstep.KMeans(2).fit(X)
        clusters.cluster_centers_ = clusters.cluster_centers_[::-1]
        np.testing.assert_array_equal(clusters.predict(X), 1 - clusters.labels_)
        svd = lockstep.TruncatedSVD(2).fit(X)
        with self.assertRaises(ValueError):
            svd.components_ *= -1
        before = svd.transform(X)
        svd.components_ = -svd.components_
        np.testing.assert_array_equal(svd.transform(X), -before)
        # A row has the same bits whatever rows come with it.
        np.testing.assert_array_equal(np.vstack([svd.transform(X[:7]), svd.transform(X[7:])]), svd.transform(X))

    def test_variance_of_a_large_mean(self) -> None:
        far = generator.normal(size=(200, 2)) + 1e8
        svd = lockstep.TruncatedSVD(1).fit(far)
        np.testing.assert_allclose(svd.explained_variance_, np.var(svd.transform(far - 1e8 * np.ones(2)), axis=0), rtol=1e-6)

    def test_words(self) -> None:
        for make, words in (
            (lambda: lockstep.KMeans(n_clusters=2.5), "'n_clusters' parameter of KMeans must be an int in the range"),
            (lambda: lockstep.KMeans(tol=float("nan")), "'tol' parameter"), (lambda: lockstep.KMeans(n_init=0), "'n_init' parameter"),
        ):
            with self.assertRaisesRegex(lockstep.LockstepError, words) as caught:
                make().fit(X)
            self.assertIsInstance(caught.exception, ValueError)
            self.assertEqual(caught.exception.code, "usage")
        with self.assertRaisesRegex(lockstep.ArgumentError, "'alpha' parameter of Ridge"):
            lockstep.Ridge(alpha=None).fit(X, y)
        summary = lockstep.fit("covariance", None, X).summary()
        self.assertNotIn("{", summary)
        self.assertIn("covariance", summary)
        self.assertIn("<table>", lockstep.PCA(2)._repr_html_())

    def test_not_negative(self) -> None:
        target = X @ [1.0, 0.0, 2.0] - 3 * X[:, 1]
        model = lockstep.LinearRegression(positive=True).fit(X, target)
        self.assertTrue((model.coef_ >= 0).all())
        gradient = (X - X.mean(0)).T @ (target - model.predict(X))
        # The conditions of Karush, Kuhn and Tucker.
        self.assertTrue((gradient[model.coef_ == 0] < 1e-6).all())
        self.assertTrue((model.coef_ == 0).any() and (model.coef_ > 0).any())
        np.testing.assert_allclose(gradient[model.coef_ > 0], 0, atol=1e-6)


@unittest.skipUnless(hasattr(os, "fork"), "no fork here")
class Forked(unittest.TestCase):
    def test_child_computes(self) -> None:
        right = lockstep.fit("moments", None, X)["mean"].tobytes()
        for _ in range(20):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    lockstep.Stream("moments").observe(X).model()
                    os.write(writing, lockstep.fit("moments", None, X)["mean"].tobytes())
                finally:
                    os._exit(0)
            os.close(writing)
            with os.fdopen(reading, "rb") as pipe:
                self.assertEqual(pipe.read(), right)
            self.assertEqual(os.waitpid(child, 0)[1], 0)


if __name__ == "__main__":
    unittest.main()
