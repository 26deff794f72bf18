# SPDX-License-Identifier: Apache-2.0
"""Linear and ridge regression, with scikit-learn's parameters."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from . import _core
from ._base import Estimator
from ._errors import ArgumentError, DataError, ShapeError
from ._parameters import ARRAY, BOOLEAN, NOTHING, SEED, integer, options, real
from ._projection import frozen, projection, same
from ._rows import Rows
from ._validation import clusters, is_sparse


class LinearModel(Estimator):
    """What linear regressions share."""

    _kind = "regressor"
    _needs_y = True
    # Whether coefficients of one response in a column are a vector.
    _flattens = False

    fit_intercept: bool
    positive: bool

    def _take(self, model: _core.Model, y: Any) -> Any:
        self.model_ = model
        coefficients, intercepts = model["coefficients"], model["intercepts"]
        if self.positive:
            coefficients, intercepts = self._positive_solution
        self._set_coefficients(coefficients, intercepts, y)
        return self

    def _set_coefficients(self, coefficients: np.ndarray, intercepts: np.ndarray, y: Any) -> None:
        """Coefficients, responses × columns, in the shapes that go with y."""
        dimensions = 1 if y is None and coefficients.shape[0] == 1 else 2 if y is None else np.asarray(y).ndim
        flat = dimensions == 1 or (self._flattens and coefficients.shape[0] == 1)
        self.coef_: np.ndarray = frozen(self._typed(np.array(coefficients[0] if flat else coefficients)))
        if self.fit_intercept:
            self.intercept_: Any = np.float64(intercepts[0]) if dimensions == 1 else frozen(self._typed(np.array(intercepts)))
        else:
            self.intercept_ = 0.0
        self._fitted = self.coef_, self.intercept_

    def _method(self) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def _penalties(self, count: int) -> np.ndarray:
        return np.zeros(count)

    def _shares(self) -> tuple[float, float]:
        """The penalties on the sum of the coefficients and on half the sum of their squares, for each unit of weight."""
        return 0.0, 0.0

    def _has_one_penalty(self) -> bool:
        return False

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,) or (n_samples, n_targets)
            What is to be explained; may be missing if ``X`` is :class:`lockstep.Rows` with responses.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, y, sample_weight)
        values = self.__dict__.get("_fitted_values")
        self._stream = None
        method, parameters = self._method()
        try:
            model = self._fit(method, parameters, source)
        except DataError as error:
            # A penalty that is nothing beside the rows cannot choose among dependent columns: the coefficients of least length are its limit.
            if error.code != "rankDeficient" or not self._has_one_penalty():
                raise
            model = _core.fit("linear-regression", {"fitsIntercept": bool(self.fit_intercept)}, source, comm=self._group)
        if self.positive:
            self._positive_solution = self._not_negative(source if values is None else values, y, sample_weight, model)
        return self._take(model, y)

    def _not_negative(self, X: Any, y: Any, sample_weight: Any, model: _core.Model) -> tuple[np.ndarray, np.ndarray]:
        """Coefficients that are not negative, from the cross products of all processes' rows."""
        if isinstance(X, Rows):
            y = X.responses_to_numpy() if y is None else y
            X = X.to_numpy()
        if is_sparse(X):
            X = X.toarray()
        found = np.asarray(y, dtype=np.float64).reshape(X.shape[0], -1)
        p, q = X.shape[1], found.shape[1]
        weights = None
        if sample_weight is not None:
            weights = np.broadcast_to(np.asarray(sample_weight, dtype=np.float64), (X.shape[0],))
        both = np.hstack([np.asarray(X, dtype=np.float64), found])
        cross = _core.fit("covariance", {"isBiased": True}, both, weights=weights, comm=self._group)
        total = _core.fit("moments", None, np.ones((X.shape[0], 1)), weights=weights, comm=self._group)["sum"][0]
        products, means = np.array(cross["covariance"]), cross["means"]
        if not self.fit_intercept:
            products = products + np.outer(means, means)
        lasso, ridge = (share * total for share in self._shares())
        penalties = self._penalties(q) + ridge
        solution = np.array([
            least_squares_not_negative(products[:p, :p] * total + penalties[j] * np.eye(p), products[:p, p + j] * total - lasso)
            for j in range(q)
        ]).reshape(q, p)
        return solution, means[p:] - solution @ means[:p] if self.fit_intercept else np.zeros(q)

    def _current(self) -> _core.Model:
        """The fitted model, or one of the coefficients that a program has put in their place."""
        if same(self.coef_, self._fitted[0]) and same(self.intercept_, self._fitted[1]) and not self.positive:
            return self.model_
        return projection(self.coef_, self.intercept_)

    def predict(self, X: Any) -> np.ndarray:
        """The responses that the model expects of each row.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.

        Returns
        -------
        array (n_samples,) or (n_samples, n_targets)
        """
        asked = self._rows_to_ask(X)
        values: np.ndarray = self._says(self._current(), asked)
        values = values[:, 0] if self.coef_.ndim == 1 else values
        return self._typed(values, asked) if self.coef_.dtype == np.float32 else values

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """R² over the rows of all processes, the mean of all responses.

        Returns
        -------
        float
        """

        def prepare() -> tuple[np.ndarray, Any]:
            expected = np.asarray(self.predict(X), dtype=np.float64)
            found = np.asarray(y, dtype=np.float64)
            # A process of several may have no rows.
            found, expected = (part[:, None] if part.ndim == 1 else part for part in (found, expected))
            if found.shape != expected.shape:
                raise ShapeError(f"y of shape {found.shape} for predictions of shape {expected.shape}")
            return np.hstack([found - expected, found]), sample_weight

        both, weights = self._group.together(self._call("score"), prepare)
        sums = _core.fit("moments", None, both, weights=weights, comm=self._group)
        q = both.shape[1] // 2
        errors, spreads = sums["sumSquares"][:q], sums["sumSquaresCentered"][q:]
        if sums.row_count < 2:
            warnings.warn("R^2 score is not well-defined with less than two samples.", stacklevel=2)
            return float("nan")
        with np.errstate(divide="ignore", invalid="ignore"):
            scores = np.where(spreads > 0, 1 - errors / spreads, np.where(errors > 0, 0.0, 1.0))
        return float(np.mean(scores))

    def summary(self) -> str:
        """The fit as a table for people."""
        self._require_fitted()
        return self.model_.summary()


