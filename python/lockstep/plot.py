# SPDX-License-Identifier: Apache-2.0
"""Pictures of fitted estimators, in the manner of scikit-learn's displays; matplotlib is needed.

Every display is made by ``from_estimator``, keeps the numbers that it shows as attributes, and can be drawn again by ``plot``, on axes of
the program's own if it wants.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from typing import Any, Self

import numpy as np

from . import _core
from ._base import Estimator
from ._errors import ArgumentError
from ._rows import Rows
from ._validation import is_sparse

__all__ = [
    "ClusterDisplay", "CoefficientDisplay", "CorrelationDisplay", "ExplainedVarianceDisplay", "PenaltyDisplay", "ResidualDisplay",
]

# Okabe and Ito's colors, which people with any kind of color vision tell apart.
_COLORS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
_MOST_POINTS = 5000
_MOST_NAMES = 40


def _axes(ax: Any) -> Any:
    try:
        pyplot: Any = import_module("matplotlib.pyplot")
    except ImportError:
        raise ImportError("lockstep.plot needs matplotlib: pip install matplotlib") from None
    return pyplot.subplots(layout="constrained")[1] if ax is None else ax


def _need(estimator: Any, *attributes: str) -> None:
    if isinstance(estimator, Estimator):
        estimator._require_fitted()
    missing = [name for name in attributes if not hasattr(estimator, name)]
    if missing:
        raise ArgumentError(f"a {type(estimator).__name__} has no {', '.join(missing)}, which this picture shows")


def _names(estimator: Any, count: int) -> list[str]:
    names = getattr(estimator, "feature_names_in_", None)
    return [f"column {j}" for j in range(count)] if names is None else [str(name) for name in names]


def _step(count: int) -> int:
    """How many rows are passed over for each that is shown."""
    return max(1, -(-count // _MOST_POINTS))


def _sample(X: Any) -> np.ndarray:
    """At most some thousand rows, evenly spaced, so that the same rows are shown each time."""
    values = X.to_numpy() if isinstance(X, Rows) or hasattr(X, "to_numpy") else X
    values = values[:: _step(values.shape[0])] if hasattr(values, "shape") else values
    return np.asarray(values.toarray() if is_sparse(values) else values, dtype=np.float64)


class _Display:
    ax_: Any
    figure_: Any

    def plot(self, ax: Any = None) -> Self:
        """Draws.

        Parameters
        ----------
        ax : matplotlib axes, optional
            Where to draw; by default a new figure.

        Returns
        -------
        self
            With ``ax_`` and ``figure_``.
        """
        self.ax_ = _axes(ax)
        self.figure_ = self.ax_.figure
        self._draw(self.ax_)
        for side in ("top", "right"):
            self.ax_.spines[side].set_visible(False)
        return self

    def _draw(self, ax: Any) -> None:
        raise NotImplementedError


class ClusterDisplay(_Display):
    """Rows and centers of clusters on the first two principal components.

    Parameters
    ----------
    scores : array (n_samples, 2)
        The coordinates of the rows.
    labels : array (n_samples,)
        The cluster of each row.
    centers : array (n_clusters, 2)
        The coordinates of the centers.
    shares : array (2,)
        The share of the variance that each component explains.

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> X = [[0.0, 0.0], [0.1, 0.2], [5.0, 5.0], [5.2, 5.1]]
    >>> display = lockstep.plot.ClusterDisplay.from_estimator(lockstep.KMeans(2).fit(X), X)
    >>> display.scores.shape, display.ax_.get_xlabel()
    ((4, 2), 'component 1 (100 % of the variance)')
    """

    def __init__(self, scores: np.ndarray, labels: np.ndarray, centers: np.ndarray, shares: np.ndarray) -> None:
        self.scores, self.labels, self.centers, self.shares = scores, labels, centers, shares

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, *, ax: Any = None) -> Self:
        """Draws the clusters of rows: at most 5,000 of them, evenly spaced, and the components are those of the rows that are drawn.

        Parameters
        ----------
        estimator : KMeans
        X : array, sparse rows, frame or Rows
        ax : matplotlib axes, optional
        """
        _need(estimator, "cluster_centers_")
        rows = _sample(X)
        if rows.ndim != 2 or rows.shape[1] < 2:
            raise ArgumentError("clusters are drawn of rows of two columns or more")
        # In the units of the columns, in which k-means sees them.
        components = _core.fit("pca", {"componentCount": 2, "isScaled": False}, rows)
        labels = np.asarray(estimator.predict(X))
        return cls(
            components.predict(rows), labels[:: _step(len(labels))], components.predict(np.asarray(estimator.cluster_centers_, dtype=np.float64)),
            components["explainedVarianceRatio"][:2]).plot(ax)

    def _draw(self, ax: Any) -> None:
        for k in range(len(self.centers)):
            mine = self.labels == k
            color = _COLORS[k % len(_COLORS)]
            ax.scatter(*self.scores[mine].T, s=8, alpha=0.6, color=color, linewidths=0)
            ax.scatter(*self.centers[k], s=60, marker="X", color=color, edgecolors="black", zorder=3)
            ax.annotate(str(k), self.centers[k], xytext=(5, 5), textcoords="offset points")
        ax.set_xlabel(f"component 1 ({self.shares[0]:.0%} of the variance)".replace("%", " %"))
        ax.set_ylabel(f"component 2 ({self.shares[1]:.0%} of the variance)".replace("%", " %"))


class ExplainedVarianceDisplay(_Display):
    """The share of the variance of each component, and of all up to it.

    Parameters
    ----------
    shares : array (n_components,)

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> pca = lockstep.PCA().fit([[0.0, 0.0], [2.0, 1.0], [4.0, 0.0]])
    >>> display = lockstep.plot.ExplainedVarianceDisplay.from_estimator(pca)
    >>> display.shares.round(3)
    array([0.923, 0.077])
    """

    def __init__(self, shares: np.ndarray) -> None:
        self.shares = shares

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draws the shares of a fitted PCA or TruncatedSVD.

        Parameters
        ----------
        estimator : PCA or TruncatedSVD
        ax : matplotlib axes, optional
        """
        _need(estimator, "explained_variance_ratio_")
        return cls(np.asarray(estimator.explained_variance_ratio_)).plot(ax)

    def _draw(self, ax: Any) -> None:
        numbers = np.arange(1, len(self.shares) + 1)
        ax.bar(numbers, self.shares, color=_COLORS[0], label="each")
        ax.plot(numbers, np.cumsum(self.shares), "o-", markersize=4, color=_COLORS[5], label="all up to it")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.set_ylim(0, 1.02)
        ax.set_xlabel("component")
        ax.set_ylabel("share of the variance")
        ax.legend(frameon=False)


