# SPDX-License-Identifier: Apache-2.0
"""What estimators accept, with the words that scikit-learn's users know."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from ._errors import ArgumentError, DataError, LockstepError, NotFiniteError, ShapeError
from ._numbers import frame_to_numpy, numbers


class NotFittedError(LockstepError, ValueError, AttributeError):
    """An estimator that was asked before it was fitted; scikit-learn's own class where that is loaded.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.Ridge().predict([[0.0]])
    ... except ValueError as error:
    ...     print(error)
    This Ridge instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator.
    """


def not_fitted(estimator: Any) -> Exception:
    """The error for an estimator that is not fitted yet."""
    theirs = sys.modules.get("sklearn.exceptions")
    kind = theirs.NotFittedError if theirs else NotFittedError
    return kind(
        f"This {type(estimator).__name__} instance is not fitted yet. Call 'fit' with appropriate arguments before using this estimator.")


def feature_names(X: Any) -> np.ndarray | None:
    """The names of a table's columns, if all are texts."""
    columns = getattr(X, "columns", None)
    if columns is None or not hasattr(X, "shape"):
        return None
    names = np.asarray(columns, dtype=object)
    kinds = sorted({type(name).__qualname__ for name in names})
    if "str" in kinds and len(kinds) > 1:
        raise ArgumentError(
            "Feature names are only supported if all input features have string names, but your input has "
            f"{kinds} as feature name / column name types. If you want feature names to be stored and validated, you must convert "
            "them all to strings, by using X.columns = X.columns.astype(str) for example. Otherwise you can remove feature / column "
            "names from your input data, or convert them all to a non-string data type.")
    return names if kinds == ["str"] else None


def is_sparse(X: Any) -> bool:
    """Whether X is a sparse matrix or array of SciPy's."""
    return hasattr(X, "tocsr") and hasattr(X, "nnz")


def matrix(
    X: Any, *, name: str = "X", minimum: int = 1, check_finite: bool = True, sparse: bool = False, estimator: Any = None
) -> Any:
    """X as an array of two dimensions, float64 or float32, without a copy if it is one; or as sparse rows if it is sparse."""
    if is_sparse(X):
        if not sparse:
            raise ArgumentError(
                f"Sparse data was passed for {name}, but dense data is required. Use '.toarray()' to convert to a dense numpy array.")
        values = X.tocsr()
        if values.ndim != 2:
            raise DataError(f"Expected 2D array, got a sparse array of {values.ndim} dimensions instead.\n" + _reshape)
        if values.dtype.kind == "c":
            raise DataError(f"Complex data not supported\n{values}\n")
        if values.dtype not in (np.float64, np.float32):
            values = values.astype(np.float64)
        _require_size(values, minimum)
        if check_finite:
            require_finite(values, name, estimator)
        return values
    if not isinstance(X, np.ndarray) and hasattr(X, "to_numpy"):
        X = frame_to_numpy(X) if hasattr(X, "iloc") and X.ndim == 2 else X.to_numpy()
    values = np.asarray(X)
    if values.dtype.kind == "c":
        raise DataError(f"Complex data not supported\n{values}\n")
    if values.ndim == 0:
        raise DataError(f"Expected 2D array, got scalar array instead:\narray={values}.\n" + _reshape)
    if values.ndim == 1:
        raise DataError(f"Expected 2D array, got 1D array instead:\narray={values}.\n" + _reshape)
    if values.ndim > 2:
        raise DataError(f"Found array with dim {values.ndim}, while dim <= 2 is required.")
    if values.dtype not in (np.float64, np.float32):
        values = _as_floats(values)
    _require_size(values, minimum)
    if check_finite:
        require_finite(values, name, estimator)
    return values


def _as_floats(values: np.ndarray) -> np.ndarray:
    try:
        return values.astype(np.float64) if values.dtype.kind in "iubf" else numbers(values)
    except ArgumentError:
        raise
    except TypeError as error:
        raise ArgumentError(f"argument must be a string or a number: {error}") from None
    except ValueError as error:
        raise DataError(str(error)) from None


def _require_size(values: Any, minimum: int) -> None:
    if values.shape[1] == 0:
        raise ShapeError(f"Found array with 0 feature(s) (shape={values.shape}) while a minimum of 1 is required.")
    if values.shape[0] < minimum:
        raise ShapeError(f"Found array with {values.shape[0]} sample(s) (shape={values.shape}) while a minimum of {minimum} is required.")


_reshape = (
    "Reshape your data either using array.reshape(-1, 1) if your data has a single feature or array.reshape(1, -1) if it contains a "
    "single sample.")


