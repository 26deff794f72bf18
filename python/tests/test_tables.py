# SPDX-License-Identifier: Apache-2.0
"""Tables of other libraries: with texts and missing values, as files have them, and sources that hand over their rows once."""

import importlib.util
import os
import tempfile
import unittest
from collections.abc import Callable
from typing import Any
from unittest import mock

import lockstep
import numpy as np
from lockstep import _rows, _tables

COLUMNS: dict[str, list[Any]] = {
    "size": [1.0, None, 3.0, 5.0, 2.5], "city": ["Oslo", "Oslo", None, "Rome", "Bern"], "price": [1.5, 2.0, 3.0, 5.0, 0.1],
    "day": ["2020-01-01", "2020-01-02", "2020-01-03", "2020-01-05", "2020-01-09"],
}
NUMBERS = {name: np.random.default_rng(j).normal(size=40) for j, name in enumerate("abc")}
X = np.column_stack(list(NUMBERS.values()))


def has(*names: str) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


def forms(columns: dict[str, Any], dates: bool = False) -> dict[str, Callable[[], Any]]:
    """Makers of the same table, in all that is installed."""
    found: dict[str, Callable[[], Any]] = {"dict": lambda: columns}
    if has("pandas"):
        import pandas

        frame = pandas.DataFrame(columns)
        if dates:
            frame["day"] = pandas.to_datetime(frame["day"])
            del found["dict"]
        found["pandas"] = lambda: frame
        if has("polars", "pyarrow"):
            import polars

            found["polars"] = lambda: polars.from_pandas(frame)
            found["lazy"] = lambda: polars.from_pandas(frame).lazy()
        if has("pyarrow"):
            import pyarrow
            import pyarrow.dataset

            table = pyarrow.Table.from_pandas(frame)
            found["table"] = lambda: table
            found["reader"] = lambda: table.to_reader(max_chunksize=2)
            found["dataset"] = lambda: pyarrow.dataset.dataset(table)
            found["scanner"] = lambda: pyarrow.dataset.dataset(table).scanner()
        if has("pyarrow", "duckdb"):
            import duckdb

            connection = duckdb.connect()
            found["relation"] = lambda: connection.from_arrow(table)
    return found


