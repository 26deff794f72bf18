# SPDX-License-Identifier: Apache-2.0
"""The layer that everything else in the package is built on: any method by its name, models, streams.

>>> model = fit("kmeans", {"clusterCount": 10}, "file{rank}.csv", comm=world())     # every rank calls it, every rank gets it
>>> model["centroids"], model["objective"]
>>> labels = model.predict(X)
>>> model, q = fit("qr", None, X, row_values=True)
>>> stream = Stream("moments"); stream.observe(X1); stream.observe(X2); stream.model(comm=world())["mean"]

Methods, their parameters (camelCase, as in the command's JSON) and the arrays of their models are the library's: :func:`methods`
lists them.
Everything is on this process alone unless ``comm`` is given. With ``comm``, a function is collective: all processes of the group call it,
each with its own rows, and all get the same model, with the same bits for any number of processes.
"""

from __future__ import annotations

import ctypes
import functools
import hashlib
import html
import json
import os
from collections.abc import Iterator, Mapping
from typing import Any, TypedDict

import numpy as np

from . import _tables
from ._errors import ArgumentError
from ._handles import Handle, library
from ._rows import Rows, accompanied, matched, names_files, read_like, rows, with_names
from ._rows import path as _path
from ._world import Communicator, communicator

_KINDS: dict[str, type[np.generic]] = {"f": np.float64, "i": np.int64, "l": np.int32, "b": np.bool_}


def methods() -> list[dict[str, Any]]:
    """All methods: name, summary, parameters with their defaults, what they say of rows, whether rows may come in pieces.

    Returns
    -------
    list of dict

    Examples
    --------
    >>> import lockstep
    >>> "kmeans" in [method["name"] for method in lockstep.methods()]
    True
    """
    found: list[dict[str, Any]] = json.loads(library.take_text(library.methods()))
    return found


def _encoded(parameters: Mapping[str, Any] | None) -> bytes:
    if not parameters:
        return b"{}"
    return json.dumps(parameters, default=_plain, allow_nan=False).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise ArgumentError(f"a parameter cannot be {type(value).__name__}")


@functools.lru_cache(maxsize=64)
def _entries(lines: str) -> dict[str, tuple[int, str, tuple[int, ...]]]:
    """Place, kind and shape of each array that the lines of the library tell of; not to be changed."""
    found = {}
    for i, line in enumerate(lines.splitlines()):
        name, kind, *shape = line.split(" ")
        found[name] = i, kind, tuple(map(int, shape))
    return found


class _Arrays:
    """The arrays of a model or of values of rows, each fetched when it is first asked for, their list too."""

    __slots__ = ("handle", "listed", "fetched")

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.listed: dict[str, tuple[int, str, tuple[int, ...]]] | None = None
        self.fetched: dict[str, Any] = {}

    @property
    def entries(self) -> dict[str, tuple[int, str, tuple[int, ...]]]:
        if self.listed is None:
            self.listed = _entries(library.take_text(library.arrays(self.handle.pointer)))
        return self.listed

    def __getitem__(self, name: str) -> Any:
        if name not in self.fetched:
            self.fetched[name] = self._fetch(*self.entries[name])
        return self.fetched[name]

    def _fetch(self, index: int, kind: str, shape: tuple[int, ...]) -> Any:
        if kind == "s":
            texts = json.loads(library.take_text(library.array_texts(self.handle.pointer, index)))
            return np.array(texts, dtype=np.str_)
        address = library.array_address(self.handle.pointer, index)
        if address is not None and np.prod(shape) > 0:
            return np.asarray(_Shown(self.handle, address, shape))
        values: np.ndarray = np.empty(shape, _KINDS[kind])
        if values.size:
            library.array_copy(self.handle.pointer, index, values.ctypes.data)
        return values.item() if shape == () else values


class _Shown:
    """Memory of a handle, in the form in which NumPy looks at foreign memory."""

    def __init__(self, handle: Handle, address: int, shape: tuple[int, ...]) -> None:
        self.handle = handle
        # Writable: nobody else holds these numbers.
        self.__array_interface__ = {"data": (address, False), "shape": shape, "typestr": "<f8", "version": 3}


class _ModelDetails(TypedDict):
    method: str
    columnCount: int
    rowCount: int
    columnNames: list[str] | None
    responseNames: list[str] | None
    encoding: list[dict[str, Any]] | None
    parameters: dict[str, Any]
    digest: str


