# SPDX-License-Identifier: Apache-2.0
"""k-means and DBSCAN, with scikit-learn's parameters."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from . import _core, _parameters
from ._base import Estimator, Transformer
from ._errors import ArgumentError, ShapeError
from ._parameters import ARRAY, BOOLEAN, CALLABLE, NOTHING, SEED, VERBOSITY, integer, options, real
from ._projection import frozen, nearest, products, same, squared_distances
from ._rows import Rows
from ._validation import is_sparse

_DEFAULT_SEED = 777777
_STARTS = {"k-means++": "plus-plus", "random": "random", "k-means||": "parallel", "first-rows": "first-rows"}


class KMeans(Transformer):
    """k-means clustering by Lloyd's algorithm.

    Parameters
    ----------
    n_clusters : int, default 8
    init : {"k-means++", "k-means||", "random", "first-rows"}, array (n_clusters, n_features) or function, default "k-means++"
        A function is called with the rows, the number of clusters and ``random_state=``, and gives the centers to begin with, on a process
        alone.
    n_init : int or "auto", default "auto"
        How many starts to try, the best of which counts: by default 10 for "random" and functions, otherwise 1.
    max_iter : int, default 300
    tol : float, default 1e-4
        The shift of the centers at which to stop, relative to the mean variance of the columns. 0 stops when no row changes its cluster.
    verbose : int, default 0
        Whether to say how each start ended.
    random_state : int, RandomState or None
        The seed. None is always the same one, so that all processes agree.
    copy_x : bool
        Accepted for scikit-learn's programs: rows are never changed.
    algorithm : {"lloyd", "elkan"}, default "lloyd"
        Accepted for scikit-learn's programs: bounds on distances are used wherever they save time.
    trials : int, default 1
        k-means++: how many rows are drawn for each center, of which the best is taken.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    cluster_centers_ : array (n_clusters, n_features)
    labels_ : array (n_samples,), of this process's rows
    inertia_ : float
    n_iter_ : int
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.KMeans(n_clusters=2).fit([[0.0], [1.0], [10.0], [11.0]])
    >>> sorted(model.cluster_centers_.ravel().tolist())
    [0.5, 10.5]
    """

    _kind = "clusterer"
    _kinds = {
        "n_clusters": (integer(1),), "init": (options(*_STARTS), CALLABLE, ARRAY), "n_init": (options("auto"), integer(1)),
        "max_iter": (integer(1),), "tol": (real(0),), "verbose": (VERBOSITY,), "random_state": (SEED,), "copy_x": (BOOLEAN,),
        "algorithm": (options("lloyd", "elkan"),), "trials": (integer(1),),
    }

    def __init__(
        self, n_clusters: int = 8, *, init: Any = "k-means++", n_init: Any = "auto", max_iter: int = 300, tol: float = 1e-4,
        verbose: int = 0, random_state: Any = None, copy_x: bool = True, algorithm: str = "lloyd", trials: int = 1,
        comm: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm
        self.trials = trials
        self.comm = comm

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        made = super()._rows_in_memory(X, y, sample_weight, **named)
        n, p = made.shape
        if self._group.size == 1 and n < self.n_clusters:
            raise ShapeError(f"n_samples={n} should be >= n_clusters={self.n_clusters}.")
        self._centers = None
        if callable(self.init):
            if self._group.size > 1:
                raise ArgumentError("init as a function sees the rows of one process only: give an array")
        elif not isinstance(self.init, str):
            self._centers = self._checked_centers(self.init, p)
        return made

    def _checked_centers(self, centers: Any, p: int) -> np.ndarray:
        found = np.asarray(centers.toarray() if is_sparse(centers) else centers, dtype=np.float64)
        if found.ndim != 2 or found.shape[0] != self.n_clusters:
            raise ShapeError(f"The shape of the initial centers {found.shape} does not match the number of clusters {self.n_clusters}.")
        if found.shape[1] != p:
            raise ShapeError(f"The shape of the initial centers {found.shape} does not match the number of features of the data {p}.")
        return found

    def _starts(self) -> int:
        many = callable(self.init) or (isinstance(self.init, str) and self.init == "random")
        count = (10 if many else 1) if self.n_init == "auto" else int(self.n_init)
        if count != 1 and not isinstance(self.init, str) and not callable(self.init):
            warnings.warn(
                f"Explicit initial center position passed: performing only one init in KMeans instead of n_init={count}.", RuntimeWarning,
                stacklevel=3)
            count = 1
        return count

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> KMeans:
        """Clusters the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : None
            Not used.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts, in the start and in the centers. Rows of weight 0 get a label, and count for nothing else.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, None, sample_weight, minimum=1)
        values = self.__dict__.get("_fitted_values")
        if self.algorithm == "elkan" and self.n_clusters == 1:
            warnings.warn("algorithm='elkan' doesn't make sense for a single cluster. Using 'lloyd' instead.", RuntimeWarning, stacklevel=2)
        self._n_init = count = self._starts()
        parameters: dict[str, Any] = {"clusterCount": int(self.n_clusters), "maxIterations": int(self.max_iter)}
        if isinstance(self.init, str):
            # One center is the mean, wherever it begins.
            parameters["initialization"] = _STARTS[self.init] if self.n_clusters > 1 else "plus-plus"
        elif not callable(self.init):
            parameters["centroids"] = self._checked_centers(self.init, source.shape[1])
        if self.tol > 0:
            variance = self._fit("moments", {}, source)
            parameters["tolerance"] = float(self.tol * np.mean(variance["sumSquaresCentered"]) / (_core.total_weight(variance) or 1))
        parameters["trials"] = int(self.trials)
        seed = self._seed
        # Progress is told of each start; the same seeds serve if all are tried in one fit.
        if not callable(self.init) and not self.verbose:
            parameters["starts"], count = count, 1
        generator = _parameters.random_state(self.random_state) if callable(self.init) else None
        best = None
        for number in range(count):
            if callable(self.init):
                parameters["centroids"] = self._checked_centers(
                    self.init(source.to_numpy() if values is None else values, self.n_clusters, random_state=generator), source.shape[1])
            else:
                parameters["seed"] = (_DEFAULT_SEED if seed is None else seed) + number
            self._fitted_values = values
            model, labels = self._fit("kmeans", parameters, source, row_values=True)
            if self.verbose:
                self._say(model)
            if best is None or model["objective"] < best[0]["objective"]:
                best = model, labels
        assert best is not None
        self.model_, self.labels_ = best
        centers = self.model_["centroids"]
        self.cluster_centers_: np.ndarray = frozen(self._typed(np.array(centers)))
        self._fitted = self.cluster_centers_
        self.inertia_: float = self.model_["objective"]
        self.n_iter_: int = max(1, self.model_["iterations"])
        distinct = int(np.count_nonzero(self.model_["clusterSizes"]))
        if distinct < self.n_clusters:
            theirs = sys.modules.get("sklearn.exceptions")
            warnings.warn(
                f"Number of distinct clusters ({distinct}) found smaller than n_clusters ({self.n_clusters}). Possibly due to duplicate "
                "points in X.", theirs.ConvergenceWarning if theirs else UserWarning, stacklevel=2)
        return self

    def _say(self, model: _core.Model) -> None:
        print("Initialization complete")
        print(f"Iteration {model['iterations']}, inertia {model['objective']}.")
        if model["isConverged"]:
            words = "strict convergence" if self.tol == 0 else f"center shift not above {self.tol:g} of the variance, within tolerance"
            print(f"Converged at iteration {model['iterations']}: {words}.")

    def predict(self, X: Any) -> np.ndarray:
        """The cluster of each row.

        Returns
        -------
        array (n_samples,)
        """
        asked = self._rows_to_ask(X)
        model = self.model_ if same(self.cluster_centers_, self._fitted) else nearest(self.cluster_centers_)
        return self._says(model, asked)  # type: ignore[no-any-return]

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> np.ndarray:
        """Fits, and gives the cluster of each row."""
        labels: np.ndarray = self.fit(X, sample_weight=sample_weight).labels_
        return labels

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:  # type: ignore[override]
        """Fits, and gives the distance of each row to each center."""
        return self.fit(X, sample_weight=sample_weight).transform(X)

    def transform(self, X: Any) -> np.ndarray:
        """The distance of each row to each center.

        Returns
        -------
        array (n_samples, n_clusters)
        """
        values = self._matrix_to_ask(X)
        centers = np.asarray(self.cluster_centers_, dtype=np.float64)
        return self._typed(np.sqrt(squares_to(values, centers)), values)  # type: ignore[no-any-return]

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus the sum of squared distances of all processes' rows to their centers.

        Returns
        -------
        float
        """

        def prepare() -> tuple[np.ndarray, Any]:
            values = self._matrix_to_ask(X)
            labels = self.predict(values)
            squares = np.empty(values.shape[0])
            for j, center in enumerate(np.asarray(self.cluster_centers_, dtype=np.float64)):
                mine = labels == j
                if mine.any():
                    squares[mine] = squares_to(values[mine], center[None, :])[:, 0]
            return squares.reshape(-1, 1), sample_weight

        squares, weights = self._group.together(self._call("score"), prepare)
        return -float(_core.fit("moments", None, squares, weights=weights, comm=self._group)["sum"][0])

    @property
    def _n_features_out(self) -> int:
        return int(self.cluster_centers_.shape[0])


class DBSCAN(Estimator):
    """Clusters of any shape, and noise between them: density-based clustering, exactly.

    Parameters
    ----------
    eps : float, default 0.5
        The largest distance of rows that are near each other.
    min_samples : int, default 5
        The rows near a core, itself included; with weights, what they weigh together.
    metric : {"euclidean"}
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}
    leaf_size : int
    n_jobs : int, optional
        These three are accepted for scikit-learn's programs: a k-d tree is searched by all threads of the communicator.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    labels_ : array (n_samples,)
        The cluster of each of this process's rows, -1 for noise. Clusters are numbered by their lowest core row, over all processes; a row
        that is no core belongs to the cluster of the lowest core row near it.
    core_sample_indices_ : array (n_core_samples,)
        The core rows among this process's.
    components_ : array (n_core_samples, n_features)
        Those rows.
    n_features_in_ : int
    model_ : Model
        Counts over all processes.

    Examples
    --------
    >>> import lockstep
    >>> lockstep.DBSCAN(eps=1.5, min_samples=2).fit_predict([[0.0], [1.0], [10.0], [11.0], [30.0]]).tolist()
    [0, 0, 1, 1, -1]
    """

    _kind = "clusterer"
    _kinds = {
        "eps": (real(0, without_least=True),), "min_samples": (integer(1),), "metric": (options("euclidean"),),
        "algorithm": (options("auto", "ball_tree", "kd_tree", "brute"),), "leaf_size": (integer(1),), "n_jobs": (integer(-(2**31)), NOTHING),
    }

    def __init__(
        self, eps: float = 0.5, *, min_samples: int = 5, metric: str = "euclidean", algorithm: str = "auto", leaf_size: int = 30,
        n_jobs: int | None = None, comm: Any = None,
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.metric = metric
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.n_jobs = n_jobs
        self.comm = comm

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> DBSCAN:
        """Clusters the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : None
            Not used.
        sample_weight : array (n_samples,) or float, optional
            What each row weighs: numbers that are not negative.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, None, sample_weight, minimum=1)
        values = self.__dict__.get("_fitted_values")
        parameters = {"epsilon": float(self.eps), "minPoints": int(self.min_samples), "marksBorders": True}
        self.model_, marked = self._fit("dbscan", parameters, source, row_values=True)
        self.labels_: np.ndarray = np.where(marked < -1, -2 - marked, marked).astype(np.intp)
        self.core_sample_indices_: np.ndarray = np.flatnonzero(marked >= 0)
        chosen = source.to_numpy() if values is None else values
        self.components_: Any = chosen[self.core_sample_indices_].copy()
        return self

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> np.ndarray:
        """Fits, and gives the cluster of each row."""
        return self.fit(X, sample_weight=sample_weight).labels_


def squares_to(values: Any, centers: np.ndarray) -> np.ndarray:
    """The squared distance of each row to each center."""
    if not is_sparse(values):
        return squared_distances(values, centers)
    lengths = np.asarray(values.multiply(values).sum(axis=1)).reshape(-1, 1)
    return np.asarray(np.maximum(lengths - 2 * np.asarray(values @ centers.T) + products(centers, centers), 0))
