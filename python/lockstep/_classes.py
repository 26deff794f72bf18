# SPDX-License-Identifier: Apache-2.0
"""What classifiers share: labels, and classes in the type in which a program gave them."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from . import _core, _validation
from ._errors import ShapeError


def labels_of(y: Any, count: int, estimator: Any) -> tuple[np.ndarray, np.dtype[Any]]:
    """y as labels, one for each row, and the type in which it came."""
    return _validation.classes(y, count, estimator), np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y).dtype


def typed_classes(classes: np.ndarray, kind: np.dtype[Any] | None) -> np.ndarray:
    """The classes of a model in the type of the labels: texts keep their lengths, and numbers that do not fit their first type keep their own."""
    if kind is not None and kind.kind in "iubf" and (classes.size == 0 or (classes.astype(kind) == classes).all()):
        return classes.astype(kind)
    return classes.astype(object) if kind is not None and kind == object else classes


def warn_of_no_convergence(estimator: Any) -> None:
    """The warning of an iteration that was ended before nothing changed."""
    theirs = sys.modules.get("sklearn.exceptions")
    warnings.warn(
        f"{type(estimator).__name__} did not converge in max_iter={estimator.max_iter} iterations: increase it, or scale the data",
        theirs.ConvergenceWarning if theirs else UserWarning, stacklevel=3)


def accuracy(estimator: Any, X: Any, y: Any, sample_weight: Any) -> float:
    """The share of all processes' rows whose class a classifier finds. Collective."""

    def prepare() -> tuple[np.ndarray, Any]:
        found = estimator.predict(X)
        labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
        if labels.ndim == 2 and labels.shape[1] == 1:
            labels = labels[:, 0]
        if labels.shape != found.shape:
            raise ShapeError(f"Found input variables with inconsistent numbers of samples: {[len(labels), len(found)]}")
        return (found == labels).astype(np.float64).reshape(-1, 1), sample_weight

    hits, weights = estimator._group.together(estimator._call("score"), prepare)
    return float(_core.fit("moments", None, hits, weights=weights, comm=estimator._group)["mean"][0])
