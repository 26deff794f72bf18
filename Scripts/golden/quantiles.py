# SPDX-License-Identifier: Apache-2.0
"""Golden file for quantiles and histograms: Tests/LockstepMethodsTests/Golden/quantiles.json.

    python Scripts/golden/quantiles.py [directory]        needs numpy

Rows by `generated_rows`; NumPy's `quantile` by its usual method, and `histogram` of seven bins.
"""
import json
import os
import sys

import numpy as np

from generated_rows import digest, generated_rows

LEVELS = [0.0, 0.01, 0.25, 1 / 3, 0.5, 0.75, 0.9, 1.0]
CASES = [
    dict(name="one column", rows=301, columns=1, seed=31, groups=9, box=8.0, spread=1.0),
    dict(name="wide", rows=150, columns=19, seed=33, groups=40, box=5.0, spread=1.0),
    dict(name="far", rows=97, columns=3, seed=34, groups=3, box=6.0, spread=1.0, offset=1048576.0),
    dict(name="whole", rows=1200, columns=9, seed=35, groups=5, box=3.0, spread=1.0, whole=True),
]


def case(name, **spec):
    table = generated_rows(**spec)
    histograms = [np.histogram(column, bins=7) for column in table.T]
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **spec), rowsDigest=digest(table), levels=LEVELS,
                quantiles=[np.quantile(column, LEVELS).tolist() for column in table.T],
                edges=[edges.tolist() for _, edges in histograms],
                counts=[counts.tolist() for counts, _ in histograms])


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "quantiles.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
