# SPDX-License-Identifier: Apache-2.0
"""Generalized linear regressions, with scikit-learn's parameters."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from . import _core, _validation
from ._classes import Classifier, labels_of, log_softmax, typed_classes, warn_of_no_convergence
from ._errors import ArgumentError, DataError, ShapeError
from ._linear import LinearModel, one_response
from ._parameters import BOOLEAN, NOTHING, SEED, VERBOSITY, integer, options, real
from ._projection import frozen, projection, same
from ._rows import Rows


class _LogLinearRegressor(LinearModel):
    """Regressions whose mean is the exponential of a linear predictor."""

    positive = False
    _method_name: ClassVar[str]
    _loss: ClassVar[str]
    _multiple = False
    _kinds = {
        "alpha": (real(0),), "fit_intercept": (BOOLEAN,), "solver": (options("lbfgs", "newton-cholesky"),), "max_iter": (integer(1),),
        "tol": (real(0, without_least=True),), "warm_start": (BOOLEAN,), "verbose": (VERBOSITY,),
    }

    def __init__(
        self, *, alpha: float = 1.0, fit_intercept: bool = True, solver: str = "lbfgs", max_iter: int = 100, tol: float = 1e-4,
        warm_start: bool = False, verbose: int = 0, comm: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.solver = solver
        self.max_iter = max_iter
        self.tol = tol
        self.warm_start = warm_start
        self.verbose = verbose
        self.comm = comm

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.positive_only = True
        tags.target_tags.multi_output = False
        return tags

    def _is_out_of_range(self, y: np.ndarray) -> bool:
        raise NotImplementedError

    def _deviances(self, y: np.ndarray, expected: np.ndarray) -> np.ndarray:
        """Half of the deviance of each row."""
        raise NotImplementedError

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, **named: Any) -> Rows:
        y = one_response(y)
        made = super()._rows_in_memory(X, y, sample_weight, **named)
        if y is not None and self._is_out_of_range(np.asarray(y, dtype=np.float64)):
            raise DataError(f"Some value(s) of y are out of the valid range of the loss '{self._loss}'.")
        return made

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Fits to the rows of all processes.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.
        y : array (n_samples,)
            What is to be explained; may be missing if ``X`` is :class:`lockstep.Rows` with responses.
        sample_weight : array (n_samples,) or float, optional
            How often each row counts.

        Returns
        -------
        self
        """
        source = self._rows_to_fit(X, y, sample_weight)
        parameters: dict[str, Any] = {"fitsIntercept": bool(self.fit_intercept), "maxIterations": int(self.max_iter)}
        if self.alpha > 0:
            # scikit-learn's penalty is beside a mean, the library's beside a sum.
            parameters["regularization"] = float(self.alpha) * self._total_weight(source, sample_weight)
        model = self._fit(self._method_name, parameters, source)
        self.n_iter_ = int(np.max(model["iterations"]))
        if not model["isConverged"]:
            warn_of_no_convergence(self)
        # One response, whose coefficients are a vector.
        return self._take(model, np.empty(0))

    def _total_weight(self, source: Rows, sample_weight: Any) -> float:
        """The number of rows of all processes, or the sum of their weights. Collective."""
        count = source.shape[0]
        if source.has_weights and sample_weight is None:
            # Weights that came with the rows: what an average of them leaves.
            model = _core.fit("linear-regression", {"fitsIntercept": False, "weightKind": "frequency"}, source, comm=self._group)
            total = float(model["degreesOfFreedom"] + model["rank"])
            if not model["degreesOfFreedom"] > 0:
                raise DataError("the weights of the rows add up to less than there are columns: give them as sample_weight")
            return total
        weights = _validation.weights(sample_weight, count)
        return float(_core.fit("moments", None, np.ones((count, 1)), weights=weights, comm=self._group)["sum"][0])

    def predict(self, X: Any) -> np.ndarray:
        """The mean of the response that the model expects of each row.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.

        Returns
        -------
        array (n_samples,)
        """
        asked = self._rows_to_ask(X)
        model = self._current()
        values = np.asarray(self._says(model, asked))[:, 0]
        return values if model is self.model_ else np.asarray(np.exp(values))

    def score(self, X: Any, y: Any, sample_weight: Any = None) -> float:
        """D², the share of the deviance that is explained, over the rows of all processes.

        Returns
        -------
        float
        """

        def prepare() -> tuple[np.ndarray, np.ndarray, Any]:
            expected = self.predict(X)
            found = np.asarray(y, dtype=np.float64).ravel()
            if found.shape != expected.shape:
                raise ShapeError(f"y of shape {found.shape} for predictions of shape {expected.shape}")
            if self._is_out_of_range(found):
                raise DataError(f"Some value(s) of y are out of the valid range of the loss '{self._loss}'.")
            return expected, found, sample_weight

        expected, found, weights = self._group.together(self._call("score"), prepare)
        mean = float(_core.fit("moments", None, found.reshape(-1, 1), weights=weights, comm=self._group)["mean"][0])
        both = np.column_stack([self._deviances(found, expected), self._deviances(found, np.full(len(found), mean))])
        sums = _core.fit("moments", None, both, weights=weights, comm=self._group)["sum"]
        return float(1 - sums[0] / sums[1])


