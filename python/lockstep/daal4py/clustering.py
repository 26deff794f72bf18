# SPDX-License-Identifier: Apache-2.0
"""k-means, its starting centroids, and DBSCAN."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._errors import LockstepError
from .._rows import Rows, accompanied
from .._rows import rows as rows_of
from . import _engine, _input
from ._algorithm import Algorithm, Attributes, needed

_RULES = {"deterministic": "first-rows", "random": "random", "plusPlus": "plus-plus", "parallelPlus": "parallel"}
_TOO_MANY = "Number of clusters exceeds the number of points"


def _words(error: LockstepError) -> str | None:
    return _TOO_MANY if error.code == "tooFewRows" else None


class kmeans_init_result(Attributes):
    """``centroids``: the starting centroids, k × p, the same on all processes."""

    _names = ("centroids",)


class kmeans_init(Algorithm):
    """Starting centroids for :class:`kmeans`: for a seed always the same rows, on any number of processes.

    Parameters
    ----------
    nClusters : int
    fptype : {"double", "float"}
    method : str
        ``defaultDense`` or ``deterministicDense``: the first rows; ``randomDense``; ``plusPlusDense``: k-means++;
        ``parallelPlusDense``: k-means‖; and the same with ``CSR``.
    nTrials : int
        k-means++: draws for each centroid, of which the best is taken; default 1. Without effect if distributed.
    oversamplingFactor : float
        k-means‖: rows drawn in a round, as a share of nClusters; default 0.5.
    nRounds : int
        k-means‖: the number of rounds; default 5.
    engine : object, optional
        One of the ``engines_*``, for its seed; by default MT19937 with seed 777777.
    distributed : bool
    """

    _methods = {"defaultDense"} | {rule + form for rule in _RULES for form in ("Dense", "CSR")}

    def __init__(
        self, nClusters: int, fptype: str = "double", method: str = "defaultDense", nTrials: int = -1,
        oversamplingFactor: float = math.nan, nRounds: int = -1, engine: Any = None, distributed: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed)
        self.nClusters = _engine.count("kmeans_init", "nClusters", nClusters)
        self.nTrials = _engine.count("kmeans_init", "nTrials", nTrials, default=1)
        self.nRounds = _engine.count("kmeans_init", "nRounds", nRounds, default=5)
        self.oversamplingFactor = 0.5 if math.isnan(oversamplingFactor) else float(oversamplingFactor)
        if not self.oversamplingFactor > 0:
            raise RuntimeError(f"Incorrect parameter oversamplingFactor of kmeans_init: {self.oversamplingFactor} is not above 0")
        if engine is not None and not isinstance(engine, _engine._Engine):
            raise TypeError(f"engine is one of the engines_* of this package, not {type(engine).__name__}")
        self.engine = engine

    def compute(self, data: Any, *parts: Any) -> kmeans_init_result:
        """The centroids among the rows of this process, or of all if distributed.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        *parts
            What is put into a file name such as ``"file{}.csv"``.
        """
        rule = "deterministic" if self.method == "defaultDense" else self.method.removesuffix("Dense").removesuffix("CSR")
        parameters = {
            "clusterCount": self.nClusters, "method": _RULES[rule], "trials": 1 if self.distributed else self.nTrials,
        }
        if rule == "parallelPlus":
            parameters |= {"oversampling": self.oversamplingFactor, "rounds": self.nRounds}
        if self.engine is not None:
            parameters["seed"] = self.engine.seed
        rows = self._together(lambda: _input.table(_input.named(data, parts)))
        return kmeans_init_result(centroids=self._array(self._fit("kmeans-initialization", parameters, rows, words=_words)["centroids"]))


class kmeans_result(Attributes):
    """What :class:`kmeans` found.

    Attributes
    ----------
    centroids : array, k × p
        The same on all processes, as all but the assignments are.
    assignments : array of int32, n × 1, or None
        The cluster of each row of this process, for these centroids.
    objectiveFunction : array, 1 × 1
        The sum of the squared distances of all rows from their centroids.
    nIterations : array of int32, 1 × 1
    """

    _names = ("centroids", "assignments", "objectiveFunction", "nIterations")


class kmeans(Algorithm):
    """k-means clustering by Lloyd's algorithm.

    Parameters
    ----------
    nClusters : int
    maxIterations : int
        With 0, rows are only assigned; if distributed, there is one iteration at least.
    fptype : {"double", "float"}
    method : {"lloydDense", "defaultDense", "lloydCSR"}
    accuracyThreshold : float
        The sum of the squared moves of the centroids at which to stop; by default 0: until no row changes its cluster.
    gamma : float
        Without effect.
    distanceType : {"euclidean"}
    resultsToEvaluate : str
        Any of ``computeCentroids``, ``computeAssignments``, ``computeExactObjectiveFunction``, joined by ``|``; by default all.
    assignFlag : bool
        Assignments whatever ``resultsToEvaluate`` says, and if distributed too.
    distributed : bool
    """

    _methods = {"lloydDense", "defaultDense", "lloydCSR"}
    _results = {"computeCentroids", "computeAssignments", "computeExactObjectiveFunction"}

    def __init__(
        self, nClusters: int, maxIterations: int, fptype: str = "double", method: str = "lloydDense",
        accuracyThreshold: float = math.nan, gamma: float = math.nan, distanceType: str = "", resultsToEvaluate: str = "",
        assignFlag: bool = False, distributed: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed)
        self.nClusters = _engine.count("kmeans", "nClusters", nClusters)
        self.maxIterations = _engine.count("kmeans", "maxIterations", maxIterations, minimum=0)
        self.accuracyThreshold = 0.0 if math.isnan(accuracyThreshold) else float(accuracyThreshold)
        self.gamma, self.distanceType, self.assignFlag = gamma, distanceType, bool(assignFlag)
        self.resultsToEvaluate = resultsToEvaluate
        if not 0 <= self.accuracyThreshold < math.inf:
            raise RuntimeError(f"Incorrect parameter accuracyThreshold of kmeans: {accuracyThreshold}")
        _engine.choices(distanceType, {"euclidean"})
        _engine.choices(resultsToEvaluate, self._results)

    def compute(self, data: Any, inputCentroids: Any) -> kmeans_result:
        """The clusters of the rows of this process, or of all if distributed.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        inputCentroids : the same
            k × p, the same on all processes.
        """
        wanted = _engine.choices(self.resultsToEvaluate, self._results) or self._results
        rows, start = self._together(lambda: (_input.table(data), self._start(inputCentroids)))
        parameters = {
            "clusterCount": self.nClusters, "centroids": start, "tolerance": self.accuracyThreshold,
            "maxIterations": max(1, self.maxIterations) if self.distributed else self.maxIterations,
        }
        assigns = self.assignFlag or ("computeAssignments" in wanted and not self.distributed)
        if self.maxIterations == 0 and not self.distributed and len(rows) < self.nClusters:
            return self._assigned(rows, start, parameters)
        model, labels = self._fit("kmeans", parameters, rows, row_values=True, words=_words)
        return self._result(
            model["centroids"], labels if assigns else None, model["objective"], model["iterations"])

    def _start(self, given: Any) -> np.ndarray:
        start = _input.matrix(needed(given, "inputCentroids"))
        if start.shape[0] != self.nClusters:
            raise RuntimeError(
                f"Number of rows in numeric table is incorrect: {start.shape[0]} inputCentroids for {self.nClusters} clusters")
        return start

    def _assigned(self, rows: Any, start: np.ndarray, parameters: dict[str, Any]) -> kmeans_result:
        """The nearest centroids of rows that may be fewer than the clusters."""
        labels = np.empty(0, np.int32)
        if len(rows):
            model = self._fit("kmeans", parameters, rows_of(np.ascontiguousarray(start)), words=_words)
            try:
                labels = model.predict(rows)
            except LockstepError as error:
                _engine.fail(error)
        objective = np.square(rows.to_numpy() - start[labels]).sum() if len(rows) else 0
        return self._result(start, labels, objective, 0)

    def _result(self, centroids: Any, labels: Any, objective: Any, iterations: Any) -> kmeans_result:
        return kmeans_result(
            centroids=self._array(centroids), objectiveFunction=self._array(objective),
            assignments=None if labels is None else np.asarray(labels, np.int32).reshape(-1, 1),
            nIterations=np.full((1, 1), iterations, np.int32))


class dbscan_result(Attributes):
    """What :class:`dbscan` found.

    Attributes
    ----------
    assignments : array of int32, n × 1
        The cluster of each row of this process, -1 for noise.
    nClusters : array of int32, 1 × 1
        Of the rows of all processes, if distributed.
    coreIndices : array of int32, m × 1, or None
        The core rows among those of this process; None if they were not asked for, or there are none.
    coreObservations : array, m × p, or None
        Those rows.
    """

    _names = ("assignments", "nClusters", "coreIndices", "coreObservations")


class dbscan(Algorithm):
    """Density-based clustering.

    Parameters
    ----------
    epsilon : float
        The largest distance of rows that are near each other.
    minObservations : int
        What the rows near a core weigh at least, itself included.
    fptype : {"double", "float"}
    method : {"defaultDense"}
    memorySavingMode : bool
        Without effect: neighborhoods are never kept.
    resultsToCompute : str
        ``computeCoreIndices``, ``computeCoreObservations``, or both, joined by ``|``.
    blockIndex, nBlocks, leftBlocks, rightBlocks : int
        Without effect, as in daal4py outside of its own steps.
    distributed : bool
    """

    _results = {"computeCoreIndices", "computeCoreObservations"}

    def __init__(
        self, epsilon: float, minObservations: int, fptype: str = "double", method: str = "defaultDense", memorySavingMode: bool = False,
        resultsToCompute: str = "", blockIndex: int = -1, nBlocks: int = -1, leftBlocks: int = -1, rightBlocks: int = -1,
        distributed: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed)
        self.epsilon = float(epsilon)
        if not 0 < self.epsilon < math.inf:
            raise RuntimeError(f"Incorrect parameter epsilon of dbscan: {epsilon}")
        self.minObservations = _engine.count("dbscan", "minObservations", minObservations)
        self.memorySavingMode, self.resultsToCompute = bool(memorySavingMode), resultsToCompute
        self.blockIndex, self.nBlocks, self.leftBlocks, self.rightBlocks = blockIndex, nBlocks, leftBlocks, rightBlocks
        _engine.choices(resultsToCompute, self._results)

    def compute(self, data: Any, weights: Any = None) -> dbscan_result:
        """The clusters of the rows of this process, or of all if distributed.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        weights : the same, n × 1, optional
        """
        wanted = _engine.choices(self.resultsToCompute, self._results)
        source = self._together(lambda: self._weighted(data, weights))
        parameters = {"epsilon": self.epsilon, "minPoints": self.minObservations, "marksBorders": True}
        model, marked = self._fit("dbscan", parameters, source, row_values=True)
        cores = np.flatnonzero(marked >= 0)
        observations = None
        if "computeCoreObservations" in wanted and len(cores):
            observations = self._array(_input.matrix(data)[cores])
        return dbscan_result(
            assignments=np.where(marked < -1, -2 - marked, marked).astype(np.int32).reshape(-1, 1),
            nClusters=np.full((1, 1), model["clusterCount"], np.int32),
            coreIndices=cores.astype(np.int32).reshape(-1, 1) if "computeCoreIndices" in wanted and len(cores) else None,
            coreObservations=observations)

    def _weighted(self, data: Any, weights: Any) -> Rows:
        found = _input.table(data)
        return found if weights is None else accompanied(found, None, _input.matrix(weights)[:, 0])
