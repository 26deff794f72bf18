# SPDX-License-Identifier: Apache-2.0
"""Tables of other libraries by the Arrow C stream interface, without any of those libraries."""

from __future__ import annotations

import ctypes
from typing import Any

_pointer_of = ctypes.pythonapi.PyCapsule_GetPointer
_pointer_of.restype, _pointer_of.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


def stream(table: Any) -> tuple[int, Any]:
    """Where a table's stream is, and what keeps it there."""
    capsule = table.__arrow_c_stream__()
    return _pointer_of(capsule, b"arrow_array_stream"), capsule
