# SPDX-License-Identifier: Apache-2.0
"""What all estimators share: parameters, checks, and scikit-learn's protocols, without scikit-learn."""

from __future__ import annotations

import copy
import inspect
from typing import Any

import numpy as np

from . import _core, _validation
from ._errors import DataError
from ._rows import Rows, accompanied, named_rows, rows
from ._world import Communicator, communicator


class Estimator:
    """The base of all estimators."""

    _kind: str | None = None
    _needs_y = False
    _takes_sparse = True
    _takes_negative = True

    # MARK: Parameters

    @classmethod
    def _parameter_names(cls) -> list[str]:
        return sorted(name for name in inspect.signature(cls.__init__).parameters if name != "self")

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """The parameters by name."""
        return {name: getattr(self, name) for name in self._parameter_names()}

    def set_params(self, **parameters: Any) -> Any:
        """Changes parameters, and returns the estimator."""
        names = self._parameter_names()
        for name, value in parameters.items():
            if name not in names:
                raise ValueError(f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: {names!r}.")
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = inspect.signature(type(self).__init__).parameters
        shown = []
        for name in self._parameter_names():
            value, default = getattr(self, name), defaults[name].default
            if value is not default and not (np.isscalar(value) and value == default):
                shown.append(f"{name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"

    def __sklearn_clone__(self) -> Any:
        # A communicator is the same group of processes for every copy.
        return type(self)(**{
            name: value if name == "comm" else copy.deepcopy(value) for name, value in self.get_params(deep=False).items()
        })

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def __sklearn_tags__(self) -> Any:
        from sklearn.utils import ClassifierTags, InputTags, RegressorTags, Tags, TargetTags, TransformerTags

        return Tags(
            estimator_type=self._kind,
            target_tags=TargetTags(required=self._needs_y, multi_output=self._kind == "regressor"),
            transformer_tags=TransformerTags() if hasattr(self, "transform") else None,
            regressor_tags=RegressorTags() if self._kind == "regressor" else None,
            classifier_tags=ClassifierTags(poor_score=True) if self._kind == "classifier" else None,
            input_tags=InputTags(sparse=self._takes_sparse, positive_only=not self._takes_negative),
        )

    # MARK: Rows

    @property
    def _group(self) -> Communicator:
        return communicator(self.comm)  # type: ignore[attr-defined]

    def _rows_to_fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, reset: bool = True, minimum: int = 1
    ) -> Rows:
        """The rows of X and their companions, checked; what is not in memory is taken as it is."""
        group = self._group
        if isinstance(X, (Rows, str)) or hasattr(X, "__fspath__") or (
            isinstance(X, (list, tuple)) and X and all(isinstance(item, str) or hasattr(item, "__fspath__") for item in X)
        ):
            source = rows(X, y, sample_weight, comm=group)
            if reset:
                self.n_features_in_ = source.shape[1]
                if source.column_names:
                    self.feature_names_in_ = np.asarray(source.column_names, dtype=object)
            return source
        names = _validation.feature_names(X)
        # A process of several may have no rows.
        values = _validation.matrix(X, minimum=minimum if group.size == 1 else 0, check_finite=False, sparse=self._takes_sparse)
        if reset:
            self.n_features_in_ = values.shape[1]
            if names is not None:
                self.feature_names_in_ = names
            elif hasattr(self, "feature_names_in_"):
                del self.feature_names_in_
        else:
            self._check_columns(X, values)
        labels = None
        if self._kind == "classifier":
            labels = _validation.classes(y, values.shape[0], self)
            self._label_type = labels.dtype
        elif self._needs_y:
            y = _validation.targets(y, values.shape[0], self)
        weights = _validation.weights(sample_weight, values.shape[0])
        if weights is not None and group.size == 1 and not weights.any():
            raise ValueError("The sample weights are all zero.")
        self._fitted_values = values
        source = rows(values, comm=group) if _validation.is_sparse(values) else named_rows(values, names)
        return accompanied(source, y if self._needs_y and labels is None else None, weights, labels)

    def _fit(self, method: str, parameters: dict[str, Any], source: Rows, *, row_values: bool = False) -> Any:
        """Fits, with scikit-learn's words for numbers that are not finite."""
        values = self.__dict__.pop("_fitted_values", None)
        try:
            return _core.fit(method, parameters, source, comm=self._group, row_values=row_values)
        except DataError as error:
            self._explain(error, values)
            raise

    def _explain(self, error: DataError, values: Any) -> None:
        """Throws scikit-learn's words for numbers of this process that a method refuses, if that is what an error is about."""
        if values is None or error.code not in ("notFinite", "malformedInput"):
            return
        _validation.require_finite(values, "X")
        if not self._takes_negative and values.size and values.min() < 0:
            raise ValueError(f"Negative values in data passed to {type(self).__name__} (input X): {error}") from None

    def _check_columns(self, X: Any, values: np.ndarray) -> None:
        _validation.check_names(self, X)
        if values.shape[1] != self.n_features_in_:
            raise ValueError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input.")

    def _rows_to_ask(self, X: Any) -> Any:
        """X, checked against what the estimator was fitted to: an array if it is in memory."""
        if not self.__sklearn_is_fitted__():
            raise _validation.not_fitted(self)
        if isinstance(X, (Rows, str)) or hasattr(X, "__fspath__"):
            return X
        if hasattr(X, "columns"):
            _validation.check_names(self, X)
            values = _validation.matrix(X)
        else:
            values = _validation.matrix(X, sparse=self._takes_sparse)
            _validation.check_names(self, X)
        if values.shape[1] != self.n_features_in_:
            self._check_columns(values, values)
        return values

    def _matrix_to_ask(self, X: Any) -> Any:
        """X, checked, as an array or as sparse rows of SciPy's."""
        values = self._rows_to_ask(X)
        in_memory = isinstance(values, np.ndarray) or _validation.is_sparse(values)
        return values if in_memory else rows(values, comm=self._group).to_numpy()

    def _ask(self, X: Any) -> np.ndarray:
        """What the fitted model says of each row."""
        source = self._rows_to_ask(X)
        return self.model_.predict(source, comm=self._group)  # type: ignore[attr-defined]

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name != "_fitted_values"}

    # MARK: Streams

    def _observe(self, method: str, parameters: dict[str, Any], X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Adds rows to those of earlier calls, and gives the model of all that all processes have seen."""
        first = getattr(self, "_stream", None) is None
        source = self._rows_to_fit(X, y, sample_weight, reset=first)
        values = self.__dict__.pop("_fitted_values", None)
        if first:
            self._stream = _core.Stream(method, parameters)
        try:
            self._stream.observe(source)
        except DataError as error:
            self._explain(error, values)
            raise
        return self._stream.model(comm=self._group)


class Transformer(Estimator):
    """An estimator with ``transform``, and names for what comes out."""

    def fit_transform(self, X: Any, y: Any = None, **parameters: Any) -> np.ndarray:
        """Fits, and transforms the same rows."""
        return self.fit(X, y, **parameters).transform(X)  # type: ignore[attr-defined]

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]  # type: ignore[attr-defined]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns of ``transform``: the class's name and numbers."""
        if not self.__sklearn_is_fitted__():
            raise _validation.not_fitted(self)
        return np.asarray([f"{type(self).__name__.lower()}{i}" for i in range(self._n_features_out)], dtype=object)


def seed_of(random_state: Any) -> int | None:
    """A seed for the library: None for its own default."""
    if random_state is None:
        return None
    if isinstance(random_state, (int, np.integer)):
        return int(random_state)
    draw = getattr(random_state, "randint", None) or getattr(random_state, "integers", None)
    if draw is None:
        raise ValueError(f"{random_state!r} cannot be used to seed a random number generator")
    return int(draw(0, 2**31 - 1))
