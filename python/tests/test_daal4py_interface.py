# SPDX-License-Identifier: Apache-2.0
"""lockstep.daal4py on one process: signatures, inputs, results, streams, errors."""

import importlib.util
import inspect
import math
import os
import pathlib
import pickle
import tempfile
import unittest

import lockstep
import lockstep.daal4py as d4p
import numpy as np

X = np.random.default_rng(7).normal(size=(211, 4)) * [1, 3, 0.5, 10] + [0, 10, -3, 50]
Y = X @ np.arange(8.0).reshape(4, 2) + np.random.default_rng(8).normal(size=(211, 2)) + 3

SIGNATURES = {
    "kmeans_init": "nClusters fptype=double method=defaultDense nTrials=-1 oversamplingFactor=nan nRounds=-1 engine=None distributed=False",
    "kmeans": "nClusters maxIterations fptype=double method=lloydDense accuracyThreshold=nan gamma=nan distanceType= resultsToEvaluate= "
    "assignFlag=False distributed=False",
    "dbscan": "epsilon minObservations fptype=double method=defaultDense memorySavingMode=False resultsToCompute= blockIndex=-1 nBlocks=-1 "
    "leftBlocks=-1 rightBlocks=-1 distributed=False",
    "pca": "fptype=double method=correlationDense resultsToCompute= nComponents=-1 isDeterministic=False doScale=False isCorrelation=False "
    "normalization=None distributed=False",
    "pca_transform": "fptype=double method=defaultDense nComponents=-1",
    "svd": "fptype=double method=defaultDense leftSingularMatrix= rightSingularMatrix= distributed=False streaming=False",
    "qr": "fptype=double method=defaultDense distributed=False streaming=False",
    "linear_regression_training": "fptype=double method=normEqDense interceptFlag=False distributed=False streaming=False",
    "linear_regression_prediction": "fptype=double method=defaultDense",
    "ridge_regression_training": "fptype=double method=normEqDense ridgeParameters=None interceptFlag=False distributed=False "
    "streaming=False",
    "ridge_regression_prediction": "fptype=double method=defaultDense",
    "multinomial_naive_bayes_training": "nClasses fptype=double method=defaultDense priorClassEstimates=None alpha=None "
    "resultsToEvaluate= distributed=False streaming=False",
    "multinomial_naive_bayes_prediction": "nClasses fptype=double method=defaultDense priorClassEstimates=None alpha=None "
    "resultsToEvaluate=",
    "covariance": "fptype=double method=defaultDense outputMatrixType= distributed=False streaming=False",
    "low_order_moments": "fptype=double method=defaultDense estimatesToCompute= distributed=False streaming=False",
    "engines_mt19937": "fptype=double method=defaultDense seed=-1",
    "daalinit": "nthreads=-1", "daalfini": "", "my_procid": "", "num_procs": "", "num_threads": "",
}


def has(*names: str) -> bool:
    return all(importlib.util.find_spec(name) for name in names)


def mean(data: object) -> np.ndarray:
    return d4p.covariance().compute(data).mean