class CoefficientDisplay(_Display):
    """Coefficients with their confidence intervals, where the fit has standard errors.

    Parameters
    ----------
    names : list of str
    coefficients : array (n_features,)
    errors : array (n_features,) or None
        Standard errors.

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> model = lockstep.LinearRegression().fit([[0.0], [1.0], [2.0], [3.0]], [0.1, 0.9, 2.2, 2.9])
    >>> display = lockstep.plot.CoefficientDisplay.from_estimator(model)
    >>> display.names, display.coefficients.round(2), display.errors.round(3)
    (['column 0'], array([0.97]), array([0.079]))
    """

    def __init__(self, names: Sequence[str], coefficients: np.ndarray, errors: np.ndarray | None = None) -> None:
        self.names, self.coefficients, self.errors = list(names), coefficients, errors

    @classmethod
    def from_estimator(cls, estimator: Any, *, target: int = 0, ax: Any = None) -> Self:
        """Draws the coefficients of one target, the 40 largest if there are more.

        Parameters
        ----------
        estimator : any regression with ``coef_``
        target : int, default 0
            The number of the response, or of the class.
        ax : matplotlib axes, optional
        """
        _need(estimator, "coef_")
        coefficients = np.atleast_2d(np.asarray(estimator.coef_, dtype=np.float64))[target]
        model = getattr(estimator, "model_", None)
        errors = None
        if model is not None and "standardErrors" in model and not getattr(estimator, "positive", False):
            found = np.asarray(model["standardErrors"])[target]
            errors = found if found.shape == coefficients.shape and np.isfinite(found).any() else None
        names = _names(estimator, len(coefficients))
        shown = np.sort(np.argsort(-np.abs(coefficients), kind="stable")[:_MOST_NAMES])
        return cls(
            [names[j] for j in shown], coefficients[shown], None if errors is None else errors[shown]).plot(ax)

    def _draw(self, ax: Any) -> None:
        places = np.arange(len(self.names))[::-1]
        ax.axvline(0, color="0.7", linewidth=1)
        limits = None if self.errors is None else 1.96 * self.errors
        ax.errorbar(self.coefficients, places, xerr=limits, fmt="o", markersize=5, color=_COLORS[0], capsize=0)
        ax.set_yticks(places, self.names)
        ax.set_xlabel("coefficient" if limits is None else "coefficient, ±1.96 standard errors")


class ResidualDisplay(_Display):
    """Residuals against what the model expects.

    Parameters
    ----------
    expected, residuals : array (n_samples,)

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> X, y = [[0.0], [1.0], [2.0]], [0.0, 1.5, 2.0]
    >>> display = lockstep.plot.ResidualDisplay.from_estimator(lockstep.LinearRegression().fit(X, y), X, y)
    >>> display.residuals.round(3)
    array([-0.167,  0.333, -0.167])
    """

    def __init__(self, expected: np.ndarray, residuals: np.ndarray) -> None:
        self.expected, self.residuals = expected, residuals

    @classmethod
    def from_estimator(cls, estimator: Any, X: Any, y: Any, *, target: int = 0, ax: Any = None) -> Self:
        """Draws the residuals of rows: at most 5,000 of them, evenly spaced.

        Parameters
        ----------
        estimator : any regression
        X : array, sparse rows, frame or Rows
        y : array (n_samples,) or (n_samples, n_targets)
        target : int, default 0
            The number of the response.
        ax : matplotlib axes, optional
        """
        _need(estimator, "predict")
        rows = np.asarray(X, dtype=np.float64) if isinstance(X, (list, tuple)) else X
        expected = np.asarray(estimator.predict(rows), dtype=np.float64)
        observed = np.asarray(y, dtype=np.float64)
        expected, observed = (part[:, target] if part.ndim == 2 else part for part in (expected, observed))
        step = _step(len(expected))
        return cls(expected[::step], (observed - expected)[::step]).plot(ax)

    def _draw(self, ax: Any) -> None:
        ax.axhline(0, color="0.7", linewidth=1)
        ax.scatter(self.expected, self.residuals, s=10, alpha=0.6, color=_COLORS[0], linewidths=0)
        ax.set_xlabel("expected response")
        ax.set_ylabel("residual")