class LikeFiles(unittest.TestCase):
    """A table is read as a file of the same columns is."""

    def setUp(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        self.path = os.path.join(self.directory.name, "rows.csv")
        with open(self.path, "w") as file:
            file.write(",".join(COLUMNS) + "\n")
            for row in zip(*COLUMNS.values()):
                file.write(",".join("" if value is None else str(value) for value in row) + "\n")

    def tearDown(self) -> None:
        self.directory.cleanup()

    def test_base_levels(self) -> None:
        table = {"x": [1.0, 2.0, 3.0, 5.0, 8.0, 2.0], "city": ["Oslo", "Rome", "Paris", "Rome", "Oslo", "Paris"]}
        y = [1.0, 3.0, 2.0, 5.0, 4.0, 1.0]
        found = lockstep.rows(table, categorical=["city"], coding="reference")
        self.assertEqual(found.column_names, ["x", "city[Paris]", "city[Rome]"])
        np.testing.assert_array_equal(found.to_numpy()[:, 1:], [[0, 0], [0, 1], [1, 0], [0, 1], [0, 0], [1, 0]])
        other = lockstep.rows(table, responses=y, categorical=["city"], coding="reference", reference={"city": "Rome"})
        self.assertEqual(other.column_names, ["x", "city[Oslo]", "city[Paris]"])
        self.assertEqual(other.encoding[1]["base"], "Rome")
        model = lockstep.fit("linear-regression", None, other)
        self.assertEqual(model.predict(table).shape, (6, 1))
        with self.assertRaises(lockstep.LockstepError):
            lockstep.rows(table, categorical=["city"], coding="reference", reference={"city": "Bergen"})
        with self.assertRaises(ValueError):
            lockstep.rows(table, categorical=["city"], coding="ones", reference={"city": "Rome"})

    def test_missing_values_and_texts(self) -> None:
        for options in (
            {"missing": "mean", "categorical": ["city"], "targets": "price"},
            {"missing": "skip-row", "categorical": "auto", "targets": ["price"]},
            {"missing": "mean", "columns": ["size"], "weights": "price"},
        ):
            right = lockstep.read(self.path, **options)
            for name, make in forms(COLUMNS, dates=True).items():
                rows = lockstep.rows(make(), **options)
                np.testing.assert_array_equal(rows.to_numpy(), right.to_numpy(), name)
                self.assertEqual(rows.column_names, right.column_names, name)
                self.assertEqual(rows.missing_counts, right.missing_counts, name)
                self.assertEqual(rows.skipped_row_count, right.skipped_row_count, name)
                np.testing.assert_array_equal(rows.responses_to_numpy(), right.responses_to_numpy(), name)

    def test_models_remember(self) -> None:
        options: dict[str, Any] = {"missing": "mean", "categorical": ["city"], "targets": "price"}
        model = lockstep.fit("linear-regression", None, self.path, **options)
        right = model.predict(self.path, missing="mean")
        estimator = lockstep.LinearRegression().fit(lockstep.read(self.path, **options))
        for name, make in forms(COLUMNS, dates=True).items():
            np.testing.assert_array_equal(model.predict(make(), missing="mean"), right, name)
            own = lockstep.fit("linear-regression", None, make(), **options)
            self.assertEqual(own.digest, model.digest, name)
        # The row without a city is left out.
        for name, make in forms({key: column[3:] for key, column in COLUMNS.items()}, dates=True).items():
            np.testing.assert_array_equal(estimator.predict(make()), right[2:, 0], name)

    @unittest.skipUnless(has("pandas"), "pandas is not here")
    def test_without_arrow(self) -> None:
        options: dict[str, Any] = {"missing": "mean", "categorical": "auto", "targets": "price"}
        right = lockstep.read(self.path, **options).to_numpy()
        with mock.patch.object(_tables, "find_spec", lambda name: None):
            for name in ("pandas", "relation"):
                make = forms(COLUMNS, dates=True).get(name)
                if name == "pandas" and make:
                    np.testing.assert_array_equal(lockstep.rows(make(), **options).to_numpy(), right)
                elif make:
                    with self.assertRaisesRegex(ValueError, "need pyarrow"):
                        lockstep.rows(make(), **options)
            numbers = {name: column for name, column in COLUMNS.items() if name != "day"}
            np.testing.assert_array_equal(lockstep.rows(numbers, **options).to_numpy(), right[:, :4])

    def test_errors(self) -> None:
        for name, make in forms(COLUMNS, dates=True).items():
            with self.assertRaises(ValueError) as caught:
                lockstep.rows(make(), categorical=["city"])
            error = caught.exception
            self.assertIsInstance(error, lockstep.LockstepError, name)
            self.assertEqual(error.code, "malformedInput", name)  # type: ignore[attr-defined]
            self.assertIn(error.place["columnName"], ("size", "city"), name)  # type: ignore[attr-defined]
            self.assertNotIn("lockstep-", str(error), name)
        with self.assertRaisesRegex(ValueError, "memory: not an option for tables"):
            lockstep.rows(COLUMNS, memory="1G")
        if has("pandas"):
            import pandas

            for use in (lockstep.rows, lockstep.KMeans(1).fit):
                with self.assertRaises(ValueError) as caught:
                    use(pandas.DataFrame(COLUMNS))
                self.assertIsInstance(caught.exception, lockstep.LockstepError)
                self.assertEqual(caught.exception.place["columnName"], "city")  # type: ignore[attr-defined]

    def test_files_are_read_once(self) -> None:
        with open(self.path, "w") as file:
            file.write("a,b,c\n1,2,3\n4,x,6\n")
        model = lockstep.fit("moments", None, {name: NUMBERS[name] for name in "abc"})
        calls = []

        def counted(*arguments: Any, **named: Any) -> Any:
            calls.append(arguments)
            return read(*arguments, **named)

        read = _rows.read
        with mock.patch.object(_rows, "read", counted), self.assertRaisesRegex(ValueError, "line|:3") as caught:
            model.rows_like(self.path)
        self.assertEqual(caught.exception.place["columnName"], "b")  # type: ignore[attr-defined]
        self.assertEqual(len(calls), 1)


class Sources(unittest.TestCase):
    def test_rows(self) -> None:
        for name, make in forms(NUMBERS).items():
            rows = lockstep.rows(make())
            np.testing.assert_array_equal(rows.to_numpy(), X, name)
            self.assertEqual(rows.column_names, ["a", "b", "c"], name)

    def test_estimators(self) -> None:
        right = lockstep.KMeans(3).fit(X)
        structured = np.zeros(40, dtype=[(name, "f8") for name in NUMBERS])
        for column, values in NUMBERS.items():
            structured[column] = values
        for name, make in {**forms(NUMBERS), "structured": lambda: structured}.items():
            model = lockstep.KMeans(3).fit(make())
            np.testing.assert_array_equal(model.cluster_centers_, right.cluster_centers_, name)
            self.assertEqual(list(model.feature_names_in_) if name != "table" else ["a", "b", "c"], ["a", "b", "c"], name)
            np.testing.assert_array_equal(model.predict(make()), right.labels_, name)
            np.testing.assert_array_equal(model.transform(make()), right.transform(X), name)
        counts = {name: np.arange(40) % (3 + j) for j, name in enumerate("ab")}
        labels = np.arange(40) % 2
        table = np.column_stack(list(counts.values()))
        np.testing.assert_array_equal(
            lockstep.MultinomialNB().fit(counts, labels).feature_log_prob_, lockstep.MultinomialNB().fit(table, labels).feature_log_prob_)