class Interface(unittest.TestCase):
    def test_signatures(self) -> None:
        for name, expected in SIGNATURES.items():
            parameters = inspect.signature(getattr(d4p, name)).parameters.values()
            found = " ".join(p.name if p.default is p.empty else f"{p.name}={p.default}" for p in parameters)
            self.assertEqual(found, expected, name)

    def test_engine(self) -> None:
        self.assertEqual((d4p.my_procid(), d4p.num_procs(), d4p.__has_dist__), (0, 1, True))
        before = d4p.num_threads()
        try:
            d4p.daalinit()
            self.assertEqual(d4p.num_threads(), before)
            d4p.daalinit(1)
            self.assertEqual(d4p.num_threads(), 1)
        finally:
            d4p.daalinit(before)
        d4p.daalfini()
        d4p.daalfini()
        self.assertEqual(d4p.covariance(distributed=True).compute(X).mean.shape, (1, 4))

    def test_shapes_and_types(self) -> None:
        for fptype, kind in (("double", np.float64), ("float", np.float32)):
            for data in (X, (10 * X).astype(np.int32)):
                with self.subTest(fptype, data=data.dtype):
                    model = d4p.linear_regression_training(fptype).compute(data, Y).model
                    centroids = d4p.kmeans_init(3, fptype).compute(data).centroids
                    clusters = d4p.kmeans(3, 5, fptype).compute(data, centroids)
                    svd, qr, pca = d4p.svd(fptype).compute(data), d4p.qr(fptype).compute(data), d4p.pca(fptype).compute(data)
                    for values, shape in (
                        (model.Beta, (2, 5)), (centroids, (3, 4)), (clusters.centroids, (3, 4)), (clusters.objectiveFunction, (1, 1)),
                        (svd.singularValues, (1, 4)), (svd.leftSingularMatrix, (211, 4)), (svd.rightSingularMatrix, (4, 4)),
                        (qr.matrixQ, (211, 4)), (qr.matrixR, (4, 4)), (pca.eigenvalues, (1, 4)), (pca.eigenvectors, (4, 4)),
                        (d4p.covariance(fptype).compute(data).covariance, (4, 4)),
                        (d4p.low_order_moments(fptype).compute(data).variation, (1, 4)),
                        (d4p.linear_regression_prediction(fptype).compute(data, model).prediction, (211, 2)),
                    ):
                        self.assertEqual((values.shape, values.dtype), (shape, kind))
                    self.assertEqual((clusters.assignments.shape, clusters.assignments.dtype), ((211, 1), np.int32))
                    self.assertEqual((clusters.nIterations.shape, clusters.nIterations.dtype), ((1, 1), np.int32))

    def test_results_print_and_pickle(self) -> None:
        result = d4p.low_order_moments().compute(X)
        self.assertIn("minimum: array(\n  [[", str(result))
        self.assertIn("dtype=float64, shape=(1, 4))", str(result))
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(result)).variance, result.variance)
        training = d4p.linear_regression_training(interceptFlag=True).compute(X, Y)
        self.assertIn("Beta: array(", str(training))
        model = pickle.loads(pickle.dumps(training)).model
        self.assertEqual((model.NumberOfBetas, model.NumberOfFeatures, model.NumberOfResponses, model.InterceptFlag), (5, 4, 2, True))
        predict = d4p.linear_regression_prediction()
        np.testing.assert_array_equal(predict.compute(X, model).prediction, predict.compute(X, training.model).prediction)
        asked = d4p.pca(resultsToCompute="eigenvalue").compute(X)
        self.assertIsNone(asked.means)
        self.assertIn("means: None", str(asked))
        np.testing.assert_array_equal(pickle.loads(pickle.dumps(asked)).dataForTransform["eigenvalue"], asked.eigenvalues)
        algorithm = pickle.loads(pickle.dumps(d4p.kmeans_init(3, method="plusPlusDense", engine=d4p.engines_mt19937(seed=4))))
        np.testing.assert_array_equal(
            algorithm.compute(X).centroids,
            d4p.kmeans_init(3, "double", "plusPlusDense", -1, math.nan, -1, d4p.engines_mt19937(seed=4)).compute(X).centroids)
        stream = d4p.covariance(streaming=True)
        stream.compute(X[:100])
        stream = pickle.loads(pickle.dumps(stream))
        stream.compute(X[100:])
        np.testing.assert_allclose(stream.finalize().covariance, np.cov(X.T), rtol=1e-12)


