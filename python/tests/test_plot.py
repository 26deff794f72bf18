# SPDX-License-Identifier: Apache-2.0
"""Pictures and pages of fitted models."""

import importlib.util
import os
import re
import tempfile
import unittest
from html.parser import HTMLParser

import lockstep
import numpy as np

generator = np.random.default_rng(2)
X = generator.normal(size=(12000, 4)) @ generator.normal(size=(4, 4))
y = X @ [1.0, -2.0, 0.0, 3.0] + generator.normal(size=12000)


class Parser(HTMLParser):
    """Counts elements, and holds that all are closed."""

    VOID = {"meta", "link", "br", "img", "hr", "input"}

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, tag


class Pages(unittest.TestCase):
    def test_reports(self) -> None:
        for estimator in (
            lockstep.KMeans(3), lockstep.PCA(2), lockstep.EmpiricalCovariance(), lockstep.LinearRegression(), lockstep.RidgeCV(),
        ):
            with self.subTest(repr(estimator)), tempfile.TemporaryDirectory() as directory:
                page = estimator.fit(X, y).report(os.path.join(directory, "page.html"))
                with open(os.path.join(directory, "page.html"), encoding="utf-8") as file:
                    self.assertEqual(file.read(), page)
                parser = Parser()
                parser.feed(page)
                self.assertEqual(parser.open, [])
                self.assertTrue({"table", "pre"} & set(parser.seen))
                self.assertIn("svg", parser.seen)
                self.assertIsNone(re.search(r"(src|href)=[\"']?https?:", page))
        with self.assertRaisesRegex(ValueError, "not fitted"):
            lockstep.KMeans().report()

    def test_notebooks(self) -> None:
        model = lockstep.LinearRegression().fit(X, y)
        for value in (model, model.model_, lockstep.KMeans(), lockstep.local, lockstep.rows(X), lockstep.rows(np.ones((3, 50)))):
            parser = Parser()
            parser.feed(value._repr_html_())
            self.assertEqual(parser.open, [])
            self.assertIn("table", parser.seen)
        self.assertIn("a&lt;b", lockstep.rows({"a<b": [1.0]})._repr_html_())
        self.assertIn("coefficients", model.model_._repr_html_())


@unittest.skipUnless(importlib.util.find_spec("matplotlib"), "matplotlib is not here")
class Displays(unittest.TestCase):
    def setUp(self) -> None:
        import matplotlib

        matplotlib.use("Agg")

    def tearDown(self) -> None:
        import matplotlib.pyplot

        matplotlib.pyplot.close("all")

    def test_all(self) -> None:
        from lockstep import plot

        regression = lockstep.LinearRegression().fit(X, y)
        displays = [
            plot.ClusterDisplay.from_estimator(lockstep.KMeans(3).fit(X), X),
            plot.ExplainedVarianceDisplay.from_estimator(lockstep.PCA().fit(X)),
            plot.CoefficientDisplay.from_estimator(regression),
            plot.CoefficientDisplay.from_estimator(lockstep.Ridge().fit(X, np.c_[y, -y]), target=1),
            plot.ResidualDisplay.from_estimator(regression, X, y),
            plot.CorrelationDisplay.from_estimator(lockstep.LedoitWolf().fit(X)),
            plot.PenaltyDisplay.from_estimator(lockstep.RidgeCV().fit(X, y)),
        ]
        for display in displays:
            with self.subTest(type(display).__name__):
                display.figure_.canvas.draw()
                self.assertTrue(display.ax_.get_xlabel() or len(display.ax_.get_xticklabels()) > 1)
                # Again on axes of the program's.
                import matplotlib.pyplot

                figure, axes = matplotlib.pyplot.subplots()
                self.assertIs(display.plot(axes).ax_, axes)
                figure.canvas.draw()

    def test_numbers(self) -> None:
        from lockstep import plot

        regression = lockstep.LinearRegression().fit(X, y)
        shown = plot.CoefficientDisplay.from_estimator(regression)
        np.testing.assert_array_equal(shown.coefficients, regression.coef_)
        design = np.c_[np.ones(len(X)), X]
        residuals = y - regression.predict(X)
        errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * (residuals @ residuals) / (len(X) - 5))
        np.testing.assert_allclose(shown.errors, errors[1:], rtol=1e-9)
        picture = plot.ResidualDisplay.from_estimator(regression, X, y)
        np.testing.assert_allclose(picture.residuals, residuals[::3])
        clusters = lockstep.KMeans(3).fit(X)
        picture = plot.ClusterDisplay.from_estimator(clusters, X)
        self.assertEqual(picture.scores.shape, (4000, 2))
        np.testing.assert_array_equal(picture.labels, clusters.labels_[::3])
        np.testing.assert_allclose(
            plot.CorrelationDisplay.from_estimator(lockstep.EmpiricalCovariance().fit(X)).correlations, np.corrcoef(X.T), rtol=1e-9)
        wide = lockstep.Ridge().fit(generator.normal(size=(80, 60)), np.arange(80.0))
        self.assertEqual(len(plot.CoefficientDisplay.from_estimator(wide).names), 40)

    def test_errors(self) -> None:
        from lockstep import plot

        with self.assertRaisesRegex(ValueError, "has no cluster_centers_"):
            plot.ClusterDisplay.from_estimator(lockstep.PCA().fit(X), X)
        with self.assertRaisesRegex(ValueError, "not fitted"):
            plot.ExplainedVarianceDisplay.from_estimator(lockstep.PCA())
