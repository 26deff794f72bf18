# SPDX-License-Identifier: Apache-2.0
"""Rows of numbers from whatever Python programs keep them in, without a copy where the memory allows it."""

from __future__ import annotations

import ctypes
import hashlib
import html
import json
import os
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict

import numpy as np

from . import _arrow, _library, _tables
from ._errors import ArgumentError, DataError, LockstepError, ShapeError
from ._handles import Handle, library
from ._numbers import TYPES, column_numbers, columns_of, numbers
from ._world import Communicator, communicator

_MOST_SHOWN = 20


class _RowsDetails(TypedDict):
    layout: str
    columnNames: list[str] | None
    responseNames: list[str] | None
    skippedRowCount: int
    missingCounts: dict[str, int]
    encoding: list[dict[str, Any]] | None


class Rows:
    """This process's rows, which a fit can sweep as often as needed: the counterpart of a dataset or a data loader.

    Made by :func:`rows` and :func:`read`. Arrays are shown, not copied, wherever they are C-ordered ``float64`` or ``float32``; they must
    not be changed as long as the rows are in use.

    Attributes
    ----------
    shape : tuple of int
        The number of rows on this process, and the number of columns.
    is_single : bool
        Whether the numbers are stored as ``float32``.

    Examples
    --------
    >>> import lockstep
    >>> rows = lockstep.rows({"x": [1.0, 2.0], "y": [3.0, 4.0]})
    >>> rows
    <lockstep.Rows: 2 × 2, dense Double>
    >>> rows.column_names
    ['x', 'y']
    """

    def __init__(self, handle: Handle) -> None:
        self._handle = handle
        self.shape: tuple[int, int] = (library.row_count(handle.pointer), library.column_count(handle.pointer))

    @property
    def _details(self) -> _RowsDetails:
        details: _RowsDetails | None = self.__dict__.get("_described")
        if details is None:
            details = json.loads(library.take_text(library.rows_describe(self._handle.pointer)))
            self.__dict__["_described"] = details
        return details

    @property
    def is_single(self) -> bool:
        """Whether the numbers are stored as ``float32``."""
        return "Float" in self._details["layout"]

    @property
    def column_names(self) -> list[str] | None:
        """The names of the columns, if the data has them."""
        return self._details["columnNames"]

    @property
    def response_names(self) -> list[str] | None:
        """The names of the responses, if they come from a file with a header."""
        return self._details["responseNames"]

    @property
    def skipped_row_count(self) -> int:
        """How many rows were left out because a value is missing."""
        return self._details["skippedRowCount"]

    @property
    def missing_counts(self) -> dict[str, int]:
        """How many values were missing in columns of the files, by name or number from 0, where any was."""
        return self._details["missingCounts"]

    @property
    def encoding(self) -> list[dict[str, Any]] | None:
        """How the columns of files became those of the rows, if it is not one for one: a dict for each column, with its ``name``, the ``mean``
        that stands for missing values, and the ``values`` of a categorical one."""
        return self._details["encoding"]

    def to_numpy(self) -> np.ndarray:
        """A copy of the features as a ``float64`` array."""
        return self._copy(0, self.shape[1])

    @property
    def has_weights(self) -> bool:
        """Whether each row has a weight."""
        return "weights" in self._details["layout"].split()

    def responses_to_numpy(self) -> np.ndarray | None:
        """A copy of the responses, rows × responses; None if there are none."""
        words = self._details["layout"].split()
        if "responses" not in words:
            return None
        return self._copy(1, int(words[words.index("responses") - 1]))

    def _copy(self, part: int, width: int) -> np.ndarray:
        values = np.empty((self.shape[0], width))
        pointer = values.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        library.rows_copy(self._handle.pointer, part, pointer)
        return values

    def __len__(self) -> int:
        return self.shape[0]

    def _repr_html_(self) -> str:
        names = self.column_names or [f"column {j}" for j in range(min(self.shape[1], _MOST_SHOWN))]
        more = [f"and {self.shape[1] - _MOST_SHOWN} more"] if self.shape[1] > _MOST_SHOWN else []
        cells = "".join(f"<li>{html.escape(name)}</li>" for name in names[:_MOST_SHOWN] + more)
        caption = f"lockstep.Rows: {self.shape[0]} × {self.shape[1]}, {self._details['layout']}"
        return f"<table><caption>{html.escape(caption)}</caption><tr><th>columns</th><td><ul>{cells}</ul></td></tr></table>"

    def __repr__(self) -> str:
        return f"<lockstep.Rows: {self.shape[0]} × {self.shape[1]}, {self._details['layout']}>"


