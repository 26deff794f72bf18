# SPDX-License-Identifier: Apache-2.0
"""Models that say what given numbers say of rows, by the library's own kernels: the same bits for a row whatever rows come with it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import numpy as np

from . import _core
from ._handles import Handle, library
from ._rows import described


def projection(matrix: Any, offsets: Any = None) -> _core.Model:
    """A model that says ``matrix @ row + offsets`` of each row."""
    weights = np.ascontiguousarray(np.atleast_2d(np.asarray(matrix, dtype=np.float64)))
    array, _ = described(weights)
    if offsets is None:
        return _core.Model(Handle(library.projection(ctypes.byref(array), None)))
    added = np.ascontiguousarray(np.broadcast_to(np.asarray(offsets, dtype=np.float64), (len(weights),)))
    column, _ = described(added)
    return _core.Model(Handle(library.projection(ctypes.byref(array), ctypes.byref(column))))


def nearest(centers: Any) -> _core.Model:
    """A model that says which of these centers is nearest to each row."""
    array, _ = described(np.ascontiguousarray(centers, dtype=np.float64))
    return _core.Model(Handle(library.centers(ctypes.byref(array))))


def blocks(count: int, width: int) -> Iterator[slice]:
    """So many rows at a time that a few blocks fit into a processor's cache."""
    size = max(16, 2**14 // max(1, width))
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def _columns(rows: np.ndarray) -> np.ndarray:
    """A block of rows, transposed and copied, with at least two rows: sums over the first axis then go from column to column, whatever
    the machine. NumPy's sums along rows depend on the width of its vectors and on the order in memory."""
    found = np.zeros((rows.shape[1], max(2, rows.shape[0])))
    found[:, : rows.shape[0]] = rows.T
    return found


def products(values: np.ndarray, others: np.ndarray) -> np.ndarray:
    """The scalar product of each row of one array with that of another."""
    found = np.empty(values.shape[0])
    for rows in blocks(*values.shape):
        found[rows] = np.add.reduce(_columns(values[rows]) * _columns(others[rows]), axis=0)[: rows.stop - rows.start]
    return found


def squared_distances(values: np.ndarray, centers: np.ndarray) -> np.ndarray:
    """The squared distance of each row to each center."""
    found = np.empty((values.shape[0], len(centers)))
    for rows in blocks(*values.shape):
        columns = _columns(values[rows])
        difference = np.empty_like(columns)
        for k, center in enumerate(centers):
            np.subtract(columns, center[:, None], out=difference)
            np.multiply(difference, difference, out=difference)
            found[rows, k] = np.add.reduce(difference, axis=0)[: rows.stop - rows.start]
    return found


def quadratic_forms(values: np.ndarray, mean: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """(x − mean)ᵀ matrix (x − mean) for each row x."""
    centred = np.ascontiguousarray(values - mean, dtype=np.float64)
    return products(projection(matrix).predict(centred), centred)


def frozen(values: Any) -> Any:
    """An array that cannot be changed in place, so that what a model says and what it shows stay the same thing."""
    if isinstance(values, np.ndarray):
        values.flags.writeable = False
    return values


def same(values: Any, others: Any) -> bool:
    """Whether an attribute is still what a fit made it."""
    return values is others or (type(values) is type(others) and np.array_equal(values, others, equal_nan=True))
