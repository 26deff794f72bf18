#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the robust and clustered covariances of Longley's regression in arithmetic of 60 digits, of which R keeps 7. Needs mpmath:
    Scripts/golden/robust_exact.py > Tests/LockstepMethodsTests/Golden/robust-exact.json
"""

import json
import pathlib

from mpmath import inverse, matrix, mp, mpf

mp.dps = 60
golden = pathlib.Path(__file__).parents[2] / "Tests/LockstepMethodsTests/Golden/robust.json"
data = next(model for model in json.loads(golden.read_text())["sets"] if model["name"] == "longley")
n = len(data["y"])
X = matrix([[mpf(1)] + [mpf(value) for value in row] for row in data["x"]])
y = matrix([mpf(value) for value in data["y"]])
k = X.cols
bread = inverse(X.T * X)
residuals = y - X * (bread * (X.T * y))


def covariance(scores: list, factor: mpf) -> list[float]:
    meat = matrix(k, k)
    for score in scores:
        meat += score * score.T
    found = bread * meat * bread * factor
    return [float(found[i, j]) for i in range(k) for j in range(k)]


rest = [1 - (X[i, :] * bread * X[i, :].T)[0] for i in range(n)]
scores = [residuals[i] * X[i, :].T for i in range(n)]
clusters: dict[str, matrix] = {}
for label, score in zip(data["clusters"], scores):
    clusters[label] = clusters.get(label, matrix(k, 1)) + score
count = mpf(len(clusters))
covariances = [
    covariance(scores, mpf(1)), covariance(scores, mpf(n) / (n - k)),
    covariance([score / mp.sqrt(h) for score, h in zip(scores, rest)], mpf(1)),
    covariance([score / h for score, h in zip(scores, rest)], mpf(1)),
    covariance(list(clusters.values()), mpf(1)),
    covariance(list(clusters.values()), count / (count - 1) * (n - 1) / (n - k)),
]
print(json.dumps({"longley": covariances}, indent=1))
