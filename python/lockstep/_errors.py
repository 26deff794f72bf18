# SPDX-License-Identifier: Apache-2.0
"""What can go wrong, as exceptions."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class LockstepError(Exception):
    """A failure inside the library: what happened, where, on which rank, and what to do about it.

    Under several processes every one raises the same error.

    Attributes
    ----------
    code : str
        The kind: ``usage``, ``malformedInput``, ``noInput``, ``notFinite``, ``shapeMismatch``, ``tooFewRows``, ``rankDeficient``,
        ``communication``, ``noMPI``, ``missingLibrary``, ``unsupported``, ``outOfMemory``, ``outputFailed``, ``cancelled``, ``internalInconsistency``.
    message : str
        What happened, with the numbers.
    remedy : str or None
        What can be done about it.
    place : dict
        Where in the data: any of ``file``, ``line``, ``row``, ``column``, ``columnName``.
    rank : int or None
        The process that saw it, if there are several.
    cause : str or None
        The words of the system underneath.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.fit("moments", None, [[1.0, 2.0], [3.0, float("nan")]])
    ... except lockstep.LockstepError as error:
    ...     print(error.code, error.place)
    notFinite {'column': 2, 'row': 1}
    """

    code: str = "internalInconsistency"
    message: str = ""
    remedy: str | None = None
    place: dict[str, Any] = {}
    rank: int | None = None
    cause: str | None = None
    _description: str = ""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        if arguments:
            self.message = str(arguments[0])

    @classmethod
    def _of(cls, details: dict[str, Any]) -> LockstepError:
        error = cls(details["description"])
        error._description = details["description"]
        for name in ("code", "message", "remedy", "place", "rank", "cause"):
            if name in details:
                setattr(error, name, details[name])
        return error

    def __str__(self) -> str:
        return self._description or super().__str__()

    def __reduce__(self) -> Any:
        return (_restored, (type(self), self.args, self.__dict__))


def _restored(kind: type[LockstepError], arguments: tuple[Any, ...], state: dict[str, Any]) -> LockstepError:
    error = kind(*arguments)
    error.__dict__.update(state)
    return error


class DataError(LockstepError, ValueError):
    """Arguments or data that the library cannot take: a :class:`ValueError` too.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.MultinomialNB().fit([[-1.0]], [0])
    ... except lockstep.DataError as error:
    ...     print(error)
    Negative values in data passed to MultinomialNB (input X)
    """

    code = "malformedInput"


class ShapeError(DataError):
    """Arrays whose sizes do not fit together, or of too few rows.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.KMeans(n_clusters=3).fit([[0.0], [1.0]])
    ... except lockstep.ShapeError as error:
    ...     print(error)
    n_samples=2 should be >= n_clusters=3.
    """

    code = "shapeMismatch"


class NotFiniteError(DataError):
    """NaN or infinity where a finite number is needed.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.PCA().fit([[1.0, float("inf")], [2.0, 3.0]])
    ... except lockstep.NotFiniteError as error:
    ...     print(error)
    Input X contains infinity or a value too large for dtype('float64').
    """

    code = "notFinite"


class ArgumentError(DataError, TypeError):
    """An argument that the package cannot take, of a wrong type or value: a :class:`ValueError` and a :class:`TypeError`.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.Ridge(alpha=None).fit([[0.0]], [0.0])
    ... except lockstep.ArgumentError as error:
    ...     print(error)
    The 'alpha' parameter of Ridge must be a float in the range [0.0, inf) or an array-like. Got None instead.
    """

    code = "usage"


class FileError(LockstepError, OSError):
    """A file that cannot be read or written: an :class:`OSError` too.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.Model.load("/nowhere.json")
    ... except lockstep.FileError as error:
    ...     print(error.code)
    noInput
    """


class MissingFileError(FileError, FileNotFoundError):
    """A file that is not there: a :class:`FileNotFoundError` too.

    Examples
    --------
    >>> import lockstep
    >>> try:
    ...     lockstep.read("/nowhere.csv")
    ... except FileNotFoundError as error:
    ...     print(error.place["file"])
    /nowhere.csv
    """


class CommunicationError(LockstepError, RuntimeError):
    """No MPI, or a message that could not be sent or received: a :class:`RuntimeError` too.

    Examples
    --------
    >>> import lockstep
    >>> issubclass(lockstep.CommunicationError, RuntimeError)
    True
    """


class InternalError(LockstepError, RuntimeError):
    """A defect of the library, or something that it cannot do: a :class:`RuntimeError` too.

    Examples
    --------
    >>> import lockstep
    >>> issubclass(lockstep.InternalError, RuntimeError)
    True
    """


class MemoryShortage(LockstepError, MemoryError):
    """There is no memory for what was asked: a :class:`MemoryError` too.

    Examples
    --------
    >>> import lockstep
    >>> issubclass(lockstep.MemoryShortage, MemoryError)
    True
    """


_DATA_CODES = {"usage", "malformedInput", "notFinite", "shapeMismatch", "tooFewRows", "rankDeficient"}

# After sysexits.h, as the command's.
EXIT_CODES = {
    "usage": 64, "malformedInput": 65, "notFinite": 65, "shapeMismatch": 65, "tooFewRows": 65, "rankDeficient": 65,
    "noInput": 66, "noMPI": 69, "missingLibrary": 69, "unsupported": 65, "outputFailed": 73, "cancelled": 130,
}


_SHARED = {kind.__name__: kind for kind in (DataError, ArgumentError, ShapeError, NotFiniteError)}


def shared(error: BaseException) -> str:
    """An error of this process in words from which :func:`agreed` makes the one that all processes throw."""
    kind = next((name for name, kind in _SHARED.items() if type(error) is kind), None)
    if kind is None:
        kind = "ArgumentError" if isinstance(error, TypeError) else "DataError"
    code = error.code if isinstance(error, LockstepError) else None
    place = error.place if isinstance(error, LockstepError) else {}
    return json.dumps({"kind": kind, "code": code, "place": place, "message": str(error) or type(error).__name__})


def agreed(error: LockstepError) -> LockstepError:
    """The error that a process has told all others of by :func:`shared`; any other error as it is."""
    if not error.message.startswith('{"kind"'):
        return error
    details = json.loads(error.message)
    found = _SHARED[details["kind"]](details["message"])
    if details["code"]:
        found.code = details["code"]
    found.place, found.rank = details["place"], error.rank
    found._description = details["message"] + (f" (rank {error.rank})" if error.rank is not None else "")
    return found


def throw(text: str) -> NoReturn:
    """Raises the error that the library describes in JSON."""
    details = json.loads(text)
    code = details["code"]
    if code == "cancelled":
        raise KeyboardInterrupt(details["description"])
    if code in _DATA_CODES:
        kind: type[LockstepError] = DataError
    elif code == "noInput":
        kind = MissingFileError if "no such file" in details["message"] else FileError
    elif code == "outputFailed":
        kind = FileError
    elif code in ("communication", "lostRank", "noMPI"):
        kind = CommunicationError
    elif code == "outOfMemory":
        kind = MemoryShortage
    else:
        kind = InternalError
    raise kind._of(details)
