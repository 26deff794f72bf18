# SPDX-License-Identifier: Apache-2.0
"""Golden file for moments, covariance, PCA and regressions: Tests/LockstepMethodsTests/Golden/cross-products.json.

    python Scripts/golden/cross_products.py [directory]        needs numpy, scipy and scikit-learn

Rows by `generated_rows`; the last columns are the responses, the others the features. Moments and covariance by NumPy,
components by scikit-learn's PCA (on columns scaled to a deviation of 1 for the correlation; signs made as Lockstep's: the
loading of largest magnitude is positive), ridge by scikit-learn's Ridge, least squares by QR with the formulas that R and
statsmodels use for standard errors, t, p, R², adjusted R² and F, tail probabilities by SciPy.
"""
import json
import os
import sys

import numpy as np
import scipy.stats as st
from sklearn.decomposition import PCA
from sklearn.linear_model import Ridge

from generated_rows import digest, generated_rows

CASES = [
    dict(name="narrow", rows=dict(rows=60, columns=5, seed=11, groups=7, box=8.0, spread=1.0), responses=2, penalty=0.7),
    dict(name="wide", rows=dict(rows=150, columns=24, seed=12, groups=40, box=5.0, spread=1.0), responses=1, penalty=25.0),
    dict(name="far", rows=dict(rows=90, columns=4, seed=13, groups=9, box=6.0, spread=1.0, offset=4096.0), responses=1,
         penalty=3.0),
]


def signed(components):
    largest = np.abs(components).argmax(axis=1)
    return components * np.sign(components[np.arange(len(components)), largest])[:, None]


def least_squares(x, y):
    n, p = x.shape
    design = np.column_stack([np.ones(n), x - x.mean(axis=0)])  # centred for its condition; undone below
    q, r = np.linalg.qr(design)
    b = np.linalg.solve(r, q.T @ y)
    residual = y - design @ b
    freedom = n - p - 1
    rss = (residual**2).sum(axis=0)
    tss = ((y - y.mean(axis=0)) ** 2).sum(axis=0)
    sigma = np.sqrt(rss / freedom)
    inverse = np.linalg.inv(r) @ np.linalg.inv(r).T
    coefficients = b[1:].T
    errors = np.sqrt(np.diag(inverse)[1:])[None, :] * sigma[:, None]
    mean = x.mean(axis=0)
    intercepts = b[0] - coefficients @ mean
    intercept_errors = sigma * np.sqrt(1 / n + mean @ inverse[1:, 1:] @ mean)
    t = coefficients / errors
    f = (tss - rss) / p / (rss / freedom)
    return dict(coefficients=coefficients, intercepts=intercepts, standardErrors=errors,
                interceptStandardErrors=intercept_errors, pValues=2 * st.t.sf(np.abs(t), freedom), rSquared=1 - rss / tss,
                adjustedRSquared=1 - rss / freedom / (tss / (n - 1)), residualStandardDeviations=sigma, fStatistics=f,
                fPValues=st.f.sf(f, p, freedom))


def case(name, rows, responses, penalty):
    table = generated_rows(**rows)
    x, y = table[:, :-responses], table[:, -responses:]
    spec = dict(dict(offset=0.0, whole=False), **rows)
    scaled = (x - x.mean(axis=0)) / x.std(axis=0, ddof=1)
    ridge = Ridge(alpha=penalty, solver="cholesky").fit(x, y)
    result = dict(name=name, rows=spec, rowsDigest=digest(table), responses=responses, penalty=penalty,
                  mean=x.mean(axis=0), variance=x.var(axis=0, ddof=1), minimum=x.min(axis=0), maximum=x.max(axis=0),
                  sumSquares=(x**2).sum(axis=0), covariance=np.cov(x.T), correlation=np.corrcoef(x.T),
                  ridgeCoefficients=ridge.coef_.reshape(responses, -1), ridgeIntercepts=np.atleast_1d(ridge.intercept_),
                  leastSquares=least_squares(x, y))
    for kind, data in (("covariance", x), ("correlation", scaled)):
        pca = PCA(svd_solver="full").fit(data)
        result[kind + "Eigenvalues"] = pca.explained_variance_
        result[kind + "Components"] = signed(pca.components_)
    return result


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value.tolist() if isinstance(value, np.ndarray) else value


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "cross-products.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(plain(case(**c)), sort_keys=True) for c in CASES) + "\n]\n")
