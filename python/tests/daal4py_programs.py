# SPDX-License-Identifier: Apache-2.0
"""Programs of several processes that test_daal4py_processes.py starts: daal4py_programs.py CASE DIRECTORY."""

import sys

import numpy as np
from lockstep.daal4py import (
    covariance, daalfini, daalinit, engines_mt19937, kmeans, kmeans_init, linear_regression_training, low_order_moments, my_procid,
    num_procs, pca, qr, svd,
)

case, directory = sys.argv[1:]
X = np.random.default_rng(5).normal(size=(701, 4)) + [0, 5, -2, 100]
mine = np.array_split(X, num_procs())[my_procid()]


def say(*words):
    if my_procid() == 0:
        print(*words, flush=True)


if case == "page":
    # The program that the predecessor's page shows, in its two ways to name a file.
    daalinit()
    kmi = kmeans_init(10, method="plusPlusDense", distributed=True)
    pattern = directory + "/file{}.csv"
    np.savetxt(pattern.format(my_procid()), mine, delimiter=",")
    result = kmi.compute(pattern.format(my_procid()))
    other = kmi.compute(pattern, my_procid())
    daalfini()
    assert (result.centroids == other.centroids).all()
    assert (kmeans_init(10, method="plusPlusDense").compute(X).centroids == result.centroids).all()
    assert (covariance(distributed=True).compute(pattern, my_procid()).mean == covariance(distributed=True).compute(mine).mean).all()
    say("done")
elif case == "stream":
    # The rows of 3 processes of a stream, test vectors of the predecessor.
    I = np.c_[np.arange(1000.0), np.zeros(1000)]
    rows = np.array_split(I, num_procs())[my_procid()]
    for method, engine, expected in (
        ("randomDense", None, "911 99 927 715 573 811 878 847 72 208"), ("plusPlusDense", None, "911 30 684 425 298 787 727 608 110 206"),
        ("parallelPlusDense", None, "532 997 80 799 615 911 312 170 224 388"),
        ("randomDense", engines_mt19937(seed=777), "229 446 1 991 371 577 274 832 341 541"),
        ("plusPlusDense", engines_mt19937(seed=777), "229 811 492 997 96 637 333 891 351 551"),
    ):
        found = kmeans_init(10, method=method, engine=engine, distributed=True).compute(rows).centroids[:, 0]
        assert " ".join(str(int(value)) for value in found) == expected, (method, found)
    say("done")
elif case == "sparse":
    import scipy.sparse

    table = np.where(np.abs(X) < 3, X, 0)
    rows = np.array_split(table, num_procs())[my_procid()]
    for rule in ("deterministic", "random", "plusPlus", "parallelPlus"):
        found = kmeans_init(5, method=rule + "CSR", distributed=True).compute(scipy.sparse.csr_matrix(rows)).centroids
        assert (found == kmeans_init(5, method=rule + "Dense").compute(table).centroids).all(), rule
    clusters = kmeans(5, 20, method="lloydCSR", distributed=True).compute(scipy.sparse.csc_matrix(rows), found)
    np.testing.assert_allclose(clusters.centroids, kmeans(5, 20).compute(table, found).centroids, rtol=1e-12)
    say("done")
elif case == "bits":
    # All that is replicated, as hexadecimal numbers: the same for any number of processes.
    results = [
        covariance(distributed=True).compute(mine).covariance, low_order_moments(distributed=True).compute(mine).variance,
        pca(distributed=True).compute(mine).eigenvectors, pca(method="svdDense", distributed=True).compute(mine).eigenvalues,
        svd(distributed=True).compute(mine).rightSingularMatrix, qr(distributed=True).compute(mine).matrixR,
        linear_regression_training(distributed=True).compute(mine[:, :3], mine[:, 3:]).model.Beta,
        kmeans(3, 9, distributed=True).compute(mine, X[:3]).centroids,
    ]
    say("\n".join(value.tobytes().hex() for value in results))
elif case == "empty":
    # A process may have no rows at all, and any number of them may have few.
    rows = X[:2] if my_procid() == 0 else X[2:40] if my_procid() == 1 else X[40:40]
    whole = X[:40] if num_procs() > 1 else X[:2]
    r = qr(distributed=True).compute(rows)
    assert len(r.matrixQ) == len(rows)
    np.testing.assert_allclose(r.matrixQ @ r.matrixR, rows, rtol=1e-12)
    np.testing.assert_allclose(
        covariance(distributed=True).compute(rows).covariance, covariance().compute(whole).covariance, rtol=1e-12)
    if num_procs() > 1:
        start = kmeans_init(5, distributed=True).compute(rows).centroids
        assert (start == X[:5]).all()
        found = kmeans(5, 9, assignFlag=True, distributed=True).compute(rows, start)
        assert found.assignments.shape == (len(rows), 1)
        pieces = covariance(distributed=True, streaming=True)
        if len(rows):
            pieces.compute(rows)
        np.testing.assert_allclose(pieces.finalize().mean, whole.mean(axis=0, keepdims=True), rtol=1e-12)
    say("done")
else:
    # One process cannot even begin, and all have an error, and can go on together.
    last = my_procid() == num_procs() - 1
    bad = {
        "missing": directory + "/nowhere.csv", "type": 5, "dimensions": X[:, 0], "columns": mine[:, :2], "nan": mine * np.nan, "none": None,
    }[case]
    try:
        covariance(distributed=True).compute(bad if last else mine)
        raise SystemExit("no error")
    except (ValueError, RuntimeError, TypeError) as error:
        expected = {"missing": FileNotFoundError, "type": ValueError, "dimensions": ValueError, "none": RuntimeError}.get(case, RuntimeError)
        assert isinstance(error, expected), error
        words = str(error)
    assert covariance(distributed=True).compute(mine).mean.shape == (1, 4)
    say(words)
