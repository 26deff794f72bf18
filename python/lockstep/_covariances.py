# SPDX-License-Identifier: Apache-2.0
"""Covariances, with scikit-learn's parameters."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from . import _core
from ._base import Estimator
from ._errors import ArgumentError
from ._parameters import BOOLEAN, integer
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

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "covariance", {"isBiased": True}

    def fit(self, X: Any, y: Any = None) -> Self:
        """Estimates the covariance of the rows of all processes.

        Parameters
        ----------
        X : array, frame, file names or Rows
            This process's rows.
        y : None
            Not used.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X)
        self._stream = None
        return self._take(self._fit(*self._method(), source))

    def partial_fit(self, X: Any, y: Any = None) -> Self:
        """Adds rows to those of earlier calls."""
        return self._take(self._observe(*self._method(), X))

    def _take(self, model: _core.Model) -> Self:
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


class LedoitWolf(EmpiricalCovariance):
    """The covariance, shrunk towards a multiple of the identity by as much as Ledoit and Wolf (2004) find best.

    Parameters
    ----------
    store_precision : bool, default True
        Whether to invert it at once.
    assume_centered : bool, default False
        Accepted as False only: the shrinkage is that of rows around their mean.
    block_size : int, default 1000
        Accepted for scikit-learn's programs: one sweep with bounded memory serves all.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    covariance_, precision_ : array (n_features, n_features)
    location_ : array (n_features,)
    shrinkage_ : float
        The share of the multiple of the identity, from 0 to 1.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.LedoitWolf().fit([[1.0, 0.0], [3.0, 4.0], [2.0, 1.0]])
    >>> round(model.shrinkage_, 6)
    0.349727
    """

    _kinds = {"store_precision": (BOOLEAN,), "assume_centered": (BOOLEAN,), "block_size": (integer(1),)}

    def __init__(
        self, *, store_precision: bool = True, assume_centered: bool = False, block_size: int = 1000, comm: Any = None
    ) -> None:
        super().__init__(store_precision=store_precision, assume_centered=assume_centered, comm=comm)
        self.block_size = block_size

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.assume_centered:
            raise ArgumentError(f"assume_centered=True is not supported by {type(self).__name__}: rows are taken around their mean")

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "ledoit-wolf", {}

    def _take(self, model: _core.Model) -> Self:
        self.shrinkage_: float = model["shrinkage"]
        return super()._take(model)


class OAS(LedoitWolf):
    """The covariance, shrunk towards a multiple of the identity by as much as Chen, Wiesel, Eldar and Hero (2010) find best for normal rows.

    Parameters
    ----------
    store_precision : bool, default True
        Whether to invert it at once.
    assume_centered : bool, default False
        Accepted as False only: the shrinkage is that of rows around their mean.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    covariance_, precision_ : array (n_features, n_features)
    location_ : array (n_features,)
    shrinkage_ : float
        The share of the multiple of the identity, from 0 to 1.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.OAS().fit([[1.0, 0.0], [3.0, 4.0], [2.0, 1.0]])
    >>> model.shrinkage_
    1.0
    """

    _kinds = {"store_precision": (BOOLEAN,), "assume_centered": (BOOLEAN,)}

    def __init__(self, *, store_precision: bool = True, assume_centered: bool = False, comm: Any = None) -> None:
        EmpiricalCovariance.__init__(self, store_precision=store_precision, assume_centered=assume_centered, comm=comm)

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "ledoit-wolf", {"formula": "oas"}
