# SPDX-License-Identifier: Apache-2.0
"""Programs as daal4py's users write them, on any number of processes: daal4py_examples.py DATA NAME…, which prints the names on rank 0.

DATA is the directory of the predecessor's example data. Each program checks its own results.
"""

import os
import sys

import lockstep.daal4py as daal4py
import numpy as np

DATA = sys.argv[1]
EXAMPLES = {}


def example(function):
    EXAMPLES[function.__name__] = function
    return function


def path(name):
    return os.path.join(DATA, name)


def numbers(name, **options):
    return np.genfromtxt(path(name), delimiter=",", **options)


def share(rows):
    """This process's part of rows that all have, cut as the predecessor's examples cut them: the first parts are longer."""
    count, left = divmod(len(rows), daal4py.num_procs())
    start = daal4py.my_procid() * count + min(daal4py.my_procid(), left)
    return rows[start : start + count + (daal4py.my_procid() < left)]


def parts(name):
    """The numbers of the four files of this process: with fewer processes some take several."""
    return np.vstack([numbers(f"distributed/{name}_{i + 1}.csv") for i in range(daal4py.my_procid(), 4, daal4py.num_procs())])


@example
def covariance():
    x = share(numbers("covcormoments_dense.csv").astype(np.float32))
    result = daal4py.covariance(distributed=True).compute(x)
    assert result.covariance.shape == result.correlation.shape == (10, 10) and result.mean.shape == (1, 10)
    np.testing.assert_allclose(result.covariance, numbers("reference/covariance.csv"), atol=1e-5)
    pieces = daal4py.covariance(streaming=True, distributed=True)
    for piece in np.array_split(x, 7):
        assert pieces.compute(piece) is None
    np.testing.assert_allclose(pieces.finalize().covariance, result.covariance, rtol=1e-12)


@example
def low_order_moments():
    x = share(numbers("covcormoments_dense.csv").astype(np.float32))
    result = daal4py.low_order_moments(distributed=True).compute(x)
    names = [
        "minimum", "maximum", "sum", "sumSquares", "sumSquaresCentered", "mean", "secondOrderRawMoment", "variance",
        "standardDeviation", "variation",
    ]
    assert all(getattr(result, name).shape == (1, 10) for name in names)
    found = np.vstack([getattr(result, name) for name in names])
    np.testing.assert_allclose(found, numbers("reference/low_order_moms_dense.csv"), atol=1e-5)
    pieces = daal4py.low_order_moments(streaming=True, distributed=True)
    for piece in np.array_split(x, 7):
        pieces.compute(piece)
    np.testing.assert_allclose(pieces.finalize().variance, result.variance, rtol=1e-12)


def regression(training, prediction, reference):
    table = parts("linear_regression_train")[:, :12]
    x, y = table[:, :10], table[:, 10:]
    model = training(distributed=True, interceptFlag=True).compute(x, y).model
    assert model.Beta.shape == (2, 11) and model.NumberOfBetas == 11 and model.InterceptFlag
    test = numbers("distributed/linear_regression_test.csv")[:, :10]
    if daal4py.num_procs() == 4:
        # Each process has a file of the responses.
        name = path(f"distributed/linear_regression_dependents_train_{daal4py.my_procid() + 1}.csv")
        other = training(distributed=True, interceptFlag=True).compute(np.ascontiguousarray(x), name)
        np.testing.assert_array_equal(other.model.Beta, model.Beta)
    pieces = training(streaming=True, distributed=True, interceptFlag=True)
    for rows, responses in zip(np.array_split(x, 3), np.array_split(y, 3)):
        pieces.compute(rows, responses)
    np.testing.assert_allclose(pieces.finalize().model.Beta, model.Beta, rtol=1e-9)
    # The stored predictions are those of numbers rounded to single precision.
    rounded = training(distributed=True, interceptFlag=True).compute(x.astype(np.float32), y.astype(np.float32)).model
    found = prediction().compute(test.astype(np.float32), rounded).prediction
    assert found.shape == (250, 2)
    if reference:
        np.testing.assert_allclose(found, numbers(reference), atol=1e-5)
    without = training(distributed=True).compute(x, y).model
    assert not without.InterceptFlag and (without.Beta[:, 0] == 0).all()


@example
def linear_regression():
    regression(daal4py.linear_regression_training, daal4py.linear_regression_prediction, "reference/linear_regression.csv")


@example
def ridge_regression():
    regression(daal4py.ridge_regression_training, daal4py.ridge_regression_prediction, None)


@example
def pca():
    x = parts("pca_normalized")
    algorithm = daal4py.pca(method="svdDense", distributed=True)
    result = algorithm.compute(x)
    assert result.eigenvalues.shape == (1, 10) and result.eigenvectors.shape == (10, 10)
    again = algorithm.compute(path(f"distributed/pca_normalized_{daal4py.my_procid() + 1}.csv")
                              if daal4py.num_procs() == 4 else x)
    np.testing.assert_array_equal(again.eigenvectors, result.eigenvectors)
    stored = numbers("reference/pca.csv")
    signs = np.sign((stored * result.eigenvectors).sum(axis=1))
    np.testing.assert_allclose(result.eigenvectors * signs[:, None], stored, atol=1e-5)
    asked = daal4py.pca(distributed=True, nComponents=3, resultsToCompute="mean|variance|eigenvalue").compute(x)
    scores = daal4py.pca_transform().compute(x, asked.eigenvectors, asked.dataForTransform).transformedData
    assert scores.shape == (len(x), 3)
    moments = daal4py.low_order_moments(distributed=True).compute(scores)
    np.testing.assert_allclose(moments.variance, 1, rtol=1e-9)
    np.testing.assert_allclose(moments.mean, 0, atol=1e-12)


