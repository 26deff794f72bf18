# SPDX-License-Identifier: Apache-2.0
"""Golden file for QR and SVD: Tests/LockstepMethodsTests/Golden/factorizations.json.

    python Scripts/golden/factorizations.py [directory]        needs numpy

Rows by `generated_rows`. R and Q by NumPy (LAPACK's Householder QR), signs turned so that the diagonal of R is not negative;
singular values and vectors by NumPy, signs turned so that the number of largest magnitude of each right vector is positive.
Of Q and U a few rows, and a digest of the rows that went in.
"""
import json
import os
import sys

import numpy as np

from generated_rows import digest, generated_rows

CASES = [
    dict(name="narrow", rows=dict(rows=70, columns=4, seed=21, groups=9, box=6.0, spread=1.0)),
    dict(name="far from the origin", rows=dict(rows=90, columns=6, seed=22, groups=11, box=6.0, spread=1.0, offset=256.0)),
    dict(name="square", rows=dict(rows=12, columns=12, seed=23, groups=12, box=5.0, spread=1.0)),
    dict(name="wide", rows=dict(rows=5, columns=9, seed=24, groups=5, box=5.0, spread=1.0)),
]
SHOWN = 5


def case(name, rows):
    x = generated_rows(**rows)
    q, r = np.linalg.qr(x)
    sign = np.where(np.diag(r) < 0, -1.0, 1.0)
    u, s, v = np.linalg.svd(x, full_matrices=False)
    largest = np.abs(v).argmax(axis=1)
    turn = np.sign(v[np.arange(len(v)), largest])
    return dict(
        name=name, rows=dict(rows, offset=rows.get("offset", 0.0), whole=False), rowsDigest=digest(x), r=r * sign[:, None],
        q=(q * sign)[:SHOWN], singularValues=s, rightSingularVectors=v * turn[:, None], left=(u * turn)[:SHOWN])


def plain(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../../Tests/LockstepMethodsTests/Golden")
    cases = [{key: plain(value) for key, value in case(**c).items()} for c in CASES]
    with open(os.path.join(directory, "factorizations.json"), "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(c) for c in cases) + "\n]\n")
