# SPDX-License-Identifier: Apache-2.0
"""Golden files for Lloyd's iterations: Tests/LockstepMethodsTests/Golden/kmeans-*.json.

    python Scripts/golden/kmeans.py [directory]        needs numpy and scikit-learn

scikit-learn's KMeans (algorithm="lloyd", n_init=1, tol=0) from given starts, on the rows of `generated_rows`. A plain
Lloyd in this file runs beside it, without scikit-learn's tricks, and must give the same labels, iterations, centroids and
inertia (to 1e-12): a golden file thus does not depend on a rounding, and the rules below are what scikit-learn does.

How scikit-learn (1.9) iterates, `_kmeans_single_lloyd`:
  * The column means are subtracted first, from rows and start, and added to the centroids at the end. (tol is multiplied by
    the mean of the columns' variances; here it is 0.)
  * An iteration assigns each row to its nearest centroid, the lowest index on ties, and moves the centroids to the means.
  * It stops when the labels are those of the iteration before (that last iteration moved nothing, and is counted), when
    the sum of squared shifts is at most tol, or after max_iter iterations. In the first case labels and centroids fit
    each other; in the others the rows are assigned once more, so that they do.
  * The inertia is the sum of squared distances of the rows to the centroid of their label, at the end.

How it relocates empty clusters, `_relocate_empty_clusters_dense`, within an iteration, after the rows are assigned and
their sums taken, before the sums are divided:
  * The squared distance of every row to the *old* centroid of its label is taken. If the largest is 0, nothing is
    relocated.
  * With e empty clusters, the e rows farthest away are chosen: `argpartition(distances, -e)[:-e-1:-1]`. The farthest e
    rows are certain; their order among themselves, and the choice among equal distances, are what the partition leaves.
    With e = 1 it is the farthest row.
  * The empty clusters in ascending index take these rows in that order: the new cluster's sum is the row, its weight the
    row's weight; the row is taken out of the sum and the weight of the cluster it was in.
  * The labels are not changed: the row's label of this iteration stays the old cluster's.
  * A cluster that is (or thereby becomes) empty is then placed where the heaviest cluster is: the centroid is a copy of
    the centroid of the first cluster of largest weight. Precisely: clusters are divided in ascending index, so a cluster
    with a lower index than the heaviest copies that one's sum before the division. (A defect; no case here comes to it.)
This file's own rule, which is Lockstep's, orders the farthest rows: descending distance, ascending row on ties.
"""
import json
import os
import sys

import numpy as np
import sklearn
from sklearn.cluster import KMeans

from generated_rows import digest, generated_rows

CASES = [
    # name, rows, start (row indices, or far-away points added to them), iterations
    dict(name="separated", rows=dict(rows=300, columns=2, seed=1, groups=4, box=40.0, spread=1.0), start=[0, 1, 2, 3],
         maximum=100),
    dict(name="overlapping", rows=dict(rows=500, columns=5, seed=2, groups=6, box=4.0, spread=1.0),
         start=[0, 100, 200, 300, 400, 499], maximum=300),
    dict(name="cut-short", rows=dict(rows=500, columns=5, seed=2, groups=6, box=4.0, spread=1.0),
         start=[0, 100, 200, 300, 400, 499], maximum=5),
    dict(name="one-iteration", rows=dict(rows=257, columns=17, seed=3, groups=8, box=6.0, spread=1.0),
         start=[0, 1, 2, 3, 4, 5, 6, 7], maximum=1),
    dict(name="far-from-origin", rows=dict(rows=400, columns=3, seed=4, groups=5, box=12.0, spread=1.0, offset=1e6),
         start=[0, 1, 2, 3, 4], maximum=100),
    dict(name="single-cluster", rows=dict(rows=200, columns=4, seed=5, groups=3, box=8.0, spread=1.0), start=[7],
         maximum=100),
    dict(name="one-empty", rows=dict(rows=300, columns=2, seed=6, groups=3, box=30.0, spread=1.0), start=[0, 1, 2],
         points=[[1e3, 1e3]], maximum=100),
    dict(name="two-empty", rows=dict(rows=300, columns=3, seed=7, groups=3, box=30.0, spread=1.0), start=[0, 1, 2],
         points=[[1e3, 1e3, 0.0], [-1e3, 5.0, 1e3]], maximum=100),
    dict(name="same-start-twice", rows=dict(rows=240, columns=2, seed=8, groups=4, box=25.0, spread=1.0),
         start=[5, 5, 6, 9], maximum=100),
    # Weights are quarters: (7 i mod 9) / 4, so that every ninth row has none.
    dict(name="weighted", rows=dict(rows=500, columns=5, seed=2, groups=6, box=4.0, spread=1.0),
         start=[1, 100, 200, 300, 400, 499], maximum=300, weighted=True),
    dict(name="weighted-one-empty", rows=dict(rows=300, columns=2, seed=6, groups=3, box=30.0, spread=1.0), start=[1, 2, 3],
         points=[[1e3, 1e3]], maximum=100, weighted=True),
    dict(name="copies-of-rows", rows=dict(rows=400, columns=2, seed=9, groups=3, box=14.0, spread=1.0, whole=True),
         start=[], points=[[0.3, 0.7], [5.1, 2.2], [-4.3, 1.9], [-0.6, -3.4]], maximum=100),
]


