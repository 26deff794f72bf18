# SPDX-License-Identifier: Apache-2.0
"""Functions of rows that are no estimators."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _core


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

    Examples
    --------
    >>> import lockstep
    >>> q, r = lockstep.qr([[3.0, 0.0], [4.0, 0.0], [0.0, 2.0]])
    >>> r.round(6)
    array([[5., 0.],
           [0., 2.]])
    """
    model, q = _core.fit("qr", None, X, comm=comm, row_values=True)
    return q, model["r"]


class Description(dict[str, Any]):
    """Figures of each column, by name, also as attributes: what :func:`describe` gives.

    Examples
    --------
    >>> import lockstep
    >>> found = lockstep.describe([[1.0], [3.0]])
    >>> found.maximum, found["count"]
    (array([3.]), 2)
    """

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            raise AttributeError(name) from None


def describe(
    X: Any, sample_weight: Any = None, *, shape: bool = False, quantiles: Any = None, skip_missing: bool = False, comm: Any = None
) -> Description:
    """Figures of each column over the rows of all processes, in one sweep; quantiles take some more.

    Parameters
    ----------
    X : array, sparse rows, frame, file names or Rows
        This process's rows.
    sample_weight : array (n_samples,), optional
        How often each row counts.
    shape : bool, default False
        Whether skewness, kurtosis and the number of zeros are wanted too.
    quantiles : float or list of float, optional
        Exact quantiles, as ``[0.25, 0.5, 0.75]``, without weights: what ``numpy.quantile`` gives.
    skip_missing : bool, default False
        Whether NaN is left out, each column for itself, instead of being an error.
    comm : Communicator or mpi4py communicator, optional

    Returns
    -------
    Description
        ``count``, the number of rows, and of each column ``minimum``, ``maximum``, ``sum``, ``mean``, ``variance`` (n − 1), ``standard_deviation``,
        ``variation``, ``sum_squares``, ``sum_squares_centered``, ``second_order_raw_moment``, ``present_count``,
        ``missing_count``; if asked ``skewness``, ``kurtosis`` (0 of a normal distribution), ``zero_count``; and ``quantiles``, columns × quantiles.

    Examples
    --------
    >>> import lockstep
    >>> lockstep.describe([[1.0, 5.0], [3.0, 5.0]]).variance
    array([2., 0.])
    >>> lockstep.describe([[1.0], [3.0], [4.0]], quantiles=0.5).quantiles
    array([[3.]])
    """
    parameters = {
        "includesShape": bool(shape), "skipsMissing": bool(skip_missing),
        "quantiles": [] if quantiles is None else np.atleast_1d(np.asarray(quantiles, dtype=np.float64)).tolist(),
    }
    model = _core.fit("moments", parameters, X, weights=sample_weight, comm=comm)
    names = {
        "minimum": "minimum", "maximum": "maximum", "sum": "sum", "mean": "mean", "variance": "variance",
        "standard_deviation": "standardDeviation", "variation": "variation", "sum_squares": "sumSquares",
        "sum_squares_centered": "sumSquaresCentered", "second_order_raw_moment": "secondOrderRawMoment",
        "present_count": "count", "missing_count": "missingCount",
    }
    if shape:
        names.update({"skewness": "skewness", "kurtosis": "kurtosis", "zero_count": "zeroCount"})
    if quantiles is not None:
        names["quantiles"] = "quantiles"
    return Description(count=model.row_count, **{name: model[field] for name, field in names.items()})

