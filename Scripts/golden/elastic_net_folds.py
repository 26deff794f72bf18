# SPDX-License-Identifier: Apache-2.0
"""Writes what scikit-learn makes of its diabetes data: a path, and its cross-validation on the folds that row numbers and a seed give.

Needs scikit-learn: python3 Scripts/golden/elastic_net_folds.py
"""

import json
import pathlib

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.linear_model import ElasticNet

PLACE = pathlib.Path(__file__).parents[2] / "Tests/LockstepMethodsTests/Golden/elastic-net-folds.json"
SEED, FOLDS, ALPHA = 12345, 5, 0.8
MASK = 2**64 - 1


def fold(row: int) -> int:
    z = (SEED + (row + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return ((z ^ (z >> 31)) * FOLDS) >> 64


def fit(x, y, penalty):
    return ElasticNet(alpha=penalty, l1_ratio=ALPHA, tol=1e-15, max_iter=10_000_000).fit(x, y)


def main() -> None:
    x, y = load_diabetes(return_X_y=True, scaled=False)
    folds = np.array([fold(i) for i in range(len(y))])
    greatest = np.abs((x - x.mean(0)).T @ (y - y.mean())).max() / len(y) / ALPHA
    penalties = greatest * np.geomspace(1, 1e-3, 12)
    path = [fit(x, y, penalty) for penalty in penalties]
    errors = np.empty((FOLDS, len(penalties)))
    for k in range(FOLDS):
        for l, penalty in enumerate(penalties):
            errors[k, l] = np.mean((y - fit(x[folds != k], y[folds != k], penalty).predict(x))[folds == k] ** 2)
    sizes = np.bincount(folds)
    mean = np.average(errors, axis=0, weights=sizes)
    deviation = np.sqrt(np.average((errors - mean) ** 2, axis=0, weights=sizes) / (FOLDS - 1))
    best = int(mean.argmin())
    sparse = int(np.argmax(mean <= mean[best] + deviation[best]))
    PLACE.write_text(json.dumps({
        "x": x.tolist(), "y": y.tolist(), "seed": SEED, "folds": FOLDS, "alpha": ALPHA, "sizes": sizes.tolist(),
        "regularizations": penalties.tolist(), "coefficients": [f.coef_.tolist() for f in path],
        "intercepts": [f.intercept_ for f in path], "errors": mean.tolist(), "deviations": deviation.tolist(),
        "least": best, "oneStandardError": sparse}) + "\n")
    print(sizes, best, sparse)


main()