@example
def svd():
    x = parts("svd")
    algorithm = daal4py.svd(distributed=True)
    result = algorithm.compute(x)
    assert result.leftSingularMatrix.shape == x.shape
    assert result.singularValues.shape == (1, 18) and result.rightSingularMatrix.shape == (18, 18)
    rebuilt = result.leftSingularMatrix @ np.diag(result.singularValues[0]) @ result.rightSingularMatrix
    np.testing.assert_allclose(rebuilt, x, rtol=1e-7)
    if daal4py.num_procs() == 4:
        file = algorithm.compute(path("distributed/svd_{}.csv"), daal4py.my_procid() + 1)
        np.testing.assert_array_equal(file.leftSingularMatrix, result.leftSingularMatrix)
    pieces = daal4py.svd(streaming=True, distributed=True)
    for piece in np.array_split(x, 3):
        pieces.compute(piece)
    np.testing.assert_array_equal(pieces.finalize().leftSingularMatrix, result.leftSingularMatrix)


@example
def qr():
    x = parts("qr")
    algorithm = daal4py.qr(distributed=True)
    result = algorithm.compute(x)
    assert result.matrixQ.shape == x.shape and result.matrixR.shape == (18, 18)
    np.testing.assert_allclose(result.matrixQ @ result.matrixR, x, rtol=1e-7)
    if daal4py.num_procs() == 4:
        file = algorithm.compute(path(f"distributed/qr_{daal4py.my_procid() + 1}.csv"))
        np.testing.assert_array_equal(file.matrixQ, result.matrixQ)
    pieces = daal4py.qr(streaming=True, distributed=True)
    for piece in np.array_split(x, 3):
        pieces.compute(piece)
    np.testing.assert_array_equal(pieces.finalize().matrixQ, result.matrixQ)


@example
def kmeans():
    everything = numbers("distributed/kmeans_dense.csv")[:, :20]
    mine = share(everything)
    for method in ("plusPlusDense", "deterministicDense", "randomDense", "parallelPlusDense"):
        start = daal4py.kmeans_init(10, method=method, distributed=True).compute(mine).centroids
        result = daal4py.kmeans(10, 25, distributed=True).compute(mine, start)
        assert start.shape == result.centroids.shape == (10, 20) and result.assignments is None
        assert result.nIterations[0, 0] <= 25 and result.nIterations.dtype == np.int32
        batch_start = daal4py.kmeans_init(10, method=method).compute(everything).centroids
        batch = daal4py.kmeans(10, 25).compute(everything, batch_start)
        np.testing.assert_allclose(start, batch_start, rtol=1e-7)
        np.testing.assert_allclose(result.centroids, batch.centroids, rtol=1e-7)
        np.testing.assert_allclose(result.objectiveFunction, batch.objectiveFunction, rtol=1e-7)
        labels = daal4py.kmeans(10, 0, assignFlag=True).compute(mine, result.centroids).assignments
        np.testing.assert_array_equal(labels, share(batch.assignments))
    few = daal4py.kmeans(10, 0, assignFlag=True).compute(mine[:3], result.centroids)
    np.testing.assert_array_equal(few.assignments, labels[:3])


@example
def naive_bayes():
    train = numbers("distributed/naivebayes_train_dense.csv")[:, :20]
    labels = numbers("distributed/naivebayes_train_labels.csv").reshape(-1, 1)
    model = daal4py.multinomial_naive_bayes_training(20, distributed=True).compute(share(train), share(labels)).model
    assert model.LogP.shape == (20, 1) and model.LogTheta.shape == model.AuxTable.shape == (20, 20)
    batch = daal4py.multinomial_naive_bayes_training(20).compute(train, labels).model
    np.testing.assert_array_equal(model.AuxTable, batch.AuxTable)
    test = numbers("distributed/naivebayes_test_dense.csv")[:, :20]
    found = daal4py.multinomial_naive_bayes_prediction(20).compute(test, model).prediction
    assert found.shape == (len(test), 1)
    np.testing.assert_array_equal(found[:, 0], np.argmax(test @ model.AuxTable.T, axis=1))
    pieces = daal4py.multinomial_naive_bayes_training(20, distributed=True, streaming=True)
    for rows, answers in zip(np.array_split(share(train), 5), np.array_split(share(labels), 5)):
        pieces.compute(rows, answers)
    np.testing.assert_array_equal(pieces.finalize().model.AuxTable, model.AuxTable)


if __name__ == "__main__":
    daal4py.daalinit()
    for chosen in sys.argv[2:] or list(EXAMPLES):
        EXAMPLES[chosen]()
        if daal4py.my_procid() == 0:
            print(chosen, flush=True)
    daal4py.daalfini()
