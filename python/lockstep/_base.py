# SPDX-License-Identifier: Apache-2.0
"""What all estimators share: parameters, checks, and scikit-learn's protocols, without scikit-learn."""

from __future__ import annotations

import copy
import hashlib
import html
import inspect
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any, ClassVar

import numpy as np

from . import _core, _parameters, _validation
from ._errors import ArgumentError, DataError, ShapeError
from ._output import Output
from ._rows import Rows, accompanied, matched, named_rows, names_files, rows
from ._tables import is_streamed, is_table
from ._world import Communicator, communicator


class Estimator:
    """The base of all estimators."""

    _kind: ClassVar[str | None] = None
    _needs_y: ClassVar[bool] = False
    _takes_sparse: ClassVar[bool] = True
    _takes_negative: ClassVar[bool] = True
    # What each parameter may be; those that are not here may be anything.
    _kinds: ClassVar[Mapping[str, Sequence[_parameters.Kind]]] = {}

    comm: Any
    _stream: _core.Stream | None

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
                raise ArgumentError(f"Invalid parameter {name!r} for estimator {self}. Valid parameters are: {names!r}.")
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

    def _repr_html_(self) -> str:
        cells = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{html.escape(repr(getattr(self, name)))}</td></tr>" for name in self._parameter_names())
        state = "fitted" if self.__sklearn_is_fitted__() else "not fitted"
        return f"<table><caption>lockstep.{type(self).__name__}, {state}</caption>{cells}</table>"

    def report(self, path: Any = None) -> str:
        """A page of HTML with tables and pictures of the fitted model, which needs no network, script or other file.

        Parameters
        ----------
        path : str or path, optional
            Where to write it.

        Returns
        -------
        str
            The page.
        """
        self._require_fitted()
        return self.model_.report(path)  # type: ignore[attr-defined, no-any-return]

    def __dir__(self) -> list[str]:
        return [name for name in super().__dir__() if not name.startswith("_") or name.endswith("__")]

    def __sklearn_clone__(self) -> Any:
        # A communicator is the same group of processes for every copy.
        made = type(self)(**{
            name: value if name == "comm" else copy.deepcopy(value) for name, value in self.get_params(deep=False).items()
        })
        for name in ("_sklearn_output_config", "_metadata_request"):
            if name in self.__dict__:
                setattr(made, name, copy.deepcopy(self.__dict__[name]))
        return made

    def __sklearn_is_fitted__(self) -> bool:
        return any(name.endswith("_") and not name.startswith("_") for name in vars(self))

    def __sklearn_tags__(self) -> Any:
        tags: Any = import_module("sklearn.utils")
        return tags.Tags(
            estimator_type=self._kind,
            target_tags=tags.TargetTags(required=self._needs_y, multi_output=self._kind == "regressor"),
            transformer_tags=tags.TransformerTags(preserves_dtype=["float64", "float32"]) if hasattr(self, "transform") else None,
            regressor_tags=tags.RegressorTags() if self._kind == "regressor" else None,
            classifier_tags=tags.ClassifierTags(poor_score=True) if self._kind == "classifier" else None,
            input_tags=tags.InputTags(sparse=self._takes_sparse, positive_only=not self._takes_negative),
        )

    def _check_parameters(self) -> None:
        _parameters.check(self, self._kinds)

    # MARK: What all processes do alike

    @property
    def _group(self) -> Communicator:
        return communicator(self.comm)

    def _call(self, operation: str) -> str:
        """An operation with the parameters, in words that are the same on all processes if they do the same."""
        shown = []
        for name in self._parameter_names():
            value = getattr(self, name)
            if name in ("comm", "verbose", "n_jobs", "copy", "copy_x", "copy_X"):
                continue
            if name == "random_state" and value is not None:
                value = self.__dict__.get("_seed")
            shown.append(f"{name}={_words(value)}")
        return f"{type(self).__name__}.{operation}({', '.join(shown)})"

    def _draw_seed(self) -> int | None:
        """The seed for this fit, drawn once; the same on all processes, or none of them goes on."""
        self._seed = _parameters.seed_of(getattr(self, "random_state", None))
        return self._seed

    # MARK: Rows

    def _rows_to_fit(
        self, X: Any, y: Any = None, sample_weight: Any = None, *, reset: bool = True, minimum: int = 1, operation: str = "fit",
    ) -> Rows:
        """The rows of X and what belongs to each, checked on all processes; what is not in memory is taken as it is. Collective."""
        group = self._group
        on_files = names_files(X)
        if is_streamed(X) or (is_table(X) and not hasattr(X, "columns") and not hasattr(X, "column_names")):
            X = group.together("a table", lambda: rows(X))

        def prepare() -> Any:
            self._check_parameters()
            if reset:
                self._draw_seed()
            if on_files or isinstance(X, Rows):
                return X
            return self._rows_in_memory(X, y, sample_weight, reset=reset, minimum=minimum)

        source: Any
        if group.size == 1:
            source = prepare()
        else:
            try:
                source = prepare()
                call = self._call(operation)
                if isinstance(source, Rows):
                    call += f" on {source.shape[1]} columns"
            except Exception as error:
                group.agree_on("", error)
                raise
            group.agree_on(call)
        if not on_files and not isinstance(X, Rows):
            return source  # type: ignore[no-any-return]
        source = rows(X, comm=group) if on_files else X
        source = group.together("rows", lambda: self._rows_as_given(source, y, sample_weight, reset), lambda made: f" of {made.shape[1]} columns")
        return source  # type: ignore[no-any-return]

    def _rows_as_given(self, source: Rows, y: Any, sample_weight: Any, reset: bool) -> Rows:
        self._single = source.is_single
        if reset:
            self.n_features_in_: int = source.shape[1]
            if source.column_names:
                self.feature_names_in_: np.ndarray = np.asarray(source.column_names, dtype=object)
            elif hasattr(self, "feature_names_in_"):
                del self.feature_names_in_
        else:
            source = matched(source, self._names_in())
            if source.shape[1] != self.n_features_in_:
                raise ShapeError(f"rows of {source.shape[1]} columns after rows of {self.n_features_in_}")
        if self._kind == "classifier" and y is not None:
            return accompanied(source, None, sample_weight, self._labels(y, source.shape[0], reset))
        return accompanied(source, y, sample_weight, self._clusters(source.shape[0]))

    def _clusters(self, count: int) -> np.ndarray | None:
        """The cluster of each row, of estimators that take clusters and were given some."""
        return None

    def _names_in(self) -> list[str] | None:
        names = getattr(self, "feature_names_in_", None)
        return None if names is None else list(names)

    def _rows_in_memory(self, X: Any, y: Any, sample_weight: Any, *, reset: bool, minimum: int) -> Rows:
        group = self._group
        names = _validation.feature_names(X)
        # A process of several may have no rows.
        values = _validation.matrix(
            X, minimum=minimum if group.size == 1 else 0, check_finite=False, sparse=self._takes_sparse, estimator=self)
        if reset:
            self.n_features_in_ = values.shape[1]
            if names is not None:
                self.feature_names_in_ = names
            elif hasattr(self, "feature_names_in_"):
                del self.feature_names_in_
        else:
            self._check_columns(X, values)
        self._single = values.dtype == np.float32
        labels = self._clusters(values.shape[0])
        if self._kind == "classifier":
            labels = self._labels(y, values.shape[0], reset)
        elif self._needs_y:
            y = _validation.targets(y, values.shape[0], self)
        weights = _validation.weights(sample_weight, values.shape[0])
        if weights is not None and group.size == 1 and not weights.any():
            raise DataError("The sample weights are all zero.")
        self._fitted_values = values
        source = rows(values, comm=group) if _validation.is_sparse(values) else named_rows(values, names)
        return accompanied(source, y if self._needs_y and self._kind != "classifier" else None, weights, labels)

    def _labels(self, y: Any, count: int, reset: bool) -> np.ndarray:
        return _validation.classes(y, count, self)

    def _fit(self, method: str, parameters: dict[str, Any], source: Rows, *, row_values: bool = False) -> Any:
        """Fits, with scikit-learn's words for numbers that are not finite."""
        values = self.__dict__.pop("_fitted_values", None)
        try:
            return _core.fit(method, parameters, source, comm=self._group, row_values=row_values)
        except DataError as error:
            self._explain(error, values)
            raise

    def _explain(self, error: DataError, values: Any) -> None:
        """Throws scikit-learn's words for numbers that a method refuses, if that is what an error is about: the same on all processes."""
        if error.code not in ("notFinite", "malformedInput"):
            return

        def prepare() -> None:
            if values is None:
                return
            try:
                _validation.require_finite(values, "X", self)
                if not self._takes_negative and values.shape[0] and values.min() < 0:
                    raise DataError(f"Negative values in data passed to {type(self).__name__} (input X)")
            except DataError as found:
                found.code, found.place, found.rank = error.code, error.place, error.rank
                raise found from None

        self._group.together("numbers", prepare)

    def _check_columns(self, X: Any, values: Any) -> None:
        _validation.check_names(self, X)
        if values.shape[1] != self.n_features_in_:
            raise ShapeError(
                f"X has {values.shape[1]} features, but {type(self).__name__} is expecting {self.n_features_in_} features as input.")

    def _require_fitted(self) -> None:
        if not self.__sklearn_is_fitted__():
            raise _validation.not_fitted(self)

    def _rows_to_ask(self, X: Any) -> Any:
        """X, checked against what the estimator was fitted to: an array if it is in memory."""
        self._require_fitted()
        if isinstance(X, Rows):
            return matched(X, self._names_in())
        if names_files(X):
            return self.model_.rows_like(X, comm=self._group)  # type: ignore[attr-defined]
        if is_table(X) and (is_streamed(X) or not hasattr(X, "columns") or self.model_.encoding is not None):  # type: ignore[attr-defined]
            return self.model_.rows_like(X)  # type: ignore[attr-defined]
        # A process of several may have no rows to ask about.
        minimum = 1 if self._group.size == 1 else 0
        values = _validation.matrix(X, sparse=self._takes_sparse, minimum=minimum, estimator=self)
        self._check_columns(X, values)
        return values

    def _matrix_to_ask(self, X: Any) -> Any:
        """X, checked, as an array or as sparse rows of SciPy's."""
        values = self._rows_to_ask(X)
        return values.to_numpy() if isinstance(values, Rows) else values

    def _ask(self, X: Any) -> Any:
        """The prediction of the fitted model for each row."""
        return self._says(self.model_, self._rows_to_ask(X))  # type: ignore[attr-defined]

    def _says(self, model: _core.Model, values: Any) -> Any:
        return model.predict(values, comm=None if not isinstance(values, Rows) else self._group)

    def _typed(self, values: Any, like: Any = None) -> Any:
        """Numbers as float32 if the rows, those fitted to by default, are float32, as scikit-learn has them."""
        single = self.__dict__.get("_single", False) if like is None else getattr(like, "dtype", None) == np.float32
        return values.astype(np.float32) if single and isinstance(values, np.ndarray) else values

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_fitted_values", "_fitted_labels")}

    # MARK: Metadata routing, where scikit-learn is loaded

    def get_metadata_routing(self) -> Any:
        """Which of ``fit``'s and ``score``'s arguments scikit-learn's meta-estimators pass on."""
        request = self.__dict__.get("_metadata_request")
        if request is None:
            request = import_module("sklearn.utils.metadata_routing").MetadataRequest(owner=self)
            for name in ("fit", "partial_fit", "score"):
                method = getattr(type(self), name, None)
                if method is not None and "sample_weight" in inspect.signature(method).parameters:
                    getattr(request, name).add_request(param="sample_weight", alias=None)
        return copy.deepcopy(request)

    def set_fit_request(self, *, sample_weight: Any = None) -> Any:
        """Whether meta-estimators pass ``sample_weight`` to ``fit``."""
        return self._request("fit", sample_weight)

    def set_score_request(self, *, sample_weight: Any = None) -> Any:
        """Whether meta-estimators pass ``sample_weight`` to ``score``."""
        return self._request("score", sample_weight)

    def _request(self, method: str, sample_weight: Any) -> Any:
        request = self.get_metadata_routing()
        getattr(request, method).add_request(param="sample_weight", alias=sample_weight)
        self._metadata_request = request
        return self

    # MARK: Streams

    def _observe(self, method: str, parameters: dict[str, Any], X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        """Adds rows to those of earlier calls, and gives the model of all that all processes have seen."""
        first = self.__dict__.get("_stream") is None
        source = self._rows_to_fit(X, y, sample_weight, reset=first, operation="partial_fit")
        values = self.__dict__.pop("_fitted_values", None)

        def prepare() -> _core.Stream:
            stream = self._stream if not first else None
            if stream is None:
                self._stream = stream = _core.Stream(method, parameters)
                self._stream_parameters = parameters
            elif repr(parameters) != repr(self._stream_parameters):
                raise DataError("the parameters have changed since the first rows: begin again with fit")
            return stream.observe(source)

        try:
            stream = self._group.together("stream", prepare)
        except DataError as error:
            self._explain(error, values)
            raise
        return stream.model(comm=self._group)


class Transformer(Output, Estimator):
    """An estimator with ``transform``, and names for what comes out."""

    def fit_transform(self, X: Any, y: Any = None, **parameters: Any) -> Any:
        """Fits, and transforms the same rows."""
        return self.fit(X, y, **parameters).transform(X)  # type: ignore[attr-defined]

    @property
    def _n_features_out(self) -> int:
        return self.components_.shape[0]  # type: ignore[attr-defined, no-any-return]

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """The names of the columns of ``transform``: the class's name and numbers."""
        self._require_fitted()
        return np.asarray([f"{type(self).__name__.lower()}{i}" for i in range(self._n_features_out)], dtype=object)


def _words(value: Any) -> str:
    """A parameter in words that differ if its values do."""
    if isinstance(value, (np.ndarray, list, tuple)) or hasattr(value, "to_numpy"):
        try:
            array = np.ascontiguousarray(value.to_numpy() if hasattr(value, "to_numpy") else value)
        except ValueError:
            return repr(value)[:200]
        if array.size <= 4:
            return repr(array.tolist())
        return f"array {array.shape} {hashlib.sha256(array.tobytes()).hexdigest()[:16]}"
    if callable(value):
        return getattr(value, "__qualname__", type(value).__name__)
    if isinstance(value, (np.generic,)):
        value = value.item()
    return repr(value)[:200]
