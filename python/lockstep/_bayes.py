# SPDX-License-Identifier: Apache-2.0
"""Naive Bayes, with scikit-learn's parameters."""

from __future__ import annotations

import warnings
from typing import Any, Self

import numpy as np

from . import _core
from ._classes import Classifier, labels_of, log_softmax, typed_classes
from ._errors import ArgumentError, DataError, ShapeError
from ._parameters import ARRAY, BOOLEAN, NOTHING, real
from ._projection import frozen, projection, same
from ._rows import Rows

_SMALLEST = 1e-10
# So many numbers are swept in no time.
_FEW = 200_000


class _NaiveBayes(Classifier):
    """What all naive Bayes models share: labels, priors, and rows that come in pieces."""

    # Of all of them the classes are found alike.
    _method = "naive-bayes"
    model_: _core.Model
    classes_: np.ndarray

    def _parameters(self, classes: Any = None) -> dict[str, Any]:
        raise NotImplementedError

    def _given_priors(self) -> Any:
        """The priors that the program gives, if it does."""
        raise NotImplementedError

    def _take(self, model: _core.Model) -> Self:
        raise NotImplementedError

    def _class_parameters(self, classes: Any) -> dict[str, Any]:
        parameters: dict[str, Any] = {}
        priors = self._given_priors()
        if priors is not None:
            parameters["classPriors"] = np.asarray(priors, dtype=np.float64).tolist()
        if classes is not None:
            labels = np.asarray(classes)
            if labels.dtype.kind in "iubf":
                parameters["classes"] = labels.astype(np.int64).tolist()
            else:
                parameters["classNames"] = labels.astype(str).tolist()
        return parameters

    def _labels(self, y: Any, count: int, reset: bool) -> np.ndarray:
        labels, kind = labels_of(y, count, self)
        given = self.__dict__.get("_given_classes")
        if given is not None and labels.size:
            unknown = np.setdiff1d(labels, given)
            if unknown.size:
                raise DataError(f"The target label(s) {unknown} in y do not exist in the initial classes {given}")
        self._label_type = kind if given is None else given.dtype
        self._fitted_labels = labels
        priors = self._given_priors()
        if priors is not None and self._group.size == 1:
            count = len(np.unique(labels) if given is None else given)
            if len(priors) != count:
                raise ShapeError("Number of priors must match number of classes.")
        return labels

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,)
            The class of each row; may be missing if ``X`` is :class:`lockstep.Rows` with labels.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.

        Returns
        -------
        self
        """
        self._given_classes: np.ndarray | None = None
        source = self._rows_to_fit(X, y, sample_weight)
        self._stream = None
        known = self._weighed_classes(source)
        parameters = self._group.together("parameters", lambda: self._parameters(known))
        self._is_whole = True
        if self._group.size > 1 or source.shape[0] * source.shape[1] > _FEW:
            return self._take(self._fit(self._method, parameters, source))
        # Few rows are swept as the first piece of a stream, to which partial_fit adds: the same bits.
        values = self.__dict__.pop("_fitted_values", None)
        stream = _core.Stream(self._method, parameters)
        try:
            stream.observe(source)
            self._take(stream.model())
        except DataError as error:
            self._explain(error, values)
            raise
        self._stream, self._stream_parameters = stream, parameters
        return self

    def _weighed_classes(self, source: Rows) -> np.ndarray | None:
        """The classes of all processes' rows, if rows have weights: a class stays one though all its rows weigh 0. Collective."""
        labels = self.__dict__.pop("_fitted_labels", None)
        group = self._group
        weighted = group.together(
            "weights", lambda: labels is not None and source.has_weights, lambda found: " of each row" if found else " of none")
        if not weighted or labels is None:
            return None
        if group.size == 1:
            return np.unique(labels)
        found: np.ndarray = _core.fit("naive-bayes", None, np.zeros((len(labels), 1)), labels=labels, comm=group)["classes"]
        return found

    def partial_fit(self, X: Any, y: Any = None, classes: Any = None, sample_weight: Any = None) -> Self:
        """Adds rows to those of earlier calls. ``classes``, all that may occur, are given the first time."""
        first = self.__dict__.get("_stream") is None
        if first and self.__dict__.get("_is_whole"):
            raise DataError("partial_fit cannot add to rows that fit has seen, when they are many or of several processes: give all by partial_fit")
        if not first and self.__dict__.get("_is_whole") and classes is None:
            classes = self.classes_
        if not first and self.__dict__.get("_is_whole"):
            self._given_classes = self.classes_

        def prepare() -> np.ndarray:
            if first and classes is None:
                raise DataError("classes must be passed on the first call to partial_fit.")
            given: np.ndarray = np.unique(np.asarray(classes)) if classes is not None else self._given_classes  # type: ignore[assignment]
            if not first and not np.array_equal(given, self._given_classes):  # type: ignore[arg-type]
                raise DataError(f"`classes={classes!r}` is not the same as on last call to partial_fit, was: {self._given_classes!r}")
            return given

        self._given_classes = self._group.together("classes", prepare, lambda made: f" {made.tolist()}")
        if first:
            self.n_features_in_ = _columns(X)
        parameters = self._stream_parameters if self.__dict__.get("_is_whole") else self._parameters(self._given_classes)
        return self._take(self._observe(self._method, parameters, X, y, sample_weight))


