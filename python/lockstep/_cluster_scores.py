# SPDX-License-Identifier: Apache-2.0
"""How well clusters are told apart, over the rows of all processes."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, _validation
from ._clusters import squares_to
from ._errors import ArgumentError, DataError, ShapeError
from ._projection import blocks, squared_distances
from ._world import communicator


def _near_squares(values: Any, center: np.ndarray) -> np.ndarray:
    """The squared distance of each row to one center, from differences: of rows that may lie on it."""
    if not _validation.is_sparse(values):
        return squared_distances(values, center[None, :])[:, 0]
    found = np.empty(values.shape[0])
    for rows in blocks(*values.shape):
        found[rows] = squared_distances(values[rows].toarray(), center[None, :])[:, 0]
    return found


class _Clusters:
    """Rows with a label each: of each cluster the number of rows, the mean, and the sum of squares about it, the same on all processes."""

    def __init__(self, name: str, X: Any, labels: Any, comm: Any) -> None:
        self.group = communicator(comm)

        def prepare() -> tuple[Any, np.ndarray]:
            values = _validation.matrix(X, minimum=1 if self.group.size == 1 else 0, sparse=True)
            found = np.asarray(labels)
            if found.shape != (values.shape[0],):
                raise ShapeError(f"labels of shape {found.shape} for {values.shape[0]} rows")
            if found.dtype.kind in "iub":
                return values, found.astype(np.int64)
            if self.group.size > 1 and found.size:
                raise ArgumentError("labels of rows on several processes are whole numbers")
            return values, np.unique(found, return_inverse=True)[1].astype(np.int64)

        self.values, self.labels = self.group.together(name, prepare)
        self.members: list[np.ndarray] = []
        counts, means, squares = [], [], []
        rest, left = self.labels, None
        while left is None or left > 0:
            # The lowest label that is left on any process.
            lowest = self._moments(rest)
            left = lowest.row_count if left is None else left
            label = int(lowest["minimum"][0])
            mine = self.labels == label
            found = self._moments(self.values[mine])
            self.members.append(mine)
            counts.append(found.row_count)
            means.append(found["mean"])
            squares.append(float(np.sum(found["sumSquaresCentered"])))
            rest = rest[rest != label]
            left -= found.row_count
        self.counts, self.means, self.squares = np.array(counts, dtype=np.float64), np.array(means), np.array(squares)
        self.count = float(self.counts.sum())
        if not 2 <= len(counts) <= self.count - 1:
            raise DataError(f"Number of labels is {len(counts)}. Valid values are 2 to n_samples - 1 (inclusive)")

    def _moments(self, values: Any) -> _core.Model:
        if values.ndim == 1:
            values = values.reshape(-1, 1).astype(np.float64)
        found: _core.Model = _core.fit("moments", None, values, comm=self.group)
        return found

    def mean(self, values: np.ndarray) -> float:
        """The mean of one number for each row of some rows of all processes: the same bits however they are spread."""
        return float(self._moments(values)["mean"][0])


def silhouette_score(X: Any, labels: Any, *, metric: str = "sqeuclidean", comm: Any = None) -> float:
    """The mean over all rows of (b − a) / max(a, b): a is the mean squared distance to the other rows of the same cluster, b the least to
    those of another one. Without pairs of rows, in time n · k · p.

    Parameters
    ----------
    X : array or sparse rows (n_samples, n_features)
        This process's rows.
    labels : array (n_samples,)
        The cluster of each; on several processes whole numbers.
    metric : "sqeuclidean"
        Squared Euclidean distances, as in Spark; no others.
    comm : Communicator or mpi4py communicator, optional

    Returns
    -------
    float

    Examples
    --------
    >>> import lockstep
    >>> round(lockstep.silhouette_score([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1]), 6)
    0.98995
    """
    if metric != "sqeuclidean":
        raise ArgumentError(f'silhouette_score has metric="sqeuclidean" only, not {metric!r}: others need all pairs of rows')
    found = _Clusters("silhouette_score()", X, labels, comm)
    distances = squares_to(found.values, found.means) + found.squares / found.counts
    scores = np.zeros(len(found.labels))
    for j, mine in enumerate(found.members):
        if found.counts[j] < 2:
            continue
        within = distances[mine, j] * (found.counts[j] / (found.counts[j] - 1))
        other = np.delete(distances[mine], j, axis=1).min(axis=1)
        largest = np.maximum(within, other)
        scores[mine] = np.divide(other - within, largest, out=np.zeros(len(within)), where=largest > 0)
    return found.mean(scores)


def calinski_harabasz_score(X: Any, labels: Any, *, comm: Any = None) -> float:
    """The ratio of the variance between the clusters to that within them: larger is better.

    Parameters
    ----------
    X : array or sparse rows (n_samples, n_features)
        This process's rows.
    labels : array (n_samples,)
        The cluster of each; on several processes whole numbers.
    comm : Communicator or mpi4py communicator, optional

    Returns
    -------
    float

    Examples
    --------
    >>> import lockstep
    >>> lockstep.calinski_harabasz_score([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1])
    200.0
    """
    found = _Clusters("calinski_harabasz_score()", X, labels, comm)
    center = (found.counts / found.count) @ found.means
    between = float(found.counts @ ((found.means - center) ** 2).sum(axis=1))
    within, k = float(found.squares.sum()), len(found.counts)
    return 1.0 if within == 0 else between * (found.count - k) / (within * (k - 1))


def davies_bouldin_score(X: Any, labels: Any, *, comm: Any = None) -> float:
    """The mean over the clusters of the likeness to the one that is most like each: smaller is better.

    Parameters
    ----------
    X : array or sparse rows (n_samples, n_features)
        This process's rows.
    labels : array (n_samples,)
        The cluster of each; on several processes whole numbers.
    comm : Communicator or mpi4py communicator, optional

    Returns
    -------
    float

    Examples
    --------
    >>> import lockstep
    >>> lockstep.davies_bouldin_score([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1])
    0.1
    """
    found = _Clusters("davies_bouldin_score()", X, labels, comm)
    spreads = np.array([
        found.mean(np.sqrt(_near_squares(found.values[mine], found.means[j]))) for j, mine in enumerate(found.members)
    ])
    apart = np.sqrt(((found.means[:, None, :] - found.means[None, :, :]) ** 2).sum(axis=2))
    if np.allclose(spreads, 0) or np.allclose(apart, 0):
        return 0.0
    apart[apart == 0] = np.inf
    return float(np.mean(np.max((spreads[:, None] + spreads[None, :]) / apart, axis=1)))