class Model:
    """What a fit found: named arrays, which say something of further rows.

    ``model["name"]`` is an array, or a number where there is only one; iterating gives the names. Models pickle, and :meth:`save` writes
    the file that ``lockstep predict`` of the command line takes.

    Examples
    --------
    >>> import lockstep
    >>> model = lockstep.fit("linear-regression", None, [[1.0], [2.0], [4.0]], [2.0, 3.0, 5.0])
    >>> model["coefficients"].round(6), model["intercepts"].round(6)
    (array([[1.]]), array([1.]))
    >>> model.predict([[10.0]]).round(6)
    array([[11.]])
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self._arrays = _Arrays(handle)

    def __getitem__(self, name: str) -> Any:
        return self._arrays[name]

    def __contains__(self, name: object) -> bool:
        return name in self._arrays.entries

    def __iter__(self) -> Iterator[str]:
        return iter(self._arrays.entries)

    def keys(self) -> Any:
        """The names of the arrays, in the order to show them."""
        return self._arrays.entries.keys()

    @property
    def _details(self) -> _ModelDetails:
        details: _ModelDetails | None = self.__dict__.get("_described")
        if details is None:
            details = json.loads(library.take_text(library.model_describe(self._handle.pointer)))
            self.__dict__["_described"] = details
        return details

    @property
    def method(self) -> str:
        """The name of the method."""
        return self._details["method"]

    @property
    def column_count(self) -> int:
        """The number of columns of the rows that it was fitted to."""
        return int(library.column_count(self._handle.pointer))

    @property
    def row_count(self) -> int:
        """The number of rows that it was fitted to, on all processes together."""
        return int(library.row_count(self._handle.pointer))

    @property
    def column_names(self) -> list[str] | None:
        """The names of the columns that it was fitted to, if they had any."""
        return self._details["columnNames"]

    @property
    def response_names(self) -> list[str] | None:
        """The names of the responses that it was fitted to, if there were any and they had names."""
        return self._details["responseNames"]

    @property
    def encoding(self) -> list[dict[str, Any]] | None:
        """How the columns of files became those it was fitted to, as :attr:`Rows.encoding`; None if it was one for one."""
        return self._details["encoding"]

    @property
    def parameters(self) -> dict[str, Any]:
        """The parameters that were given."""
        return self._details["parameters"]

    @property
    def digest(self) -> str:
        """A fingerprint of all numbers, the same for any number of processes and threads."""
        return self._details["digest"]

    def predict(self, data: Any, *, comm: Any = None, **options: Any) -> np.ndarray:
        """What the model says of each of this process's rows: the cluster, the responses, the scores. No communication, unless ``data`` names
        files that are shared. Files are read as those that the model was fitted to, unless ``like`` says otherwise."""
        group = communicator(comm)
        source = self.rows_like(data, comm=group, **options)
        handle = Handle(library.predict(group._handle, self._handle.pointer, source._handle.pointer))
        return _Arrays(handle)["values"]  # type: ignore[no-any-return]

    transform = predict

    def predict_log_proba(self, data: Any, *, comm: Any = None, **options: Any) -> np.ndarray:
        """The logarithms of the probabilities of a classifier's classes, rows × classes, for each of this process's rows, which are taken as
        :meth:`predict` takes them."""
        group = communicator(comm)
        source = self.rows_like(data, comm=group, **options)
        handle = Handle(library.log_probabilities(group._handle, self._handle.pointer, source._handle.pointer))
        return _Arrays(handle)["values"]  # type: ignore[no-any-return]

    def predict_interval(
        self, data: Any, interval: str = "confidence", confidence: float = 0.95, *, comm: Any = None, **options: Any,
    ) -> np.ndarray:
        """Three numbers for each response of each of this process's rows: the prediction of a regression, and the limits of an interval that
        holds the mean of rows with these columns ("confidence"), or a single new row ("prediction")."""
        group = communicator(comm)
        source = self.rows_like(data, comm=group, **options)
        handle = Handle(library.predict_intervals(
            group._handle, self._handle.pointer, source._handle.pointer, interval.encode(), float(confidence)))
        return _Arrays(handle)["values"]  # type: ignore[no-any-return]

    def score(
        self, data: Any, responses: Any = None, weights: Any = None, labels: Any = None, *, comm: Any = None, **options: Any,
    ) -> dict[str, Any]:
        """How well the model predicts the rows of all processes, whose responses or labels are known; collective. With the same bits on any
        number of processes.

        Returns
        -------
        dict
            Of regressions ``rSquared``, ``rootMeanSquaredError`` and ``meanAbsoluteError``, a number for each response. Of classifiers
            ``classes``, ``accuracy``, ``logLoss``, ``confusion`` (rows are true classes, columns predicted ones), and for each class ``rocAUC``
            and ``rocAUCError``, by how much that may be off at most.

        Examples
        --------
        >>> import lockstep
        >>> model = lockstep.fit("linear-regression", None, [[1.0], [2.0], [3.0]], [1.0, 2.0, 4.0])
        >>> model.score([[4.0], [5.0]], [5.0, 7.0])["meanAbsoluteError"]
        [0.41666666666666696]
        """
        group = communicator(comm)
        source = accompanied(self.rows_like(data, comm=group, **options), responses, weights, labels)
        scores: dict[str, Any] = json.loads(library.take_text(
            library.score(group._handle, self._handle.pointer, source._handle.pointer)))
        return scores

    def report(self, path: Any = None) -> str:
        """A page of HTML with tables and pictures of the model, which needs no network, script or other file.

        Parameters
        ----------
        path : str or path, optional
            Where to write it.

        Returns
        -------
        str
            The page.
        """
        page: str = library.take_text(library.model_page(self._handle.pointer))
        if path is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(page)
        return page

    def rows_like(self, data: Any, *, comm: Any = None, **options: Any) -> Rows:
        """Rows of anything that :func:`rows` takes, for this model: where both have names, its columns in its order, and no others; files as
        those were read that it was fitted to. Columns that are missing are an error that lists them."""
        names = self.column_names
        if self.encoding is not None and _tables.is_table(data):
            options.setdefault("like", self)
            return rows(data, comm=comm, **options)
        if not names_files(data):
            return matched(rows(with_names(data, names), comm=comm, **options), names)
        if self.encoding is not None:
            options.setdefault("like", self)
            return rows(data, comm=comm, **options)
        return read_like(data, names, comm=comm, **options)

    def to_json(self) -> str:
        """The model as text, from which every number comes back to the bit."""
        return str(library.take_text(library.model_json(self._handle.pointer)))

    @classmethod
    def from_json(cls, text: str) -> Model:
        """The model of a text that :meth:`to_json` made."""
        return cls(Handle(library.model_from_json(text.encode())))

    def save(self, path: Any) -> None:
        """Writes the model to a file ending in ``.json`` or ``.npz``."""
        library.model_write(self._handle.pointer, _path(path))

    @classmethod
    def load(cls, path: Any) -> Model:
        """Reads a file that :meth:`save`, or the command, wrote."""
        return cls(Handle(library.model_read(_path(path))))

    def summary(self) -> str:
        """A few lines for people: the method's own, or each array by name."""
        text: str = library.take_text(library.model_text(self._handle.pointer))
        if not text.startswith("{"):
            return text
        head = f"{self.method} of {self.row_count} × {self.column_count}"
        width = max(map(len, self), default=0)
        lines = [head]
        for name in self:
            value = self[name]
            if isinstance(value, np.ndarray):
                with np.printoptions(precision=6, threshold=12, edgeitems=3, linewidth=100):
                    value = str(value).replace("\n", "\n" + " " * (width + 2))
            lines.append(f"{name:<{width}}  {value}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        rows_ = []
        for name in self:
            value = self[name]
            with np.printoptions(precision=6, threshold=12, edgeitems=3):
                rows_.append(f"<tr><th>{html.escape(name)}</th><td><pre>{html.escape(str(value))}</pre></td></tr>")
        return f"<table><caption>{html.escape(repr(self))}</caption>{''.join(rows_)}</table>"

    def __reduce__(self) -> Any:
        return (Model.from_json, (self.to_json(),))

    def __repr__(self) -> str:
        return f"<lockstep.Model: {self.method} of {self.row_count} × {self.column_count}, {', '.join(self)}>"

    def __str__(self) -> str:
        return self.summary()


def fit(
    method: str, parameters: Mapping[str, Any] | None, data: Any, responses: Any = None, weights: Any = None,
    labels: Any = None, *, comm: Any = None, row_values: bool = False, checkpoint: Any = None, **options: Any,
) -> Any:
    """Fits a method to the rows of all processes of ``comm``.

    Parameters
    ----------
    method : str
        A name of :func:`methods`.
    parameters : dict or None
        The method's parameters; those that are not named have their defaults.
    data, responses, weights, labels, **options
        As in :func:`rows`. Targets, weights and labels may also come from the files, by ``targets=``, ``weights=`` and ``labels=`` of :func:`read`, whose rows are
        given as ``data`` then.
    comm : Communicator or mpi4py communicator, optional
        The processes; default: this one alone.
    row_values : bool
        Whether to return also what the fit gives for each of this process's rows: clusters, left singular vectors, rows of Q.
    checkpoint : str, path or dict, optional
        A file for the progress: the same call in a later run, on any number of processes, goes on from there to the same bits. A
        dict has the ``path``, and where they are to differ ``every`` (seconds between two writings, 180), ``fresh`` (begin anew,
        False) and ``keep`` (leave the file there at the end, False).

    Returns
    -------
    Model, or Model and array

    Examples
    --------
    >>> import lockstep
    >>> model, labels = lockstep.fit("kmeans", {"clusterCount": 2}, [[0.0], [1.0], [9.0]], row_values=True)
    >>> bool(labels[0] == labels[1] != labels[2])
    True
    """
    group = communicator(comm)
    name = method.encode()
    encoded = _encoded(parameters)
    if group.size == 1:
        source = rows(data, responses, weights, labels, **options)
    else:
        source = _agreed_rows(group, f"fit of {method} {_short(encoded)}", data, responses, weights, labels, **options)
    values = ctypes.c_void_p()
    place = ctypes.byref(values) if row_values else None
    if checkpoint is None:
        handle = library.fit(group._handle, name, encoded, source._handle.pointer, place)
    else:
        kept = dict(checkpoint) if isinstance(checkpoint, Mapping) else {"path": checkpoint}
        kept["path"] = os.fspath(kept.get("path", ""))
        handle = library.fit_resuming(
            group._handle, name, encoded, source._handle.pointer, json.dumps(kept, default=_plain).encode(), place)
    if not row_values:
        return Model(Handle(handle))
    return Model(Handle(handle)), _Arrays(Handle(values.value or 0))["values"]


def total_weight(moments: Model) -> float:
    """The sum of the weights of the rows of moments."""
    largest = int(np.argmax(moments["sumSquares"]))
    # By which the mean square was divided.
    square = float(moments["secondOrderRawMoment"][largest])
    if not square > 0:
        return float(moments.row_count)
    total = float(moments["sumSquares"][largest]) / square
    return float(round(total)) if abs(total - round(total)) < 1e-9 * total else total


def _short(text: bytes) -> str:
    return text.decode() if len(text) <= 500 else f"{text[:100].decode(errors='replace')}… sha256 {hashlib.sha256(text).hexdigest()}"


def _agreed_rows(group: Communicator, call: str, data: Any, *belonging: Any, **options: Any) -> Rows:
    """This process's rows, once all processes have theirs and call the same. Collective."""
    if names_files(data):
        group.agree_on(call)
        data = rows(data, comm=group, **options)
        options = {}
    return group.together(call, lambda: rows(data, *belonging, **options), lambda made: f" on {made.shape[1]} columns")


class _StreamDetails(TypedDict):
    method: str
    parameters: dict[str, Any]
    rowCount: int
    columnCount: int | None
    columnNames: list[str] | None
    encoding: list[dict[str, Any]] | None
    skippedRowCount: int
    layout: str | None


class Stream:
    """A sweep over rows that arrive in pieces and are seen once, for methods that need one sweep.

    Can be asked for its model at any time, copied, pickled, saved, and merged with streams of other processes or days, and with what
    ``--partial`` of the command has saved. A value of a categorical column that has not come up before extends the stream: it is 0 in
    the rows before. Rows are counted once: merging a stream with rows that are part of this one already is an error.

    Parameters
    ----------
    method : str
        A name of :func:`methods` that is streamable.
    parameters : dict, optional
        The method's parameters.

    Examples
    --------
    >>> import lockstep
    >>> stream = lockstep.Stream("moments")
    >>> for part in ([[1.0], [2.0]], [[6.0]]):
    ...     _ = stream.observe(part)
    >>> stream.model()["mean"]
    array([3.])
    """

    def __init__(self, method: str, parameters: Mapping[str, Any] | None = None) -> None:
        self._handle = Handle(library.stream(method.encode(), _encoded(parameters)))

    def observe(
        self, data: Any, responses: Any = None, weights: Any = None, labels: Any = None, **options: Any
    ) -> Stream:
        """Takes in the rows that arrive next, as :func:`rows` takes them, without communication. Returns the stream."""
        details = self._details
        names, layout = details["columnNames"], details["layout"]
        if names_files(data):
            source = self._read(data, details, options)
        else:
            source = rows(with_names(data, names), **options)
            if source.encoding is None:
                source = matched(source, names)
        if (
            layout is not None and "dense" in layout and source.is_single != ("Float" in layout)
            and source.encoding is None
        ):
            # All pieces are stored alike.
            source = rows(source.to_numpy().astype(np.float32 if "Float" in layout else np.float64))
        source = accompanied(source, responses, weights, labels)
        library.stream_observe(self._handle.pointer, source._handle.pointer)
        return self

    @staticmethod
    def _read(data: Any, details: Mapping[str, Any], options: dict[str, Any]) -> Rows:
        """Files, of which the columns that are categories in the stream are categories."""
        columns = details["encoding"] or []
        categories = [column.get("name") for column in columns if "values" in column]
        if not categories:
            return read_like(data, details["columnNames"], **options)
        if None not in categories:
            if "like" not in options:
                options.setdefault("categorical", categories)
            options.setdefault("columns", [column["name"] for column in columns])
        return rows(data, **options)

    def merge(self, later: Stream) -> Stream:
        """Takes in all that ``later`` has seen, after this one's rows. Returns the stream."""
        library.stream_merge(self._handle.pointer, later._handle.pointer)
        return self

    def model(self, *, comm: Any = None) -> Model:
        """The model of all that the streams of all processes of ``comm`` have seen; collective. The stream goes on as before."""
        group = communicator(comm)
        if group.size > 1:
            details = self._details
            group.agree_on(f"the model of a stream of {details['method']} {details['parameters']}")
        return Model(Handle(library.stream_model(group._handle, self._handle.pointer)))

    @property
    def _details(self) -> _StreamDetails:
        details: _StreamDetails = json.loads(library.take_text(library.stream_describe(self._handle.pointer)))
        return details

    @property
    def row_count(self) -> int:
        """The number of rows seen by this process."""
        return self._details["rowCount"]

    @property
    def column_count(self) -> int | None:
        """The number of columns; None before the first rows."""
        return self._details["columnCount"]

    @property
    def column_names(self) -> list[str] | None:
        """The names of the columns, if they have any."""
        return self._details["columnNames"]

    @property
    def encoding(self) -> list[dict[str, Any]] | None:
        """How the columns of files became those of the stream, as :attr:`Rows.encoding`; None if it was one for one."""
        return self._details["encoding"]

    @property
    def skipped_row_count(self) -> int:
        """The number of rows that reading left out because a value was missing."""
        return self._details["skippedRowCount"]

    def save(self, path: Any = None) -> bytes:
        """The stream as bytes, which are written to a file too if there is a path: what ``lockstep merge`` of the command takes."""
        count = ctypes.c_int64()
        address = library.stream_save(self._handle.pointer, ctypes.byref(count))
        saved = ctypes.string_at(address, count.value)
        library.free(address)
        if path is not None:
            with open(path, "wb") as file:
                file.write(saved)
        return saved

    @classmethod
    def restore(cls, saved: Any) -> Stream:
        """The stream of the bytes that :meth:`save` made, or of the file that it, or ``--partial`` of the command, has written."""
        if not isinstance(saved, (bytes, bytearray, memoryview)):
            with open(saved, "rb") as file:
                saved = file.read()
        saved = bytes(saved)
        stream = cls.__new__(cls)
        stream._handle = Handle(library.stream_restore(saved, len(saved)))
        return stream

    def __copy__(self) -> Stream:
        return Stream.restore(self.save())

    def __deepcopy__(self, memo: Any) -> Stream:
        return self.__copy__()

    def __reduce__(self) -> Any:
        return (Stream.restore, (self.save(),))
