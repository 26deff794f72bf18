# SPDX-License-Identifier: Apache-2.0
"""Golden file for rank correlations: Tests/LockstepMethodsTests/Golden/rank-correlation.json.

    python Scripts/golden/rank_correlation.py [directory]        needs numpy and SciPy

Rows by `generated_rows`; SciPy's spearmanr.
"""
import json
import os
import sys

import numpy as np
from scipy.stats import spearmanr

from generated_rows import digest, generated_rows

CASES = [
    dict(name="narrow", rows=60, columns=5, seed=31, groups=7, box=8.0, spread=1.0),
    dict(name="ties", rows=200, columns=4, seed=32, groups=5, box=6.0, spread=1.0, whole=True),
    dict(name="few rows", rows=5, columns=6, seed=33, groups=2, box=4.0, spread=1.0),
    dict(name="far", rows=90, columns=3, seed=34, groups=9, box=6.0, spread=1.0, offset=4096.0),
    dict(name="strong", rows=400, columns=3, seed=35, groups=2, box=200.0, spread=0.5),
]


def case(name, **spec):
    table = generated_rows(**spec)
    found = spearmanr(table)
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **spec), rowsDigest=digest(table),
                correlation=found.statistic.tolist(), pValues=found.pvalue.tolist())


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "rank-correlation.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
