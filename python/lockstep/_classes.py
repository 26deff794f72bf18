# SPDX-License-Identifier: Apache-2.0
"""What classifiers share: labels, and classes in the type in which a program gave them."""

from __future__ import annotations

import sys
import warnings
from typing import Any

import numpy as np

from . import _core, _validation
from ._base import Estimator
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


def log_softmax(scores: np.ndarray) -> np.ndarray:
    """The logarithms of the probabilities of each row that are in proportion to the exponentials of its scores."""
    if scores.shape[0] == 0:
        return scores
    differences = scores - scores.max(axis=1, keepdims=True)
    return np.asarray(differences - np.log(np.exp(differences).sum(axis=1, keepdims=True)))


class Classifier(Estimator):
    """The base of the estimators of classes with probabilities."""

    _kind = "classifier"
    _needs_y = True

    def predict(self, X: Any) -> np.ndarray:
        raise NotImplementedError

    def predict_log_proba(self, X: Any) -> np.ndarray:
        raise NotImplementedError

    def predict_proba(self, X: Any) -> np.ndarray:
        """The probability of each class for each row.

        Returns
        -------
        array (n_samples, n_classes)
        """
        return np.asarray(np.exp(self.predict_log_proba(X)))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """The share of all processes' rows whose class is found.

        Returns
        -------
        float
        """

        def prepare() -> tuple[np.ndarray, Any]:
            found = self.predict(X)
            labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y)
            if labels.ndim == 2 and labels.shape[1] == 1:
                labels = labels[:, 0]
            if labels.shape != found.shape:
                raise ShapeError(f"Found input variables with inconsistent numbers of samples: {[len(labels), len(found)]}")
            return (found == labels).astype(np.float64).reshape(-1, 1), sample_weight

        hits, weights = self._group.together(self._call("score"), prepare)
        return float(_core.fit("moments", None, hits, weights=weights, comm=self._group)["mean"][0])
