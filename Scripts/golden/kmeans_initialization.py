# SPDX-License-Identifier: Apache-2.0
"""The golden file of initial rows: Tests/LockstepMethodsTests/Golden/kmeans-initialization.json.

    python Scripts/golden/kmeans_initialization.py [directory]

needs numpy, daal4py and an MPI library for it (wheel impi-rt): k-means‖ is taken from daal4py's distributed mode, on one
process, as its result does not depend on their number; its stream there always starts from the default seed. All other
methods run in batch mode. Documentation/Lockstep.docc/kmeans-initialization.md says what the modes do.
"""
import json
import os
import re
import sys

import daal4py
import numpy as np

from generated_rows import digest, generated_rows

TABLES = [
    dict(rows=1000, columns=1, seed=11, groups=2, box=4.0, spread=1.0),
    dict(rows=1500, columns=3, seed=12, groups=8, box=12.0, spread=1.0),
    dict(rows=513, columns=17, seed=13, groups=5, box=3.0, spread=1.0),
    dict(rows=700, columns=4, seed=14, groups=6, box=10.0, spread=1.0, offset=1e6),
]
DEFAULT_SEED = 777777


def cases(table):
    """(method, clusters, seed, further parameters) for the table of this index."""
    for run in range(6):
        seed = [DEFAULT_SEED, 0, 1, 4294967295, 2024, 31415][run]
        # Few clusters for `random`: with many, daal4py's batch mode may take a row twice.
        yield "random", 3 + run, seed, {}
        yield "plusPlus", [60, 10, 40, 25, 60, 2][run], seed, {}
        yield "plusPlus", [12, 10, 7, 25, 30, 2][run], seed, dict(trials=[2, 3, 4, 5, 2, 3][run])
    for clusters, factor in [(10, 0.5), (5, 1.0), (20, 0.5), (8, 2.0), (13, 3.7), (2, 1.0)]:
        yield "parallelPlus", clusters, DEFAULT_SEED, dict(oversamplingFactor=factor)


def chosen(rows, method, clusters, seed, parameters):
    engine = daal4py.engines_mt19937(seed=seed)
    if method == "random":
        algorithm = daal4py.kmeans_init(clusters, method="randomDense", engine=engine)
    elif method == "plusPlus":
        algorithm = daal4py.kmeans_init(
            clusters, method="plusPlusDense", nTrials=parameters.get("trials", 1), engine=engine)
    else:
        algorithm = daal4py.kmeans_init(
            clusters, method="parallelPlusDense", oversamplingFactor=parameters["oversamplingFactor"], distributed=True)
    index = {row.tobytes(): i for i, row in enumerate(rows)}
    assert len(index) == len(rows), "two rows are the same"
    return [index[np.ascontiguousarray(centroid).tobytes()] for centroid in algorithm.compute(rows).centroids]


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../../Tests/LockstepMethodsTests/Golden")
    daal4py.daalinit()
    version = ".".join(re.findall(r"\d+", str(daal4py._get__version__()))[:2])
    tables, draws = [], []
    for number, table in enumerate(TABLES):
        rows = generated_rows(**table)
        tables.append(dict(dict(offset=0.0, whole=False), **table, digest=digest(rows)))
        for method, clusters, seed, parameters in cases(number):
            draws.append(dict(
                table=number, method=method, clusters=clusters, seed=seed, **parameters,
                chosen=chosen(rows, method, clusters, seed, parameters)))
    with open(os.path.join(directory, "kmeans-initialization.json"), "w") as file:
        lines = lambda items: ",\n".join("    " + json.dumps(item) for item in items)
        file.write(f'{{\n  "source": "daal4py {version}",\n  "tables": [\n{lines(tables)}\n  ],\n')
        file.write(f'  "draws": [\n{lines(draws)}\n  ]\n}}\n')
    print(len(draws), "draws")
