# SPDX-License-Identifier: Apache-2.0
"""What a parameter may be, with the words in which scikit-learn says so."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np

from ._errors import ArgumentError


class Kind(NamedTuple):
    """One kind of value: how it is called, and whether a value is of it."""

    words: str
    accepts: Callable[[Any], bool]


def _is_number(value: Any, kind: type) -> bool:
    return isinstance(value, kind) and not isinstance(value, (bool, np.bool_))


def integer(least: int) -> Kind:
    """Whole numbers from ``least``."""
    return Kind(f"an int in the range [{least}, inf)", lambda value: _is_number(value, Integral) and value >= least)


def real(least: float, greatest: float = math.inf, *, without_least: bool = False, without_greatest: bool = True) -> Kind:
    """Numbers between two."""

    def accepts(value: Any) -> bool:
        if not _is_number(value, Real) or math.isnan(value):
            return False
        number = float(value)
        return (number > least if without_least else number >= least) and (number < greatest if without_greatest else number <= greatest)

    ends = "(" if without_least else "[", ")" if without_greatest else "]"
    return Kind(f"a float in the range {ends[0]}{least:.1f}, {'inf' if math.isinf(greatest) else f'{greatest:.1f}'}{ends[1]}", accepts)


def options(*names: str) -> Kind:
    """One of some words."""
    listed = ", ".join(repr(name) for name in sorted(names))
    return Kind(f"a str among {{{listed}}}", lambda value: isinstance(value, str) and value in names)


def _seeds(value: Any) -> bool:
    if isinstance(value, (np.random.RandomState, np.random.Generator)):
        return True
    return _is_number(value, Integral) and 0 <= value < 2**32


NOTHING = Kind("None", lambda value: value is None)
BOOLEAN = Kind("an instance of 'bool' or an instance of 'numpy.bool_'", lambda value: isinstance(value, (bool, np.bool_)))
VERBOSITY = Kind("an int in the range [0, inf) or a bool", lambda value: isinstance(value, (bool, np.bool_, Integral)) and int(value) >= 0)
ARRAY = Kind("an array-like", lambda value: not isinstance(value, (str, bytes)) and hasattr(value, "__len__"))
CALLABLE = Kind("a callable", callable)
SEED = Kind("an int in the range [0, 4294967295], an instance of 'numpy.random.mtrand.RandomState' or None",
            lambda value: value is None or _seeds(value))


def check(owner: Any, kinds: Mapping[str, Sequence[Kind]]) -> None:
    """Throws if a parameter of ``owner`` is of none of the kinds that it may be of."""
    for name, allowed in kinds.items():
        value = getattr(owner, name)
        if any(kind.accepts(value) for kind in allowed):
            continue
        words = [kind.words for kind in allowed]
        listed = words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
        raise ArgumentError(f"The {name!r} parameter of {type(owner).__name__} must be {listed}. Got {value!r} instead.")


def random_state(value: Any) -> np.random.RandomState:
    """A generator for a ``random_state``, for functions of users who expect one."""
    if isinstance(value, np.random.RandomState):
        return value
    return np.random.RandomState(seed_of(value))


def seed_of(value: Any) -> int | None:
    """A seed for the library: None for its own default, the next number of a generator."""
    if value is None:
        return None
    if isinstance(value, (int, np.integer)):
        return int(value)
    draw = getattr(value, "randint", None) or getattr(value, "integers", None)
    if draw is None:
        raise ArgumentError(f"{value!r} cannot be used to seed a random number generator")
    return int(draw(0, 2**31 - 1))
