# SPDX-License-Identifier: Apache-2.0
"""What daal4py, the real one or this package's, finds for fixed inputs: daal4py_figures.py MODULE PREFIX PART….

Writes PREFIX and the process's number, .npz. Of arrays whose signs are free, what does not depend on them.
"""

import importlib
import sys

import numpy as np

d4p = importlib.import_module(sys.argv[1])
prefix, parts = sys.argv[2], sys.argv[3:]
figures = {}


def put(name, value):
    assert name not in figures, name
    figures[name] = np.asarray(value)


def put_all(name, result, attributes):
    for attribute in attributes.split():
        put(f"{name}.{attribute}", getattr(result, attribute))


generator = np.random.default_rng(11)
X = generator.normal(size=(600, 6)) @ generator.normal(size=(6, 6)) + [1, -2, 3, 0, 5, 8]
Y = X @ generator.normal(size=(6, 2)) + generator.normal(size=(600, 2)) + 4
BLOBS = np.vstack([generator.normal(size=(150, 6)) + 6 * generator.normal(size=6) for _ in range(4)])[generator.permutation(600)]
INDEX = np.c_[np.arange(600.0), np.zeros(600)]
COUNTS = generator.poisson(2, size=(600, 6)).astype(float)
LABELS = (np.arange(600) % 3).astype(float)[:, None]
MOMENTS = "minimum maximum sum sumSquares sumSquaresCentered mean secondOrderRawMoment variance standardDeviation variation"


def magnitudes(name, vectors):
    """Rows up to their sign: the largest number of each is positive."""
    signs = np.sign(vectors[np.arange(len(vectors)), np.abs(vectors).argmax(axis=1)])
    put(name, vectors * signs[:, None])


def everything(name, mine, rows, distributed):
    """All methods that work alike in both modes, on this process's rows."""
    x, y, blobs = X[rows], Y[rows], BLOBS[rows]
    options = {"distributed": True} if distributed else {}
    for kind in ("covarianceMatrix", "correlationMatrix"):
        put_all(f"{name}.{kind}", d4p.covariance(outputMatrixType=kind, **options).compute(mine(x)), "covariance correlation mean")
    put_all(f"{name}.moments", d4p.low_order_moments(**options).compute(mine(x)), MOMENTS)
    for method in ("normEqDense", "qrDense"):
        for intercept in (False, True):
            model = d4p.linear_regression_training(method=method, interceptFlag=intercept, **options).compute(mine(x), y).model
            put_all(f"{name}.{method}.{intercept}", model, "Beta InterceptFlag NumberOfBetas NumberOfFeatures NumberOfResponses")
    put(f"{name}.predicted", d4p.linear_regression_prediction().compute(mine(x), model).prediction)
    for penalty in (None, np.array([[3.5]])):
        model = d4p.ridge_regression_training(ridgeParameters=penalty, interceptFlag=True, **options).compute(mine(x), y).model
        put_all(f"{name}.ridge.{penalty}", model, "Beta InterceptFlag NumberOfBetas")
    put(f"{name}.ridge.predicted", d4p.ridge_regression_prediction().compute(mine(x), model).prediction)
    components = d4p.pca(**options).compute(mine(x))
    put(f"{name}.pca.values", components.eigenvalues)
    magnitudes(f"{name}.pca.vectors", components.eigenvectors)
    factors = d4p.svd(**options).compute(mine(x))
    put(f"{name}.svd.values", factors.singularValues)
    put(f"{name}.svd.product", factors.leftSingularMatrix @ np.diag(factors.singularValues[0]) @ factors.rightSingularMatrix)
    magnitudes(f"{name}.svd.right", factors.rightSingularMatrix)
    factors = d4p.qr(**options).compute(mine(x))
    put(f"{name}.qr.product", factors.matrixQ @ factors.matrixR)
    put(f"{name}.qr.r", np.abs(factors.matrixR))
    for method in ("deterministicDense", "plusPlusDense", "randomDense"):
        index = d4p.kmeans_init(8, method=method, **options).compute(mine(INDEX[rows])).centroids
        # Distributed, the predecessor's random centroids are sorted by process.
        put(f"{name}.init.{method}", np.sort(index, axis=0) if method == "randomDense" and distributed else index)
    start = d4p.kmeans_init(4, method="plusPlusDense", **options).compute(mine(blobs)).centroids
    put(f"{name}.start", start)
    for iterations in (1, 3):
        put(f"{name}.kmeans.{iterations}", d4p.kmeans(4, iterations, **options).compute(mine(blobs), start).centroids)
    final = d4p.kmeans(4, 50, **options).compute(mine(blobs), start)
    put(f"{name}.kmeans", final.centroids)
    assigned = d4p.kmeans(4, 0, assignFlag=True).compute(mine(blobs), final.centroids)
    put_all(f"{name}.assigned", assigned, "assignments objectiveFunction nIterations")
    put(f"{name}.assignments.None", final.assignments is None)


