# SPDX-License-Identifier: Apache-2.0
"""What ``transform`` gives: arrays, or frames of pandas or polars if ``set_output`` or scikit-learn's settings say so."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from ._errors import ArgumentError

_CONTAINERS = ("default", "pandas", "polars")


def container(estimator: Any) -> str:
    """Which container an estimator's ``transform`` fills."""
    own = getattr(estimator, "_sklearn_output_config", {}).get("transform")
    if own is not None:
        return str(own)
    theirs = sys.modules.get("sklearn")
    return str(theirs.get_config()["transform_output"]) if theirs is not None and hasattr(theirs, "get_config") else "default"


def wrapped(method: Callable[..., Any]) -> Callable[..., Any]:
    """A method whose arrays come in the container that its estimator was told."""

    @functools.wraps(method)
    def inner(self: Any, X: Any, *arguments: Any, **named: Any) -> Any:
        values = method(self, X, *arguments, **named)
        kind = container(self)
        if kind == "default" or not isinstance(values, np.ndarray):
            return values
        names = list(self.get_feature_names_out())
        if kind == "pandas":
            pandas: Any = import_module("pandas")
            return pandas.DataFrame(values, columns=names, index=getattr(X, "index", None), copy=False)
        polars: Any = import_module("polars")
        return polars.DataFrame(values, schema=names, orient="row")

    return inner


class Output:
    """``set_output`` for transformers."""

    # scikit-learn's pipelines look for this before they pass settings on.
    _sklearn_auto_wrap_output_keys = {"transform"}

    def __init_subclass__(cls, **named: Any) -> None:
        super().__init_subclass__(**named)
        for name in ("transform", "fit_transform"):
            if name in cls.__dict__:
                setattr(cls, name, wrapped(cls.__dict__[name]))

    def set_output(self, *, transform: str | None = None) -> Any:
        """Says what ``transform`` gives.

        Parameters
        ----------
        transform : {"default", "pandas", "polars"} or None
            NumPy arrays, or frames; None leaves it as it is.
        """
        if transform is None:
            return self
        if transform not in _CONTAINERS:
            raise ArgumentError(f"transform is one of {list(_CONTAINERS)}, not {transform!r}")
        self._sklearn_output_config = {**getattr(self, "_sklearn_output_config", {}), "transform": transform}
        return self
