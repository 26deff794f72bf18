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
        ``communication``, ``noMPI``, ``unsupported``, ``outOfMemory``, ``outputFailed``, ``cancelled``, ``internalInconsistency``.
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
    """

    code: str = "internalInconsistency"
    message: str = ""
    remedy: str | None = None
    place: dict[str, Any] = {}
    rank: int | None = None
    cause: str | None = None
    _description: str = ""

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
    """Arguments or data that the library cannot take."""


class FileError(LockstepError, OSError):
    """A file that cannot be read or written."""


class MissingFileError(FileError, FileNotFoundError):
    """A file that is not there."""


class CommunicationError(LockstepError, RuntimeError):
    """No MPI, or a message that could not be sent or received."""


class InternalError(LockstepError, RuntimeError):
    """A defect of the library, or something that it cannot do."""


class MemoryShortage(LockstepError, MemoryError):
    """There is no memory for what was asked."""


_DATA_CODES = {"usage", "malformedInput", "notFinite", "shapeMismatch", "tooFewRows", "rankDeficient"}

# After sysexits.h, as the command's.
EXIT_CODES = {
    "usage": 64, "malformedInput": 65, "notFinite": 65, "shapeMismatch": 65, "tooFewRows": 65, "rankDeficient": 65,
    "noInput": 66, "noMPI": 69, "unsupported": 69, "outputFailed": 73, "cancelled": 130,
}


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
    elif code in ("communication", "noMPI"):
        kind = CommunicationError
    elif code == "outOfMemory":
        kind = MemoryShortage
    else:
        kind = InternalError
    raise kind._of(details)
