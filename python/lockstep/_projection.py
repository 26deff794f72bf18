# SPDX-License-Identifier: Apache-2.0
"""Models that say what given numbers say of rows, by the library's own kernels: the same bits for a row whatever rows come with it."""

from __future__ import annotations

import ctypes
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


def frozen(values: Any) -> Any:
    """An array that cannot be changed in place, so that what a model says and what it shows stay the same thing."""
    if isinstance(values, np.ndarray):
        values.flags.writeable = False
    return values


def same(values: Any, others: Any) -> bool:
    """Whether an attribute is still what a fit made it."""
    return values is others or (type(values) is type(others) and np.array_equal(values, others, equal_nan=True))