class Regressor(LinearModel):
    """Regressions that take rows in pieces."""

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Adds rows to those of earlier calls."""
        if self.positive:
            raise ArgumentError("positive=True needs all rows at once: use fit")
        method, parameters = self._method()
        return self._take(self._observe(method, parameters, X, y, sample_weight), y)


def one_response(y: Any) -> Any:
    """The values of the one response; a column of them comes with scikit-learn's warning."""
    y = y if y is None else np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
    if y is None or y.ndim != 2:
        return y
    if y.shape[1] != 1:
        raise DataError(f"y should be a 1d array, got an array of shape {y.shape} instead.")
    theirs = sys.modules.get("sklearn.exceptions")
    warnings.warn(
        "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples,), for example using ravel().",
        theirs.DataConversionWarning if theirs else UserWarning, stacklevel=5)
    return y[:, 0]


def least_squares_not_negative(gram: np.ndarray, products: np.ndarray) -> np.ndarray:
    """The x ≥ 0 of least x'Gx − 2 g'x: the active set method of Lawson and Hanson (1974), chapter 23, on the normal equations."""
    p = len(products)
    solution, free = np.zeros(p), np.zeros(p, dtype=bool)
    tolerance = 10 * p * np.finfo(float).eps * max(np.abs(products).max(initial=0.0), np.finfo(float).tiny)
    for _ in range(30 * max(1, p)):
        gradient = products - gram @ solution
        gradient[free] = -np.inf
        entering = int(np.argmax(gradient)) if p else 0
        if p == 0 or gradient[entering] <= tolerance:
            break
        free[entering] = True
        while free.any():
            trial = np.zeros(p)
            trial[free] = np.linalg.lstsq(gram[np.ix_(free, free)], products[free], rcond=None)[0]
            if trial[free].min() > 0:
                solution = trial
                break
            low = free & (trial <= 0)
            with np.errstate(divide="ignore", invalid="ignore"):
                steps = np.where(low, solution / (solution - trial), np.inf)
            step = np.nanmin(steps[low], initial=1.0)
            solution = solution + step * (trial - solution)
            free &= ~(low & (solution <= tolerance * np.finfo(float).eps))
            leaving = low & (steps <= step)
            free &= ~leaving
            solution[~free] = 0
    return solution


