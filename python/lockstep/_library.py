# SPDX-License-Identifier: Apache-2.0
"""The shared library behind the package: loading it, and the prototypes of its functions (``lockstep.h`` documents them).

Everything here is private. :mod:`lockstep._core` is the layer to build on.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from ctypes import POINTER, byref, c_char_p, c_double, c_int32, c_int64, c_void_p
from typing import Any

INTERFACE = 1
FLOAT64, FLOAT32, INT64, INT32, INT16, INT8, UINT64, UINT32, UINT16, UINT8 = range(10)


class Array(ctypes.Structure):
    """A matrix in memory: ``lockstep_array``."""

    _fields_ = [
        ("data", c_void_p),
        ("row_count", c_int64),
        ("column_count", c_int64),
        ("row_stride", c_int64),
        ("column_stride", c_int64),
        ("type", c_int32),
    ]


_ERROR = POINTER(c_void_p)
_OBJECT, _TEXT, _ARRAY = c_void_p, c_char_p, POINTER(Array)

# name: result, arguments. Functions whose last argument is _ERROR can fail.
_PROTOTYPES: dict[str, tuple[Any, list[Any]]] = {
    "interface": (c_int32, []),
    "version": (c_char_p, []),
    "release": (None, [_OBJECT]),
    "free": (None, [c_void_p]),
    "methods": (c_void_p, [_ERROR]),
    "context_solo": (_OBJECT, [c_int32, _ERROR]),
    "context_world": (_OBJECT, [c_int32, _ERROR]),
    "context_adopt": (_OBJECT, [c_void_p, c_int64, c_int32, _ERROR]),
    "rank": (c_int64, [_OBJECT]),
    "size": (c_int64, [_OBJECT]),
    "thread_count": (c_int64, [_OBJECT]),
    "agree": (c_int32, [_OBJECT, _TEXT, _ERROR]),
    "agree_on": (c_int32, [_OBJECT, _TEXT, _TEXT, _ERROR]),
    "finish": (c_int32, [_ERROR]),
    "leave": (c_int32, [_ERROR]),
    "abort": (None, [c_int32]),
    "cancel": (None, []),
    "resume": (None, []),
    "rows_dense": (_OBJECT, [_ARRAY, _TEXT, _ERROR]),
    "rows_columns": (_OBJECT, [_ARRAY, c_int64, _TEXT, _ERROR]),
    "rows_arrow": (_OBJECT, [c_void_p, _ERROR]),
    "rows_chained": (_OBJECT, [POINTER(c_void_p), c_int64, _ERROR]),
    "rows_read": (_OBJECT, [_OBJECT, _TEXT, _ERROR]),
    "rows_sparse": (_OBJECT, [_ARRAY, _ARRAY, _ARRAY, c_int64, _TEXT, _ERROR]),
    "rows_accompany": (_OBJECT, [_OBJECT, _ARRAY, _ARRAY, _ARRAY, _TEXT, _ERROR]),
    "row_count": (c_int64, [_OBJECT]),
    "column_count": (c_int64, [_OBJECT]),
    "rows_describe": (c_void_p, [_OBJECT, _ERROR]),
    "rows_copy": (c_int32, [_OBJECT, c_int32, POINTER(c_double), _ERROR]),
    "fit": (_OBJECT, [_OBJECT, _TEXT, _TEXT, _OBJECT, POINTER(c_void_p), _ERROR]),
    "fit_resuming": (_OBJECT, [_OBJECT, _TEXT, _TEXT, _OBJECT, _TEXT, POINTER(c_void_p), _ERROR]),
    "predict": (_OBJECT, [_OBJECT, _OBJECT, _OBJECT, _ERROR]),
    "log_probabilities": (_OBJECT, [_OBJECT, _OBJECT, _OBJECT, _ERROR]),
    "score": (c_void_p, [_OBJECT, _OBJECT, _OBJECT, _ERROR]),
    "predict_intervals": (_OBJECT, [_OBJECT, _OBJECT, _OBJECT, _TEXT, c_double, _ERROR]),
    "projection": (_OBJECT, [_ARRAY, _ARRAY, _ERROR]),
    "centers": (_OBJECT, [_ARRAY, _ERROR]),
    "model_json": (c_void_p, [_OBJECT, _ERROR]),
    "model_from_json": (_OBJECT, [_TEXT, _ERROR]),
    "model_write": (c_int32, [_OBJECT, _TEXT, _ERROR]),
    "model_read": (_OBJECT, [_TEXT, _ERROR]),
    "model_describe": (c_void_p, [_OBJECT, _ERROR]),
    "model_page": (c_void_p, [_OBJECT, _ERROR]),
    "model_text": (c_void_p, [_OBJECT, _ERROR]),
    "arrays": (c_void_p, [_OBJECT, _ERROR]),
    "array_address": (c_void_p, [_OBJECT, c_int64]),
    "array_copy": (c_int32, [_OBJECT, c_int64, c_void_p, _ERROR]),
    "array_texts": (c_void_p, [_OBJECT, c_int64, _ERROR]),
    "stream": (_OBJECT, [_TEXT, _TEXT, _ERROR]),
    "stream_observe": (c_int32, [_OBJECT, _OBJECT, _ERROR]),
    "stream_merge": (c_int32, [_OBJECT, _OBJECT, _ERROR]),
    "stream_model": (_OBJECT, [_OBJECT, _OBJECT, _ERROR]),
    "stream_describe": (c_void_p, [_OBJECT, _ERROR]),
    "stream_save": (c_void_p, [_OBJECT, POINTER(c_int64), _ERROR]),
    "stream_restore": (_OBJECT, [c_void_p, c_int64, _ERROR]),
}


class Library:
    """The functions as attributes, without their prefix: ``library.row_count(rows)``.

    Those that can fail take no error argument here: they raise what ``failure`` makes of the error's JSON.
    """

    interface: Callable[[], int]
    free: Callable[[int], None]

    def __init__(self, path: str, failure: Any) -> None:
        # ctypes.CDLL lets other Python threads run during a call.
        functions = ctypes.CDLL(path)
        self.path = path
        self.is_forked = False
        os.register_at_fork(after_in_child=self._note_fork)
        for name, (result, arguments) in _PROTOTYPES.items():
            function = getattr(functions, "lockstep_" + name)
            function.restype, function.argtypes = result, arguments
            fallible = bool(arguments) and arguments[-1] is _ERROR
            setattr(self, name, self._raising(function, result, failure) if fallible else function)
        if self.interface() != INTERFACE:
            raise ImportError(f"{path} has interface {self.interface()}, this package needs {INTERFACE}")

    def _raising(self, function: Any, result: Any, failure: Any) -> Any:
        def call(*arguments: Any) -> Any:
            error = c_void_p()
            if self.is_forked:
                value = _on_fresh_thread(function, *arguments, byref(error))
            else:
                value = function(*arguments, byref(error))
            if error.value is not None:
                failure(self.take_text(error.value))
            return value

        return call

    def _note_fork(self) -> None:
        self.is_forked = True

    def take_text(self, address: int | None) -> str:
        """The text at an address that a function returned, which is freed."""
        if address is None:
            return ""
        text = ctypes.string_at(address).decode()
        self.free(address)
        return text


def _on_fresh_thread(function: Any, *arguments: Any) -> Any:
    """What a function returns on a thread of its own.

    In a process that was forked, the runtime's locks take the thread that forked for the parent's, which still has its number there: it would
    wait for itself. A new thread has a number of its own.
    """
    found: list[Any] = []
    thread = threading.Thread(target=lambda: found.append(function(*arguments)))
    thread.start()
    thread.join()
    return found[0]


def path() -> str:
    """Where the library is: beside this file, or where ``LOCKSTEP_LIBRARY`` says."""
    return os.environ.get("LOCKSTEP_LIBRARY") or os.path.join(os.path.dirname(__file__), "liblockstep.so")
