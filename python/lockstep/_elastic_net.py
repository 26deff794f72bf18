# SPDX-License-Identifier: Apache-2.0
"""Lasso and elastic net, with scikit-learn's parameters."""

from __future__ import annotations

import warnings
from importlib import import_module
from numbers import Real
from typing import Any

import numpy as np

from . import _core
from ._errors import ArgumentError, DataError
from ._linear import LinearModel, one_response
from ._parameters import ARRAY, BOOLEAN, NOTHING, SEED, integer, options, real
from ._rows import Rows


class ElasticNet(LinearModel):
    """Least squares with a penalty that makes small coefficients 0: the lasso, ridge, and what lies between.

    Minimizes ``||y - Xw||² / (2 n) + alpha (l1_ratio ||w||₁ + (1 - l1_ratio) ||w||² / 2)``.

    Parameters
    ----------
    alpha : float, default 1.0
        The penalty; 0 for none.
    l1_ratio : float, default 0.5
        The share of the lasso's penalty: 1 for the lasso, 0 for ridge regression.
    fit_intercept : bool, default True
    precompute, max_iter, copy_X, tol, warm_start, random_state, selection
        Accepted for scikit-learn's programs: the cross products of all columns are made once, and the coefficients that are not 0 solve their
        equations exactly.
    positive : bool, default False
        Whether coefficients are kept from being negative.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    n_iter_ : int
        1: the solution is that of a direct method.
    dual_gap_ : float or array (n_targets,)
        0 for the same reason.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> X = [[0.0, 1.0], [1.0, 0.0], [2.0, 1.0], [3.0, 0.0]]
    >>> lockstep.ElasticNet(alpha=0.1).fit(X, [0.0, 1.0, 2.0, 3.0]).coef_.round(4)
    array([0.9231, 0.    ])
    """

    _flattens = True
    _kinds = {
        "alpha": (real(0),), "l1_ratio": (real(0, 1, without_greatest=False),), "fit_intercept": (BOOLEAN,), "precompute": (BOOLEAN, ARRAY),
        "max_iter": (integer(1), NOTHING), "copy_X": (BOOLEAN,), "tol": (real(0),), "warm_start": (BOOLEAN,), "positive": (BOOLEAN,),
        "random_state": (SEED,), "selection": (options("cyclic", "random"),),
    }

    def __init__(
        self, alpha: float = 1.0, *, l1_ratio: float = 0.5, fit_intercept: bool = True, precompute: Any = False, max_iter: int = 1000,
        copy_X: bool = True, tol: float = 1e-4, warm_start: bool = False, positive: bool = False, random_state: Any = None,
        selection: str = "cyclic", comm: Any = None,
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.comm = comm

    def _method(self) -> tuple[str, dict[str, Any]]:
        if self.alpha == 0:
            return "linear-regression", {"fitsIntercept": bool(self.fit_intercept)}
        return "elastic-net", {
            "alpha": float(self.l1_ratio), "regularizations": [float(self.alpha)], "standardizes": False,
            "fitsIntercept": bool(self.fit_intercept), "folds": 0,
        }

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None, check_input: bool = True) -> Any:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,) or (n_samples, n_targets)
            What is to be explained; may be missing if ``X`` is :class:`lockstep.Rows` with responses.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.
        check_input : bool, default True
            Accepted for scikit-learn's programs: rows are always checked.

        Returns
        -------
        self
        """
        return super().fit(X, y, sample_weight)

    def _shares(self) -> tuple[float, float]:
        return float(self.alpha) * float(self.l1_ratio), float(self.alpha) * (1 - float(self.l1_ratio))

    def _take(self, model: _core.Model, y: Any) -> Any:
        self.model_ = model
        if self.positive:
            coefficients, intercepts = self._positive_solution
        elif self.alpha == 0:
            coefficients, intercepts = model["coefficients"], model["intercepts"]
        else:
            coefficients, intercepts = model["bestCoefficients"], model["bestIntercepts"]
        self._set_coefficients(coefficients, intercepts, y)
        self.n_iter_: Any = 1
        self.dual_gap_: Any = 0.0 if self.coef_.ndim == 1 else np.zeros(len(self.coef_))
        return self

    @property
    def sparse_coef_(self) -> Any:
        """The coefficients as a sparse matrix of SciPy, (1, n_features) or (n_targets, n_features)."""
        return import_module("scipy.sparse").csr_matrix(self.coef_)


class Lasso(ElasticNet):
    """Least squares with the lasso's penalty, which makes small coefficients 0: :class:`ElasticNet` with ``l1_ratio=1``.

    Minimizes ``||y - Xw||² / (2 n) + alpha ||w||₁``.

    Parameters
    ----------
    alpha : float, default 1.0
        The penalty; 0 for none.
    fit_intercept : bool, default True
    precompute, copy_X, max_iter, tol, warm_start, random_state, selection
        Accepted for scikit-learn's programs: the coefficients that are not 0 solve their equations exactly.
    positive : bool, default False
        Whether coefficients are kept from being negative.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    n_iter_ : int
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> lockstep.Lasso(alpha=0.5).fit([[0.0], [1.0], [2.0]], [0.0, 1.0, 2.0]).coef_
    array([0.25])
    """

    def __init__(
        self, alpha: float = 1.0, *, fit_intercept: bool = True, precompute: Any = False, copy_X: bool = True, max_iter: int = 1000,
        tol: float = 1e-4, warm_start: bool = False, positive: bool = False, random_state: Any = None, selection: str = "cyclic",
        comm: Any = None,
    ) -> None:
        super().__init__(
            alpha, l1_ratio=1.0, fit_intercept=fit_intercept, precompute=precompute, max_iter=max_iter, copy_X=copy_X, tol=tol,
            warm_start=warm_start, positive=positive, random_state=random_state, selection=selection, comm=comm)


class ElasticNetCV(LinearModel):
    """Elastic net whose penalty cross-validation chooses, from one reading of the rows for each ``l1_ratio``.

    Parameters
    ----------
    l1_ratio : float or array, default 0.5
        The share of the lasso's penalty, or the shares to choose from.
    eps : float, default 1e-3
        The least penalty of a path as a share of its greatest.
    n_alphas : int, optional
        The number of penalties of a path; ``alphas=100`` says the same.
    alphas : int or array, default 100
        The penalties to choose from, or how many of them.
    fit_intercept : bool, default True
    cv : int, optional
        The number of folds, 5 if ``None``. The fold of a row follows from its number in the whole table and ``random_state``, so folds are the same on
        any number of processes; scikit-learn's are other ones.
    random_state : int, optional
        The seed of the folds.
    precompute, max_iter, tol, copy_X, verbose, n_jobs, selection
        Accepted for scikit-learn's programs: the coefficients that are not 0 solve their equations exactly.
    positive : bool, default False
        Accepted as False only.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    alpha_ : float
        The penalty that was chosen.
    l1_ratio_ : float
    coef_ : array (n_features,)
    intercept_ : float
    alphas_ : array (n_alphas,) or (n_l1_ratios, n_alphas)
        The penalties, greatest first.
    mean_mse_path_ : array (n_alphas,) or (n_l1_ratios, n_alphas)
        The mean squared error on the rows of each fold by the fit to the others, the mean over the folds; scikit-learn's ``mse_path_.mean(axis=-1)``.
    n_iter_ : int
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import numpy as np
    >>> import lockstep
    >>> X = np.arange(40.0).reshape(20, 2) % 7
    >>> lockstep.ElasticNetCV(cv=4).fit(X, X[:, 0]).coef_.round(2)
    array([1., 0.])
    """

    _flattens = True
    _kinds = {
        "l1_ratio": (real(0, 1, without_greatest=False), ARRAY), "eps": (real(0, 1, without_greatest=False),), "n_alphas": (integer(1), NOTHING), "alphas": (integer(1), ARRAY, NOTHING),
        "fit_intercept": (BOOLEAN,), "precompute": (BOOLEAN, ARRAY, options("auto")), "max_iter": (integer(1),), "tol": (real(0),),
        "cv": (integer(2), NOTHING), "copy_X": (BOOLEAN,), "n_jobs": (NOTHING, integer(-(2**31))), "positive": (BOOLEAN,),
        "random_state": (SEED,), "selection": (options("cyclic", "random"),),
    }
    _default_seed = 777_777

    def __init__(
        self, *, l1_ratio: Any = 0.5, eps: float = 1e-3, n_alphas: int | None = None, alphas: Any = 100, fit_intercept: bool = True,
        precompute: Any = "auto", max_iter: int = 1000, tol: float = 1e-4, cv: int | None = None, copy_X: bool = True, verbose: Any = 0,
        n_jobs: int | None = None, positive: bool = False, random_state: Any = None, selection: str = "cyclic", comm: Any = None,
    ) -> None:
        self.l1_ratio = l1_ratio
        self.eps = eps
        self.n_alphas = n_alphas
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.tol = tol
        self.cv = cv
        self.copy_X = copy_X
        self.verbose = verbose
        self.n_jobs = n_jobs
        self.positive = positive
        self.random_state = random_state
        self.selection = selection
        self.comm = comm

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = False
        return tags

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        return super()._rows_in_memory(X, one_response(y), sample_weight, **named)

    def _check_parameters(self) -> None:
        super()._check_parameters()
        name = type(self).__name__
        if self.positive:
            raise ArgumentError(f"{name} has no positive=True: its paths may have coefficients of both signs; Lasso and ElasticNet have it")
        shares = np.atleast_1d(np.asarray(self.l1_ratio, dtype=np.float64))
        if shares.ndim > 1 or shares.size == 0 or not ((shares >= 0) & (shares <= 1)).all():
            raise ArgumentError(f"The 'l1_ratio' parameter of {name} must be a float between 0 and 1, or an array of such. Got {self.l1_ratio!r} instead.")
        if np.ndim(self.alphas) == 0 and (shares == 0).any():
            raise ArgumentError(
                "Automatic alpha grid generation is not supported for l1_ratio=0. Please supply a grid by providing your estimator with the "
                "appropriate `alphas=` argument.")
        for i, value in enumerate([] if np.ndim(self.alphas) == 0 else list(self.alphas)):
            if not isinstance(value, Real):
                raise ArgumentError(f"alphas[{i}] must be an instance of float, not {type(value).__name__}")
            if not float(value) >= 0:
                raise ArgumentError(f"alphas[{i}] == {value}, must be >= 0.0.")
        if self.random_state is not None and not isinstance(self.random_state, (int, np.integer)):
            raise ArgumentError(f"The 'random_state' parameter of {name} must be an int or None: it seeds the folds of all processes.")

    def _parameters_of(self, share: float) -> dict[str, Any]:
        given: Any = self.alphas if self.alphas is not None else 100
        path: dict[str, Any]
        if np.ndim(given) == 0:
            length = int(given if self.n_alphas is None else self.n_alphas)
            path = {"pathLength": 1} if self.eps == 1 else {"pathLength": length, "leastShare": float(self.eps)}
        else:
            path = {"regularizations": sorted((float(value) for value in given), reverse=True)}
        seed = self._default_seed if self.random_state is None else int(self.random_state)
        return {
            **path, "alpha": share, "standardizes": False, "fitsIntercept": bool(self.fit_intercept),
            "folds": 5 if self.cv is None else int(self.cv), "seed": seed,
        }

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,)
            What is to be explained; may be missing if ``X`` is :class:`lockstep.Rows` with responses.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, y, sample_weight)
        self._stream = None
        folds = 5 if self.cv is None else int(self.cv)
        if self._group.size == 1 and isinstance(source, Rows) and len(source) < folds:
            raise DataError(f"Cannot have number of splits n_splits={folds} greater than the number of samples: n_samples={len(source)}.")
        shares = np.atleast_1d(np.asarray(self.l1_ratio, dtype=np.float64)).tolist()
        models = [self._fit("elastic-net", self._parameters_of(share), source) for share in shares]
        errors = np.array([np.array(model["crossValidation"])[:, 0] for model in models])
        if np.array(models[0]["crossValidation"]).shape[1] != 1:
            raise DataError(f"{type(self).__name__} takes one response: fit one for each column of y")
        best = int(np.argmin(errors.min(axis=1)))
        penalties = np.array([np.array(model["regularizations"]) for model in models])
        self.model_ = models[best]
        self.l1_ratio_: float = float(shares[best])
        self.alpha_: float = float(self.model_["leastRegularization"][0])
        one = np.ndim(self.l1_ratio) == 0
        self.alphas_: np.ndarray = penalties[0] if one or np.ndim(self.alphas) == 1 else penalties
        self.mean_mse_path_: np.ndarray = errors[0] if one else errors
        self.n_iter_: int = 1
        self._set_coefficients(self.model_["bestCoefficients"], self.model_["bestIntercepts"], y)
        if self.alpha_ == penalties[best].min() and penalties.shape[1] > 1:
            warnings.warn(
                f"the best penalty, {self.alpha_:g}, is the least that was tried; try smaller ones", stacklevel=2)
        return self


class LassoCV(ElasticNetCV):
    """Lasso whose penalty cross-validation chooses, from one reading of the rows: :class:`ElasticNetCV` with ``l1_ratio=1``.

    Parameters
    ----------
    eps : float, default 1e-3
        The least penalty of a path as a share of its greatest.
    n_alphas : int, optional
        The number of penalties of a path; ``alphas=100`` says the same.
    alphas : int or array, default 100
        The penalties to choose from, or how many of them.
    fit_intercept : bool, default True
    cv : int, optional
        The number of folds, 5 if ``None``; see :class:`ElasticNetCV`.
    random_state : int, optional
        The seed of the folds.
    precompute, max_iter, tol, copy_X, verbose, n_jobs, selection
        Accepted for scikit-learn's programs: the coefficients that are not 0 solve their equations exactly.
    positive : bool, default False
        Accepted as False only.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    alpha_ : float
        The penalty that was chosen.
    coef_ : array (n_features,)
    intercept_ : float
    alphas_ : array (n_alphas,)
        The penalties, greatest first.
    mean_mse_path_ : array (n_alphas,)
    n_iter_ : int
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import numpy as np
    >>> import lockstep
    >>> X = np.arange(40.0).reshape(20, 2) % 7
    >>> lockstep.LassoCV(cv=4).fit(X, X[:, 1]).coef_.round(2)
    array([0., 1.])
    """

    def __init__(
        self, *, eps: float = 1e-3, n_alphas: int | None = None, alphas: Any = 100, fit_intercept: bool = True, precompute: Any = "auto",
        max_iter: int = 1000, tol: float = 1e-4, copy_X: bool = True, cv: int | None = None, verbose: Any = False, n_jobs: int | None = None,
        positive: bool = False, random_state: Any = None, selection: str = "cyclic", comm: Any = None,
    ) -> None:
        super().__init__(
            l1_ratio=1.0, eps=eps, n_alphas=n_alphas, alphas=alphas, fit_intercept=fit_intercept, precompute=precompute, max_iter=max_iter,
            tol=tol, cv=cv, copy_X=copy_X, verbose=verbose, n_jobs=n_jobs, positive=positive, random_state=random_state,
            selection=selection, comm=comm)
