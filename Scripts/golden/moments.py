# SPDX-License-Identifier: Apache-2.0
"""Golden file for moments of higher order: Tests/LockstepMethodsTests/Golden/moments.json.

    python Scripts/golden/moments.py [directory]        needs numpy and scipy

Rows by `generated_rows`. Skewness and excess kurtosis by their definitions, in exact fractions of the rows' doubles; SciPy's must agree with
them as far as doubles allow. "missing" leaves out the entries (i, j) with (7 i + 3 j) % 5 == 0, column by column; "weighted" repeats row i as
often as 1 + i % 3 says.
"""
import json
import os
import sys
from decimal import Decimal, getcontext
from fractions import Fraction

import numpy as np
import scipy.stats

from generated_rows import digest, generated_rows

getcontext().prec = 60

CASES = [
    dict(name="one column", rows=301, columns=1, seed=21, groups=9, box=8.0, spread=1.0),
    dict(name="narrow", rows=163, columns=5, seed=22, groups=7, box=8.0, spread=1.0),
    dict(name="wide", rows=150, columns=19, seed=23, groups=40, box=5.0, spread=1.0),
    dict(name="far", rows=97, columns=3, seed=24, groups=3, box=6.0, spread=1.0, offset=1048576.0),
    dict(name="whole", rows=120, columns=9, seed=25, groups=5, box=3.0, spread=1.0, whole=True),
]


def shape(column):
    """Count, mean, variance, skewness, excess kurtosis and zeros of numbers, rounded once."""
    numbers = [Fraction(x) for x in column.tolist()]
    n = len(numbers)
    mean = sum(numbers) / n
    second, third, fourth = (sum((x - mean) ** k for x in numbers) / n for k in (2, 3, 4))

    def decimal(x):
        return Decimal(x.numerator) / Decimal(x.denominator)

    skewness = float(decimal(third) / (decimal(second) * decimal(second).sqrt()))
    kurtosis = float(fourth / second**2 - 3)
    # SciPy takes powers of differences from a mean that is a double: its digits go as the mean grows beside the deviation.
    scale = 1e-12 * max(1.0, abs(float(mean)) / float(decimal(second).sqrt()))
    assert abs(scipy.stats.skew(column) - skewness) < scale, (scipy.stats.skew(column), skewness)
    assert abs(scipy.stats.kurtosis(column) - kurtosis) < scale
    return dict(count=n, mean=float(mean), variance=float(second * n / (n - 1)), skewness=skewness, kurtosis=kurtosis,
                zeroCount=int(np.sum(column == 0)))


def columns_of(table, keep=None):
    found = [shape(table[:, j] if keep is None else table[keep[:, j], j]) for j in range(table.shape[1])]
    return {name: [column[name] for column in found] for name in found[0]}


def case(name, **spec):
    table = generated_rows(**spec)
    i, j = np.indices(table.shape)
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **spec), rowsDigest=digest(table),
                plain=columns_of(table), missing=columns_of(table, (7 * i + 3 * j) % 5 != 0),
                weighted=columns_of(np.repeat(table, 1 + np.arange(len(table)) % 3, axis=0)))


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "moments.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