class PoissonRegressor(_LogLinearRegressor):
    """Poisson regression: counts whose mean is the exponential of a linear predictor.

    Parameters
    ----------
    alpha : float, default 1.0
        The penalty: ``alpha`` / 2 times the squared length of the coefficients is added to the mean of half the deviance.
    fit_intercept : bool, default True
    solver : {"lbfgs", "newton-cholesky"}, default "lbfgs"
        Accepted for scikit-learn's programs: steps are Newton's.
    max_iter : int, default 100
    tol, warm_start, verbose
        Accepted for scikit-learn's programs: the iteration goes on until nothing changes.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,)
    intercept_ : float
    n_iter_ : int
    n_features_in_ : int
    model_ : Model
        With standard errors (without a penalty), deviance, and more; ``summary()`` shows them.

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.PoissonRegressor(alpha=0).fit([[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 4.0, 8.0])
    >>> model.predict([[0.0], [1.0]]).round(6)
    array([2., 6.])
    """

    _method_name = "poisson-regression"
    _loss = "HalfPoissonLoss"

    def _is_out_of_range(self, y: np.ndarray) -> bool:
        return bool((y < 0).any())

    def _deviances(self, y: np.ndarray, expected: np.ndarray) -> np.ndarray:
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.asarray(np.where(y > 0, y * np.log(y / expected), 0.0) - y + expected)


class GammaRegressor(_LogLinearRegressor):
    """Gamma regression: positive numbers whose mean is the exponential of a linear predictor.

    Parameters
    ----------
    alpha : float, default 1.0
        The penalty: ``alpha`` / 2 times the squared length of the coefficients is added to the mean of half the deviance.
    fit_intercept : bool, default True
    solver : {"lbfgs", "newton-cholesky"}, default "lbfgs"
        Accepted for scikit-learn's programs: steps are Newton's.
    max_iter : int, default 100
    tol, warm_start, verbose
        Accepted for scikit-learn's programs: the iteration goes on until nothing changes.
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    coef_ : array (n_features,)
    intercept_ : float
    n_iter_ : int
    n_features_in_ : int
    model_ : Model
        With standard errors (without a penalty), deviance, dispersion, and more; ``summary()`` shows them.

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.GammaRegressor(alpha=0).fit([[0.0], [0.0], [1.0], [1.0]], [1.0, 3.0, 4.0, 8.0])
    >>> model.predict([[0.0], [1.0]]).round(6)
    array([2., 6.])
    """

    _method_name = "gamma-regression"
    _loss = "HalfGammaLoss"

    def _is_out_of_range(self, y: np.ndarray) -> bool:
        return bool((y <= 0).any())

    def _deviances(self, y: np.ndarray, expected: np.ndarray) -> np.ndarray:
        return np.asarray(y / expected - np.log(y / expected) - 1)