class LinearRegression(Regressor):
    """Least squares.

    Parameters
    ----------
    fit_intercept : bool, default True
    copy_X, tol, n_jobs
        Accepted for scikit-learn's programs: rows are never changed, the solution is direct, threads are the communicator's.
    positive : bool, default False
        Whether coefficients are kept from being negative.
    robust : {"hc0", "hc1", "hc2", "hc3", "cr0", "cr1"}, optional
        Standard errors of residuals that vary with the rows, or depend on each other in the ``groups`` of ``fit``; without it "cr1" with
        groups, "hc1" with probability weights, and otherwise errors that assume one variance.
    weight_kind : {"analytic", "frequency", "probability"}, default "analytic"
        What ``sample_weight`` is: how precise a row is, how often it was seen, or how many it stands for.
    confidence : float, default 0.95
        How sure the confidence limits of the model are.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    rank_ : int
    n_features_in_ : int
    model_ : Model
        With standard errors, R², and more; ``summary()`` shows them.

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.LinearRegression().fit([[1.0], [2.0], [3.0]], [2.0, 4.0, 6.5])
    >>> model.coef_.round(6)
    array([2.25])
    """

    _kinds = {
        "fit_intercept": (BOOLEAN,), "copy_X": (BOOLEAN,), "tol": (real(0),), "n_jobs": (NOTHING, integer(-(2**31))), "positive": (BOOLEAN,),
        "robust": (options("hc0", "hc1", "hc2", "hc3", "cr0", "cr1"), NOTHING),
        "weight_kind": (options("analytic", "frequency", "probability"),),
        "confidence": (real(0, 1, without_least=True, without_greatest=False),),
    }

    def __init__(
        self, *, fit_intercept: bool = True, copy_X: bool = True, tol: float = 1e-6, n_jobs: int | None = None, positive: bool = False,
        robust: str | None = None, weight_kind: str = "analytic", confidence: float = 0.95, comm: Any = None,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs
        self.positive = positive
        self.robust = robust
        self.weight_kind = weight_kind
        self.confidence = confidence
        self.comm = comm

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None) -> Any:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,) or (n_samples, n_targets)
            What is to be explained; may be missing if ``X`` is :class:`lockstep.Rows` with responses.
        sample_weight : array (n_samples,) or float, optional
            The weight of each row; what it means, ``weight_kind`` says.
        groups : array (n_samples,) of whole numbers or texts, optional
            The cluster of each row, for clustered standard errors; a cluster may have rows on several processes.

        Returns
        -------
        self
        """
        self._groups = groups
        try:
            return super().fit(X, y, sample_weight)
        finally:
            del self._groups

    def fit_diagnostics(self, X: Any, y: Any = None, sample_weight: Any = None, groups: Any = None) -> dict[str, np.ndarray]:
        """Fits, and tells of each of this process's rows how well it fits and how much it matters.

        Parameters
        ----------
        X, y, sample_weight, groups
            As those of :meth:`fit`.

        Returns
        -------
        dict of arrays (n_samples,) or (n_samples, n_targets)
            ``fitted``, ``residual``, ``standardized`` and ``studentized`` residuals, ``leverage``, and ``cook``, Cook's distance.

        Examples
        --------
        >>> import lockstep
        >>> rows = lockstep.LinearRegression().fit_diagnostics([[1.0], [2.0], [3.0], [10.0]], [1.0, 2.5, 3.0, 9.0])
        >>> rows["leverage"].round(3)
        array([0.45, 0.33, 0.27, 0.95])
        """
        self._wants_diagnostics = True
        try:
            self.fit(X, y, sample_weight, groups)
        finally:
            del self._wants_diagnostics
        values = self.__dict__.pop("_diagnostics").reshape(-1, self.model_["coefficients"].shape[0], 6)
        flat = self.coef_.ndim == 1
        names = ("fitted", "residual", "standardized", "studentized", "leverage", "cook")
        return {name: np.ascontiguousarray(values[:, 0, i] if flat else values[:, :, i]) for i, name in enumerate(names)}

    def _fit(self, method: str, parameters: dict[str, Any], source: Rows, *, row_values: bool = False) -> Any:
        if not self.__dict__.get("_wants_diagnostics", False):
            return super()._fit(method, parameters, source, row_values=row_values)
        model, self._diagnostics = super()._fit(method, parameters, source, row_values=True)
        return model

    def predict_interval(self, X: Any, interval: str = "confidence", confidence: float = 0.95) -> np.ndarray:
        """The responses that the model expects of each row, and how sure it is.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        interval : {"confidence", "prediction"}
            Whether the interval holds the mean of rows with these columns, or a single new row.
        confidence : float
            How sure it is to.

        Returns
        -------
        array (n_samples, 3) or (n_samples, n_targets, 3)
            The prediction, and the lower and the upper limit.
        """
        asked = self._rows_to_ask(X)
        values = self.model_.predict_interval(asked, interval, confidence, comm=self._group if isinstance(asked, Rows) else None)
        return values if self.coef_.ndim == 1 else values.reshape(values.shape[0], -1, 3)

    def _clusters(self, count: int) -> np.ndarray | None:
        groups = self.__dict__.get("_groups")
        return None if groups is None else clusters(groups, count)

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        if self.positive and is_sparse(X):
            raise ArgumentError("Sparse data was passed for X, but dense data is required. Use '.toarray()' to convert to a dense numpy array.")
        return super()._rows_in_memory(X, y, sample_weight, **named)

    def _method(self) -> tuple[str, dict[str, Any]]:
        parameters: dict[str, Any] = {"fitsIntercept": bool(self.fit_intercept)}
        if self.robust is not None:
            parameters["robust"] = self.robust
        if self.weight_kind != "analytic":
            parameters["weightKind"] = self.weight_kind
        if self.confidence != 0.95:
            parameters["confidence"] = float(self.confidence)
        return "linear-regression", parameters

    def _take(self, model: _core.Model, y: Any) -> Any:
        super()._take(model, y)
        self.rank_: int = model["rank"]
        return self


class Ridge(Regressor):
    """Least squares with a penalty ``alpha`` times the squared length of the coefficients.

    Parameters
    ----------
    alpha : float or array (n_targets,), default 1.0
    fit_intercept : bool, default True
    copy_X : bool
        Accepted for scikit-learn's programs: rows are never changed.
    max_iter : int, optional
    tol : float, default 1e-4
    solver : {"auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"}, default "auto"
        Accepted for scikit-learn's programs: one direct solution serves all of them, to more digits than any tolerance, without iterations.
    positive : bool, default False
        Whether coefficients are kept from being negative.
    random_state
        Accepted for scikit-learn's programs: nothing is random.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    n_iter_ : int or None
        1, or None where scikit-learn's solver of that name has none.
    solver_ : str
        The solver that was asked for, or the one that scikit-learn would have chosen.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> lockstep.Ridge(alpha=2.0).fit([[1.0], [2.0], [3.0]], [1.0, 2.0, 3.0]).coef_
    array([0.5])
    """

    _flattens = True
    _kinds = {
        "alpha": (real(0), ARRAY), "fit_intercept": (BOOLEAN,), "copy_X": (BOOLEAN,), "max_iter": (integer(1), NOTHING), "tol": (real(0),),
        "solver": (options("auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"),), "positive": (BOOLEAN,),
        "random_state": (SEED,),
    }

    def __init__(
        self, alpha: Any = 1.0, *, fit_intercept: bool = True, copy_X: bool = True, max_iter: int | None = None, tol: float = 1e-4,
        solver: str = "auto", positive: bool = False, random_state: Any = None, comm: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state
        self.comm = comm

    def _check_parameters(self) -> None:
        super()._check_parameters()
        penalties = np.asarray(self.alpha, dtype=np.float64)
        if not (penalties >= 0).all() or not np.isfinite(penalties).all():
            raise ArgumentError(f"The 'alpha' parameter of Ridge must be a float in the range [0.0, inf) or an array-like. Got {self.alpha!r} instead.")
        if self.solver == "lbfgs" and not self.positive:
            raise DataError("'lbfgs' solver can be used only when positive=True. Please use another solver.")
        if self.positive and self.solver not in ("auto", "lbfgs"):
            raise DataError(
                f"solver='{self.solver}' does not support positive fitting. Please set the solver to 'auto' or 'lbfgs', or set `positive=False`")

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        self.solver_ = self.solver
        if self.positive:
            self.solver_ = "lbfgs"
        elif is_sparse(X) and self.fit_intercept:
            if self.solver in ("svd", "cholesky", "saga"):
                raise DataError(
                    f"solver='{self.solver}' does not support fitting the intercept on sparse data. Please set the solver to 'auto' or "
                    "'lsqr', 'sparse_cg', 'sag', 'lbfgs' or set `fit_intercept=False`")
            if self.solver == "sag" and self.max_iter is None and self.tol > 1e-4:
                warnings.warn(
                    '"sag" solver requires many iterations to fit an intercept with sparse inputs, in scikit-learn; here it is direct.',
                    stacklevel=4)
            self.solver_ = "sparse_cg" if self.solver == "auto" else self.solver
        elif self.solver == "auto":
            self.solver_ = "sparse_cg" if is_sparse(X) else "cholesky"
        penalties = np.size(self.alpha)
        shape = np.asarray(y).shape
        responses = 1 if len(shape) < 2 else shape[1]
        if penalties not in (1, responses):
            raise ShapeError(f"Number of targets and number of penalties do not correspond: {penalties} != {responses}")
        return super()._rows_in_memory(X, y, sample_weight, **named)

    def _has_one_penalty(self) -> bool:
        return np.size(self.alpha) == 1

    def _penalties(self, count: int) -> np.ndarray:
        return np.broadcast_to(np.ravel(np.asarray(self.alpha, dtype=np.float64)), (count,))

    def _method(self) -> tuple[str, dict[str, Any]]:
        penalties = np.atleast_1d(np.asarray(self.alpha, dtype=np.float64)).ravel().tolist()
        return "ridge-regression", {"regularization": penalties, "fitsIntercept": bool(self.fit_intercept)}

    def _take(self, model: _core.Model, y: Any) -> Any:
        super()._take(model, y)
        # One direct solution; scikit-learn's solvers that are direct too say None.
        self.n_iter_: int | None = None if self.solver in ("svd", "cholesky", "sparse_cg") else 1
        return self
