# SPDX-License-Identifier: Apache-2.0
"""Tables of other libraries: what hands over its rows once, piece by piece, and what is read as files are, with texts and missing values."""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from ._errors import ArgumentError, DataError, LockstepError


def is_streamed(data: Any) -> bool:
    """Whether rows come piece by piece: a lazy frame, a dataset, a scanner, a relation, or a reader of batches."""
    if isinstance(data, np.ndarray) or hasattr(data, "iloc"):
        return False
    if hasattr(data, "collect_batches") or hasattr(data, "scanner") or hasattr(data, "to_reader"):
        return True
    return hasattr(data, "__arrow_c_stream__") and not hasattr(data, "to_numpy") and not hasattr(data, "num_columns")


def pieces(data: Any) -> list[Any] | None:
    """The tables of which a source of rows consists, or readers of them, one after the other; None for any other kind of data."""
    if hasattr(data, "collect_batches"):
        return list(data.collect_batches(maintain_order=True)) or [data.collect()]
    if hasattr(data, "scanner"):
        return [data.scanner().to_reader()]
    if hasattr(data, "to_reader") and not hasattr(data, "__arrow_c_stream__"):
        return [data.to_reader()]
    return None


def is_table(data: Any) -> bool:
    """Whether data has columns, each of a type of its own, that may be texts."""
    if isinstance(data, np.ndarray):
        return data.dtype.names is not None
    return is_streamed(data) or isinstance(data, Mapping) or hasattr(data, "iloc") or hasattr(data, "__arrow_c_stream__")


def write(data: Any, path: str) -> None:
    """Writes a table as a file that :func:`lockstep.read` reads with all its types: Arrow, or CSV where there is no Arrow for it."""
    if isinstance(data, np.ndarray):
        data = {name: data[name] for name in data.dtype.names}
    if hasattr(data, "collect_batches"):
        data = data.collect(engine="streaming")
    if hasattr(data, "write_ipc"):
        data.write_ipc(path, compat_level=import_module("polars").CompatLevel.oldest())
    elif find_spec("pyarrow") is not None:
        _write_arrow(data, path)
    elif hasattr(data, "iloc"):
        data.to_csv(path, index=False)
    elif isinstance(data, Mapping):
        _write_csv(data, path)
    else:
        raise ArgumentError(f"missing= and categorical= for a {type(data).__name__} need pyarrow")


def _write_arrow(data: Any, path: str) -> None:
    arrow: Any = import_module("pyarrow")
    try:
        if hasattr(data, "iloc"):
            frame = data.to_frame() if data.ndim == 1 else data
            data = arrow.Table.from_pandas(frame.rename(columns=str), preserve_index=False)
        elif isinstance(data, Mapping):
            data = arrow.table({str(name): column for name, column in data.items()})
        else:
            data = (pieces(data) or [data])[0]
        reader = arrow.RecordBatchReader.from_stream(data)
        with arrow.OSFile(path, "wb") as sink, arrow.ipc.new_file(sink, reader.schema) as writer:
            for batch in reader:
                writer.write_batch(batch)
    except arrow.ArrowException as error:
        raise DataError(f"the table has a column that is neither numbers nor texts: {error}") from None


def _write_csv(data: Mapping[Any, Any], path: str) -> None:
    columns = [np.asarray(column).tolist() for column in data.values()]
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(data)
        writer.writerows(zip(*columns, strict=True))


def scratch() -> tempfile.TemporaryDirectory[str]:
    """A directory for a table on its way, in memory where the system has one there."""
    memory = "/dev/shm"
    return tempfile.TemporaryDirectory(prefix="lockstep-", dir=memory if os.access(memory, os.W_OK) else None)


def without_path(error: LockstepError, path: str) -> LockstepError:
    """An error of reading a table, which lies in no file as far as the program knows."""
    error.place = {name: value for name, value in error.place.items() if name != "file"}
    error._description = error._description.replace(path, "the table")
    error.args = tuple(str(word).replace(path, "the table") for word in error.args)
    return error
