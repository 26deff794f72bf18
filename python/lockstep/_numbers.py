# SPDX-License-Identifier: Apache-2.0
"""Columns of rare types as numbers: dates, durations, and what tables of pandas hold."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _library
from ._errors import ArgumentError, DataError

TYPES = {
    np.dtype(name): number
    for name, number in {
        "f8": _library.FLOAT64, "f4": _library.FLOAT32, "i8": _library.INT64, "i4": _library.INT32, "i2": _library.INT16,
        "i1": _library.INT8, "u8": _library.UINT64, "u4": _library.UINT32, "u2": _library.UINT16, "u1": _library.UINT8,
        "?": _library.UINT8,
    }.items()
}


def numbers(values: np.ndarray) -> np.ndarray:
    """An array of a rare type as float64: dates as seconds since 1970, durations as seconds, what is missing as NaN."""
    if values.dtype.kind in "mM":
        unit, count = np.datetime_data(values.dtype)
        if unit in ("Y", "M", "W", "D", "h", "m"):
            values = values.astype(f"{values.dtype.kind}8[s]")
            unit, count = "s", 1
        if unit not in _UNITS:
            raise ArgumentError(f"times in units of {count} {unit}")
        counted = values.view(np.int64)
        # Whole seconds and the rest by themselves, so that the sum is rounded once.
        whole, rest = np.divmod(counted * count, _UNITS[unit])
        seconds = whole + rest / _UNITS[unit]
        return np.where(np.isnat(values), np.nan, seconds)
    try:
        return np.ascontiguousarray(values, dtype=np.float64)
    except TypeError:
        # Texts among them are an error, what pandas has for missing values is not.
        return np.vectorize(_number, otypes=[np.float64])(values) if values.size else np.empty(values.shape)


_UNITS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def _number(value: Any) -> float:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return float("nan")
    if hasattr(value, "timestamp") or hasattr(value, "total_seconds"):
        kind = "datetime64[us]" if hasattr(value, "timestamp") else "timedelta64[us]"
        if getattr(value, "tzinfo", None) is not None:
            return float(value.timestamp())
        return float(numbers(np.asarray([value], dtype=kind))[0])
    if isinstance(value, (complex, np.complexfloating)):
        raise ArgumentError(f"{value!r} is not a real number")
    return float(value)


def columns_of(frame: Any) -> list[np.ndarray]:
    """The columns of a frame as numbers; one that holds none is an error that names it."""
    found = []
    for j, name in enumerate(frame.columns):
        try:
            found.append(column_numbers(frame.iloc[:, j]))
        except (TypeError, ValueError) as error:
            kind = ArgumentError if isinstance(error, TypeError) else DataError
            made = kind(f"column {name!r} holds what is no number: {error}; categorical= makes columns of texts")
            made.code, made.place = "malformedInput", {"column": j + 1, "columnName": str(name)}
            raise made from None
    return found


def column_numbers(series: Any) -> np.ndarray:
    """The numbers of a column of pandas, by the rules of files: dates are seconds since 1970, what is missing is NaN."""
    kind = series.dtype
    if isinstance(kind, np.dtype):
        return series.to_numpy() if kind in TYPES else numbers(series.to_numpy())
    if getattr(kind, "tz", None) is not None:
        return numbers(series.dt.tz_convert("UTC").dt.tz_localize(None).to_numpy())
    if hasattr(kind, "pyarrow_dtype") and getattr(series, "dt", None) is not None:
        return numbers(series.to_numpy(dtype=f"{'m' if hasattr(series.dt, 'total_seconds') else 'M'}8[ns]", na_value=np.datetime64("NaT")))
    try:
        return series.to_numpy(dtype=np.float64, na_value=np.nan)  # type: ignore[no-any-return]
    except TypeError:
        return numbers(series.to_numpy(dtype=object, na_value=None))


def frame_to_numpy(frame: Any) -> np.ndarray:
    """A frame of pandas as one array of numbers, without a copy if it is made of one."""
    types = set(frame.dtypes)
    if len(types) == 1 and isinstance(next(iter(types)), np.dtype) and next(iter(types)) in TYPES:
        return frame.to_numpy()  # type: ignore[no-any-return]
    columns = columns_of(frame)
    return np.column_stack(columns) if columns else np.empty(frame.shape)