def plain_lloyd(rows, start, maximum, weights):
    """Lloyd's iterations, written down: (labels, centroids, inertia, iterations, relocated rows, smallest margin)."""
    centroids, before, relocated, margin = start.copy(), None, [], np.inf
    everyone = np.arange(len(rows))

    def assign(centroids):
        nonlocal margin
        distances = ((rows[:, None, :] - centroids[None, :, :]) ** 2).sum(axis=2)
        if len(centroids) > 1:
            # How near a row is to a tie. Between centroids that are the same point a tie is certain, and no danger.
            nearest, next_nearest = np.sort(distances, axis=1)[:, :2].T
            if len(np.unique(centroids, axis=0)) == len(centroids):
                margin = min(margin, ((next_nearest - nearest) / next_nearest).min())
        labels = distances.argmin(axis=1)
        return labels, distances[everyone, labels]

    for iteration in range(1, maximum + 1):
        labels, distances = assign(centroids)
        counts = np.bincount(labels, weights=weights, minlength=len(start))
        sums = np.stack([(weights[:, None] * rows)[labels == j].sum(axis=0) for j in range(len(start))])
        empty = np.flatnonzero(counts == 0)
        if len(empty) and distances.max() > 0:
            # Lockstep's rule leaves rows of weight 0 alone, and so must scikit-learn's choice here.
            farthest = np.lexsort((everyone, -distances))[: len(empty)]
            assert (weights[farthest] > 0).all(), "a row of weight 0 is farthest; choose another case"
            for cluster, row in zip(empty, farthest):
                sums[labels[row]] -= weights[row] * rows[row]
                counts[labels[row]] -= weights[row]
                sums[cluster], counts[cluster] = weights[row] * rows[row], weights[row]
                relocated.append([iteration, int(cluster), int(row)])
        assert counts.min() > 0, "a cluster stays empty; choose another case"
        centroids = sums / counts[:, None]
        # Rows of weight 0 may still change: scikit-learn then stops because no centroid has moved.
        if before is not None and np.array_equal(labels[weights > 0], before[weights > 0]):
            break
        before = labels
    else:
        labels, _ = assign(centroids)
    inertia = (weights[:, None] * (rows - centroids[labels]) ** 2).sum()
    return labels, centroids, inertia, iteration, relocated, margin


def compact(value):
    """JSON with one key a line, and one row of a matrix a line."""
    def text(item):
        if isinstance(item, list) and item and isinstance(item[0], list):
            return "[\n" + ",\n".join("    " + json.dumps(row) for row in item) + "\n  ]"
        return json.dumps(item)
    return "{\n" + ",\n".join(f"  {json.dumps(key)}: {text(item)}" for key, item in value.items()) + "\n}\n"


def make(case):
    rows = generated_rows(**case["rows"])
    start = np.concatenate([rows[case["start"]], np.array(case.get("points", [])).reshape(-1, rows.shape[1])])
    is_weighted = case.get("weighted", False)
    weights = np.arange(len(rows)) * 7 % 9 / 4 if is_weighted else np.ones(len(rows))
    model = KMeans(len(start), init=start, n_init=1, max_iter=case["maximum"], tol=0.0, algorithm="lloyd").fit(
        rows, sample_weight=weights if is_weighted else None)
    # The plain one runs on centred rows too: at a mean of 1e6 it is the rows that lose digits, not the method.
    mean = rows.mean(axis=0)
    labels, centroids, inertia, iterations, relocated, margin = plain_lloyd(rows - mean, start - mean, case["maximum"], weights)
    assert np.array_equal(labels, model.labels_), case["name"]
    assert iterations == model.n_iter_, (case["name"], iterations, model.n_iter_)
    assert margin > 1e-9, (case["name"], "a row is nearly in the middle of two centroids; choose another case")
    # Centroids are compared on the scale of their coordinates, as a centroid coordinate may be near zero.
    scale = np.abs(rows).max()
    worst = np.abs(centroids + mean - model.cluster_centers_).max() / scale
    assert worst < 1e-12, (case["name"], worst)
    assert abs(inertia - model.inertia_) <= 1e-12 * model.inertia_, case["name"]
    print(f"{case['name']}: {iterations} iterations, relocated {relocated}, smallest margin {margin:.1e}, "
          f"centroids within {worst:.1e}")
    return dict(
        name=case["name"], source=f"scikit-learn {sklearn.__version__}",
        rows=dict(dict(offset=0.0, whole=False), **case["rows"]), rowsDigest=digest(rows),
        startRows=case["start"], startPoints=case.get("points", []), maximumIterations=case["maximum"],
        iterations=int(model.n_iter_), inertia=float(model.inertia_),
        **(dict(weighted=True) if is_weighted else {}),
        sizes=np.bincount(model.labels_[weights > 0], minlength=len(start)).tolist(),
        centroids=model.cluster_centers_.tolist(),
        # [iteration from 1, cluster, row]
        relocations=relocated,
        labels="".join(str(label) for label in model.labels_))


if __name__ == "__main__":
    here = os.path.dirname(os.path.abspath(__file__))
    directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "../../Tests/LockstepMethodsTests/Golden")
    for case in CASES:
        with open(os.path.join(directory, f"kmeans-{case['name']}.json"), "w") as file:
            file.write(compact(make(case)))