def batch():
    rows = slice(None)
    everything("c", np.ascontiguousarray, rows, False)
    everything("f", np.asfortranarray, rows, False)
    everything("strided", lambda x: np.repeat(np.repeat(x, 2, axis=0), 3, axis=1)[::2, ::3], rows, False)
    everything("columns", lambda x: [np.ascontiguousarray(column) for column in x.T], rows, False)
    for kind in ("f4", "i4", "i8", "u1"):
        x = (np.abs(10 * X) % 100).astype(kind)
        result = d4p.covariance().compute(x)
        put_all(f"type.{kind}", result, "covariance mean")
        put(f"type.{kind}.type", [result.mean.dtype.str])
    structured = np.empty(600, dtype=[("a", "f8"), ("b", "f4"), ("c", "i4")])
    structured["a"], structured["b"], structured["c"] = X[:, 0], X[:, 1], 10 * X[:, 2]
    put("structured", d4p.covariance().compute(structured).covariance)
    result = d4p.covariance("float").compute(X)
    put("float.type", [result.covariance.dtype.str])
    asked = d4p.pca(resultsToCompute="mean|variance|eigenvalue", isDeterministic=True, nComponents=4).compute(X)
    put_all("pca", asked, "eigenvalues eigenvectors means variances")
    put("pca.transformed", d4p.pca_transform().compute(X, asked.eigenvectors, asked.dataForTransform).transformedData)
    put("pca.transformed.2", d4p.pca_transform(nComponents=2).compute(X, asked.eigenvectors, asked.dataForTransform).transformedData)
    put("pca.plain", d4p.pca_transform().compute(X, asked.eigenvectors, {}).transformedData)
    put("pca.none", [value is None for value in d4p.pca().compute(X).dataForTransform.values()])
    magnitudes("pca.svd", d4p.pca(method="svdDense", doScale=True).compute(X).eigenvectors)
    put("pca.svd.values", d4p.pca(method="svdDense", doScale=True).compute(X).eigenvalues)
    put("pca.given", d4p.pca(isCorrelation=True).compute(None, np.corrcoef(X.T)).eigenvalues)
    for name, parameters in (
        ("trials", {"method": "plusPlusDense", "nTrials": 3}), ("random", {"method": "randomDense", "engine": d4p.engines_mt19937(seed=99)}),
        ("seed", {"method": "plusPlusDense", "engine": d4p.engines_mt19937()}), ("float", {"method": "plusPlusDense", "fptype": "float"}),
    ):
        put(f"init.{name}", d4p.kmeans_init(8, **parameters).compute(INDEX).centroids)
    start = BLOBS[:4]
    for threshold in (0.0, 0.5):
        result = d4p.kmeans(4, 30, accuracyThreshold=threshold).compute(BLOBS, start)
        put_all(f"kmeans.{threshold}", result, "centroids assignments objectiveFunction nIterations")
    put("kmeans.few", d4p.kmeans(4, 0, assignFlag=True).compute(BLOBS[:2], result.centroids).assignments)
    # Distances at which no row is near cores of two clusters.
    for minimum, results in ((4, ""), (9, "computeCoreIndices|computeCoreObservations")):
        result = d4p.dbscan(2.2, minimum, resultsToCompute=results).compute(BLOBS)
        put_all(f"dbscan.{minimum}", result, "assignments nClusters")
        if results:
            put_all("dbscan.cores", result, "coreIndices coreObservations")
    weights = 1.0 + np.arange(600)[:, None] % 3
    put_all("dbscan.weighted", d4p.dbscan(1.8, 9).compute(BLOBS, weights), "assignments nClusters")
    result = d4p.dbscan(0.01, 9, resultsToCompute="computeCoreIndices").compute(BLOBS)
    put("dbscan.none", [result.coreIndices is None, result.nClusters[0, 0] == 0, (result.assignments == -1).all()])
    one = d4p.covariance().compute(X[:1])
    put_all("one", one, "covariance mean")
    put_all("one.moments", d4p.low_order_moments().compute(X[:1]), MOMENTS)
    constant = np.c_[X, np.ones(600)]
    put("constant", d4p.covariance(outputMatrixType="correlationMatrix").compute(constant).correlation)
    put("dependent", d4p.linear_regression_training().compute(np.c_[X, X[:, :1]], Y).model.Beta)


def streams():
    pieces = np.array_split(np.arange(600), 7)

    def streamed(algorithm, *tables):
        for piece in pieces:
            algorithm.compute(*(np.ascontiguousarray(table[piece]) for table in tables))
        return algorithm.finalize()

    put_all("covariance", streamed(d4p.covariance(streaming=True), X), "covariance correlation mean")
    put_all("moments", streamed(d4p.low_order_moments(streaming=True), X), MOMENTS)
    for name in ("linear", "ridge"):
        training = getattr(d4p, name + "_regression_training")
        put(name, streamed(training(streaming=True, interceptFlag=True), X, Y).model.Beta)
    factors = streamed(d4p.svd(streaming=True), X)
    put("svd", factors.leftSingularMatrix @ np.diag(factors.singularValues[0]) @ factors.rightSingularMatrix)
    put("svd.values", factors.singularValues)
    factors = streamed(d4p.qr(streaming=True), X)
    put("qr", factors.matrixQ @ factors.matrixR)