class CorrelationDisplay(_Display):
    """The correlations of columns as a map of colors.

    Parameters
    ----------
    names : list of str
    correlations : array (n_features, n_features)

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> model = lockstep.EmpiricalCovariance().fit([[0.0, 0.0], [1.0, -1.0], [2.0, -2.0]])
    >>> lockstep.plot.CorrelationDisplay.from_estimator(model).correlations.round(6)
    array([[ 1., -1.],
           [-1.,  1.]])
    """

    def __init__(self, names: Sequence[str], correlations: np.ndarray) -> None:
        self.names, self.correlations = list(names), correlations

    @classmethod
    def from_estimator(cls, estimator: Any, *, ax: Any = None) -> Self:
        """Draws the correlations of a fitted covariance, of the first 40 columns if there are more.

        Parameters
        ----------
        estimator : EmpiricalCovariance or LedoitWolf
        ax : matplotlib axes, optional
        """
        _need(estimator, "covariance_")
        covariance = np.asarray(estimator.covariance_)[:_MOST_NAMES, :_MOST_NAMES]
        deviations = np.sqrt(np.diag(covariance))
        with np.errstate(divide="ignore", invalid="ignore"):
            correlations = covariance / np.outer(deviations, deviations)
        return cls(_names(estimator, len(np.asarray(estimator.covariance_)))[: len(correlations)], correlations).plot(ax)

    def _draw(self, ax: Any) -> None:
        image = ax.imshow(self.correlations, vmin=-1, vmax=1, cmap="RdBu_r")
        places = np.arange(len(self.names))
        ax.set_xticks(places, self.names, rotation=90)
        ax.set_yticks(places, self.names)
        self.figure_.colorbar(image, ax=ax, label="correlation")


class PenaltyDisplay(_Display):
    """Coefficients over the penalties of a path, and the penalty that was chosen.

    Parameters
    ----------
    penalties : array (n_alphas,)
    coefficients : array (n_alphas, n_features)
    chosen : float
    names : list of str

    Examples
    --------
    >>> import lockstep, lockstep.plot
    >>> model = lockstep.RidgeCV([0.1, 1.0, 10.0]).fit([[0.0], [1.0], [2.0], [3.0]], [0.1, 0.9, 2.2, 2.9])
    >>> lockstep.plot.PenaltyDisplay.from_estimator(model).coefficients.round(2).ravel()
    array([0.95, 0.81, 0.32])
    """

    def __init__(self, penalties: np.ndarray, coefficients: np.ndarray, chosen: float, names: Sequence[str]) -> None:
        self.penalties, self.coefficients, self.chosen, self.names = penalties, coefficients, chosen, list(names)

    @classmethod
    def from_estimator(cls, estimator: Any, *, target: int = 0, ax: Any = None) -> Self:
        """Draws the path of one target.

        Parameters
        ----------
        estimator : RidgeCV
        target : int, default 0
            The number of the response.
        ax : matplotlib axes, optional
        """
        _need(estimator, "alpha_", "model_")
        penalties = np.asarray(estimator.model_["regularizations"])
        order = np.argsort(penalties, kind="stable")
        coefficients = np.asarray(estimator.model_["coefficients"])[order, target]
        return cls(
            penalties[order], coefficients, float(np.ravel(estimator.alpha_)[min(target, np.size(estimator.alpha_) - 1)]),
            _names(estimator, coefficients.shape[1])).plot(ax)

    def _draw(self, ax: Any) -> None:
        ax.axhline(0, color="0.85", linewidth=1)
        for j in range(self.coefficients.shape[1]):
            ax.plot(self.penalties, self.coefficients[:, j], color=_COLORS[j % len(_COLORS)], linewidth=1.5)
        # Lines are labelled where they begin, the largest only.
        for j in np.argsort(-np.abs(self.coefficients[0]), kind="stable")[:8]:
            ax.annotate(
                self.names[j], (self.penalties[0], self.coefficients[0, j]), xytext=(4, 3), textcoords="offset points",
                color=_COLORS[j % len(_COLORS)], fontsize="small")
        ax.axvline(self.chosen, color="0.4", linestyle="--", linewidth=1)
        ax.set_xscale("log")
        ax.set_xlabel("penalty (dashed: chosen)")
        ax.set_ylabel("coefficient")