def require_finite(values: Any, name: str, estimator: Any = None) -> None:
    """Throws if a number is NaN or infinite."""
    values = values.data if is_sparse(values) else values
    with np.errstate(over="ignore", invalid="ignore"):
        # One sum tells it, unless it overflows by itself.
        if np.isfinite(np.sum(values)) or np.isfinite(values).all():
            return
    if np.isnan(values).any():
        words = "" if estimator is None else f" {type(estimator).__name__} does not accept missing values encoded as NaN natively."
        raise NotFiniteError(f"Input {name} contains NaN." + words)
    raise NotFiniteError(f"Input {name} contains infinity or a value too large for dtype('{values.dtype}').")


def targets(y: Any, rows: int, estimator: Any, *, check_finite: bool = True) -> np.ndarray:
    """y as float64, of one dimension or two, one row for each of X."""
    if y is None:
        raise DataError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    if not isinstance(y, np.ndarray) and hasattr(y, "to_numpy"):
        y = y.to_numpy()
    values = np.asarray(y)
    if values.dtype.kind == "c":
        raise DataError(f"Complex data not supported\n{values}\n")
    values = _as_floats(values) if values.dtype != np.float64 else values
    if values.ndim not in (1, 2):
        raise DataError(f"y should be a 1d or 2d array, got an array of shape {values.shape} instead.")
    if check_finite:
        require_finite(values, "y")
    if values.shape[0] != rows:
        raise ShapeError(f"Found input variables with inconsistent numbers of samples: {[rows, values.shape[0]]}")
    return values


def classes(y: Any, rows: int, estimator: Any) -> np.ndarray:
    """y as labels: whole numbers, truth values or texts, one for each row of X."""
    if y is None:
        raise DataError(f"{type(estimator).__name__} requires y to be passed, but the target y is None")
    values = np.asarray(y.to_numpy() if not isinstance(y, np.ndarray) and hasattr(y, "to_numpy") else y)
    if values.dtype == object and values.size and all(isinstance(value, (int, np.integer)) for value in values.flat):
        values = values.astype(np.int64)
    if values.ndim == 2 and values.shape[1] == 1:
        theirs = sys.modules.get("sklearn.exceptions")
        warnings.warn(
            "A column-vector y was passed when a 1d array was expected. Please change the shape of y to (n_samples,), for example using "
            "ravel().", theirs.DataConversionWarning if theirs else UserWarning, stacklevel=4)
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(f"y should be a 1d array, got an array of shape {values.shape} instead.")
    if values.dtype.kind == "c":
        raise DataError(f"Complex data not supported\n{values}\n")
    if values.dtype.kind == "f":
        require_finite(values, "y")
        if (values != np.floor(values)).any():
            raise DataError("Unknown label type: continuous. Labels are whole numbers or texts.")
    if values.shape[0] != rows:
        raise ShapeError(f"Found input variables with inconsistent numbers of samples: {[rows, values.shape[0]]}")
    return values


def clusters(groups: Any, rows: int) -> np.ndarray:
    """groups as whole numbers or texts, one for each row."""
    values = np.asarray(groups.to_numpy() if not isinstance(groups, np.ndarray) and hasattr(groups, "to_numpy") else groups)
    if values.ndim != 1 or values.shape[0] != rows:
        raise ShapeError(f"groups of shape {values.shape} for {rows} rows")
    return values


def weights(sample_weight: Any, rows: int) -> np.ndarray | None:
    """sample_weight as float64, one for each row."""
    if sample_weight is None:
        return None
    values = _as_floats(np.asarray(sample_weight))
    if values.ndim == 0:
        return np.full(rows, float(values))
    if values.ndim != 1:
        raise DataError(f"Sample weights must be 1D array or scalar, got {values.ndim}D array. Expected either a scalar or a 1D array.")
    require_finite(values, "sample_weight")
    if values.shape[0] != rows:
        raise DataError(f"sample_weight.shape == {values.shape}, expected {(rows,)}!")
    return values


def check_names(estimator: Any, X: Any) -> None:
    """Compares the column names of X with those that the estimator was fitted to."""
    fitted, names = getattr(estimator, "feature_names_in_", None), feature_names(X)
    name = type(estimator).__name__
    if fitted is None and names is None:
        return
    if fitted is None:
        warnings.warn(f"X has feature names, but {name} was fitted without feature names", stacklevel=4)
        return
    if names is None:
        warnings.warn(f"X does not have valid feature names, but {name} was fitted with feature names", stacklevel=4)
        return
    if len(fitted) == len(names) and (fitted == names).all():
        return
    words = ["The feature names should match those that were passed during fit."]
    for title, found in (
        ("Feature names unseen at fit time:", sorted(set(names) - set(fitted))),
        ("Feature names seen at fit time, yet now missing:", sorted(set(fitted) - set(names))),
    ):
        if found:
            words += [title] + [f"- {item}" for item in found[:5]] + (["- ..."] if len(found) > 5 else [])
    if len(words) == 1:
        words.append("Feature names must be in the same order as they were in fit.")
    raise DataError("\n".join(words) + "\n")