class _DiscreteNB(_NaiveBayes):
    """Naive Bayes from sums of columns by class."""

    _distribution = "multinomial"

    def __init__(
        self, *, alpha: Any = 1.0, force_alpha: bool = True, fit_prior: bool = True, class_prior: Any = None, comm: Any = None
    ) -> None:
        self.alpha = alpha
        self.force_alpha = force_alpha
        self.fit_prior = fit_prior
        self.class_prior = class_prior
        self.comm = comm

    def _check_alpha(self) -> np.ndarray:
        """The pseudo-counts, one or one for each column."""
        smoothing = np.atleast_1d(np.asarray(self.alpha, dtype=np.float64))
        if smoothing.size > 1 and smoothing.shape != (self.n_features_in_,):
            raise ShapeError(f"When alpha is an array, it should contains `n_features`. Got {smoothing.size} elements instead of {self.n_features_in_}.")
        if smoothing.min() < 0:
            raise DataError("All values in alpha must be greater than 0.")
        if smoothing.min() < _SMALLEST and not self.force_alpha:
            warnings.warn(
                f"alpha too small will result in numeric errors, setting alpha = {_SMALLEST:.1e}. Use `force_alpha=True` to keep alpha "
                "unchanged.", stacklevel=5)
            smoothing = np.maximum(smoothing, _SMALLEST)
        return smoothing

    def _parameters(self, classes: Any = None) -> dict[str, Any]:
        smoothing = np.maximum(self._check_alpha(), np.nextafter(0.0, 1.0))
        parameters: dict[str, Any] = {
            "smoothing": smoothing.tolist(),
            "priors": "empirical" if self.fit_prior else "uniform", **self._more_parameters(),
        }
        return {**parameters, **self._class_parameters(classes)}

    def _more_parameters(self) -> dict[str, Any]:
        """What a distribution needs besides."""
        return {"distribution": self._distribution}

    def _given_priors(self) -> Any:
        return self.class_prior

    def _take(self, model: _core.Model) -> Self:
        self.model_ = model
        self.classes_: np.ndarray = typed_classes(model["classes"], self.__dict__.get("_label_type"))
        self.class_count_: np.ndarray = model["classWeights"]
        self.feature_count_: np.ndarray = model["featureCounts"]
        self.class_log_prior_: np.ndarray = frozen(np.array(model["logPriors"]))
        self.feature_log_prob_: np.ndarray = frozen(np.array(model["logProbabilities"]))
        self._fitted = self.class_log_prior_, self.feature_log_prob_
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of each row.

        Returns
        -------
        array (n_samples,)
        """
        self._require_fitted()
        if self._is_own():
            return self._ask(X).astype(self.classes_.dtype)  # type: ignore[no-any-return]
        return np.asarray(self.classes_[np.argmax(self.predict_joint_log_proba(X), axis=1)])

    def _is_own(self) -> bool:
        """Whether the probabilities are still those that the fit found."""
        return same(self.class_log_prior_, self._fitted[0]) and same(self.feature_log_prob_, self._fitted[1])

    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        """What a row is multiplied by, and what is added, for each class."""
        return self.feature_log_prob_, self.class_log_prior_

    def _seen(self, values: Any) -> Any:
        """The rows as the model sees them."""
        return values

    def predict_joint_log_proba(self, X: Any) -> np.ndarray:
        """log P(x, class) of each row and class, but for what does not depend on the class.

        Returns
        -------
        array (n_samples, n_classes)
        """
        asked = self._rows_to_ask(X)
        return self._says(projection(*self._scores()), self._seen(asked))  # type: ignore[no-any-return]

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """log P(class | x) of each row and class.

        Returns
        -------
        array (n_samples, n_classes)
        """
        asked = self._rows_to_ask(X)
        if self._is_own():
            return self.model_.predict_log_proba(asked)
        return log_softmax(self.predict_joint_log_proba(asked))


class MultinomialNB(_DiscreteNB):
    """Multinomial naive Bayes, for counts.

    Parameters
    ----------
    alpha : float or array (n_features,), default 1.0
        The pseudo-counts, from 0. 0 is taken as the smallest number there is, so that a row with a column that its class has never had
        can still be compared.
    force_alpha : bool, default True
        Whether an ``alpha`` below 1e-10 is taken as it is, not as 1e-10.
    fit_prior : bool, default True
        Whether classes are as likely as they are frequent; otherwise all are alike.
    class_prior : array (n_classes,), optional
        How likely the classes are.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    class_count_ : array (n_classes,)
        The weight of the rows of each class.
    class_log_prior_ : array (n_classes,)
    feature_count_ : array (n_classes, n_features)
        The weighted sums of the columns over the rows of each class.
    feature_log_prob_ : array (n_classes, n_features)
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.MultinomialNB().fit([[3, 0], [0, 2], [4, 1]], ["a", "b", "a"])
    >>> model.predict([[5, 1], [0, 3]]).tolist()
    ['a', 'b']
    """

    _takes_negative = False
    _kinds = {
        "alpha": (real(0), ARRAY), "force_alpha": (BOOLEAN,), "fit_prior": (BOOLEAN,), "class_prior": (ARRAY, NOTHING),
    }


class ComplementNB(_DiscreteNB):
    """Complement naive Bayes, for counts of classes of very different sizes: each class is told by what the rows of the others have.

    Parameters
    ----------
    alpha : float or array (n_features,), default 1.0
        The pseudo-counts, from 0.
    force_alpha : bool, default True
        Whether an ``alpha`` below 1e-10 is taken as it is, not as 1e-10.
    fit_prior : bool, default True
        Used if there is one class only.
    class_prior : array (n_classes,), optional
        Used if there is one class only.
    norm : bool, default False
        Whether the weights of each class are divided by their sum.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    class_count_ : array (n_classes,)
        The weight of the rows of each class.
    class_log_prior_ : array (n_classes,)
    feature_all_ : array (n_features,)
        The weighted sums of the columns over all rows.
    feature_count_ : array (n_classes, n_features)
        The weighted sums of the columns over the rows of each class.
    feature_log_prob_ : array (n_classes, n_features)
        What counts are multiplied by.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.ComplementNB().fit([[3, 0], [0, 2], [4, 1]], ["a", "b", "a"])
    >>> model.predict([[5, 1], [0, 3]]).tolist()
    ['a', 'b']
    """

    _distribution = "complement"
    _takes_negative = False
    _kinds = {**MultinomialNB._kinds, "norm": (BOOLEAN,)}

    def __init__(
        self, *, alpha: Any = 1.0, force_alpha: bool = True, fit_prior: bool = True, class_prior: Any = None, norm: bool = False,
        comm: Any = None,
    ) -> None:
        super().__init__(alpha=alpha, force_alpha=force_alpha, fit_prior=fit_prior, class_prior=class_prior, comm=comm)
        self.norm = norm

    def _more_parameters(self) -> dict[str, Any]:
        return {"distribution": self._distribution, "normalizesWeights": bool(self.norm)}

    def _take(self, model: _core.Model) -> Self:
        super()._take(model)
        self.feature_all_: np.ndarray = self.feature_count_.sum(axis=0)
        return self

    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        single = len(self.classes_) == 1
        return self.feature_log_prob_, self.class_log_prior_ if single else np.zeros(len(self.classes_))


class BernoulliNB(_DiscreteNB):
    """Bernoulli naive Bayes, for columns that a row has or has not.

    Parameters
    ----------
    alpha : float or array (n_features,), default 1.0
        The pseudo-counts, from 0.
    force_alpha : bool, default True
        Whether an ``alpha`` below 1e-10 is taken as it is, not as 1e-10.
    binarize : float or None, default 0.0
        A row has the columns that are above this. None says that rows are ones and zeros.
    fit_prior : bool, default True
        Whether classes are as likely as they are frequent; otherwise all are alike.
    class_prior : array (n_classes,), optional
        How likely the classes are.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    class_count_ : array (n_classes,)
        The weight of the rows of each class.
    class_log_prior_ : array (n_classes,)
    feature_count_ : array (n_classes, n_features)
        The weight of the rows of each class that have each column.
    feature_log_prob_ : array (n_classes, n_features)
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.BernoulliNB().fit([[3, 0], [0, 2], [4, 1]], ["a", "b", "a"])
    >>> model.predict([[5, 1], [0, 3]]).tolist()
    ['a', 'b']
    """

    _distribution = "bernoulli"
    _kinds = {**MultinomialNB._kinds, "binarize": (real(0), NOTHING)}

    def __init__(
        self, *, alpha: Any = 1.0, force_alpha: bool = True, binarize: float | None = 0.0, fit_prior: bool = True,
        class_prior: Any = None, comm: Any = None,
    ) -> None:
        super().__init__(alpha=alpha, force_alpha=force_alpha, fit_prior=fit_prior, class_prior=class_prior, comm=comm)
        self.binarize = binarize

    def _threshold(self) -> float:
        return 0.0 if self.binarize is None else float(self.binarize)

    def _more_parameters(self) -> dict[str, Any]:
        return {"distribution": self._distribution, "threshold": self._threshold()}

    def _scores(self) -> tuple[np.ndarray, np.ndarray]:
        absent = np.log(-np.expm1(self.feature_log_prob_))
        return self.feature_log_prob_ - absent, self.class_log_prior_ + absent.sum(axis=1)

    def _seen(self, values: Any) -> Any:
        found = values.to_numpy() if isinstance(values, Rows) else values
        ones = found > self._threshold()
        return ones.astype(np.float64)


class GaussianNB(_NaiveBayes):
    """Gaussian naive Bayes, for numbers of any kind.

    Parameters
    ----------
    priors : array (n_classes,), optional
        How likely the classes are. By default as likely as they are frequent.
    var_smoothing : float, default 1e-9
        The share of the largest variance of a column that is added to all variances. With :meth:`partial_fit`, of all rows so far.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    class_count_ : array (n_classes,)
        The weight of the rows of each class.
    class_prior_ : array (n_classes,)
    theta_, var_ : array (n_classes, n_features)
        The means and the variances of the columns in each class.
    epsilon_ : float
        What was added to the variances.
    n_features_in_ : int
    model_ : Model

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.GaussianNB().fit([[-1.0, 0.5], [2.0, 2.5], [-2.0, 0.0], [3.0, 3.5]], ["a", "b", "a", "b"])
    >>> model.predict([[-1.5, 0.0], [2.0, 3.0]]).tolist()
    ['a', 'b']
    """

    _method = "gaussian-naive-bayes"
    _takes_sparse = False
    _kinds = {"priors": (ARRAY, NOTHING), "var_smoothing": (real(0),)}

    def __init__(self, *, priors: Any = None, var_smoothing: float = 1e-9, comm: Any = None) -> None:
        self.priors = priors
        self.var_smoothing = var_smoothing
        self.comm = comm

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.priors is None:
            return
        priors = np.asarray(self.priors, dtype=np.float64)
        if not np.isclose(priors.sum(), 1.0):
            raise DataError("The sum of the priors should be 1.")
        if (priors < 0).any():
            raise DataError("Priors must be non-negative.")

    def _given_priors(self) -> Any:
        return self.priors

    def _parameters(self, classes: Any = None) -> dict[str, Any]:
        return {"varianceSmoothing": float(self.var_smoothing), **self._class_parameters(classes)}

    def _take(self, model: _core.Model) -> Self:
        self.model_ = model
        self.classes_: np.ndarray = typed_classes(model["classes"], self.__dict__.get("_label_type"))
        self.class_count_: np.ndarray = model["classWeights"]
        self.class_prior_: np.ndarray = np.exp(model["logPriors"])
        self.theta_: np.ndarray = model["means"]
        self.var_: np.ndarray = model["variances"]
        self.epsilon_ = float(model["addedVariance"])
        return self

    def predict(self, X: Any) -> np.ndarray:
        """The class of each row.

        Returns
        -------
        array (n_samples,)
        """
        return self._ask(X).astype(self.classes_.dtype)  # type: ignore[no-any-return]

    def predict_joint_log_proba(self, X: Any) -> np.ndarray:
        """log P(x, class) of each row and class.

        Returns
        -------
        array (n_samples, n_classes)
        """
        values = self._matrix_to_ask(X)
        found = np.empty((len(values), len(self.classes_)))
        for c, (mean, variance) in enumerate(zip(self.theta_, self.var_, strict=True)):
            density = -0.5 * np.log(2.0 * np.pi * variance).sum()
            found[:, c] = np.log(self.class_prior_[c]) + density - 0.5 * ((values - mean) ** 2 / variance).sum(axis=1)
        return found

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """log P(class | x) of each row and class.

        Returns
        -------
        array (n_samples, n_classes)
        """
        return self.model_.predict_log_proba(self._rows_to_ask(X))


def _columns(X: Any) -> int:
    shape = getattr(X, "shape", None)
    if shape is None:
        shape = np.shape(X)
    if len(shape) != 2:
        raise ArgumentError("Expected 2D array, got 1D array instead: Reshape your data")
    return int(shape[1])
