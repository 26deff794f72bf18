# SPDX-License-Identifier: Apache-2.0
"""What all algorithms share: parameters, the three modes, results."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from .. import _core
from .._errors import LockstepError
from .._rows import Rows, chained
from . import _engine, _input


def _no_words(error: LockstepError) -> str | None:
    """The predecessor's words for an error, where they are not those of its code."""
    return None


class Attributes:
    """Named values that print and pickle; ``None`` for what was not computed."""

    _names: tuple[str, ...] = ()

    def __init__(self, **values: Any) -> None:
        for name in self._names:
            setattr(self, name, values.get(name))

    def _lines(self) -> Iterator[str]:
        for name in self._names:
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                text = np.array2string(value, prefix="  ")
                yield f"{name}: array(\n  {text},\n  dtype={value.dtype}, shape={value.shape})"
            elif isinstance(value, Attributes):
                yield f"{name}: \n" + "\n".join("  " + line for line in str(value).splitlines())
            else:
                yield f"{name}: {value}"

    def __repr__(self) -> str:
        return "\n\n".join(self._lines())


class Algorithm:
    """The base of all algorithms."""

    _methods: set[str] = {"defaultDense"}

    def __init__(self, fptype: str, method: str, distributed: bool = False, streaming: bool = False) -> None:
        name = type(self).__name__
        _engine.check_fptype(name, fptype)
        _engine.check_method(name, method, self._methods)
        self.fptype, self.method = fptype, method
        self.distributed, self.streaming = bool(distributed), bool(streaming)

    @property
    def _type(self) -> Any:
        return np.float32 if self.fptype == "float" else np.float64

    def _array(self, values: Any) -> np.ndarray:
        """Values of the algorithm's type, of two dimensions: a single row if there was one dimension."""
        return np.atleast_2d(np.asarray(values, dtype=self._type))

    def _together(self, prepare: Callable[[], Any]) -> Any:
        """What ``prepare`` returns; in distributed mode, if it fails on one process, it fails on all."""
        trouble: Exception | None = None
        prepared = None
        processes = _engine.group(self.distributed)
        try:
            prepared = prepare()
        except Exception as error:
            trouble = error
        _engine.agree(processes, trouble)
        return prepared

    def _fit(
        self, method: str, parameters: dict[str, Any], rows: Rows, *, row_values: bool = False,
        words: Callable[[LockstepError], str | None] = _no_words,
    ) -> Any:
        """Fits on all processes, or on this one."""
        try:
            return _core.fit(method, parameters, rows, comm=_engine.group(self.distributed), row_values=row_values)
        except LockstepError as error:
            _engine.fail(error, words(error))


def needed(data: Any, what: str) -> Any:
    """Data that must be there."""
    if data is None:
        raise RuntimeError(f"Null numeric table is not supported: there are no {what}")
    return data


class Sweep(Algorithm):
    """An algorithm of one sweep over rows, which may come in pieces."""

    _stream: _core.Stream | None = None

    def _method(self) -> tuple[str, dict[str, Any]]:
        raise NotImplementedError

    def _result(self, model: _core.Model) -> Any:
        raise NotImplementedError

    def _words(self, error: LockstepError) -> str | None:
        return _no_words(error)

    def _observe(self, prepare: Callable[[], Rows]) -> Any:
        """The result of these rows; when streaming, takes them in and returns None."""
        name, parameters = self._method()
        if not self.streaming:
            return self._result(self._fit(name, parameters, self._together(prepare), words=self._words))
        try:
            if self._stream is None:
                self._stream = _core.Stream(name, parameters)
            self._stream.observe(prepare())
        except LockstepError as error:
            _engine.fail(error, self._words(error))
        return None

    def finalize(self) -> Any:
        """The result of all pieces; in distributed mode of the pieces of all processes, each of which calls it.

        Further pieces may follow.
        """
        if not self.streaming:
            if self.distributed:
                raise ValueError("finalize() not supported in distributed mode without streaming")
            raise RuntimeError("Partial result not set: finalize() ends a stream, which streaming=True makes")
        if not self.distributed and (self._stream is None or self._stream.row_count == 0):
            raise RuntimeError("Partial result not set: compute() has seen no rows")
        try:
            stream = self._together(lambda: self._stream or _core.Stream(*self._method()))
            return self._result(stream.model(comm=_engine.group(self.distributed)))
        except LockstepError as error:
            _engine.fail(error, self._words(error))


class Sweeps(Algorithm):
    """An algorithm that gives something for each row, and so keeps the rows of a stream until its end."""

    _name = ""

    def _result(self, model: _core.Model, values: np.ndarray) -> Any:
        raise NotImplementedError

    def compute(self, data: Any, *parts: Any) -> Any:
        """The result of this process's rows, together with those of all others if distributed; None when streaming.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        *parts
            What is put into a file name such as ``"file{}.csv"``.
        """
        if self.streaming:
            self.__dict__.setdefault("_pieces", []).append(_input.copied(_input.named(data, parts)))
            return None
        return self._computed(lambda: _input.table(_input.named(data, parts)))

    def finalize(self) -> Any:
        """The result of all pieces, with values for the rows of this process in their order."""
        pieces = self.__dict__.get("_pieces", [])
        if not self.streaming:
            if self.distributed:
                raise ValueError("finalize() not supported in distributed mode without streaming")
            raise RuntimeError("Partial result not set: finalize() ends a stream, which streaming=True makes")
        return self._computed(lambda: chained(pieces) if pieces else self._no_rows())

    def _no_rows(self) -> Rows:
        if not self.distributed:
            raise RuntimeError("Partial result not set: compute() has seen no rows")
        return _input.table(np.empty((0, 0)))

    def _computed(self, prepare: Callable[[], Rows]) -> Any:
        model, values = self._fit(self._name, {}, self._together(prepare), row_values=True)
        return self._result(model, values)