class LogisticRegression(Classifier):
    """Logistic regression: the probabilities of two or more classes.

    Parameters
    ----------
    penalty : {"deprecated", "l2"} or None, default "deprecated"
        None is no penalty, whatever ``C``.
    C : float, default 1.0
        The inverse of the penalty: half of the squared length of the coefficients is added to ``C`` times the loss. ``inf`` is none.
    l1_ratio : float, default 0.0
        Accepted as 0 only.
    dual, tol, intercept_scaling, solver, random_state, warm_start, verbose, n_jobs
        Accepted for scikit-learn's programs: steps are Newton's, and go on until nothing changes. Intercepts have no penalty.
    fit_intercept : bool, default True
    class_weight : dict, "balanced" or None
        How often rows of each class count, besides their own weights.
    max_iter : int, default 100
    comm : Communicator or mpi4py communicator, optional

    Attributes
    ----------
    classes_ : array (n_classes,)
        The classes of all processes' rows, in order.
    coef_ : array (1, n_features) or (n_classes, n_features)
        One row for two classes; of more the rows add up to 0.
    intercept_ : array (1,) or (n_classes,)
    n_iter_ : array (1,)
    n_features_in_ : int
    model_ : Model
        With standard errors and tests (without a penalty), and more; ``summary()`` shows them.

    Examples
    --------
    >>> import lockstep
    >>> X, y = [[0.0], [1.0], [2.0], [3.0]], ["no", "yes", "no", "yes"]
    >>> model = lockstep.LogisticRegression().fit(X, y)
    >>> model.predict([[-1.0], [4.0]]).tolist()
    ['no', 'yes']
    >>> model.predict_proba([[1.5]]).round(6)
    array([[0.5, 0.5]])
    """

    _kinds = {
        "penalty": (options("deprecated", "l2"), NOTHING), "C": (real(0, without_least=True, without_greatest=False),),
        "l1_ratio": (real(0, 1, without_greatest=False), NOTHING), "dual": (BOOLEAN,), "tol": (real(0, without_least=True),),
        "fit_intercept": (BOOLEAN,), "intercept_scaling": (real(0),),
        "solver": (options("lbfgs", "liblinear", "newton-cg", "newton-cholesky", "sag", "saga"),), "random_state": (SEED,),
        "max_iter": (integer(1),), "verbose": (VERBOSITY,), "warm_start": (BOOLEAN,), "n_jobs": (NOTHING, integer(-(2**31))),
    }

    def __init__(
        self, penalty: str | None = "deprecated", *, C: float = 1.0, l1_ratio: float = 0.0, dual: bool = False, tol: float = 1e-4,
        fit_intercept: bool = True, intercept_scaling: float = 1, class_weight: Any = None, random_state: Any = None,
        solver: str = "lbfgs", max_iter: int = 100, verbose: int = 0, warm_start: bool = False, n_jobs: int | None = None, comm: Any = None,
    ) -> None:
        self.penalty = penalty
        self.C = C
        self.l1_ratio = l1_ratio
        self.dual = dual
        self.tol = tol
        self.fit_intercept = fit_intercept
        self.intercept_scaling = intercept_scaling
        self.class_weight = class_weight
        self.random_state = random_state
        self.solver = solver
        self.max_iter = max_iter
        self.verbose = verbose
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.comm = comm

    def _check_parameters(self) -> None:
        super()._check_parameters()
        if self.l1_ratio not in (0, None):
            raise ArgumentError(f"The 'l1_ratio' parameter of LogisticRegression must be 0. Got {self.l1_ratio!r} instead.")
        weights = self.class_weight
        if not (weights is None or isinstance(weights, dict) or (isinstance(weights, str) and weights == "balanced")):
            raise ArgumentError(
                "The 'class_weight' parameter of LogisticRegression must be an instance of 'dict', a str among {'balanced'} or None. "
                f"Got {weights!r} instead.")

    def _labels(self, y: Any, count: int, reset: bool) -> np.ndarray:
        labels, self._label_type = labels_of(y, count, self)
        if self._group.size == 1 and labels.size and (labels == labels[0]).all():
            raise DataError(
                "This solver needs samples of at least 2 classes in the data, but the data contains only one class: "
                f"{labels[0].item()!r}")
        return labels

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> LogisticRegression:
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
        if self.class_weight is not None:
            sample_weight = self._group.together("weights of classes", lambda: self._checked_weights(y, sample_weight))
            if isinstance(self.class_weight, str):
                sample_weight = self._balanced(y, sample_weight)
        source = self._rows_to_fit(X, y, sample_weight)
        penalty = 0.0 if self.penalty is None or np.isinf(self.C) else 1 / float(self.C)
        model = self._fit(
            "logistic-regression",
            {"fitsIntercept": bool(self.fit_intercept), "maxIterations": int(self.max_iter), "regularization": penalty}, source)
        self.model_ = model
        self.classes_: np.ndarray = typed_classes(model["classes"], self.__dict__.get("_label_type"))
        coefficients, intercepts = np.array(model["coefficients"]), np.array(model["intercepts"])
        if len(self.classes_) > 2:
            # The first class is the library's reference; scikit-learn's coefficients add up to nothing.
            coefficients = np.vstack([np.zeros((1, coefficients.shape[1])), coefficients])
            intercepts = np.r_[0.0, intercepts]
            coefficients -= coefficients.mean(axis=0)
            intercepts -= intercepts.mean()
        self.coef_: np.ndarray = frozen(self._typed(coefficients))
        self.intercept_: np.ndarray = frozen(self._typed(intercepts))
        self._fitted = self.coef_, self.intercept_
        self.n_iter_ = np.array([model["iterations"]], dtype=np.int32)
        if not model["isConverged"]:
            warn_of_no_convergence(self)
        return self

    def _checked_weights(self, y: Any, sample_weight: Any) -> Any:
        if y is None:
            raise DataError("class_weight needs y: rows that have labels have weights of their own")
        labels = np.asarray(y.to_numpy() if hasattr(y, "to_numpy") else y).ravel()
        weights = np.ones(len(labels)) if sample_weight is None else np.broadcast_to(np.asarray(sample_weight, dtype=np.float64), (len(labels),))
        if isinstance(self.class_weight, dict):
            known, codes = np.unique(labels, return_inverse=True)
            unknown = [key for key in self.class_weight if key not in known.tolist()]
            if unknown and self._group.size == 1:
                raise DataError(f"The classes, {unknown}, are not in class_weight")
            factors = np.array([float(self.class_weight.get(value, 1.0)) for value in known.tolist()])
            weights = weights * (factors[codes] if len(known) else 1.0)
        return weights

    def _balanced(self, y: Any, weights: np.ndarray) -> np.ndarray:
        """Weights with which all classes of all processes' rows weigh the same. Collective."""
        labels, _ = labels_of(y, len(weights), self)
        model = _core.fit("naive-bayes", None, np.zeros((len(labels), 1)), weights=weights, labels=labels, comm=self._group)
        sums, known = np.asarray(model["classWeights"]), model["classes"]
        factors = dict(zip(known.tolist(), sums.sum() / (len(known) * sums)))
        kind = str if known.dtype.kind == "U" else int
        return np.asarray(weights * np.array([factors.get(kind(label), 1.0) for label in labels.tolist()]))

    def _is_own(self) -> bool:
        """Whether the coefficients are still those that the fit found."""
        return same(self.coef_, self._fitted[0]) and same(self.intercept_, self._fitted[1])

    def decision_function(self, X: Any) -> np.ndarray:
        """The linear predictors of each row: one for two classes, the logarithm of the odds of the second; otherwise one for each class.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.

        Returns
        -------
        array (n_samples,) or (n_samples, n_classes)
        """
        asked = self._rows_to_ask(X)
        found: np.ndarray = self._says(projection(self.coef_, self.intercept_), asked)
        return found[:, 0] if len(self.classes_) == 2 else found

    def predict(self, X: Any) -> np.ndarray:
        """The likeliest class of each row.

        Parameters
        ----------
        X : array, sparse rows, frame, file names or Rows
            This process's rows.

        Returns
        -------
        array (n_samples,)
        """
        asked = self._rows_to_ask(X)
        if self._is_own():
            return np.asarray(self._says(self.model_, asked)).astype(self.classes_.dtype)
        predictors = self.decision_function(asked)
        codes = (predictors > 0).astype(int) if predictors.ndim == 1 else np.argmax(predictors, axis=1)
        return np.asarray(self.classes_[codes])

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """The logarithm of the probability of each class for each row.

        Returns
        -------
        array (n_samples, n_classes)
        """
        asked = self._rows_to_ask(X)
        if self._is_own():
            return self._typed(self.model_.predict_log_proba(asked), asked)  # type: ignore[no-any-return]
        predictors = self.decision_function(asked)
        if predictors.ndim == 1:
            predictors = np.column_stack([np.zeros(len(predictors)), predictors])
        return log_softmax(predictors)

    def summary(self) -> str:
        """The fit as a table for people."""
        self._require_fitted()
        return str(self.model_.summary())
