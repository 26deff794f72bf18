# SPDX-License-Identifier: Apache-2.0
"""Columns on one scale, with scikit-learn's parameters."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core, _validation
from ._base import Transformer
from ._errors import DataError, ShapeError
from ._parameters import BOOLEAN
from ._projection import frozen
from ._rows import Rows
from ._validation import is_sparse


class StandardScaler(Transformer):
    """Columns without their means, divided by their standard deviations.

    Parameters
    ----------
    copy : bool
        Accepted for scikit-learn's programs: rows are never changed.
    with_mean : bool, default True
        Whether the mean is taken off. Sparse rows need False.
    with_std : bool, default True
        Whether to divide by the standard deviation.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    mean_, var_ : array (n_features,) or None
        Of the rows of all processes; the variance is divided by n.
    scale_ : array (n_features,) or None
        What columns are divided by: the square root of the variance, 1 for a column that is constant up to rounding.
    n_samples_seen_ : int or float
        The number of rows, or the sum of their weights.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> scaler = lockstep.StandardScaler().fit([[0.0, 1.0], [2.0, 1.0]])
    >>> scaler.transform([[0.0, 1.0], [4.0, 2.0]])
    array([[-1.,  0.],
           [ 3.,  1.]])
    """

    _is_weighted = False
    _kinds = {"copy": (BOOLEAN,), "with_mean": (BOOLEAN,), "with_std": (BOOLEAN,)}

    def __init__(self, *, copy: bool = True, with_mean: bool = True, with_std: bool = True, comm: Any = None) -> None:
        self.copy = copy
        self.with_mean = with_mean
        self.with_std = with_std
        self.comm = comm

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not self.with_mean
        return tags

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        self._require_no_mean(X)
        self._is_weighted = sample_weight is not None or (not named.get("reset", True) and self._is_weighted)
        return super()._rows_in_memory(X, y, sample_weight, **named)

    def _require_no_mean(self, X: Any) -> None:
        if self.with_mean and is_sparse(X):
            raise DataError("Cannot center sparse matrices: pass `with_mean=False` instead. See docstring for motivation and alternatives.")

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> StandardScaler:
        """Finds means and deviations of the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : None
            Not used.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.

        Returns
        -------
        self
        """
        self._is_weighted = False
        source = self._rows_to_fit(X, None, sample_weight)
        self._is_weighted = self._is_weighted or source.has_weights
        self._stream = None
        return self._take(self._fit("moments", {}, source))

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> StandardScaler:
        """Adds rows to those of earlier calls."""
        if self.__dict__.get("_stream") is None:
            self._is_weighted = False
        return self._take(self._observe("moments", {}, X, None, sample_weight))

    def _take(self, model: _core.Model) -> StandardScaler:
        self.model_ = model
        is_weighted = self._is_weighted and (self.with_mean or self.with_std)
        total: Any = _core.total_weight(model) if is_weighted else model.row_count
        total = int(total) if total == int(total) else total
        self.n_samples_seen_ = total
        mean, variance = np.array(model["mean"]), model["sumSquaresCentered"] / total
        self.mean_ = frozen(mean) if self.with_mean or self.with_std else None
        self.var_ = frozen(variance) if self.with_std else None
        self.scale_ = None
        if self.with_std:
            eps = np.finfo(np.float64).eps
            # What the rounding of a constant column may leave.
            constant = variance <= total * eps * variance + (total * mean * eps) ** 2
            self.scale_ = frozen(np.where(constant, 1.0, np.sqrt(variance)))
        return self

    def transform(self, X: Any, copy: bool | None = None) -> Any:
        """The rows on the scale.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        copy : bool, optional
            Not used: rows are never changed.

        Returns
        -------
        array or sparse rows (n_samples, n_features)
        """
        self._require_fitted()
        self._require_no_mean(X)
        return self._scaled(self._matrix_to_ask(X), forward=True)

    def inverse_transform(self, X: Any, copy: bool | None = None) -> Any:
        """The rows that are these on the scale.

        Returns
        -------
        array or sparse rows (n_samples, n_features)
        """
        self._require_fitted()
        self._require_no_mean(X)
        values = _validation.matrix(X, sparse=True, minimum=1 if self._group.size == 1 else 0, estimator=self)
        if values.shape[1] != self.n_features_in_:
            raise ShapeError(f"X has {values.shape[1]} features, but StandardScaler is expecting {self.n_features_in_} features as input.")
        return self._scaled(values, forward=False)

    def _scaled(self, values: Any, forward: bool) -> Any:
        if is_sparse(values):
            made = values.tocsr().copy()
            if self.scale_ is not None:
                factors = self.scale_[made.indices]
                made.data = (made.data / factors if forward else made.data * factors).astype(made.data.dtype)
            return made
        made = np.array(values, dtype=np.float64)
        if forward and self.with_mean:
            made -= self.mean_
        if self.scale_ is not None:
            made = made / self.scale_ if forward else made * self.scale_
        if not forward and self.with_mean:
            made += self.mean_
        return made.astype(values.dtype, copy=False)

    @property
    def _n_features_out(self) -> int:
        return self.n_features_in_

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns: those of the rows that it was fitted to, or ``input_features``, or x0, x1 and so on."""
        self._require_fitted()
        own = getattr(self, "feature_names_in_", None)
        if input_features is None:
            return np.asarray([f"x{j}" for j in range(self.n_features_in_)], dtype=object) if own is None else own
        names = np.asarray(input_features, dtype=object)
        if own is not None and not np.array_equal(own, names):
            raise DataError("input_features is not equal to feature_names_in_")
        if len(names) != self.n_features_in_:
            raise DataError(f"input_features should have length equal to number of features ({self.n_features_in_}), got {len(names)}")
        return names
