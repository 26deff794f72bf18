# SPDX-License-Identifier: Apache-2.0
"""Ridge regression whose penalty the rows choose, with scikit-learn's parameters."""

from __future__ import annotations

from numbers import Real
from typing import Any

import numpy as np

from . import _core
from ._errors import ArgumentError
from ._linear import Regressor
from ._parameters import ARRAY, BOOLEAN, NOTHING, options, real
from ._projection import frozen, projection


class RidgeCV(Regressor):
    """Ridge regression with the penalty of least generalized cross-validation, of all penalties from one sweep.

    Parameters
    ----------
    alphas : float or array (n_alphas,), default (0.1, 1.0, 10.0)
        The penalties to choose from, above 0.
    fit_intercept : bool, default True
    scoring, cv : None
        Accepted for scikit-learn's programs; penalties are chosen by generalized cross-validation, without folds.
    gcv_mode : {None, "auto", "svd", "eigen"}
        Accepted for scikit-learn's programs: one direct solution serves all of them.
    store_cv_results : bool, default False
        Accepted as False only: there are no results of single rows.
    alpha_per_target : bool, default False
        Whether each response has its own penalty.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,) or (n_targets, n_features)
    intercept_ : float or array (n_targets,)
    alpha_ : float or array (n_targets,)
        The penalty that was chosen.
    best_score_ : float or array (n_targets,)
        Minus its generalized cross-validation (Golub, Heath & Wahba, 1979).
    n_features_in_ : int
    model_ : Model
        With the figures of all penalties.

    Examples
    --------
    >>> import lockstep
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> model = lockstep.RidgeCV(alphas=[0.01, 10.0]).fit(X, [0.1, 0.9, 2.1, 2.9])
    >>> model.alpha_
    0.01
    """

    _flattens = True
    positive = False
    _kinds = {
        "alphas": (real(0), ARRAY), "fit_intercept": (BOOLEAN,), "scoring": (NOTHING,), "cv": (NOTHING,),
        "gcv_mode": (options("auto", "svd", "eigen"), NOTHING), "store_cv_results": (BOOLEAN,), "alpha_per_target": (BOOLEAN,),
    }

    def __init__(
        self, alphas: Any = (0.1, 1.0, 10.0), *, fit_intercept: bool = True, scoring: Any = None, cv: Any = None, gcv_mode: str | None = None,
        store_cv_results: bool = False, alpha_per_target: bool = False, comm: Any = None,
    ) -> None:
        self.alphas = alphas
        self.fit_intercept = fit_intercept
        self.scoring = scoring
        self.cv = cv
        self.gcv_mode = gcv_mode
        self.store_cv_results = store_cv_results
        self.alpha_per_target = alpha_per_target
        self.comm = comm

    def _check_parameters(self) -> None:
        super()._check_parameters()
        for i, value in enumerate([self.alphas] if np.ndim(self.alphas) == 0 else list(self.alphas)):
            name = "alphas" if np.ndim(self.alphas) == 0 else f"alphas[{i}]"
            if not isinstance(value, Real):
                raise ArgumentError(f"{name} must be an instance of float, not {type(value).__name__}")
            if not 0 < float(value) < np.inf:
                raise ArgumentError(f"{name} == {value}, must be > 0.0.")
        penalties = np.atleast_1d(np.asarray(self.alphas, dtype=np.float64))
        if penalties.size == 0 or penalties.ndim > 1:
            raise ArgumentError(f"The 'alphas' parameter of RidgeCV must be a float or an array of one dimension. Got {self.alphas!r} instead.")
        if self.store_cv_results:
            raise ArgumentError("store_cv_results=True needs the errors of single rows, which one sweep does not keep")

    def _method(self) -> tuple[str, dict[str, Any]]:
        penalties = np.atleast_1d(np.asarray(self.alphas, dtype=np.float64)).tolist()
        return "ridge-path", {"regularizations": penalties, "fitsIntercept": bool(self.fit_intercept)}

    def _take(self, model: _core.Model, y: Any) -> Any:
        self.model_ = model
        validation = np.array(model["crossValidation"])
        if self.alpha_per_target:
            chosen = np.argmin(validation, axis=0)
            self.best_score_: Any = -validation.min(axis=0)
        else:
            chosen = np.full(validation.shape[1], np.argmin(validation.mean(axis=1)))
            self.best_score_ = float(-validation.mean(axis=1).min())
        responses = np.arange(len(chosen))
        self._set_coefficients(model["coefficients"][chosen, responses], model["intercepts"][chosen, responses], y)
        penalties = np.asarray(model["regularizations"])[chosen]
        flat = not self.alpha_per_target or np.ndim(self.intercept_) == 0 and self.coef_.ndim == 1
        self.alpha_: Any = float(penalties[0]) if flat else frozen(penalties)
        if flat and self.alpha_per_target:
            self.best_score_ = float(self.best_score_[0])
        return self

    def _current(self) -> _core.Model:
        return projection(self.coef_, self.intercept_)
