# SPDX-License-Identifier: Apache-2.0
"""Principal components and singular values, with scikit-learn's parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from . import _core
from ._base import Transformer
from ._errors import ArgumentError, ShapeError
from ._parameters import BOOLEAN, NOTHING, SEED, integer, options, real
from ._projection import frozen, projection, quadratic_forms, same
from ._rows import Rows
from ._validation import is_sparse

_SOLVERS = ("auto", "full", "covariance_eigh", "arpack", "randomized")


class PCA(Transformer):
    """Principal component analysis.

    Parameters
    ----------
    n_components : int, float in (0, 1), "mle" or None
        How many components, or the share of the variance that they are to explain, or Minka's choice of how many.
        None: min(n_samples, n_features).
    copy : bool
        Accepted for scikit-learn's programs: rows are never changed.
    whiten : bool, default False
        Whether scores are divided by their deviations.
    svd_solver : {"auto", "covariance_eigh", "full", "arpack", "randomized"}, default "auto"
        "full" keeps the digits of very small variances, as "arpack" does for dense rows; the others are the eigenvectors of the covariance.
        Nothing is random.
    tol, iterated_power, n_oversamples, power_iteration_normalizer, random_state
        Accepted for scikit-learn's programs: both ways are direct.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    components_ : array (n_components, n_features)
    explained_variance_, explained_variance_ratio_, singular_values_ : array (n_components,)
    mean_ : array (n_features,)
    noise_variance_ : float
    n_components_, n_samples_, n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> pca = lockstep.PCA(n_components=1).fit([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0]])
    >>> pca.explained_variance_.round(6)
    array([5.])
    """

    _kinds = {
        "n_components": (
            integer(0), real(0, 1, without_least=True), options("mle"), NOTHING),
        "copy": (BOOLEAN,), "whiten": (BOOLEAN,), "svd_solver": (options(*_SOLVERS),), "tol": (real(0),),
        "iterated_power": (options("auto"), integer(0)), "n_oversamples": (integer(1),),
        "power_iteration_normalizer": (options("auto", "QR", "LU", "none"),), "random_state": (SEED,),
    }

    def __init__(
        self, n_components: Any = None, *, copy: bool = True, whiten: bool = False, svd_solver: str = "auto", tol: float = 0.0,
        iterated_power: Any = "auto", n_oversamples: int = 10, power_iteration_normalizer: str = "auto", random_state: Any = None,
        comm: Any = None,
    ) -> None:
        self.n_components = n_components
        self.copy = copy
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.tol = tol
        self.iterated_power = iterated_power
        self.n_oversamples = n_oversamples
        self.power_iteration_normalizer = power_iteration_normalizer
        self.random_state = random_state
        self.comm = comm

    def _parameters(self) -> dict[str, Any]:
        solver = self.svd_solver
        parameters: dict[str, Any] = {
            "method": "svd" if solver == "full" or (solver == "arpack" and not self._is_sparse) else "covariance", "isScaled": False,
            "isWhitened": bool(self.whiten),
        }
        n = self.n_components
        if isinstance(n, (int, np.integer)) and n > self.n_features_in_:
            self._refuse(self.n_features_in_)
        if isinstance(n, (int, np.integer)) and n > 0:
            parameters["componentCount"] = int(n)
        return parameters

    def _refuse(self, most: int) -> None:
        solver = "full" if self.svd_solver == "auto" else self.svd_solver
        least = 1 if solver in ("arpack", "randomized") else 0
        raise ShapeError(
            f"n_components={self.n_components} must be between {least} and min(n_samples, n_features)={most} with svd_solver='{solver}'")

    def _check_count(self, n: int, p: int) -> None:
        """What scikit-learn says of numbers of components that rows cannot have."""
        most, count, solver = min(n, p), self.n_components, self.svd_solver
        if solver in ("arpack", "randomized"):
            if isinstance(count, str):
                raise ArgumentError(f"n_components={count!r} cannot be a string with svd_solver='{solver}'")
            if count is not None and (count < 1 or count > most):
                self._refuse(most)
            if solver == "arpack" and count == most:
                raise ShapeError(
                    f"n_components={count} must be strictly less than min(n_samples, n_features)={most} with svd_solver='arpack'")
        elif count == "mle" and n < p:
            raise ShapeError("n_components='mle' is only supported if n_samples >= n_features")
        elif isinstance(count, (int, np.integer)) and count > most:
            self._refuse(most)

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        self._is_sparse = is_sparse(X)
        if self._is_sparse and self.svd_solver in ("full", "randomized"):
            raise ArgumentError(
                f'PCA only support sparse inputs with the "arpack" and "covariance_eigh" solvers, while "{self.svd_solver}" was passed. '
                "See TruncatedSVD for a possible alternative.")
        return super()._rows_in_memory(X, y, sample_weight, **named)

    def fit(self, X: Any, y: Any = None) -> PCA:
        """Finds the components of the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : None
            Not used.

        Returns
        -------
        self
        """
        self._is_sparse = False
        source = self._rows_to_fit(X, minimum=2)
        if self._group.size == 1:
            self._check_count(*source.shape)
        self._stream = None
        return self._take(self._fit("pca", self._parameters(), source))

    def partial_fit(self, X: Any, y: Any = None) -> PCA:
        """Adds rows to those of earlier calls."""
        if self.__dict__.get("_stream") is None:
            self._is_sparse = is_sparse(X)
            self.n_features_in_ = int(np.shape(X)[1]) if not isinstance(X, (str, Rows)) and np.ndim(X) == 2 else 2**31
        return self._take(self._observe("pca", self._parameters(), X))

    def _take(self, model: _core.Model) -> PCA:
        n, p = model.row_count, model.column_count
        eigenvalues, ratios = model["eigenvalues"], model["explainedVarianceRatio"]
        self._check_count(n, p)
        most = min(n, p)
        wanted = self.n_components
        if wanted is None:
            k = most - 1 if self.svd_solver == "arpack" else most
        elif wanted == "mle":
            k = _likeliest_dimension(eigenvalues, n)
        elif not isinstance(wanted, (int, np.integer)):
            # The fewest whose share is above what is asked for, by more than the rounding of a sum.
            above = np.cumsum(ratios) > wanted + 8 * np.finfo(float).eps
            k = min(int(np.argmax(above)) + 1 if above.any() else most, most)
        else:
            k = int(wanted)
        self.model_ = model
        self.n_samples_, self.n_components_ = n, k
        self.components_: np.ndarray = frozen(self._typed(np.array(model["components"][:k])))
        self.explained_variance_: np.ndarray = self._typed(np.array(eigenvalues[:k]))
        self.explained_variance_ratio_: np.ndarray = self._typed(np.array(ratios[:k]))
        self.singular_values_: np.ndarray = np.sqrt(self.explained_variance_ * (n - 1))
        self.mean_: np.ndarray = frozen(self._typed(np.array(model["means"])))
        self._fitted = self.components_, self.mean_
        rest = most - k
        noise = (np.sum(model["variances"]) - np.sum(eigenvalues[:k])) / rest if rest > 0 else 0.0
        self.noise_variance_ = float(max(noise, 0.0))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The scores of each row.

        Returns
        -------
        array (n_samples, n_components)
        """
        asked = self._rows_to_ask(X)
        if same(self.components_, self._fitted[0]) and same(self.mean_, self._fitted[1]):
            scores = self._says(self.model_, asked)[:, : self.n_components_]
        else:
            components = np.asarray(self.components_, dtype=np.float64)
            if self.whiten:
                components = components / np.sqrt(self.explained_variance_)[:, None]
            scores = self._says(projection(components, -(components @ self.mean_)), asked)
        return self._typed(scores, asked)  # type: ignore[no-any-return]

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The rows that have these scores, with nothing along the other components.

        Returns
        -------
        array (n_samples, n_features)
        """
        self._require_fitted()
        scores: np.ndarray = np.asarray(X)
        scores = scores if scores.dtype == np.float32 and self.components_.dtype == np.float32 else scores.astype(np.float64)
        if self.whiten:
            scores = scores * np.sqrt(self.explained_variance_)
        rows: np.ndarray = scores @ self.components_ + self.mean_
        return rows

    def get_covariance(self) -> np.ndarray:
        """The covariance of the model: what the components explain, and the same noise in all other directions.

        Returns
        -------
        array (n_features, n_features)
        """
        components = self._scaled_components()
        extra = np.maximum(self.explained_variance_ - self.noise_variance_, 0)
        covariance = (components.T * extra) @ components
        covariance.flat[:: len(covariance) + 1] += self.noise_variance_
        return covariance  # type: ignore[no-any-return]

    def _scaled_components(self) -> np.ndarray:
        self._require_fitted()
        return np.asarray(self.components_)

    def get_precision(self) -> np.ndarray:
        """The inverse of :meth:`get_covariance`.

        Returns
        -------
        array (n_features, n_features)
        """
        components = self._scaled_components()
        p, noise = components.shape[1], self.noise_variance_
        if self.n_components_ == 0:
            return np.eye(p) / noise
        if noise == 0 or not np.isfinite(1 / noise):
            return np.linalg.pinv(self.get_covariance(), hermitian=True)
        extra = np.maximum(self.explained_variance_ - noise, 0)
        # The identity of Woodbury, with the components orthonormal.
        return np.asarray(np.eye(p) / noise - (components.T * (extra / (noise * (noise + extra)))) @ components)

    def score_samples(self, X: Any) -> np.ndarray:
        """The log-likelihood of each row under the model: Bishop (2006), 12.2.1.

        Returns
        -------
        array (n_samples,)
        """
        values = self._matrix_to_ask(X)
        if is_sparse(values):
            values = values.toarray()
        precision = self.get_precision()
        found = quadratic_forms(values, self.mean_, precision)
        determinant = np.linalg.slogdet(precision)[1]
        return np.asarray(-0.5 * (found + len(precision) * math.log(2 * math.pi) - determinant))

    def score(self, X: Any, y: Any = None) -> float:
        """The mean log-likelihood of all processes' rows.

        Returns
        -------
        float
        """
        found = self._group.together(self._call("score"), lambda: self.score_samples(X))
        return float(_core.fit("moments", None, found.reshape(-1, 1), comm=self._group)["mean"][0])


def _likeliest_dimension(spectrum: np.ndarray, n: int) -> int:
    """Minka (2000), "Automatic choice of dimensionality for PCA": the number of components of the greatest evidence."""
    p = len(spectrum)
    best, found = -math.inf, 1
    for rank in range(1, p):
        if spectrum[rank - 1] < 1e-15:
            continue
        volume = -rank * math.log(2) + sum(
            math.lgamma((p - i + 1) / 2) - math.log(math.pi) * (p - i + 1) / 2 for i in range(1, rank + 1))
        noise = max(1e-15, float(np.sum(spectrum[rank:]) / (p - rank)))
        freedom = p * rank - rank * (rank + 1) / 2
        smoothed = spectrum.copy()
        smoothed[rank:] = noise
        curvature = 0.0
        for i in range(rank):
            for j in range(i + 1, p):
                curvature += math.log((spectrum[i] - spectrum[j]) * (1 / smoothed[j] - 1 / smoothed[i])) + math.log(n)
        evidence = (
            volume - np.sum(np.log(spectrum[:rank])) * n / 2 - math.log(noise) * n * (p - rank) / 2
            + math.log(2 * math.pi) * (freedom + rank) / 2 - curvature / 2 - rank * math.log(n) / 2)
        if evidence > best:
            best, found = evidence, rank
    return found


class TruncatedSVD(Transformer):
    """The largest singular values and vectors of data that is not centred.

    Parameters
    ----------
    n_components : int, default 2
    algorithm : {"randomized", "arpack"}, default "randomized"
        Accepted for scikit-learn's programs: one direct solution serves both.
    n_iter, n_oversamples, power_iteration_normalizer, random_state, tol
        Accepted for scikit-learn's programs: nothing is random or iterated.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    components_ : array (n_components, n_features)
    singular_values_, explained_variance_, explained_variance_ratio_ : array (n_components,)
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> lockstep.TruncatedSVD(n_components=1).fit([[3.0, 0.0], [4.0, 0.0], [0.0, 1.0]]).singular_values_.round(6)
    array([5.])
    """

    _kinds = {
        "n_components": (integer(1),), "algorithm": (options("arpack", "randomized"),), "n_iter": (integer(0),), "n_oversamples": (integer(1),),
        "power_iteration_normalizer": (options("auto", "OR", "QR", "LU", "none"),), "random_state": (SEED,), "tol": (real(0),),
    }

    def __init__(
        self, n_components: int = 2, *, algorithm: str = "randomized", n_iter: int = 5, n_oversamples: int = 10,
        power_iteration_normalizer: str = "auto", random_state: Any = None, tol: float = 0.0, comm: Any = None,
    ) -> None:
        self.n_components = n_components
        self.algorithm = algorithm
        self.n_iter = n_iter
        self.n_oversamples = n_oversamples
        self.power_iteration_normalizer = power_iteration_normalizer
        self.random_state = random_state
        self.tol = tol
        self.comm = comm

    def fit(self, X: Any, y: Any = None) -> TruncatedSVD:
        """Finds the singular vectors of the rows of all processes.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, minimum=2)
        values = self.__dict__.get("_fitted_values")
        p = self.n_features_in_
        if self.n_components > p:
            raise ShapeError(f"n_components({self.n_components}) must be <= n_features({p}).")
        if self.algorithm == "arpack" and self.n_components >= p:
            raise ShapeError(f"n_components({self.n_components}) must be < n_features({p}) with algorithm='arpack'.")
        self.model_ = self._fit("svd", {"componentCount": int(self.n_components)}, source)
        self.components_: np.ndarray = frozen(self._typed(np.array(self.model_["rightSingularVectors"])))
        self.singular_values_: np.ndarray = self._typed(np.array(self.model_["singularValues"]))
        self._projection = projection(self.model_["rightSingularVectors"])
        self._fitted = self.components_
        # The variance of the coordinates themselves: squares of singular values less squares of means would cancel.
        self._fitted_values = values
        whole = self._fit("moments", {}, source)
        coordinates = self._projection.predict(source, comm=self._group)
        varied = _core.fit("moments", None, coordinates, comm=self._group)
        n = self.model_.row_count
        self.explained_variance_ = self._typed(varied["sumSquaresCentered"] / n)
        with np.errstate(divide="ignore", invalid="ignore"):
            self.explained_variance_ratio_ = self._typed(varied["sumSquaresCentered"] / np.sum(whole["sumSquaresCentered"]))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The coordinates of each row along the right singular vectors.

        Returns
        -------
        array (n_samples, n_components)
        """
        asked = self._rows_to_ask(X)
        own = same(self.components_, self._fitted)
        return self._typed(  # type: ignore[no-any-return]
            self._says(self._projection if own else projection(self.components_), asked), asked)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The rows that have these coordinates.

        Returns
        -------
        array (n_samples, n_features)
        """
        self._require_fitted()
        coordinates = np.asarray(X)
        return coordinates @ self.components_  # type: ignore[no-any-return]
