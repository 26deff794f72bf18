# SPDX-License-Identifier: Apache-2.0
"""Estimators with scikit-learn's manners.

All of them take ``comm``: None for this process alone, ``lockstep.world`` for all processes, or an mpi4py communicator. Then every process
calls ``fit`` with its own rows, and all have the same fitted attributes, with the same bits for any number of processes; what is said
of single rows (labels, scores) is each process's own. ``X`` may also be file names, which the processes share, or :class:`lockstep.Rows`.
The whole model, with figures that scikit-learn does not have, is ``model_``.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core
from ._base import Estimator, Transformer, seed_of
from ._validation import is_sparse

_STARTS = {"k-means++": "plus-plus", "random": "random", "k-means||": "parallel", "first-rows": "first-rows"}


class KMeans(Transformer):
    """k-means clustering by Lloyd's algorithm.

    Parameters
    ----------
    n_clusters : int, default 8
    init : {"k-means++", "k-means||", "random", "first-rows"} or array (n_clusters, n_features), default "k-means++"
    n_init : int or "auto", default "auto"
        How many starts to try, the best of which counts: by default 10 for "random", otherwise 1.
    max_iter : int, default 300
    tol : float, default 1e-4
        The shift of the centers at which to stop, relative to the mean variance of the columns. 0 stops when no row changes its cluster.
    random_state : int, RandomState or None
        The seed. None is always the same one, so that all processes agree.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    cluster_centers_ : array (n_clusters, n_features)
    labels_ : array (n_samples,), of this process's rows
    inertia_ : float
    n_iter_ : int
    n_features_in_ : int
    model_ : Model
    """

    _kind = "clusterer"

    def __init__(
        self, n_clusters: int = 8, *, init: Any = "k-means++", n_init: Any = "auto", max_iter: int = 300, tol: float = 1e-4,
        random_state: Any = None, comm: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state
        self.comm = comm

    def fit(self, X: Any, y: Any = None) -> KMeans:
        """Clusters the rows of all processes."""
        source = self._rows_to_fit(X, minimum=1 if self._group.size > 1 else max(1, int(self.n_clusters)))
        values = self.__dict__.get("_fitted_values")
        parameters: dict[str, Any] = {"clusterCount": self.n_clusters, "maxIterations": self.max_iter}
        count = 1
        if isinstance(self.init, str):
            if self.init not in _STARTS:
                raise ValueError(f"init is one of {sorted(_STARTS)} or an array, not {self.init!r}")
            parameters["initialization"] = _STARTS[self.init]
            count = (10 if self.init == "random" else 1) if self.n_init == "auto" else int(self.n_init)
        else:
            parameters["centroids"] = np.asarray(self.init, dtype=np.float64)
        if self.tol > 0:
            variance = self._fit("moments", {}, source)
            total = variance.row_count
            parameters["tolerance"] = float(self.tol * np.mean(variance["sumSquaresCentered"]) / max(1, total))
        seed = seed_of(self.random_state)
        best = None
        for number in range(count):
            if seed is not None or number > 0:
                parameters["seed"] = (seed or 0) + number
            self._fitted_values = values
            model, labels = self._fit("kmeans", parameters, source, row_values=True)
            if best is None or model["objective"] < best[0]["objective"]:
                best = model, labels
        assert best is not None
        self.model_, self.labels_ = best
        self.cluster_centers_: np.ndarray = self.model_["centroids"]
        self.inertia_: float = self.model_["objective"]
        self.n_iter_: int = max(1, self.model_["iterations"])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The cluster of each row."""
        return self._ask(X)

    def fit_predict(self, X: Any, y: Any = None) -> np.ndarray:
        """Fits, and gives the cluster of each row."""
        return self.fit(X).labels_

    def transform(self, X: Any) -> np.ndarray:
        """The distance of each row to each center."""
        values = self._matrix_to_ask(X)
        distances = np.empty((values.shape[0], self.cluster_centers_.shape[0]))
        for j, center in enumerate(self.cluster_centers_):
            if is_sparse(values):
                squares = np.asarray(values.multiply(values).sum(axis=1)).ravel() - 2 * (values @ center) + center @ center
                distances[:, j] = np.sqrt(np.maximum(squares, 0))
                continue
            difference = values - center
            distances[:, j] = np.sqrt(np.einsum("ij,ij->i", difference, difference))
        return distances

    def score(self, X: Any, y: Any = None) -> float:
        """Minus the sum of squared distances of all processes' rows to their centers."""
        values = self._rows_to_ask(X)
        model = _core.fit(
            "kmeans", {"clusterCount": len(self.cluster_centers_), "centroids": self.cluster_centers_, "maxIterations": 0}, values,
            comm=self._group)
        return -model["objective"]

    @property
    def _n_features_out(self) -> int:
        return self.cluster_centers_.shape[0]


