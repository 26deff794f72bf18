# SPDX-License-Identifier: Apache-2.0
"""Golden file for the Ledoit-Wolf covariance: Tests/LockstepMethodsTests/Golden/ledoit-wolf.json.

    python Scripts/golden/ledoit_wolf.py [directory]        needs numpy and scikit-learn

Rows by `generated_rows`; scikit-learn's LedoitWolf and OAS. "weighted" repeats row i as often as 1 + i % 3 says.
"""
import json
import os
import sys

import numpy as np
from sklearn.covariance import OAS, LedoitWolf

from generated_rows import digest, generated_rows

CASES = [
    dict(name="narrow", rows=60, columns=5, seed=11, groups=7, box=8.0, spread=1.0),
    dict(name="wide", rows=150, columns=24, seed=12, groups=40, box=5.0, spread=1.0),
    dict(name="fewer rows than columns", rows=12, columns=30, seed=14, groups=4, box=2.0, spread=1.0),
    dict(name="far", rows=90, columns=4, seed=13, groups=9, box=6.0, spread=1.0, offset=4096.0),
    dict(name="noise", rows=40, columns=6, seed=15, groups=1, box=1.0, spread=1.0),
]


def case(name, **spec):
    table = generated_rows(**spec)
    plain = LedoitWolf().fit(table)
    repeated = LedoitWolf().fit(np.repeat(table, 1 + np.arange(len(table)) % 3, axis=0))
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **spec), rowsDigest=digest(table),
                means=plain.location_.tolist(), covariance=plain.covariance_.tolist(), shrinkage=float(plain.shrinkage_), oasShrinkage=float(OAS().fit(table).shrinkage_),
                weightedCovariance=repeated.covariance_.tolist(), weightedShrinkage=float(repeated.shrinkage_))


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "ledoit-wolf.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
