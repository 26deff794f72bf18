# SPDX-License-Identifier: Apache-2.0
"""Golden file for DBSCAN: Tests/LockstepMethodsTests/Golden/dbscan.json.

    python Scripts/golden/dbscan.py [directory]        needs numpy and scikit-learn

Rows by `generated_rows`; scikit-learn's DBSCAN with its k-d tree. "weighted" gives row i the weight 1 + i % 3.
"""
import json
import os
import sys

import numpy as np
from sklearn.cluster import DBSCAN

from generated_rows import digest, generated_rows

CASES = [
    dict(name="plane", epsilon=0.12, minPoints=5, rows=dict(rows=600, columns=2, seed=21, groups=6, box=6.0, spread=0.5)),
    dict(name="chains", epsilon=0.32, minPoints=4, rows=dict(rows=500, columns=3, seed=22, groups=30, box=5.0, spread=0.4)),
    dict(name="ten columns", epsilon=1.05, minPoints=6, rows=dict(rows=400, columns=10, seed=23, groups=5, box=6.0, spread=0.5)),
    dict(name="whole numbers", epsilon=1.0, minPoints=4, rows=dict(rows=300, columns=2, seed=24, groups=9, box=20.0, spread=2.0, whole=True)),
    dict(name="far", epsilon=0.16, minPoints=4, rows=dict(rows=300, columns=2, seed=25, groups=4, box=5.0, spread=0.5, offset=4096.0)),
    dict(name="one cluster", epsilon=30.0, minPoints=5, rows=dict(rows=120, columns=3, seed=26, groups=4, box=5.0, spread=0.5)),
    dict(name="noise", epsilon=0.01, minPoints=2, rows=dict(rows=90, columns=3, seed=27, groups=4, box=5.0, spread=0.5)),
]


def fitted(table, spec, weights=None):
    found = DBSCAN(eps=spec["epsilon"], min_samples=spec["minPoints"], algorithm="kd_tree").fit(table, sample_weight=weights)
    return dict(labels=found.labels_.tolist(), cores=found.core_sample_indices_.tolist())


def case(name, rows, **spec):
    table = generated_rows(**rows)
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **rows), rowsDigest=digest(table), **spec,
                plain=fitted(table, spec), weighted=fitted(table, spec, 1 + np.arange(len(table)) % 3))


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "dbscan.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True, separators=(",", ":")) for c in CASES) + "\n]\n")
