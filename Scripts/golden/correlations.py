# SPDX-License-Identifier: Apache-2.0
"""Golden file for what is said of correlations: Tests/LockstepMethodsTests/Golden/correlations.json.

    python Scripts/golden/correlations.py [directory]        needs numpy and scipy

Rows by `generated_rows`; SciPy's `pearsonr` of each pair of columns, with limits of 0.9, and partial correlations by NumPy's `inv`.
"""
import json
import os
import sys

import numpy as np
import scipy.stats

from generated_rows import digest, generated_rows

CASES = [
    dict(name="few", rows=9, columns=4, seed=51, groups=3, box=4.0, spread=1.0),
    dict(name="wide", rows=150, columns=19, seed=52, groups=40, box=5.0, spread=1.0),
]


def case(name, **spec):
    table = generated_rows(**spec)
    p = table.shape[1]
    values, low, high = np.zeros((p, p)), np.ones((p, p)), np.ones((p, p))
    for i in range(p):
        for j in range(p):
            if i != j:
                found = scipy.stats.pearsonr(table[:, i], table[:, j])
                values[i, j] = found.pvalue
                low[i, j], high[i, j] = found.confidence_interval(0.9)
    precision = np.linalg.inv(np.corrcoef(table.T))
    partial = -precision / np.sqrt(np.outer(np.diag(precision), np.diag(precision)))
    np.fill_diagonal(partial, 1)
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **spec), rowsDigest=digest(table),
                pValues=values.ravel().tolist(), low=low.ravel().tolist(), high=high.ravel().tolist(),
                partial=partial.ravel().tolist())


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "correlations.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
