# SPDX-License-Identifier: Apache-2.0
"""Groups of processes, and how a process that fails ends the others."""

from __future__ import annotations

import atexit
import ctypes
import sys
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from ._errors import EXIT_CODES, ArgumentError, LockstepError, agreed, shared
from ._handles import library

T = TypeVar("T")


class Communicator:
    """A group of processes that compute together, and the threads of each.

    ``lockstep.world`` is the group of all processes that a launcher started, ``lockstep.local`` this process alone.

    Attributes
    ----------
    rank : int
        This process's number in the group, from 0.
    size : int
        The number of processes.
    threads : int
        The threads that this process computes with. No result depends on it.

    Examples
    --------
    >>> import lockstep
    >>> lockstep.local.rank, lockstep.local.size
    (0, 1)
    >>> model = lockstep.fit("moments", None, [[1.0], [3.0]], comm=lockstep.world)      # the rows of all processes
    >>> model["mean"]
    array([2.])
    """

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self.rank: int = library.rank(handle)
        self.size: int = library.size(handle)
        self.threads: int = library.thread_count(handle)

    def __del__(self, _release: Any = library.release) -> None:
        handle = self.__dict__.pop("_handle", None)
        if handle:
            _release(handle)

    def __repr__(self) -> str:
        return f"<lockstep.Communicator: rank {self.rank} of {self.size}, {self.threads} threads>"

    def _repr_html_(self) -> str:
        figures = {"rank": self.rank, "size": self.size, "threads": self.threads}
        cells = "".join(f"<tr><th>{name}</th><td>{value}</td></tr>" for name, value in figures.items())
        return f"<table><caption>lockstep.Communicator</caption>{cells}</table>"

    def agree_on(self, call: str, error: BaseException | None = None) -> None:
        """What precedes a collective call: all processes throw if ``call``, words for it, is not the same everywhere, or one has an error.

        Collective; no more than a comparison for a process alone.
        """
        if self.size == 1:
            if error is not None:
                raise error
            return
        try:
            library.agree_on(self._handle, call.encode(), None if error is None else shared(error).encode())
        except LockstepError as found:
            raise agreed(found) from error

    def together(self, call: str, prepare: Callable[[], T], words: Callable[[T], str] | None = None) -> T:
        """What ``prepare`` gives, once it has succeeded on all processes, and ``call`` and ``words`` of it are the same everywhere.

        ``prepare`` must not communicate.
        """
        if self.size == 1:
            return prepare()
        try:
            result = prepare()
            if words is not None:
                call += words(result)
        except Exception as error:
            self.agree_on(call, error)
            raise
        self.agree_on(call)
        return result

    # The same processes are the same group wherever this goes: copies of estimators share it.
    def __copy__(self) -> Communicator:
        return self

    def __deepcopy__(self, memo: Any) -> Communicator:
        return self

    def __reduce__(self) -> Any:
        if self is _worlds.get(None):
            return (world, ())
        if self is _locals.get(None):
            return (local, ())
        raise TypeError("a communicator belongs to its process and cannot be pickled")


_worlds: dict[int | None, Communicator] = {}
_locals: dict[int | None, Communicator] = {}
_adoption_key: Any = None


def local(threads: int | None = None) -> Communicator:
    """This process alone, with so many threads (default: the cores that it may use)."""
    if threads not in _locals:
        _locals[threads] = Communicator(library.context_solo(threads or 0))
    return _locals[threads]


def world(threads: int | None = None) -> Communicator:
    """All processes that were started together.

    The first call finds, loads and initializes the launcher's MPI, or adopts the one that the program has initialized; it is collective.
    A process that was started alone gets a group of itself, and no MPI is loaded. From then on an exception that leaves the program on
    any process ends all of them.
    """
    if threads not in _worlds:
        group = Communicator(library.context_world(threads or 0))
        _watch(group)
        _worlds[threads] = group
    return _worlds[threads]


def adopted(comm: Any) -> Communicator:
    """The processes of an mpi4py communicator; collective the first time that a communicator is given."""
    global _adoption_key
    MPI: Any = import_module("mpi4py.MPI")
    if _adoption_key is None:
        _adoption_key = MPI.Comm.Create_keyval()
    group: Communicator | None = comm.Get_attr(_adoption_key)
    if group is None:
        size = MPI._sizeof(comm)
        handle = ctypes.create_string_buffer(ctypes.string_at(MPI._addressof(comm), size), size)
        group = Communicator(library.context_adopt(handle, size, 0))
        _watch(group)
        comm.Set_attr(_adoption_key, group)
    return group


def communicator(comm: Any) -> Communicator:
    """The group that a ``comm=`` argument means: None is this process alone; mpi4py communicators are adopted."""
    if comm is None:
        return _locals.get(None) or local()
    if isinstance(comm, Communicator):
        return comm
    if hasattr(comm, "Get_rank") and type(comm).__module__.partition(".")[0] == "mpi4py":
        return adopted(comm)
    raise ArgumentError(f"comm is None, lockstep.world or an mpi4py communicator, not {type(comm).__name__}")


# MARK: The end of the program

_watched: Communicator | None = None
_earlier_hook: Any = None


def _watch(group: Communicator) -> None:
    """Makes an exception that leaves this process's program end all processes."""
    global _watched, _earlier_hook
    if group.size == 1 or _watched is not None:
        return
    _watched = group
    _earlier_hook = sys.excepthook
    sys.excepthook = _end_all
    # Before mpi4py's own: it finalizes MPI, and waits there for processes that may wait for this one.
    atexit.register(library.leave)


def _end_all(kind: type[BaseException], error: BaseException, traceback: Any) -> None:
    """Prints the traceback once, and ends the job."""
    rank = _watched.rank if _watched else 0
    if rank > 0:
        # Rank 0 speaks at once, the others one after the other: what all processes raise is printed once, because the first to speak
        # ends the job.
        time.sleep(1 + 0.5 * min(rank - 1, 4))
    code = 130 if issubclass(kind, KeyboardInterrupt) else 1
    if isinstance(error, LockstepError):
        code = EXIT_CODES.get(error.code, 70)
    try:
        if not isinstance(error, LockstepError) and _watched is not None:
            sys.stderr.write(f"lockstep: an exception on rank {rank} of {_watched.size} ends the job\n")
        _earlier_hook(kind, error, traceback)
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        library.abort(code)
