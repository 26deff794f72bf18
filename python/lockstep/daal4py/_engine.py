# SPDX-License-Identifier: Apache-2.0
"""The processes and threads that all algorithms of the package compute with."""

from __future__ import annotations

import json
from typing import Any, NoReturn

import numpy as np

from .. import _world
from .._errors import DataError, FileError, LockstepError, MissingFileError, throw
from .._handles import library

_threads: int | None = None
_world_is_known = False


def daalinit(nthreads: int = -1) -> None:
    """Sets the number of threads of this process; optional.

    Parameters
    ----------
    nthreads : int
        The number, if it is above 0. No result depends on it. MPI is started by the first call that needs it, not here.
    """
    global _threads
    if nthreads > 0:
        _threads = int(nthreads)


def daalfini() -> None:
    """Nothing: MPI is finalized as the program ends, if it was this package that initialized it.

    Results stay valid, and further calls are possible.
    """


def my_procid() -> int:
    """The number of this process among all that a launcher started together, from 0."""
    return group(True).rank


def num_procs() -> int:
    """The number of processes that a launcher started together; 1 without a launcher."""
    return group(True).size


def num_threads() -> int:
    """The number of threads of this process."""
    return group(_world_is_known).threads


def enable_thread_pinning(enabled: bool = True) -> None:
    """Nothing: the operating system places the threads."""


def group(distributed: bool) -> _world.Communicator:
    """All processes, or this one alone."""
    global _world_is_known
    if not distributed:
        return _world.local(_threads)
    found = _world.world(_threads)
    _world_is_known = True
    return found


# MARK: Failures


class _DataFailure(DataError, RuntimeError):
    """The predecessor raised RuntimeError for most of what is wrong with data; programs that expect it find it here."""


class _FileFailure(FileError, RuntimeError):
    pass


class _MissingFileFailure(MissingFileError, RuntimeError):
    pass


_FAILURES = {DataError: _DataFailure, FileError: _FileFailure, MissingFileError: _MissingFileFailure}

# What the predecessor said, by the code of the error.
_WORDS = {
    "noInput": "Error on file open",
    "tooFewRows": "Number of rows in numeric table is incorrect",
    "shapeMismatch": "Number of rows or columns in numeric table is incorrect",
    "rankDeficient": "Failed to solve the system of normal equations",
}


def fail(error: LockstepError, words: str | None = None) -> NoReturn:
    """Raises an error of the library as one that is a RuntimeError too, and has the words of the predecessor."""
    words = words or _WORDS.get(error.code)
    kind = _FAILURES.get(type(error), type(error))
    if words is None and kind is type(error):
        raise error
    state = dict(error.__dict__)
    if words is not None:
        state["_description"] = f"{error} ({words})"
    failure = kind(*error.args)
    failure.__dict__.update(state)
    raise failure.with_traceback(error.__traceback__) from None


def agree(processes: _world.Communicator, trouble: BaseException | None) -> None:
    """Raises ``trouble`` on the process that has it, and an error of the same class and words on all others; collective."""
    if processes.size > 1:
        told = None
        if trouble is not None:
            code = trouble.code if isinstance(trouble, LockstepError) else None
            told = json.dumps({"kind": type(trouble).__name__, "code": code, "words": str(trouble)}).encode()
        try:
            library.agree(processes._handle, told)
        except LockstepError as error:
            if trouble is None:
                _raise_told(error)
    if isinstance(trouble, LockstepError):
        fail(trouble)
    if trouble is not None:
        raise trouble


def _raise_told(error: LockstepError) -> NoReturn:
    """Raises what another process told."""
    try:
        told = json.loads(error.message)
    except ValueError:
        fail(error)
    words = f"{told['words']} (rank {error.rank})"
    if told["code"] is None:
        kind = {"ValueError": ValueError, "TypeError": TypeError, "MemoryError": MemoryError}.get(told["kind"], RuntimeError)
        raise kind(words) from None
    try:
        throw(json.dumps({"code": told["code"], "message": told["words"], "description": words, "rank": error.rank}))
    except LockstepError as same:
        fail(same)


# MARK: Engines of random numbers


# The predecessor says 777, and draws from this one, by measurement.
_ENGINE_SEED = 2**32 - 1


class _Engine:
    def __init__(self, fptype: str = "double", method: str = "defaultDense", seed: int = -1) -> None:
        check_fptype(type(self).__name__, fptype)
        check_method(type(self).__name__, method, {"defaultDense"})
        self.fptype, self.method = fptype, method
        self.seed = _ENGINE_SEED if seed == -1 else whole(seed)
        if not 0 <= self.seed < 1 << 63:
            raise OverflowError(f"a seed is from 0 to 2**63 - 1, not {seed}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seed={self.seed})"


class engines_mt19937(_Engine):
    """The Mersenne twister with a seed (default 2³² − 1) for the draws of kmeans_init, which start anew in each call.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    seed : int
    """


class engines_mt2203(_Engine):
    """The seed of this engine; the numbers are those of :class:`engines_mt19937`."""


class engines_mcg59(_Engine):
    """The seed of this engine; the numbers are those of :class:`engines_mt19937`."""


class engines_mrg32k3a(_Engine):
    """The seed of this engine; the numbers are those of :class:`engines_mt19937`."""


class engines_philox4x32x10(_Engine):
    """The seed of this engine; the numbers are those of :class:`engines_mt19937`."""


# MARK: Parameters


def check_fptype(algorithm: str, fptype: str) -> None:
    """Raises what the predecessor did for an unknown type."""
    if fptype not in ("double", "float"):
        raise RuntimeError(f"Error in {algorithm}: Cannot handle unknown value for parameter 'fptype': {fptype}")


def check_method(algorithm: str, method: str, methods: set[str]) -> None:
    """Raises what the predecessor did for an unknown method."""
    if method not in methods:
        raise RuntimeError(
            f"Error in {algorithm}: Cannot handle unknown value for parameter 'method': {method} (there are "
            f"{', '.join(sorted(methods))})")


def choices(text: str, known: set[str]) -> set[str]:
    """The words of a text that are joined by bars; none for the empty one."""
    found = {word.strip() for word in text.split("|")} - {""}
    for word in sorted(found - known):
        raise ValueError(f"Encountered unexpected string-identifier '{word}' (there are {', '.join(sorted(known))})")
    return found


def whole(value: Any) -> int:
    """A whole number, or TypeError."""
    if isinstance(value, (int, np.integer)):
        return int(value)
    raise TypeError(f"an integer is required, not {type(value).__name__}")


def count(algorithm: str, name: str, value: Any, default: int | None = None, minimum: int = 1) -> int:
    """A number of something; below 0 means the default, if there is one."""
    number = whole(value)
    if default is not None and number == -1:
        return default
    if number < minimum:
        raise RuntimeError(f"Incorrect parameter {name} of {algorithm}: {number} is less than {minimum}")
    return number