class PCA(Transformer):
    """Principal component analysis.

    Parameters
    ----------
    n_components : int, float in (0, 1) or None
        How many components, or the share of the variance that they are to explain. None: min(n_samples, n_features).
    whiten : bool, default False
        Whether scores are divided by their deviations.
    svd_solver : {"auto", "covariance_eigh", "full"}, default "auto"
        "full" keeps the digits of very small variances; the others are the eigenvectors of the covariance.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    components_ : array (n_components, n_features)
    explained_variance_, explained_variance_ratio_, singular_values_ : array (n_components,)
    mean_ : array (n_features,)
    noise_variance_ : float
    n_components_, n_samples_, n_features_in_ : int
    model_ : Model
    """

    def __init__(
        self, n_components: Any = None, *, whiten: bool = False, svd_solver: str = "auto", comm: Any = None
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.comm = comm

    def _parameters(self) -> dict[str, Any]:
        if self.svd_solver not in ("auto", "covariance_eigh", "full"):
            raise ValueError(f"svd_solver is auto, covariance_eigh or full, not {self.svd_solver!r}")
        parameters: dict[str, Any] = {
            "method": "svd" if self.svd_solver == "full" else "covariance", "isScaled": False, "isWhitened": bool(self.whiten),
        }
        n = self.n_components
        if isinstance(n, (float, np.floating)) and 0 < n < 1:
            parameters["varianceShare"] = float(n)
        elif n is not None:
            if not isinstance(n, (int, np.integer)) or not 1 <= n <= self.n_features_in_:
                raise ValueError(f"n_components={n!r} must be between 1 and n_features={self.n_features_in_}, or a share of the variance")
            parameters["componentCount"] = int(n)
        return parameters

    def fit(self, X: Any, y: Any = None) -> PCA:
        """Finds the components of the rows of all processes."""
        source = self._rows_to_fit(X, minimum=2)
        self._stream = None
        return self._take(self._fit("pca", self._parameters(), source))

    def partial_fit(self, X: Any, y: Any = None) -> PCA:
        """Adds rows to those of earlier calls."""
        if getattr(self, "_stream", None) is None:
            self._rows_to_fit(X)
            self.__dict__.pop("_fitted_values", None)
        return self._take(self._observe("pca", self._parameters(), X))

    def _take(self, model: _core.Model) -> PCA:
        n, p = model.row_count, model.column_count
        k = model["eigenvalues"].shape[0]
        if self.n_components is None:
            k = min(n, p)
        self.model_ = model
        self.n_samples_, self.n_components_ = n, k
        self.components_: np.ndarray = model["components"][:k]
        self.explained_variance_: np.ndarray = model["eigenvalues"][:k]
        self.explained_variance_ratio_: np.ndarray = model["explainedVarianceRatio"][:k]
        self.singular_values_: np.ndarray = np.sqrt(self.explained_variance_ * (n - 1))
        self.mean_: np.ndarray = model["means"]
        rest = min(n, p) - k
        noise = (np.sum(model["variances"]) - np.sum(self.explained_variance_)) / rest if rest > 0 else 0.0
        self.noise_variance_ = float(max(noise, 0.0))
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The scores of each row."""
        return self._ask(X)[:, : self.n_components_]

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The rows that have these scores, with nothing along the other components."""
        if not self.__sklearn_is_fitted__():
            from ._validation import not_fitted

            raise not_fitted(self)
        scores = np.asarray(X, dtype=np.float64)
        if self.whiten:
            scores = scores * np.sqrt(self.explained_variance_)
        return scores @ self.components_ + self.mean_


class TruncatedSVD(Transformer):
    """The largest singular values and vectors of data that is not centred.

    Parameters
    ----------
    n_components : int, default 2
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    components_ : array (n_components, n_features)
    singular_values_, explained_variance_, explained_variance_ratio_ : array (n_components,)
    n_features_in_ : int
    model_ : Model
    """

    def __init__(self, n_components: int = 2, *, comm: Any = None) -> None:
        self.n_components = n_components
        self.comm = comm

    def fit(self, X: Any, y: Any = None) -> TruncatedSVD:
        """Finds the singular vectors of the rows of all processes."""
        source = self._rows_to_fit(X, minimum=2)
        values = self.__dict__.get("_fitted_values")
        p = self.n_features_in_
        if not isinstance(self.n_components, (int, np.integer)) or not 1 <= self.n_components <= p:
            raise ValueError(f"n_components({self.n_components}) must be <= n_features({p}).")
        self.model_ = self._fit("svd", {"componentCount": int(self.n_components)}, source)
        self._fitted_values = values
        moments = self._fit("moments", {}, source)
        self.components_: np.ndarray = self.model_["rightSingularVectors"]
        self.singular_values_: np.ndarray = self.model_["singularValues"]
        n = self.model_.row_count
        self.explained_variance_ = self.singular_values_**2 / n - (self.components_ @ moments["mean"]) ** 2
        whole = np.sum(moments["sumSquaresCentered"]) / n
        with np.errstate(divide="ignore", invalid="ignore"):
            self.explained_variance_ratio_ = self.explained_variance_ / whole
        return self

    def transform(self, X: Any) -> np.ndarray:
        """The coordinates of each row along the right singular vectors."""
        values = self._matrix_to_ask(X)
        return np.asarray(values @ self.components_.T, dtype=np.float64)

    def inverse_transform(self, X: Any) -> np.ndarray:
        """The rows that have these coordinates."""
        return np.asarray(X, dtype=np.float64) @ self.components_


class _Regressor(Estimator):
    """What both regressions share."""

    _kind = "regressor"
    _needs_y = True

    def _take(self, model: _core.Model, y: Any) -> Any:
        self.model_ = model
        coefficients, intercepts = model["coefficients"], model["intercepts"]
        self._is_flat = coefficients.shape[0] == 1 if y is None else np.asarray(y).ndim == 1
        self.coef_ = coefficients[0] if self._is_flat else coefficients
        self.intercept_ = float(intercepts[0]) if self._is_flat else intercepts
        return self

    def _method(self) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fits to the rows of all processes. ``y`` may be missing if ``X`` is :class:`lockstep.Rows` with responses."""
        source = self._rows_to_fit(X, y, sample_weight)
        self._stream = None
        method, parameters = self._method()
        return self._take(self._fit(method, parameters, source), y)

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Adds rows to those of earlier calls."""
        method, parameters = self._method()
        return self._take(self._observe(method, parameters, X, y, sample_weight), y)

    def predict(self, X: Any) -> np.ndarray:
        """The responses that the model expects of each row."""
        values = self._ask(X)
        return values[:, 0] if self._is_flat else values

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R² over the rows of all processes, the mean of all responses."""
        expected = np.asarray(self.predict(X), dtype=np.float64)
        found = np.asarray(y, dtype=np.float64)
        found, expected = found.reshape(len(found), -1), expected.reshape(len(expected), -1)
        sums = _core.fit("moments", None, np.hstack([found - expected, found]), weights=sample_weight, comm=self._group)
        q = found.shape[1]
        errors, spreads = sums["sumSquares"][:q], sums["sumSquaresCentered"][q:]
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.where(spreads > 0, 1 - errors / spreads, np.where(errors > 0, 0.0, 1.0))
        return float(np.mean(scores))

    def summary(self) -> str:
        """The fit as a table for people."""
        return self.model_.summary()


class LinearRegression(_Regressor):
    """Least squares.

    Parameters
    ----------
    fit_intercept : bool, default True
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    rank_ : int
    n_features_in_ : int
    model_ : Model
        With standard errors, R², and more; ``summary()`` shows them.
    """

    def __init__(self, *, fit_intercept: bool = True, comm: Any = None) -> None:
        self.fit_intercept = fit_intercept
        self.comm = comm

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "linear-regression", {"fitsIntercept": bool(self.fit_intercept)}

    def _take(self, model: _core.Model, y: Any) -> Any:
        super()._take(model, y)
        self.rank_: int = model["rank"]
        return self


class Ridge(_Regressor):
    """Least squares with a penalty ``alpha`` times the squared length of the coefficients.

    Parameters
    ----------
    alpha : float or array (n_targets,), default 1.0
    fit_intercept : bool, default True
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    n_features_in_ : int
    model_ : Model
    """

    def __init__(self, alpha: Any = 1.0, *, fit_intercept: bool = True, comm: Any = None) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.comm = comm

    def _method(self) -> tuple[str, dict[str, Any]]:
        penalties = np.atleast_1d(np.asarray(self.alpha, dtype=np.float64)).tolist()
        return "ridge-regression", {"regularization": penalties, "fitsIntercept": bool(self.fit_intercept)}


class MultinomialNB(Estimator):
    """Multinomial naive Bayes, for counts.

    Parameters
    ----------
    alpha : float or array (n_features,), default 1.0
        The pseudo-counts, above 0.
    fit_prior : bool, default True
        Whether classes are as likely as they are frequent; otherwise all are alike.
    class_prior : array (n_classes,), optional
        How likely the classes are.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    class_count_ : array (n_classes,)
        The weight of the rows of each class.
    class_log_prior_ : array (n_classes,)
    feature_log_prob_ : array (n_classes, n_features)
    n_features_in_ : int
    model_ : Model
    """

    _kind = "classifier"
    _needs_y = True
    _takes_negative = False

    def __init__(self, *, alpha: Any = 1.0, fit_prior: bool = True, class_prior: Any = None, comm: Any = None) -> None:
        self.alpha = alpha
        self.fit_prior = fit_prior
        self.class_prior = class_prior
        self.comm = comm

    def _parameters(self, classes: Any = None) -> dict[str, Any]:
        parameters: dict[str, Any] = {
            "smoothing": np.atleast_1d(np.asarray(self.alpha, dtype=np.float64)).tolist(),
            "priors": "empirical" if self.fit_prior else "uniform",
        }
        if self.class_prior is not None:
            parameters["classPriors"] = np.asarray(self.class_prior, dtype=np.float64).tolist()
        if classes is not None:
            labels = np.asarray(classes)
            if labels.dtype.kind in "iubf":
                parameters["classes"] = labels.astype(np.int64).tolist()
            else:
                parameters["classNames"] = labels.astype(str).tolist()
        return parameters

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> MultinomialNB:
        """Fits to the rows of all processes. ``y`` may be missing if ``X`` is :class:`lockstep.Rows` with labels."""
        source = self._rows_to_fit(X, y, sample_weight)
        self._stream = None
        return self._take(self._fit("naive-bayes", self._parameters(), source))

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None, sample_weight: Any = None) -> MultinomialNB:
        """Adds rows to those of earlier calls. ``classes``, if given the first time, are the only ones that may occur."""
        return self._take(self._observe("naive-bayes", self._parameters(classes), X, y, sample_weight))

    def _take(self, model: _core.Model) -> MultinomialNB:
        self.model_ = model
        kind = getattr(self, "_label_type", None)
        self.classes_: np.ndarray = model["classes"] if kind is None else model["classes"].astype(kind)
        self.class_count_: np.ndarray = model["classWeights"]
        self.class_log_prior_: np.ndarray = model["logPriors"]
        self.feature_log_prob_: np.ndarray = model["logProbabilities"]
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of each row."""
        return self._ask(X).astype(self.classes_.dtype)

    def predict_joint_log_proba(self, X: Any) -> np.ndarray:
        """log P(x, class) of each row and class, but for what does not depend on the class."""
        return np.asarray(self._matrix_to_ask(X) @ self.feature_log_prob_.T) + self.class_log_prior_

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """log P(class | x) of each row and class."""
        joint = self.predict_joint_log_proba(X)
        greatest = joint.max(axis=1, keepdims=True)
        return joint - greatest - np.log(np.exp(joint - greatest).sum(axis=1, keepdims=True))

    def predict_proba(self, X: Any) -> np.ndarray:
        """P(class | x) of each row and class."""
        return np.exp(self.predict_log_proba(X))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of all processes' rows whose class is found."""
        hits = (self.predict(X) == np.asarray(y)).astype(np.float64).reshape(-1, 1)
        return float(_core.fit("moments", None, hits, weights=sample_weight, comm=self._group)["mean"][0])


class EmpiricalCovariance(Estimator):
    """The maximum likelihood estimate of the covariance.

    Parameters
    ----------
    store_precision : bool, default True
        Whether to invert it at once.
    assume_centered : bool, default False
        Whether the mean is taken to be 0.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    covariance_, precision_ : array (n_features, n_features)
    location_ : array (n_features,)
    n_features_in_ : int
    model_ : Model
    """

    _takes_sparse = False

    def __init__(self, *, store_precision: bool = True, assume_centered: bool = False, comm: Any = None) -> None:
        self.store_precision = store_precision
        self.assume_centered = assume_centered
        self.comm = comm

    def fit(self, X: Any, y: Any = None) -> EmpiricalCovariance:
        """Estimates the covariance of the rows of all processes."""
        source = self._rows_to_fit(X)
        self._stream = None
        return self._take(self._fit("covariance", {"isBiased": True}, source))

    def partial_fit(self, X: Any, y: Any = None) -> EmpiricalCovariance:
        """Adds rows to those of earlier calls."""
        return self._take(self._observe("covariance", {"isBiased": True}, X))

    def _take(self, model: _core.Model) -> EmpiricalCovariance:
        self.model_ = model
        mean, covariance = model["means"], model["covariance"]
        if self.assume_centered:
            covariance = covariance + np.outer(mean, mean)
            mean = np.zeros_like(mean)
        self.location_: np.ndarray = mean
        self.covariance_: np.ndarray = covariance
        self.precision_ = np.linalg.pinv(covariance, hermitian=True) if self.store_precision else None
        return self

    def get_precision(self) -> np.ndarray:
        """The inverse of the covariance, or its pseudo-inverse."""
        return self.precision_ if self.store_precision else np.linalg.pinv(self.covariance_, hermitian=True)

    def mahalanobis(self, X: Any) -> np.ndarray:
        """The squared Mahalanobis distance of each row from the mean."""
        values = self._matrix_to_ask(X)
        centred = values - self.location_
        return np.einsum("ij,jk,ik->i", centred, self.get_precision(), centred, optimize=True)

    def score(self, X: Any, y: Any = None) -> float:
        """The mean log-likelihood of all processes' rows under a normal distribution with this covariance."""
        distances = self.mahalanobis(X)
        moments = _core.fit("moments", None, distances.reshape(-1, 1), comm=self._group)
        p = self.covariance_.shape[0]
        determinant = np.linalg.slogdet(self.get_precision())[1]
        return float(-0.5 * (moments["mean"][0] - determinant + p * np.log(2 * np.pi)))

    def error_norm(self, comp_cov: Any, norm: str = "frobenius", scaling: bool = True, squared: bool = True) -> float:
        """How far another covariance is from this one, in the Frobenius or the spectral norm."""
        error = np.asarray(comp_cov) - self.covariance_
        if norm == "frobenius":
            value = float(np.sum(error**2))
        elif norm == "spectral":
            value = float(np.max(np.linalg.svd(error, compute_uv=False)) ** 2)
        else:
            raise ValueError("norm is frobenius or spectral")
        value /= error.shape[0] if scaling else 1
        return value if squared else float(np.sqrt(value))


def qr(X: Any, *, comm: Any = None) -> tuple[np.ndarray, np.ndarray]:
    """X = Q R, for the rows of all processes together.

    Parameters
    ----------
    X : array (n_samples, n_features), file names or Rows
        This process's rows; over all processes at least as many as columns.
    comm : Communicator or mpi4py communicator, optional

    Returns
    -------
    Q : array (n_samples, n_features)
        This process's rows of it; the columns are orthonormal over all processes.
    R : array (n_features, n_features)
        Upper triangular, with a diagonal that is not negative.
    """
    model, q = _core.fit("qr", None, X, comm=comm, row_values=True)
    return q, model["r"]


class Description(dict):
    """Figures of each column, by name, also as attributes."""

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def describe(X: Any, sample_weight: Any = None, *, comm: Any = None) -> Description:
    """Figures of each column over the rows of all processes, in one sweep.

    Returns
    -------
    Description
        ``count``, and of each column ``minimum``, ``maximum``, ``sum``, ``mean``, ``variance`` (n − 1), ``standard_deviation``,
        ``variation``, ``sum_squares``, ``sum_squares_centered``, ``second_order_raw_moment``.
    """
    model = _core.fit("moments", None, X, weights=sample_weight, comm=comm)
    names = {
        "minimum": "minimum", "maximum": "maximum", "sum": "sum", "mean": "mean", "variance": "variance",
        "standard_deviation": "standardDeviation", "variation": "variation", "sum_squares": "sumSquares",
        "sum_squares_centered": "sumSquaresCentered", "second_order_raw_moment": "secondOrderRawMoment",
    }
    return Description(count=model.row_count, **{name: model[field] for name, field in names.items()})