def described(values: np.ndarray) -> tuple[_library.Array, np.ndarray]:
    """A description of an array for the library, and the array that must be kept: the given one, unless its type is a rare one."""
    values = values if values.dtype in TYPES else numbers(values)
    if values.ndim == 1:
        rows, columns = values.shape[0], 1
        row_stride, column_stride = values.strides[0], values.itemsize
    else:
        rows, columns = values.shape
        row_stride, column_stride = values.strides
    address = values.__array_interface__["data"][0]
    return _library.Array(address, rows, columns, row_stride, column_stride, TYPES[values.dtype]), values


def _names(names: Sequence[Any] | None) -> bytes | None:
    if names is None or not len(names) or not all(isinstance(name, str) for name in names):
        return None
    return json.dumps(list(names)).encode()


def _dense(values: np.ndarray, names: Sequence[Any] | None = None) -> Rows:
    if values.ndim not in (1, 2):
        raise DataError(f"rows are an array of one or two dimensions, not {values.ndim}")
    array, values = described(values)
    return Rows(Handle(library.rows_dense(ctypes.byref(array), _names(names)), values))


def _columns(columns: Sequence[np.ndarray], names: Sequence[Any] | None = None) -> Rows:
    kept = [described(np.asarray(column)) for column in columns]
    arrays = (_library.Array * len(kept))(*(array for array, _ in kept))
    return Rows(Handle(library.rows_columns(arrays, len(kept), _names(names)), [values for _, values in kept]))


def chained(pieces: Sequence[Rows]) -> Rows:
    """The rows of all pieces, one after the other, without a copy."""
    if len(pieces) == 1:
        return pieces[0]
    handles = [piece._handle for piece in pieces]
    pointers = (ctypes.c_void_p * len(handles))(*(handle.pointer for handle in handles))
    return Rows(Handle(library.rows_chained(pointers, len(handles)), handles))


def path(name: Any) -> bytes:
    """A file's name as the system has it."""
    encoded = os.fsencode(name)
    if b"\0" in encoded:
        raise DataError(f"a file's name has no NUL character: {name!r}")
    return encoded


def _text(name: Any) -> str:
    """A file's name for a request: bytes that are no UTF-8 stand as characters for private use, as in the library."""

    def escaped(data: bytes) -> str:
        return "".join(chr(0x10F700 + byte) for byte in data)

    text = os.fsdecode(path(name))
    return "".join(
        escaped(os.fsencode(c)) if 0xDC80 <= ord(c) <= 0xDCFF or 0x10F780 <= ord(c) <= 0x10F7FF else c for c in text)


def _is_path(data: Any) -> bool:
    return isinstance(data, (str, os.PathLike))


