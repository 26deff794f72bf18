# SPDX-License-Identifier: Apache-2.0
"""Methods by name: rows of any kind, models, streams, errors."""

import copy
import importlib.util
import os
import pickle
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import lockstep
import numpy as np

X = np.random.default_rng(1).normal(size=(500, 4)) + [0, 10, -3, 1e6]


def has(*names: str) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


class Rows(unittest.TestCase):
    def setUp(self) -> None:
        self.digest = lockstep.fit("moments", None, X).digest

    def check(self, data: object) -> None:
        self.assertEqual(lockstep.fit("moments", None, data).digest, self.digest)

    def test_arrays_of_any_order(self) -> None:
        self.check(np.asfortranarray(X))
        self.check(np.repeat(X, 2, axis=0)[::2])
        self.check(np.repeat(X, 3, axis=1)[:, ::3])
        self.check(X[::-1].copy()[::-1])
        self.check(X.astype(">f8"))
        self.check(X.astype(np.longdouble))
        self.check(X.tolist())
        self.check(X.astype(object))

    def test_columns(self) -> None:
        columns = [X[:, j] for j in range(4)]
        self.check(columns)
        self.check(tuple(column.copy() for column in columns))
        self.check(dict(zip("abcd", columns)))
        self.check(np.rec.fromarrays(X.T, names="a,b,c,d"))
        self.assertEqual(lockstep.fit("moments", None, dict(zip("abcd", columns))).column_names, list("abcd"))

    def test_types(self) -> None:
        for kind in ("f4", "i8", "i4", "i2", "i1", "u8", "u4", "u2", "u1", "?", "f2"):
            values = (np.arange(60).reshape(20, 3) % 2).astype(kind)
            mean = lockstep.fit("moments", None, values)["mean"]
            np.testing.assert_array_equal(mean, values.astype(float).mean(0), kind)

    def test_one_dimension_is_a_column(self) -> None:
        self.assertEqual(lockstep.rows(X[:, 0]).shape, (500, 1))

    def test_no_rows(self) -> None:
        with self.assertRaisesRegex(lockstep.DataError, "no rows"):
            lockstep.fit("moments", None, np.empty((0, 3)))

    @unittest.skipUnless(has("pandas"), "pandas is not here")
    def test_pandas(self) -> None:
        import pandas

        frame = pandas.DataFrame(X, columns=list("abcd"))
        self.check(frame)
        self.assertEqual(lockstep.fit("moments", None, frame).column_names, list("abcd"))
        mixed = pandas.DataFrame({"a": [1, 2], "b": [True, False], "c": pandas.array([1, None], dtype="Int64")})
        np.testing.assert_array_equal(lockstep.rows(mixed).to_numpy(), [[1, 1, 1], [2, 0, np.nan]])

    @unittest.skipUnless(has("pyarrow"), "pyarrow is not here")
    def test_pyarrow(self) -> None:
        import pyarrow

        table = pyarrow.table({name: X[:, j] for j, name in enumerate("abcd")})
        self.check(table)
        self.check(pyarrow.concat_tables([table[:100], table[100:]]))
        self.check(pyarrow.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=64)))
        gaps = pyarrow.table({"a": [1, None, 3], "b": [True, None, False]})[1:]
        np.testing.assert_array_equal(lockstep.rows(gaps).to_numpy(), [[np.nan, np.nan], [3, 0]])
        with self.assertRaisesRegex(TypeError, 'column 1 \\("a"\\): the column holds texts'):
            lockstep.rows(pyarrow.table({"a": ["x"]}))
        many = pyarrow.table({
            "days": pyarrow.array([1, None], pyarrow.date32()), "at": pyarrow.array([1500, 2], pyarrow.timestamp("ms")),
            "half": pyarrow.array(np.array([0.5, 2], np.float16)), "yes": [True, False],
            "level": pyarrow.array([7, 9]).dictionary_encode(),
            "pair": pyarrow.FixedSizeListArray.from_arrays(pyarrow.array([1, 2, 3, 4]), 2),
        })
        expected = [[86400, 1.5, 0.5, 1, 7, 1, 2], [np.nan, 0.002, 2, 0, 9, 3, 4]]
        for table in (many, pyarrow.concat_tables([many, many])[2:], pyarrow.concat_tables([many[:1], many[1:]])):
            np.testing.assert_array_equal(lockstep.rows(table).to_numpy(), expected)
        self.assertEqual(lockstep.rows(many).column_names[-2:], ["pair[0]", "pair[1]"])
        self.assertTrue(lockstep.rows(pyarrow.table({"a": pyarrow.array([1.5], pyarrow.float32())})).is_single)
        self.assertEqual(lockstep.rows(many[:0]).shape, (0, 7))

    @unittest.skipUnless(has("polars"), "polars is not here")
    def test_polars(self) -> None:
        import polars

        frame = polars.DataFrame(X, schema=list("abcd"))
        self.check(frame)
        self.check(frame[:100].vstack(frame[100:]))

    def test_files(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "rows.csv")
            np.savetxt(path, X, delimiter=",", fmt="%.17g", header="a,b,c,y", comments="")
            self.check(path)
            rows = lockstep.read(path, targets="last", columns=["a", 1])
            self.assertEqual((rows.shape, rows.column_names, rows.response_names), ((500, 2), ["a", "b"], ["y"]))
            np.testing.assert_array_equal(rows.to_numpy(), X[:, :2])
            np.testing.assert_array_equal(rows.responses_to_numpy(), X[:, 3:])
            np.save(os.path.join(directory, "rows.npy"), X)
            self.check(os.path.join(directory, "rows.npy"))
            with open(path, "a") as file:
                file.write("1,2,abc,4\n")
            with self.assertRaisesRegex(lockstep.DataError, '"abc"') as caught:
                lockstep.read(path)
            self.assertEqual((caught.exception.place["line"], caught.exception.place["column"]), (502, 3))
        with self.assertRaises(FileNotFoundError) as missing:
            lockstep.read("/nowhere/at/all.csv")
        self.assertIsInstance(missing.exception, lockstep.LockstepError)
        with self.assertRaisesRegex(TypeError, "no option"):
            lockstep.read("x.csv", seperator=";")


    def test_columns_of_files(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            path = os.path.join(directory, "homes.csv")
            with open(path, "w") as file:
                file.write("city,size,price\nParis,10,30\nOslo,,24\nParis,30,50\nRome,20,41\n,20,22\nRome,40,60\n")
            rows = lockstep.read(path, targets="last", missing="mean", categorical="city")
            self.assertEqual((rows.shape, rows.column_names), ((5, 4), ["city=Oslo", "city=Paris", "city=Rome", "size"]))
            self.assertEqual((rows.missing_counts, rows.skipped_row_count), ({"city": 1, "size": 1}, 1))
            np.testing.assert_array_equal(rows.to_numpy()[[1, 4]], [[1, 0, 0, 25], [0, 0, 1, 40]])
            model = lockstep.fit("linear-regression", None, rows)
            self.assertEqual(
                model.encoding, [{"name": "city", "values": ["Oslo", "Paris", "Rome"]}, {"name": "size", "mean": 25}])
            filled = lockstep.fit("linear-regression", None, rows.to_numpy(), rows.responses_to_numpy())
            self.assertEqual((filled.digest, filled.encoding), (model.digest, None))

            new = os.path.join(directory, "new.csv")
            with open(new, "w") as file:
                file.write("size,city\n,Rome\n15,Paris\n")
            expected = filled.predict(np.array([[0, 0, 1, 25.0], [0, 1, 0, 15]]))
            for one in (model, pickle.loads(pickle.dumps(model))):
                np.testing.assert_array_equal(one.predict(new, missing="mean"), expected)
            np.testing.assert_array_equal(model.predict(lockstep.read(new, missing="mean", like=model)), expected)
            other = lockstep.read(path, columns=["city", "size"], missing="skip-row", categorical=["city"])
            self.assertEqual(other.missing_counts, {"city": 1, "size": 1})
            with self.assertRaisesRegex(lockstep.LockstepError, "has other values|have other values|columns for a model|columns are missing: 'city=Oslo'"):
                model.predict(other)
            auto = lockstep.read(path, targets="last", missing="mean", categorical="auto")
            self.assertEqual(auto.encoding, rows.encoding)


class Models(unittest.TestCase):
    def test_every_method(self) -> None:
        names = {method["name"] for method in lockstep.methods()}
        self.assertLessEqual(
            {"moments", "covariance", "pca", "svd", "qr", "linear-regression", "ridge-regression", "kmeans"}, names)
        y = X @ [1.0, 2, 3, 4] + np.sin(np.arange(500))
        for method in lockstep.methods():
            with self.subTest(method["name"]):
                if method["name"] == "naive-bayes":
                    continue
                labels = np.arange(500) * 7 % 3 if method["label"] != "none" else None
                model = lockstep.fit(method["name"], None, X - X.mean(0), y if method["targets"] != "none" else None, labels=labels)
                again = pickle.loads(pickle.dumps(model))
                self.assertEqual(again.digest, model.digest)
                self.assertEqual(list(again), list(model))
                self.assertTrue(model.summary())
                self.assertEqual(model.row_count, 500)
                if method["rowValues"]:
                    self.assertEqual(model.predict(X).shape[0], 500)
                    self.assertEqual(model.predict(X[:0]).shape, (0,) + model.predict(X).shape[1:])

    def test_row_values(self) -> None:
        model, q = lockstep.fit("qr", None, X, row_values=True)
        np.testing.assert_allclose(q @ model["r"], X, rtol=1e-12)
        q[0, 0] = 7.0
        del model
        self.assertEqual(q[0, 0], 7.0)
        model, clusters = lockstep.fit("kmeans", {"clusterCount": 3}, X, row_values=True)
        np.testing.assert_array_equal(model.predict(X), clusters)

    def test_saves(self) -> None:
        model = lockstep.fit("pca", None, X)
        with tempfile.TemporaryDirectory() as directory:
            for name in ("model.json", "model.npz"):
                path = os.path.join(directory, name)
                model.save(path)
                self.assertEqual(lockstep.Model.load(path).digest, model.digest)

    def test_weights(self) -> None:
        weights = np.arange(500) % 3
        repeated = lockstep.fit("moments", None, np.repeat(X, weights, axis=0))
        weighted = lockstep.fit("moments", None, X, weights=weights)
        np.testing.assert_allclose(weighted["variance"], repeated["variance"], rtol=1e-12)


class Streams(unittest.TestCase):
    def test_pieces(self) -> None:
        whole = lockstep.fit("covariance", None, X)
        stream = lockstep.Stream("covariance")
        for start in range(0, 500, 77):
            stream.observe(X[start : start + 77])
            stream = pickle.loads(pickle.dumps(stream))
        self.assertEqual(stream.model().digest, whole.digest)
        self.assertEqual((stream.row_count, stream.column_count), (500, 4))

    def test_merging_and_copies(self) -> None:
        first, second = lockstep.Stream("moments"), lockstep.Stream("moments")
        first.observe(X[:100])
        other = copy.deepcopy(first)
        second.observe(X[100:].astype(np.float32))
        first.merge(second)
        self.assertEqual((first.row_count, other.row_count), (500, 100))
        other.observe(X[100:].astype(np.float32))
        np.testing.assert_allclose(first.model()["mean"], other.model()["mean"], rtol=1e-12)

    def test_responses(self) -> None:
        y = X @ [1.0, 2, 3, 4]
        stream = lockstep.Stream("linear-regression")
        stream.observe(X[:300], y[:300]).observe(X[300:], y[300:])
        np.testing.assert_allclose(stream.model()["coefficients"][0], [1, 2, 3, 4], rtol=1e-6)

    def test_categories_of_days(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            days = [os.path.join(directory, name) for name in ("c1.csv", "c2.csv")]
            for path, text in zip(days, ("g,y\na,1\nb,2\na,1.5\nb,2.5\n", "g,y\nb,2\nc,9\nb,2.2\nc,9.5\n")):
                with open(path, "w") as file:
                    file.write(text)
            options = {"categorical": "g", "targets": "y"}
            stream = lockstep.Stream("linear-regression", {"fitsIntercept": False})
            for day in days:
                stream.observe(day, **options)
            np.testing.assert_allclose(stream.model()["coefficients"], [[1.25, 2.175, 9.25]], rtol=1e-15)
            self.assertEqual(stream.column_names, ["g=a", "g=b", "g=c"])
            self.assertEqual(stream.model().encoding, [{"name": "g", "values": ["a", "b", "c"]}])

            parts = []
            for day in days:
                part = os.path.join(directory, day + ".part")
                lockstep.Stream("linear-regression", {"fitsIntercept": False}).observe(day, **options).save(part)
                parts.append(lockstep.Stream.restore(part))
            merged = parts[1].merge(parts[0])
            np.testing.assert_allclose(merged.model()["coefficients"], [[1.25, 2.175, 9.25]], rtol=1e-15)
            with self.assertRaisesRegex(lockstep.DataError, "twice"):
                merged.merge(parts[0])
            # Categories are the stream's: no option tells them of a further day.
            merged.observe(days[0], targets="y")
            self.assertEqual((merged.row_count, merged.column_count), (12, 3))

    def test_refusals(self) -> None:
        for what in ({"weights": np.ones(500)}, {"responses": X[:, 0]}, {"labels": np.arange(500) % 2}):
            with self.assertRaisesRegex(lockstep.DataError, "svd takes no (weights|targets|labels)"):
                lockstep.fit("svd", None, X, **what)
        stream = lockstep.Stream("moments").observe(X)
        with self.assertRaisesRegex(lockstep.DataError, "columns"):
            stream.observe(X[:, :2])
        with self.assertRaisesRegex(lockstep.DataError, "more than one sweep"):
            lockstep.Stream("kmeans")
        with self.assertRaises(lockstep.DataError):
            lockstep.Stream.restore(b"nothing")


class Failures(unittest.TestCase):
    def test_words(self) -> None:
        with self.assertRaisesRegex(lockstep.DataError, "there is no method") as caught:
            lockstep.fit("nothing", None, X)
        error = pickle.loads(pickle.dumps(caught.exception))
        self.assertEqual((error.code, str(error)), ("usage", str(caught.exception)))
        self.assertIsInstance(error, ValueError)
        with self.assertRaisesRegex(lockstep.DataError, "it has "):
            lockstep.fit("kmeans", {"k": 3}, X)
        spoilt = X.copy()
        spoilt[7, 2] = np.nan
        with self.assertRaises(lockstep.DataError) as found:
            lockstep.fit("moments", None, spoilt)
        self.assertEqual((found.exception.place["row"], found.exception.place["column"]), (7, 3))

    def test_shapes(self) -> None:
        for data, y, weights in [
            (X, X[:3, 0], None), (X, None, np.ones(3)), (X, None, np.ones((500, 2))), (np.empty((5, 0)), None, None),
        ]:
            with self.assertRaises(lockstep.DataError):
                lockstep.fit("linear-regression", None, data, y, weights)
        with self.assertRaises(ValueError):
            lockstep.rows(np.empty((2, 2, 2)))
        model = lockstep.fit("kmeans", {"clusterCount": 2}, X)
        with self.assertRaises(lockstep.DataError):
            model.predict(X[:, :2])


class Manners(unittest.TestCase):
    def test_other_threads_run_meanwhile(self) -> None:
        data = np.random.default_rng(0).normal(size=(100000, 20))
        ticks = 0
        done = threading.Event()

        def tick() -> None:
            nonlocal ticks
            while not done.is_set():
                ticks += 1
                time.sleep(0.001)

        thread = threading.Thread(target=tick)
        thread.start()
        lockstep.fit("kmeans", {"clusterCount": 50, "maxIterations": 20}, data)
        done.set()
        thread.join()
        self.assertGreater(ticks, 5)

    def test_needs_numpy_only_and_starts_no_mpi(self) -> None:
        program = (
            "import sys, lockstep, numpy; lockstep.fit('moments', None, numpy.eye(3)); "
            "sys.exit(any(name in sys.modules for name in ('sklearn', 'pandas', 'scipy', 'mpi4py')) "
            "or 'libmpi' in open('/proc/self/maps').read())")
        subprocess.run([sys.executable, "-c", program], check=True)

    def test_no_copy_of_arrays(self) -> None:
        # 200 MB of rows: the process must not grow by another 200 while it fits.
        program = """
import numpy, resource, lockstep, sys
X = numpy.empty((500000, 50), sys.argv[1])
X[:] = numpy.arange(50)
data = X
if sys.argv[2] == "frame":
    import pandas
    data = pandas.DataFrame(X, copy=False)
lockstep.fit("moments", None, X[:10])
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
lockstep.fit("moments", None, data)
lockstep.fit("covariance", None, data)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / (X.nbytes / 1024))
"""
        for kind in ("f8", "f4"):
            for form in ("array", "frame") if has("pandas") else ("array",):
                found = subprocess.run(
                    [sys.executable, "-c", program, kind, form], check=True, capture_output=True, text=True)
                self.assertLess(float(found.stdout), 0.1, f"{form} of {kind}")

    def test_interrupts(self) -> None:
        program = """
import os, threading, time, numpy, lockstep
X = numpy.random.default_rng(0).normal(size=(200000, 30))
def interrupt():
    time.sleep(1); start[0] = time.monotonic(); os.kill(os.getpid(), 2)
start = [0]
threading.Thread(target=interrupt, daemon=True).start()
try:
    lockstep.fit("kmeans", {"clusterCount": 300, "maxIterations": 100000}, X)
except KeyboardInterrupt:
    print(time.monotonic() - start[0])
lockstep.fit("moments", None, X)
"""
        found = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
        self.assertLess(float(found.stdout), 5)

    def test_goes_on_from_a_checkpoint(self) -> None:
        program = """
import os, sys, threading, time, numpy, lockstep
X = numpy.random.default_rng(0).normal(size=(60000, 12))
def kill():
    time.sleep(float(sys.argv[2])); os.kill(os.getpid(), 9)
if sys.argv[2] != "0":
    threading.Thread(target=kill, daemon=True).start()
parameters = {"clusterCount": 200, "maxIterations": 100}
checkpoint = {"path": sys.argv[1], "every": 0} if sys.argv[1] else None
print(lockstep.fit("kmeans", parameters, X, checkpoint=checkpoint).digest)
"""
        def run(path: str, seconds: float) -> tuple[int, str]:
            found = subprocess.run([sys.executable, "-c", program, path, str(seconds)], capture_output=True, text=True)
            return found.returncode, found.stdout

        with tempfile.TemporaryDirectory() as place:
            path = os.path.join(place, "fit.checkpoint")
            whole = run("", 0)
            self.assertEqual(whole[0], 0)
            seconds = 0.3
            while not os.path.exists(path) and seconds < 60:
                self.assertIn(run(path, seconds)[0], (0, -9))
                seconds *= 1.3
            with open(path, "rb") as file:
                kept = file.read()
            with self.assertRaisesRegex(lockstep.DataError, "that of another computation"):
                lockstep.fit("moments", None, np.zeros((5, 2)), checkpoint=path)
            self.assertEqual(run(path, 0), whole)
            self.assertEqual(os.listdir(place), [])
            # A file that is to stay stays, and begins anew where it is asked to.
            with open(path, "wb") as file:
                file.write(kept)
            X = np.zeros((5, 2))
            lockstep.fit("moments", None, X, checkpoint={"path": path, "fresh": True, "keep": True})
            self.assertEqual(os.listdir(place), ["fit.checkpoint"])
            lockstep.fit("moments", None, X, checkpoint=path)
            self.assertEqual(os.listdir(place), [])
            for wrong in ({"path": ""}, {"path": path, "every": -1}, {"path": path, "often": True}):
                with self.assertRaises(lockstep.DataError):
                    lockstep.fit("moments", None, X, checkpoint=wrong)


if __name__ == "__main__":
    unittest.main()
