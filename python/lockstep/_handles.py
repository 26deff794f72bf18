# SPDX-License-Identifier: Apache-2.0
"""The loaded library, and objects of it that are given back when nobody holds them."""

from __future__ import annotations

from typing import Any

from . import _errors, _library

library: Any = _library.Library(_library.path(), _errors.throw)


class Handle:
    """An object of the library; ``keep`` is held as long, memory that the object shows for example."""

    __slots__ = ("pointer", "keep", "__weakref__")

    def __init__(self, pointer: int, keep: Any = None) -> None:
        self.pointer = pointer
        self.keep = keep

    def __del__(self, _release: Any = library.release) -> None:
        _release(self.pointer)
