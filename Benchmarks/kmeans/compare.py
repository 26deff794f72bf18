# SPDX-License-Identifier: Apache-2.0
"""The work of Benchmarks/kmeans/compare: python compare.py LOCKSTEP DATA ROUNDS."""

import json
import os
import statistics
import subprocess
import sys
import time

import numpy as np

LOCKSTEP, DATA, ROUNDS = sys.argv[1], sys.argv[2], int(sys.argv[3])
ITERATIONS = 20
# rows, columns, clusters: overlapping blobs, as many as clusters.
SHAPES = [(1_000_000, 50, 100), (1_000_000, 20, 10)]


def blobs(n, p, k):
    """Rows and a start, made once."""
    rows, start = (os.path.join(DATA, f"kmeans-{n}x{p}-{k}-{what}.npy") for what in ("rows", "start"))
    if not os.path.exists(rows):
        random = np.random.default_rng(8)
        centers = random.uniform(-3, 3, (k, p))
        x = centers[random.integers(0, k, n)] + random.standard_normal((n, p))
        np.save(start, x[np.sort(random.choice(n, k, replace=False))])
        np.save(rows, x)
    return rows, start


def lockstep(rows, start, k, *options):
    """Seconds of computing, objective, and labels, by the command line."""
    labels = os.path.join(DATA, "labels.npy")
    command = [LOCKSTEP, "kmeans", "--clusters", str(k), "--centroids", start, "--max-iterations", str(ITERATIONS)]
    result = subprocess.run(
        command + ["--json", "--assignments", labels, *options, rows], check=True, capture_output=True, text=True)
    report = json.loads(result.stdout)
    seconds = report["seconds"]["compute"] + report["seconds"]["communicate"]
    return seconds, report["model"]["objective"], np.load(labels).ravel()


def daal4py(x, start, k):
    import daal4py

    daal4py.daalinit()
    begin = time.perf_counter()
    result = daal4py.kmeans(nClusters=k, maxIterations=ITERATIONS, accuracyThreshold=0.0).compute(x, start)
    seconds = time.perf_counter() - begin
    return seconds, float(result.objectiveFunction[0, 0]), result.assignments.ravel()


def scikit_learn(x, start, k):
    from sklearn.cluster import KMeans

    model = KMeans(k, init=start, n_init=1, max_iter=ITERATIONS, tol=0, algorithm="lloyd")
    begin = time.perf_counter()
    model.fit(x)
    return time.perf_counter() - begin, model.inertia_, model.labels_


failed = False
for n, p, k in SHAPES:
    rows, start = blobs(n, p, k)
    x, c = np.load(rows), np.load(start)
    runs = {
        "lockstep": lambda: lockstep(rows, start, k),
        "lockstep, 2 processes": lambda: lockstep(rows, start, k, "-n", "2", "--threads", "1"),
        "lockstep, any order": lambda: lockstep(rows, start, k, "--irreproducible"),
        "daal4py": lambda: daal4py(x, c, k),
        "scikit-learn": lambda: scikit_learn(x, c, k),
    }
    times = {name: [] for name in runs}
    results = {}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            seconds, objective, labels = run()
            times[name].append(seconds)
            results[name] = objective, labels
    print(f"\nk-means, {n:,} x {p} doubles, k = {k}, {ITERATIONS} iterations, {ROUNDS} rounds: seconds")
    ours = statistics.median(times["lockstep"])
    for name, seconds in times.items():
        objective, labels = results[name]
        different = int((labels != results["lockstep"][1]).sum())
        median = statistics.median(seconds)
        print(
            f"  {name:22} median {median:7.3f}  best {min(seconds):7.3f}  x {median / ours:5.2f}"
            f"  objective {objective:.12g}  labels unlike ours {different}")
        failed |= different > 0 or abs(objective / results["lockstep"][0] - 1) > 1e-9
sys.exit("some result differs" if failed else 0)
