# SPDX-License-Identifier: Apache-2.0
"""Tables of other libraries by the Arrow C stream interface, without any of those libraries."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from ctypes import CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_int64, c_void_p
from typing import Any

import numpy as np


class _Schema(Structure):
    pass


class _Array(Structure):
    pass


class _Stream(Structure):
    pass


_Schema._fields_ = [
    ("format", c_char_p), ("name", c_char_p), ("metadata", c_void_p), ("flags", c_int64), ("n_children", c_int64),
    ("children", POINTER(POINTER(_Schema))), ("dictionary", c_void_p), ("release", CFUNCTYPE(None, POINTER(_Schema))),
    ("private_data", c_void_p),
]
_Array._fields_ = [
    ("length", c_int64), ("null_count", c_int64), ("offset", c_int64), ("n_buffers", c_int64), ("n_children", c_int64),
    ("buffers", POINTER(c_void_p)), ("children", POINTER(POINTER(_Array))), ("dictionary", c_void_p),
    ("release", CFUNCTYPE(None, POINTER(_Array))), ("private_data", c_void_p),
]
_Stream._fields_ = [
    ("get_schema", CFUNCTYPE(c_int, POINTER(_Stream), POINTER(_Schema))),
    ("get_next", CFUNCTYPE(c_int, POINTER(_Stream), POINTER(_Array))),
    ("get_last_error", CFUNCTYPE(c_char_p, POINTER(_Stream))),
    ("release", CFUNCTYPE(None, POINTER(_Stream))), ("private_data", c_void_p),
]

_FORMATS = {
    b"g": "f8", b"f": "f4", b"e": "f2", b"l": "i8", b"i": "i4", b"s": "i2", b"c": "i1", b"L": "u8", b"I": "u4", b"S": "u2",
    b"C": "u1",
}

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = c_void_p, [ctypes.py_object, c_char_p]


class _Batch:
    """A piece of a table, given back to its maker when nobody looks at it any more."""

    def __init__(self) -> None:
        self.array = _Array()

    def __del__(self) -> None:
        if self.array.release:
            self.array.release(ctypes.byref(self.array))


def batches(table: Any) -> Iterator[tuple[list[np.ndarray], list[str]]]:
    """The columns of each piece of a table, shown where they lie if no value is missing, and their names.

    A missing value becomes NaN, and its column float64.
    """
    capsule = table.__arrow_c_stream__()
    stream = _Stream.from_address(_pointer_of(capsule, b"arrow_array_stream"))
    schema = _Schema()

    def check(status: int) -> None:
        if status:
            words = stream.get_last_error(ctypes.byref(stream))
            raise ValueError(f"reading an Arrow stream failed: {(words or b'').decode() or status}")

    check(stream.get_schema(ctypes.byref(stream), ctypes.byref(schema)))
    try:
        if schema.format != b"+s":
            raise TypeError(f"an Arrow stream of {(schema.format or b'').decode()!r} is not a table")
        fields = [schema.children[j].contents for j in range(schema.n_children)]
        names = [(field.name or b"").decode() for field in fields]
        formats = [bytes(field.format) for field in fields]
        for name, form in zip(names, formats):
            if form not in _FORMATS and form != b"b":
                raise TypeError(f"column {name!r} of an Arrow table is no number (its format is {form.decode()!r})")
        count = 0
        while True:
            batch = _Batch()
            check(stream.get_next(ctypes.byref(stream), ctypes.byref(batch.array)))
            if not batch.array.release:
                break
            if batch.array.length == 0 and count:
                continue
            count += 1
            yield [_column(batch, j, form) for j, form in enumerate(formats)], names
        if count == 0:
            yield [np.empty(0) for _ in names], names
    finally:
        schema.release(ctypes.byref(schema))


def _column(batch: _Batch, index: int, form: bytes) -> np.ndarray:
    parent, array = batch.array, batch.array.children[index].contents
    start, length = array.offset + parent.offset, parent.length
    if form == b"b":
        values = _bits(batch, array.buffers[1], start, length)
    else:
        values = _shown(batch, array.buffers[1], np.dtype(_FORMATS[form]), start, length)
    if array.null_count and array.buffers[0]:
        present = _bits(batch, array.buffers[0], start, length)
        values = np.where(present.astype(bool), values, np.nan)
    return values


class _Shown:
    """Memory of a batch, in the form in which NumPy looks at foreign memory."""

    def __init__(self, batch: _Batch, address: int, kind: np.dtype[Any], count: int) -> None:
        self.batch = batch
        self.__array_interface__ = {
            "data": (address, True), "shape": (count,), "typestr": kind.str, "version": 3,
        }


def _shown(batch: _Batch, address: int | None, kind: np.dtype[Any], start: int, count: int) -> np.ndarray:
    if not address or count == 0:
        return np.empty(0, kind)
    return np.asarray(_Shown(batch, address + start * kind.itemsize, kind, count))


def _bits(batch: _Batch, address: int | None, start: int, count: int) -> np.ndarray:
    if not address or count == 0:
        return np.empty(0, np.uint8)
    octets = _shown(batch, address, np.dtype("u1"), 0, (start + count + 7) // 8)
    return np.unpackbits(octets, bitorder="little")[start : start + count]