def rows(
    data: Any, responses: Any = None, weights: Any = None, labels: Any = None, *, comm: Any = None, **options: Any
) -> Rows:
    """This process's rows of anything that holds numbers.

    Parameters
    ----------
    data : array, table, file names or Rows
        NumPy arrays of one dimension (a column) or two, in any order and with any strides; structured arrays; lists or tuples of
        one-dimensional arrays, and dicts of them, which are columns; nested lists, which are rows; pandas frames and series; anything
        with ``__arrow_c_stream__`` (polars, pyarrow, relations of DuckDB, readers of record batches); lazy frames of polars and datasets of
        pyarrow, batch by batch; sparse matrices and arrays of SciPy; a file name or path, or a list of them, which :func:`read` reads.
        C-ordered float64 and float32 arrays, and frames made of one, are not copied.
    responses : array, table or str, optional
        What is to be explained, one row for each row; or the name of a column of the data.
    weights : array or str, optional
        How often each row counts.
    labels : array or str, optional
        The class of each row: whole numbers or texts.
    comm : Communicator or mpi4py communicator, optional
        The processes among which files are shared; default: this one alone.
    **options
        Options of :func:`read`, if ``data`` names files. Of tables in memory ``missing``, ``categorical``, ``columns``, ``except_``,
        ``targets``, ``weights``, ``labels``, ``single`` and ``like``, with the same meaning: the table is read as a file of the same columns
        would be, each process's own, and the call is collective over ``comm``.

    Examples
    --------
    >>> import lockstep
    >>> rows = lockstep.rows({"size": [1.0, None, 3.0], "city": ["Oslo", "Rome", "Oslo"]}, missing="mean", categorical=["city"])
    >>> rows.column_names
    ['size', 'city=Oslo', 'city=Rome']
    >>> rows.to_numpy()
    array([[1., 1., 0.],
           [2., 0., 1.],
           [3., 1., 0.]])
    """
    # A text is the name of a column of the data.
    if isinstance(responses, str):
        options["targets"], responses = responses, None
    if isinstance(weights, str):
        options["weights"], weights = weights, None
    if isinstance(labels, str):
        options["labels"], labels = labels, None
    if isinstance(data, Rows):
        found = data
    elif names_files(data):
        found = read(data, comm=comm, **options)
        options = {}
    elif options and _tables.is_table(data):
        found = _read_table(data, comm=comm, **options)
        options = {}
    else:
        found = _from_memory(data)
    if options:
        raise ArgumentError(f"{', '.join(options)}: options of reading, and neither a file nor a table is read")
    return accompanied(found, responses, weights, labels)


_OF_TABLES = {"missing", "categorical", "coding", "reference", "columns", "except_", "targets", "weights", "labels", "single", "like"}


def _read_table(data: Any, *, comm: Any, **options: Any) -> Rows:
    """The rows of a table in memory as those of a file with the same columns: the table goes through a file in memory. Collective."""
    if unknown := set(options) - _OF_TABLES:
        raise ArgumentError(f"{', '.join(sorted(unknown))}: not an option for tables in memory, which have {', '.join(sorted(_OF_TABLES))}")
    group = communicator(comm)
    with _tables.scratch() as directory:
        own = os.path.join(directory, f"rows-{group.rank}")
        group.together("a table", lambda: _tables.write(data, own))
        try:
            return read(os.path.join(directory, "rows-{rank}"), comm=group, **options)
        except LockstepError as error:
            raise _tables.without_path(error, error.place.get("file", own)) from None


def names_files(data: Any) -> bool:
    """Whether rows are given as the names of files."""
    return _is_path(data) or (isinstance(data, (list, tuple)) and bool(data) and all(_is_path(item) for item in data))


def named_rows(values: np.ndarray, names: Any) -> Rows:
    """Rows of an array whose columns have names, or None."""
    return _dense(values, names)


def accompanied(features: Rows, responses: Any = None, weights: Any = None, labels: Any = None) -> Rows:
    """Rows with responses, weights and labels, one for each; the rows themselves if there are none."""
    if responses is None and weights is None and labels is None:
        return features
    kept: list[Any] = [features._handle]

    def values_of(values: Any, what: str) -> Any:
        if values is None:
            return None
        array, memory = described(_matrix(values, what))
        kept.append(memory)
        return ctypes.byref(array)

    codes, names = _labels(labels)
    handle = library.rows_accompany(
        features._handle.pointer, values_of(responses, "responses"), values_of(weights, "weights"),
        None if codes is None else ctypes.byref(described(codes)[0]), names)
    return Rows(Handle(handle, kept))


def matched(source: Rows, names: Sequence[str] | None) -> Rows:
    """The columns of rows in the order of ``names``, without any others, if both have names; the rows as they are otherwise."""
    theirs = source.column_names
    if names is None or theirs is None or list(names) == theirs:
        return source
    order = _order(theirs, names)
    return _dense(source.to_numpy()[:, order].astype(np.float32 if source.is_single else np.float64), names)