class Inputs(unittest.TestCase):
    def check(self, data: object) -> None:
        np.testing.assert_array_equal(mean(data), mean(X))

    def test_arrays(self) -> None:
        self.check(np.asfortranarray(X))
        self.check(np.repeat(X, 2, axis=0)[::2])
        self.check(np.repeat(X, 2, axis=1)[:, ::2])
        self.check(X[::-1].copy()[::-1])
        self.check(X.astype(">f8"))
        self.check(X.astype(object))
        self.check([column.copy() for column in X.T])
        self.check(list(X.T))
        structured = np.empty(len(X), dtype=[(name, float) for name in "abcd"])
        for name, column in zip("abcd", X.T):
            structured[name] = column
        self.check(structured)
        self.check(lockstep.rows(X))
        self.assertEqual(mean(X > 0)[0, 0], (X[:, 0] > 0).mean())
        np.testing.assert_allclose(mean(X.astype(np.float16)), X.astype(np.float16).astype(float).mean(axis=0, keepdims=True))

    def test_frames(self) -> None:
        if not has("pandas"):
            self.skipTest("pandas is not here")
        import pandas

        frame = pandas.DataFrame(X, columns=list("abcd"))
        self.check(frame)
        self.check(pandas.concat([frame, frame], axis=1).iloc[:, 4:])
        mixed = frame.assign(a=range(len(X)))
        self.assertEqual(mean(mixed)[0, 0], 105)
        self.assertEqual(mean(frame["b"]).shape, (1, 1))

    def test_tables_of_arrow(self) -> None:
        if not has("polars", "pyarrow"):
            self.skipTest("polars or pyarrow is not here")
        import polars
        import pyarrow

        self.check(polars.DataFrame(X, schema=list("abcd")))
        self.check(pyarrow.table(dict(zip("abcd", X.T.copy()))))

    @unittest.skipUnless(has("scipy"), "SciPy is not here")
    def test_sparse_matrices(self) -> None:
        import scipy.sparse

        table = np.where(np.random.default_rng(2).random(X.shape) < 0.4, X, 0)
        for form in ("csr", "csc", "coo"):
            for matrix in (getattr(scipy.sparse, form + "_matrix")(table), getattr(scipy.sparse, form + "_array")(table)):
                np.testing.assert_array_equal(mean(matrix), mean(table))
                for rule in ("deterministic", "random", "plusPlus", "parallelPlus"):
                    for distributed in (False, True):
                        found = d4p.kmeans_init(3, method=rule + "CSR", distributed=distributed).compute(matrix).centroids
                        expected = d4p.kmeans_init(3, method=rule + "Dense", distributed=distributed).compute(table).centroids
                        np.testing.assert_array_equal(found, expected)
                result = d4p.kmeans(3, 5, method="lloydCSR").compute(matrix, table[:3])
                np.testing.assert_allclose(result.centroids, d4p.kmeans(3, 5).compute(table, table[:3]).centroids, rtol=1e-12)
                np.testing.assert_array_equal(
                    d4p.kmeans(3, 0, assignFlag=True).compute(matrix[:2] if form != "coo" else matrix, result.centroids).assignments[:2],
                    result.assignments[:2])
                stream = d4p.svd(streaming=True)
                stream.compute(matrix)
                np.testing.assert_allclose(stream.finalize().singularValues, d4p.svd().compute(table).singularValues, rtol=1e-12)
                model = d4p.linear_regression_training().compute(matrix, Y).model
                np.testing.assert_allclose(model.Beta, d4p.linear_regression_training().compute(table, Y).model.Beta, rtol=1e-10)
                np.testing.assert_allclose(
                    d4p.linear_regression_prediction().compute(matrix, model).prediction, table @ model.Beta[:, 1:].T, rtol=1e-10)
                components = d4p.pca(resultsToCompute="mean|variance").compute(matrix)
                parts = {name: part for name, part in components.dataForTransform.items() if part is not None}
                scores = d4p.pca_transform().compute(matrix, components.eigenvectors, parts).transformedData
                np.testing.assert_allclose(scores.var(axis=0, ddof=1), components.eigenvalues[0], rtol=1e-10)

    def test_files(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            name = os.path.join(directory, "rows0.csv")
            np.savetxt(name, X, delimiter=",")
            self.check(name)
            self.check(pathlib.Path(name))
            np.testing.assert_array_equal(d4p.covariance().compute(os.path.join(directory, "rows{}.csv"), 0).mean, mean(X))
            np.testing.assert_array_equal(
                d4p.pca().compute(os.path.join(directory, "rows{}.csv"), 0).eigenvalues, d4p.pca().compute(X).eigenvalues)
            trailing = os.path.join(directory, "trailing.csv")
            with open(trailing, "w") as file:
                file.writelines(",".join(map(repr, row.tolist())) + ",\n" for row in X)
            self.check(trailing)
            for line in ("a,b,c,d", "1,2,nan,4", "1,2,,4", "1,2,3"):
                with self.subTest(line), open(trailing, "w") as file:
                    file.write(f"{line}\n1,2,3,4\n")
                    file.flush()
                    with self.assertRaises((ValueError, RuntimeError)) as raised:
                        mean(trailing)
                    self.assertIn("trailing.csv", str(raised.exception))

    def test_what_is_refused(self) -> None:
        for data in (X[:, 0], np.zeros((2, 2, 2)), X.astype(complex), 5, [[1.0, 2.0]], [], np.array([["a"]], dtype=object)):
            with self.assertRaises(ValueError):
                mean(data)
        with self.assertRaisesRegex(RuntimeError, "Null numeric table"):
            mean(None)
        with self.assertRaisesRegex(RuntimeError, "Number of rows in numeric table is incorrect"):
            mean(np.empty((0, 4)))
        with self.assertRaisesRegex(RuntimeError, "Error on file open") as raised:
            mean("/nowhere.csv")
        self.assertIsInstance(raised.exception, FileNotFoundError)
        with self.assertRaises(ValueError):
            d4p.linear_regression_training().compute(X, Y[:, 0])


class Methods(unittest.TestCase):
    def test_parameters_are_checked(self) -> None:
        for make in (
            lambda: d4p.covariance("single"), lambda: d4p.covariance(method="x"), lambda: d4p.kmeans_init(0), lambda: d4p.kmeans(2, -1),
            lambda: d4p.kmeans_init(2, nTrials=0), lambda: d4p.kmeans_init(2, oversamplingFactor=-1.0),
            lambda: d4p.multinomial_naive_bayes_training(1),
        ):
            with self.assertRaises(RuntimeError):
                make()
        for make in (
            lambda: d4p.covariance(outputMatrixType="x"), lambda: d4p.pca(resultsToCompute="mean|x"),
            lambda: d4p.covariance(distributed=True).finalize(), lambda: d4p.kmeans(2, 3, distanceType="cosine"),
        ):
            with self.assertRaises(ValueError):
                make()
        for make in (
            lambda: d4p.pca(streaming=True), lambda: d4p.kmeans(2, 3, streaming=True), lambda: d4p.kmeans_init("2"),
            lambda: d4p.linear_regression_prediction(distributed=True), lambda: d4p.kmeans_init(2, streaming=True),
        ):
            with self.assertRaises(TypeError):
                make()

    def test_streams(self) -> None:
        pieces = np.array_split(X, 5)
        for make, names in (
            (d4p.covariance, "covariance mean"), (d4p.low_order_moments, "minimum variance sum"),
            (d4p.svd, "singularValues leftSingularMatrix"), (d4p.qr, "matrixQ matrixR"),
        ):
            stream = make(streaming=True)
            with self.assertRaisesRegex(RuntimeError, "Partial result not set"):
                stream.finalize()
            for piece in pieces:
                piece = piece.copy()
                self.assertIsNone(stream.compute(piece))
                piece[:] = np.nan  # The stream has its own copy.
            for name in names.split():
                np.testing.assert_allclose(getattr(stream.finalize(), name), getattr(make().compute(X), name), rtol=1e-10, atol=1e-12)
        for make in (d4p.linear_regression_training, d4p.ridge_regression_training):
            stream = make(streaming=True, interceptFlag=True)
            for piece, responses in zip(pieces, np.array_split(Y, 5)):
                stream.compute(piece, responses)
            np.testing.assert_allclose(stream.finalize().model.Beta, make(interceptFlag=True).compute(X, Y).model.Beta, rtol=1e-9)
        with self.assertRaises(RuntimeError):
            d4p.covariance().finalize()

    def test_factors(self) -> None:
        result = d4p.svd().compute(X)
        np.testing.assert_allclose(
            result.leftSingularMatrix @ np.diag(result.singularValues[0]) @ result.rightSingularMatrix, X, rtol=1e-7)
        np.testing.assert_allclose(result.singularValues[0], np.linalg.svd(X, compute_uv=False), rtol=1e-12)
        self.assertIsNone(d4p.svd(leftSingularMatrix="notRequired").compute(X).leftSingularMatrix)
        self.assertIsNone(d4p.svd(rightSingularMatrix="notRequired").compute(X).rightSingularMatrix)
        result = d4p.qr().compute(X)
        np.testing.assert_allclose(result.matrixQ @ result.matrixR, X, rtol=1e-7)

    def test_pca(self) -> None:
        correlation = np.corrcoef(X.T)
        values = np.linalg.eigvalsh(correlation)[::-1]
        for method in ("correlationDense", "defaultDense", "svdDense"):
            for scale in (False, True):
                result = d4p.pca(method=method, doScale=scale, resultsToCompute="mean|variance|eigenvalue").compute(X)
                np.testing.assert_allclose(result.eigenvalues[0], values, rtol=1e-10)
                np.testing.assert_allclose(result.means[0], X.mean(axis=0), rtol=1e-12)
                np.testing.assert_allclose(result.variances[0], X.var(axis=0, ddof=1), rtol=1e-12)
        z = (X - X.mean(axis=0)) / X.std(axis=0, ddof=1)
        transform = d4p.pca_transform()
        parts = result.dataForTransform
        np.testing.assert_allclose(
            transform.compute(X, result.eigenvectors, parts).transformedData, z @ result.eigenvectors.T / np.sqrt(values), atol=1e-12)
        del parts["eigenvalue"]
        np.testing.assert_allclose(
            d4p.pca_transform(nComponents=2).compute(X, result.eigenvectors, parts).transformedData, z @ result.eigenvectors[:2].T,
            atol=1e-12)
        with self.assertRaises(ValueError):
            transform.compute(X, result.eigenvectors, {"mean": None})
        few = d4p.pca(nComponents=2).compute(X)
        self.assertEqual((few.eigenvalues.shape, few.eigenvectors.shape), ((1, 2), (2, 4)))
        self.assertEqual(few.dataForTransform, {"mean": None, "variance": None, "eigenvalue": None})
        given = d4p.pca(isCorrelation=True).compute(None, correlation)
        np.testing.assert_allclose(given.eigenvectors, d4p.pca().compute(X).eigenvectors, atol=1e-10)

    def test_regression(self) -> None:
        design = np.c_[np.ones(len(X)), X]
        beta = d4p.linear_regression_training(interceptFlag=True).compute(X, Y).model.Beta
        np.testing.assert_allclose(beta.T, np.linalg.lstsq(design, Y, rcond=None)[0], rtol=1e-9)
        without = d4p.linear_regression_training(method="qrDense").compute(X, Y).model
        np.testing.assert_allclose(without.Beta[:, 1:].T, np.linalg.lstsq(X, Y, rcond=None)[0], rtol=1e-9)
        self.assertFalse(without.InterceptFlag or without.Beta[:, 0].any())
        # Each response has its own penalty, and the intercept none.
        for penalties in (None, 2.5, [[2.5]], [[0.5, 40.0]], [[0.0]]):
            beta = d4p.ridge_regression_training(
                ridgeParameters=penalties if penalties is None else np.array(penalties) if np.ndim(penalties) else penalties,
                interceptFlag=True).compute(X, Y).model.Beta
            for response, penalty in enumerate(np.broadcast_to(1.0 if penalties is None else penalties, (1, 2))[0]):
                matrix = design.T @ design + penalty * np.diag([0, 1, 1, 1, 1])
                np.testing.assert_allclose(beta[response], np.linalg.solve(matrix, design.T @ Y[:, response]), rtol=1e-8)
        with self.assertRaisesRegex(RuntimeError, "Number of columns"):
            d4p.linear_regression_prediction().compute(X[:, :3], without)

    def test_naive_bayes(self) -> None:
        counts = np.random.default_rng(4).poisson(2, size=(300, 5)).astype(float)
        labels = (np.arange(300) % 3)[:, None]
        weights = np.random.default_rng(5).integers(0, 3, size=(300, 1)).astype(float)
        sums = np.array([counts[labels[:, 0] == label].sum(axis=0) for label in range(3)])
        prior, alpha = np.array([[0.2], [0.3], [0.5]]), np.array([[0.5, 1, 2, 0.1, 1]])
        model = d4p.multinomial_naive_bayes_training(3, priorClassEstimates=prior, alpha=alpha).compute(counts, labels).model
        theta = np.log((sums + alpha) / (sums.sum(axis=1, keepdims=True) + alpha.sum()))
        np.testing.assert_allclose(model.LogTheta, theta, rtol=1e-12)
        np.testing.assert_allclose(model.LogP, np.log(prior), rtol=1e-12)
        np.testing.assert_allclose(model.AuxTable, theta + np.log(prior), rtol=1e-12)
        self.assertEqual((model.NFeatures, model.NumberOfFeatures), (5, 5))
        model = pickle.loads(pickle.dumps(model))
        result = d4p.multinomial_naive_bayes_prediction(3).compute(counts, model)
        np.testing.assert_array_equal(result.prediction[:, 0], np.argmax(counts @ model.AuxTable.T, axis=1))
        self.assertEqual((result.prediction.dtype, result.probabilities, result.logProbabilities), (np.float64, None, None))
        # Weights count rows; fractions are not cut off, nor is a class without rows left out.
        repeated = np.repeat(np.arange(300), weights[:, 0].astype(int))
        training = d4p.multinomial_naive_bayes_training(4)
        np.testing.assert_allclose(
            training.compute(counts / 4, labels, weights).model.LogTheta, training.compute(counts[repeated] / 4, labels[repeated]).model.LogTheta,
            rtol=1e-12)
        self.assertEqual(training.compute(counts, labels).model.LogP.tolist(), [[-math.log(4)]] * 4)
        if has("scipy"):
            import scipy.sparse

            sparse = scipy.sparse.csr_matrix(counts)
            found = d4p.multinomial_naive_bayes_training(3, method="fastCSR").compute(sparse, labels).model
            np.testing.assert_array_equal(found.LogTheta, d4p.multinomial_naive_bayes_training(3).compute(counts, labels).model.LogTheta)
            predict = d4p.multinomial_naive_bayes_prediction(3, method="fastCSR")
            np.testing.assert_array_equal(predict.compute(sparse, found).prediction, predict.compute(counts, found).prediction)
        for wrong in (labels - 1, labels + 1, labels + 0.5):
            with self.assertRaisesRegex(RuntimeError, "Class labels provided to the algorithm are incorrect"):
                d4p.multinomial_naive_bayes_training(3).compute(counts, wrong)
        with self.assertRaises(RuntimeError):
            d4p.multinomial_naive_bayes_prediction(2).compute(counts, model)

    def test_kmeans(self) -> None:
        start = d4p.kmeans_init(5, method="plusPlusDense").compute(X).centroids
        result = d4p.kmeans(5, 100).compute(X, start)
        distances = ((X[:, None] - result.centroids) ** 2).sum(axis=2)
        np.testing.assert_array_equal(result.assignments[:, 0], distances.argmin(axis=1))
        np.testing.assert_allclose(result.objectiveFunction[0, 0], distances.min(axis=1).sum(), rtol=1e-12)
        nothing = d4p.kmeans(5, 0, assignFlag=True).compute(X, result.centroids)
        self.assertEqual(nothing.nIterations[0, 0], 0)
        for few in (X, X[:3], X[:0]):
            found = d4p.kmeans(5, 0, assignFlag=True).compute(few, result.centroids)
            np.testing.assert_array_equal(found.assignments, result.assignments[: len(few)])
            np.testing.assert_array_equal(found.centroids, result.centroids)
        self.assertIsNone(d4p.kmeans(5, 2, resultsToEvaluate="computeCentroids").compute(X, start).assignments)
        self.assertEqual(d4p.kmeans(5, 0, distributed=True).compute(X, start).nIterations[0, 0], 1)
        with self.assertRaisesRegex(RuntimeError, "Number of clusters exceeds the number of points"):
            d4p.kmeans_init(300).compute(X)
        with self.assertRaisesRegex(RuntimeError, "Number of rows"):
            d4p.kmeans(4, 3).compute(X, start)

    def test_random_stream(self) -> None:
        # The predecessor's draws, by measurement.
        numbers = np.c_[np.arange(1000.0), np.zeros(1000)]
        for method, parameters, expected in (
            ("deterministicDense", {}, "0 1 2 3 4 5 6 7 8 9"), ("randomDense", {}, "911 99 927 715 573 811 878 847 72 208"),
            ("plusPlusDense", {}, "911 30 684 425 298 787 727 608 110 206"),
            ("plusPlusDense", {"nTrials": 3}, "911 159 716 475 357 621 830 1 72 248"),
            ("plusPlusDense", {"nTrials": 3, "distributed": True}, "911 30 684 425 298 787 727 608 110 206"),
            ("parallelPlusDense", {}, "532 997 80 799 615 911 312 170 224 388"),
            ("randomDense", {"engine": d4p.engines_mt19937(seed=777)}, "229 446 1 991 371 577 274 832 341 541"),
            ("randomDense", {"engine": d4p.engines_mt19937()}, "635 619 204 217 608 524 295 605 345 961"),
            ("plusPlusDense", {"engine": d4p.engines_mt19937(seed=777)}, "229 811 492 997 96 637 333 891 351 551"),
        ):
            found = d4p.kmeans_init(10, method=method, **parameters).compute(numbers).centroids[:, 0].astype(int)
            self.assertEqual(" ".join(map(str, found)), expected, (method, parameters))


if __name__ == "__main__":
    unittest.main()
