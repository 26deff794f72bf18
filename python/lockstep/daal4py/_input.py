# SPDX-License-Identifier: Apache-2.0
"""Tables as the predecessor's programs give them: files, arrays, lists of columns, frames, sparse matrices."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from .._rows import Rows, rows

_NULL = "Null numeric table is not supported"


def is_path(data: Any) -> bool:
    """Whether data is a file's name."""
    return isinstance(data, (str, os.PathLike))


def named(data: Any, parts: tuple[Any, ...]) -> Any:
    """``data``, a pattern such as ``file{}.csv`` with ``parts`` put in."""
    if not parts:
        return data
    if not is_path(data):
        raise TypeError(f"{len(parts) + 1} arguments where one is data, and only names of files have parts")
    return os.fspath(data).format(*parts)


def table(data: Any) -> Rows:
    """This process's rows.

    Parameters
    ----------
    data : file name, path, 2-d array, structured array, list of 1-d arrays, frame, series, sparse matrix, Arrow table or Rows
        A CSV file has no header, and commas between its numbers. Nothing is shared among processes.
    """
    if data is None:
        raise RuntimeError(_NULL)
    if is_path(data):
        name = os.fspath(data)
        return rows(name, **({"header": "no", "delimiter": ","} if name.endswith(_TEXT) else {}))
    if isinstance(data, np.ndarray):
        return rows(_array(data))
    if isinstance(data, (list, tuple)):
        return rows(_columns(data))
    if isinstance(data, Rows) or _is_table(data):
        return rows(data)
    raise ValueError(f"Got type '{type(data).__name__}' when expecting string, array, or list of 1d-arrays.")


_TEXT = (".csv", ".txt", ".dat", ".csv.gz", ".csv.zst")


def _is_table(data: Any) -> bool:
    return any(hasattr(data, name) for name in ("iloc", "__arrow_c_stream__", "tocsr", "keys"))


def _array(data: np.ndarray) -> np.ndarray:
    if data.dtype.names is not None:
        return data.reshape(-1) if data.ndim == 2 and data.shape[1] == 1 else data
    if data.ndim != 2:
        raise ValueError(f"Input array has wrong dimensionality (must be 2d), its shape is {data.shape}.")
    return _real(data)


def _real(data: np.ndarray) -> np.ndarray:
    if data.dtype.kind == "c":
        raise ValueError("Unsupported NPY type: an array of complex numbers has no single order of numbers")
    if data.dtype.kind in "buif":
        return data
    try:
        return data.astype(np.float64)
    except (TypeError, ValueError) as error:
        raise ValueError(f"Unsupported NPY type {data.dtype}: {error}") from None


def _columns(data: Any) -> list[np.ndarray]:
    if not data or not all(isinstance(column, np.ndarray) and column.ndim == 1 for column in data):
        raise ValueError(f"Got type '{type(data).__name__}' when expecting string, array, or list of 1d-arrays.")
    return [_real(column) for column in data]


def matrix(data: Any) -> np.ndarray:
    """A table as a float64 array of two dimensions."""
    if isinstance(data, np.ndarray) and data.dtype == np.float64 and data.ndim == 2:
        return data
    return table(data).to_numpy()


def labels(data: Any, count: int) -> np.ndarray:
    """The classes of rows, whole numbers from 0 to ``count`` - 1 in a table of one column."""
    values = matrix(data)
    if values.shape[1] != 1:
        raise RuntimeError(f"Number of columns in numeric table is incorrect: labels have 1, not {values.shape[1]}")
    codes = values[:, 0]
    wrong = np.flatnonzero(~((codes >= 0) & (codes < count) & (codes == np.floor(codes))))
    if len(wrong):
        raise RuntimeError(
            f"Class labels provided to the algorithm are incorrect: that of row {wrong[0]} is {codes[wrong[0]]:g}, and labels are "
            f"whole numbers from 0 to {count - 1}")
    return codes.astype(np.int64)


def copied(data: Any) -> Rows:
    """Rows that stay as they are if the caller changes its array."""
    if isinstance(data, np.ndarray) and data.dtype.names is None:
        return table(np.array(data, order="C"))
    if hasattr(data, "tocsr"):
        return table(data.tocsr(copy=True))
    found = table(data)
    return found if is_path(data) else rows(found.to_numpy())