def _order(theirs: Sequence[str], names: Sequence[str]) -> list[int]:
    places = {name: j for j, name in enumerate(theirs)}
    missing = [name for name in names if name not in places]
    if missing:
        listed = ", ".join(repr(name) for name in missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
        raise ShapeError(f"columns are missing: {listed}")
    return [places[name] for name in names]


def with_names(data: Any, names: Sequence[str] | None) -> Any:
    """A table in memory with its columns in the order of ``names``, without any others, if it has names; anything else as it is."""
    if names is None or isinstance(data, (Rows, np.ndarray)):
        return data
    if isinstance(data, Mapping):
        _order(list(data), names)
        return {name: data[name] for name in names}
    if _tables.is_streamed(data):
        # Its columns are put in order when its rows are there.
        return data
    columns = getattr(data, "columns", None) if not hasattr(data, "column_names") else data.column_names
    if columns is None or not hasattr(data, "shape") or not all(isinstance(name, str) for name in columns):
        return data
    theirs = [str(name) for name in columns]
    if theirs == list(names):
        return data
    _order(theirs, names)
    return data.select(list(names)) if hasattr(data, "select") and not _is_frame(data) else data[list(names)]


def read_like(names: Any, columns: Sequence[str] | None, *, comm: Any = None, **options: Any) -> Rows:
    """Files read for a model of named columns: by name if the files have names. Collective."""
    if columns is None or options.get("columns") is not None:
        return read(names, comm=comm, **options)
    try:
        found = read(names, comm=comm, columns=list(columns), **options)
    except DataError as error:
        # Only where names are missing: once more, to take the columns as they are if the files have no names, and to list what is missing.
        if error.code != "usage" or "no column is named" not in error.message:
            raise
        found = read(names, comm=comm, **options)
        if found.column_names is None:
            return found
    return matched(found, columns)


def _labels(labels: Any) -> tuple[np.ndarray | None, bytes | None]:
    """Labels as whole numbers, and the texts that they stand for if they are texts."""
    if labels is None:
        return None, None
    values = np.asarray(labels.to_numpy() if hasattr(labels, "to_numpy") else labels)
    if values.ndim != 1:
        raise DataError(f"labels are an array of one dimension, not {values.ndim}")
    names = None
    if values.dtype == object and values.size and all(isinstance(value, (int, np.integer)) for value in values):
        values = values.astype(np.int64)
    if values.dtype.kind not in "iub":
        if values.dtype.kind == "f" and not (values == np.floor(values)).all():
            raise DataError("labels are whole numbers or texts")
        if values.dtype.kind == "f":
            values = values.astype(np.int64)
        else:
            distinct, values = np.unique(values.astype(str), return_inverse=True)
            names = json.dumps(distinct.tolist()).encode()
    return np.ascontiguousarray(values), names


def _matrix(data: Any, what: str) -> np.ndarray:
    """An array of one or two dimensions, of numbers."""
    if not isinstance(data, np.ndarray):
        if _is_frame(data):
            data = data.to_numpy()
        elif hasattr(data, "to_numpy"):
            data = data.to_numpy()
    values = np.asarray(data)
    if values.ndim not in (1, 2):
        raise DataError(f"{what} are an array of one or two dimensions, not {values.ndim}")
    return values


def _is_frame(data: Any) -> bool:
    return hasattr(data, "iloc") and hasattr(data, "to_numpy")


def _from_memory(data: Any) -> Rows:
    if isinstance(data, np.ndarray):
        if data.dtype.names is not None:
            return _columns([data[name] for name in data.dtype.names], data.dtype.names)
        return _dense(data)
    if _is_frame(data):
        return _from_pandas(data)
    if (parts := _tables.pieces(data)) is not None:
        return chained([_from_arrow(part) for part in parts])
    if hasattr(data, "__arrow_c_stream__"):
        return _from_arrow(data)
    if hasattr(data, "tocsr"):
        return _from_sparse(data)
    if isinstance(data, Mapping):
        return _columns([np.asarray(column) for column in data.values()], list(data))
    if isinstance(data, (list, tuple)) and data and all(isinstance(item, np.ndarray) and item.ndim == 1 for item in data):
        return _columns(data)
    return _dense(np.asarray(data))


def _from_arrow(data: Any) -> Rows:
    address, capsule = _arrow.stream(data)
    try:
        return Rows(Handle(library.rows_arrow(address), capsule))
    except LockstepError as error:
        if "columnName" in error.place or error.code == "unsupported":
            made = ArgumentError(str(error))
            made.code, made.place = error.code, error.place
            raise made from None
        raise


def _from_pandas(data: Any) -> Rows:
    if data.ndim == 1:
        return _dense(column_numbers(data), [data.name])
    types = set(data.dtypes)
    if len(types) == 1 and isinstance(next(iter(types)), np.dtype) and next(iter(types)) in TYPES:
        return _dense(data.to_numpy(), data.columns)
    return _columns(columns_of(data), data.columns)


def _from_sparse(data: Any) -> Rows:
    rows = data.tocsr()
    if rows.ndim != 2:
        raise DataError(f"sparse rows have two dimensions, not {rows.ndim}")
    if not rows.has_canonical_format:
        rows = rows.copy()
        rows.sum_duplicates()
    parts = [described(np.ascontiguousarray(part)) for part in (rows.indptr, rows.indices, rows.data)]
    # The library shows the entries where they are.
    kept = [memory for _, memory in parts]
    return Rows(Handle(library.rows_sparse(*(ctypes.byref(array) for array, _ in parts), rows.shape[1], None), kept))


_READING = {
    "header", "delimiter", "quotes", "columns", "except_", "targets", "weights", "labels", "categorical", "column_count", "missing", "single",
    "memory", "scratch", "like", "missing_words", "comment", "skip_lines", "decimal", "thousands",
    "query", "query_reads_files", "format", "zero_based", "coding", "reference",
}
_CSV = {
    "header": "header", "delimiter": "delimiter", "quotes": "quotes", "missing_words": "missingWords", "comment": "comment",
    "skip_lines": "skipLines", "decimal": "decimal", "thousands": "thousands",
}


def _selection(value: Any) -> list[Any]:
    """Columns as the library takes them: numbers and names."""
    items = [value] if isinstance(value, (int, np.integer, str, range)) else list(value)
    found: list[Any] = []
    for item in items:
        if isinstance(item, range):
            found += item
        else:
            found.append(int(item) if isinstance(item, np.integer) else item)
    return found


def read(names: Any = (), *, comm: Any = None, **options: Any) -> Rows:
    """Reads this process's share of CSV, NPY, NPZ, SVMLight, Matrix Market, Arrow, HDF5 or Parquet files that all processes of ``comm`` name alike; collective.

    One file is cut among the processes at row ends, several are dealt to them in order, and a name with ``{rank}`` is each process's own
    file. The rows keep the order of the files, whatever the number of processes.

    Parameters
    ----------
    names : str, path, or list of them
        Files, globs, or patterns with ``{rank}``. A name is never taken for a query.
    comm : Communicator or mpi4py communicator, optional
        The processes; default: this one alone, which reads everything.
    query : str, optional
        One ``SELECT`` in place of names, which DuckDB answers.
    query_reads_files : bool, optional
        Whether the query may read the files of this machine that it names. Default False.
    format : {"csv", "npy", "npz", "arrow", "hdf5", "parquet", "svmlight", "matrix-market"}, optional
        Refuse files of any other format; by default each is read as what it is.
    header : {"auto", "yes", "no"}, optional
        Whether the first row names the columns; by default it does if a field of it is not a number.
    delimiter : str, optional
        The character between two fields; by default found in the first row.
    quotes : bool, optional
        Whether double quotes enclose fields. Default True.
    missing_words : list of str, optional
        More words that stand for a missing value, besides those that pandas takes.
    comment : str, optional
        The character that begins lines to pass over.
    skip_lines : int, optional
        The number of lines before the header, or the first row.
    zero_based : bool, optional
        Whether the indices of SVMLight count from 0. Default False, unless a comment at the beginning of the file says so.
    decimal, thousands : str, optional
        The decimal mark, and the mark between groups of three digits.
    columns, targets, weights, labels : int, str, range, or list of them, optional
        The columns that are features, responses, weights and classes: an int is a number from 0, a str a name, and a range the columns of
        its numbers. By default all are features. ``targets="last"`` is the last column.
    except_ : int, str, range, or list of them, optional
        Columns that are no features.
    column_count : int, optional
        The number of columns of sparse files that do not say it.
    categorical : "auto", or list of int and str, optional
        Features that become a column of ones and zeros for each of their values, which are texts; ``"auto"`` takes those that hold a text
        in the first 1,000 rows.
    coding : {"ones", "reference"}, optional
        Whether a categorical column becomes a column for each of its values, or for each but a base level, to which the coefficients of a
        regression with an intercept compare the others. Default "ones".
    reference : dict, optional
        The base levels of categorical columns by their names, with ``coding="reference"``. By default the first value in order.
    missing : {"error", "skip-row", "mean", "pairwise"}, optional
        What to do with missing values: stop with their place, leave the row out and count it, put the column's mean over the rows of all
        processes in their place, or leave NaN there, for a method that leaves such numbers out column by column
        (its parameter ``skipsMissing``).
    like : Model, optional
        Read the files as those were read that the model was fitted to: the same columns by name, the same values of categorical columns, and
        with ``missing="mean"`` the same means. :meth:`Model.predict` does so when it is given files.
    single : bool, optional
        Hold the rows as float32, in half the memory. Default False.
    memory : str, optional
        The memory that the rows of this process may take, as in ``"512M"`` or ``"2G"``; what is more goes to a scratch file. By default as
        much as they need.
    scratch : str or path, optional
        The directory of the scratch file. By default that of temporary files.

    Returns
    -------
    Rows

    Examples
    --------
    >>> import lockstep, os, tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "homes.csv")
    >>> with open(path, "w") as file:
    ...     _ = file.write("size,city,price\\n80,Oslo,5\\n,Rome,3\\n60,Rome,2\\n")
    >>> rows = lockstep.read(path, targets="price", categorical="city", missing="mean")
    >>> rows.column_names
    ['size', 'city=Oslo', 'city=Rome']
    >>> rows.to_numpy()[:, 0]
    array([80., 70., 60.])
    """
    if unknown := set(options) - _READING:
        raise ArgumentError(f"read has no option {', '.join(sorted(unknown))}; it has {', '.join(sorted(_READING))}")
    if isinstance(options.get("header"), bool):
        options["header"] = "yes" if options["header"] else "no"
    like = options.pop("like", None)
    if like is not None and like.encoding is not None:
        options["encoding"] = like.encoding
    for role in ("columns", "except_", "targets", "weights", "labels", "categorical"):
        value = options.get(role)
        word = "auto" if role == "categorical" else "last"
        if value is not None and not (isinstance(value, str) and value == word):
            options[role] = _selection(value)
    for key, name in (("labels", "label"), ("except_", "except")):
        if key in options:
            options[name] = options.pop(key)
    if options.get("reference") is not None and options.get("coding") == "ones":
        raise ArgumentError('reference= names base levels, which coding="ones" has none of')
    if "scratch" in options:
        options["scratch"] = os.fspath(options["scratch"])
    csv = {name: options.pop(key) for key, name in _CSV.items() if key in options}
    if csv:
        options["csv"] = csv
    if "column_count" in options:
        options["columnCount"] = options.pop("column_count")
    if "query_reads_files" in options:
        options["queryReadsFiles"] = bool(options.pop("query_reads_files"))
    if "zero_based" in options:
        options["zeroBased"] = bool(options.pop("zero_based"))
    paths = [_text(name) for name in ([names] if _is_path(names) else names)]
    request = json.dumps({"names": paths, **options})
    group: Communicator = communicator(comm)
    if group.size > 1:
        # A name with {rank} may be each process's own; of all others, rank 0's would be everybody's.
        alike = json.dumps({"names": ["{}" if "{" in name else name for name in paths], **options})
        group.agree_on(f"read of {alike if len(alike) <= 500 else hashlib.sha256(alike.encode()).hexdigest()}")
    return Rows(Handle(library.rows_read(group._handle, request.encode())))