def distributed():
    # Uneven, and in rank order; enough rows of each process for the predecessor.
    cuts = [0, *(600 * (i + 1) // d4p.num_procs() - 7 * (d4p.num_procs() - 1 - i) for i in range(d4p.num_procs()))]
    rows = slice(cuts[d4p.my_procid()], cuts[d4p.my_procid() + 1])
    put("procs", [d4p.my_procid(), d4p.num_procs()])
    everything("distributed", np.ascontiguousarray, rows, True)
    put("parallelPlus", d4p.kmeans_init(8, method="parallelPlusDense", distributed=True).compute(INDEX[rows]).centroids)


def sparse():
    import scipy.sparse

    table = np.where(np.random.default_rng(3).random((600, 6)) < 0.4, X, 0)
    for name, matrix in (("csr", scipy.sparse.csr_matrix(table)),):
        put_all(f"{name}.covariance", d4p.covariance(method="fastCSR").compute(matrix), "covariance mean")
        put_all(f"{name}.moments", d4p.low_order_moments(method="fastCSR").compute(matrix), MOMENTS)
        for method in ("deterministicCSR", "randomCSR", "plusPlusCSR"):
            put(f"{name}.{method}", d4p.kmeans_init(4, method=method).compute(matrix).centroids)
        put_all(f"{name}.kmeans", d4p.kmeans(4, 5, method="lloydCSR").compute(matrix, table[:4]), "centroids assignments objectiveFunction")
        put(f"{name}.pca", d4p.pca().compute(matrix).eigenvalues)
        put(f"{name}.linear", d4p.linear_regression_training().compute(matrix, Y).model.Beta)


def bayes():
    for name, parameters in (
        ("default", {}), ("prior", {"priorClassEstimates": np.array([[0.2], [0.3], [0.5]])}), ("alpha", {"alpha": np.full((1, 6), 0.25)}),
    ):
        model = d4p.multinomial_naive_bayes_training(3, **parameters).compute(COUNTS, LABELS).model
        put_all(name, model, "LogP LogTheta AuxTable NFeatures NumberOfFeatures")
        put(f"{name}.labels", d4p.multinomial_naive_bayes_prediction(3, **parameters).compute(COUNTS, model).prediction)
    stream = d4p.multinomial_naive_bayes_training(3, streaming=True)
    for piece in np.array_split(np.arange(600), 5):
        stream.compute(np.ascontiguousarray(COUNTS[piece]), np.ascontiguousarray(LABELS[piece]))
    put("stream", stream.finalize().model.AuxTable)


def errors():
    """The classes of the exceptions, and their bases."""
    for name, call in {
        "dimensions": lambda: d4p.covariance().compute(X[:, 0]), "three": lambda: d4p.covariance().compute(np.zeros((2, 2, 2))),
        "type": lambda: d4p.covariance().compute(5), "lists": lambda: d4p.covariance().compute([[1.0], [2.0]]),
        "missing": lambda: d4p.covariance().compute("/nowhere.csv"), "none": lambda: d4p.covariance().compute(None),
        "empty": lambda: d4p.covariance().compute(np.zeros((0, 3))), "method": lambda: d4p.covariance(method="x").compute(X),
        "fptype": lambda: d4p.covariance(fptype="x").compute(X), "word": lambda: d4p.covariance(outputMatrixType="x").compute(X),
        "keyword": lambda: d4p.covariance(x=1), "streaming": lambda: d4p.pca(streaming=True), "text": lambda: d4p.kmeans_init("2"),
        "distributed": lambda: d4p.linear_regression_prediction(distributed=True), "clusters": lambda: d4p.kmeans_init(0).compute(X),
        "trials": lambda: d4p.kmeans_init(2, method="plusPlusDense", nTrials=0).compute(X),
        "start": lambda: d4p.kmeans(3, 2).compute(X, X[:2]), "columns": lambda: d4p.kmeans(3, 2).compute(X, X[:3, :2]),
        "responses": lambda: d4p.linear_regression_training().compute(X, Y[:5]),
        "flat": lambda: d4p.linear_regression_training().compute(X, Y[:, 0]),
        "features": lambda: d4p.linear_regression_prediction().compute(X[:, :3], d4p.linear_regression_training().compute(X, Y).model),
        "parts": lambda: d4p.pca_transform().compute(X, X[:6], {"mean": None}),
        "finalize": lambda: d4p.covariance(distributed=True).finalize(),
        "seen": lambda: d4p.covariance(streaming=True).finalize().mean.shape, "arguments": lambda: d4p.covariance().compute(),
        "rounds": lambda: d4p.kmeans_init(10, method="parallelPlusDense", nRounds=2).compute(X),
    }.items():
        try:
            call()
            put(name, ["none"])
        except Exception as error:
            put(name, [kind.__name__ for kind in type(error).__mro__])


for part in parts:
    globals()[part]()
np.savez(f"{prefix}{d4p.my_procid() if 'distributed' in parts else 0}.npz", **figures)
if "distributed" in parts:
    d4p.daalfini()
