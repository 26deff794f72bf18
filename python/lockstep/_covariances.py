# SPDX-License-Identifier: Apache-2.0
"""Covariances, with scikit-learn's parameters."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np

from . import _core
from ._base import Estimator
from ._parameters import BOOLEAN
from ._projection import quadratic_forms


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

    Examples
    --------
    >>> import lockstep
    >>> lockstep.EmpiricalCovariance().fit([[1.0, 0.0], [3.0, 4.0]]).covariance_
    array([[1., 2.],
           [2., 4.]])
    """

    _takes_sparse = False
    _kinds = {"store_precision": (BOOLEAN,), "assume_centered": (BOOLEAN,)}

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
        if model.row_count == 1:
            warnings.warn("Only one sample available. You may want to reshape your data array", stacklevel=3)
        self.model_ = model
        mean, covariance = model["means"], model["covariance"]
        if self.assume_centered:
            covariance = covariance + np.outer(mean, mean)
            mean = np.zeros_like(mean)
        self.location_: np.ndarray = mean
        self.covariance_: np.ndarray = covariance
        self.precision_: np.ndarray | None = np.linalg.pinv(covariance, hermitian=True) if self.store_precision else None
        return self

    def get_precision(self) -> np.ndarray:
        """The inverse of the covariance, or its pseudo-inverse."""
        return np.linalg.pinv(self.covariance_, hermitian=True) if self.precision_ is None else self.precision_

    def mahalanobis(self, X: Any) -> np.ndarray:
        """The squared Mahalanobis distance of each row from the mean.

        Returns
        -------
        array (n_samples,)
        """
        return quadratic_forms(self._matrix_to_ask(X), self.location_, self.get_precision())

    def score(self, X: Any, y: Any = None) -> float:
        """The mean log-likelihood of all processes' rows under a normal distribution with this covariance.

        Returns
        -------
        float
        """
        distances = self._group.together(self._call("score"), lambda: self.mahalanobis(X))
        moments = _core.fit("moments", None, distances.reshape(-1, 1), comm=self._group)
        p = self.covariance_.shape[0]
        determinant = np.linalg.slogdet(self.get_precision())[1]
        return float(-0.5 * (moments["mean"][0] - determinant + p * np.log(2 * np.pi)))

    def error_norm(self, comp_cov: Any, norm: str = "frobenius", scaling: bool = True, squared: bool = True) -> float:
        """How far another covariance is from this one, in the Frobenius or the spectral norm.

        Returns
        -------
        float
        """
        error = np.asarray(comp_cov) - self.covariance_
        if norm == "frobenius":
            value = float(np.sum(error**2))
        elif norm == "spectral":
            value = float(np.max(np.linalg.svd(error, compute_uv=False)) ** 2)
        else:
            raise NotImplementedError(f"Only spectral and frobenius norms are implemented, not {norm!r}")
        value /= error.shape[0] if scaling else 1
        return value if squared else float(np.sqrt(value))
