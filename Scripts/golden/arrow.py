# SPDX-License-Identifier: Apache-2.0
"""Writes the Arrow files that the tests of reading them use. Needs pyarrow: python3 Scripts/golden/arrow.py"""

import decimal
import pathlib

import pyarrow as pa

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/LockstepTableIOTests/Fixtures"
N = 10
GAPS = {3, 8}


def column(value, kind):
    return pa.array([None if i in GAPS else value(i) for i in range(N)], kind)


def types() -> pa.Table:
    square = lambda i: i * i - 5
    numbers = {
        f"int{bits}": column(square, getattr(pa, f"int{bits}")()) for bits in (8, 16, 32, 64)
    } | {
        f"uint{bits}": column(lambda i: i * i, getattr(pa, f"uint{bits}")()) for bits in (8, 16, 32, 64)
    } | {
        f"float{bits}": column(lambda i: (i * i - 5) / 8, getattr(pa, f"float{bits}")()) for bits in (16, 32, 64)
    }
    seconds = 1_600_000_000
    times = {
        "bool": column(lambda i: i % 3 == 0, pa.bool_()),
        "date32": column(lambda i: 19000 + i, pa.int32()).cast(pa.date32()),
        "date64": column(lambda i: (19000 + i) * 86_400_000, pa.int64()).cast(pa.date64()),
        "seconds": column(lambda i: seconds + i, pa.int64()).cast(pa.timestamp("s")),
        "millis": column(lambda i: seconds * 1000 + i, pa.int64()).cast(pa.timestamp("ms", "UTC")),
        "micros": column(lambda i: seconds * 10**6 + i, pa.int64()).cast(pa.timestamp("us")),
        "nanos": column(lambda i: seconds * 10**9 + i * 500_000_000, pa.int64()).cast(pa.timestamp("ns")),
        "time32": column(lambda i: 3600 * i, pa.int32()).cast(pa.time32("s")),
        "time64": column(lambda i: 1500 * i, pa.int64()).cast(pa.time64("us")),
        "duration": column(lambda i: 250 * i, pa.int64()).cast(pa.duration("ms")),
    }
    others = {
        "decimal": column(lambda i: decimal.Decimal(i * i - 5) / 100, pa.decimal128(10, 2)),
        "long": column(lambda i: decimal.Decimal(f"{i}234567890123456789012345.678"), pa.decimal128(38, 3)),
        "nothing": pa.nulls(N),
        "text": column(lambda i: f"class {i % 3}", pa.string()),
        "large": column(lambda i: f"class {i % 3}", pa.large_string()),
        "view": column(lambda i: f"class {i % 3}" + " with many letters" * (i % 2), pa.string_view()),
        "coded": column(lambda i: f"class {i % 3}", pa.string()).dictionary_encode(),
        "levels": column(lambda i: i % 3 * 10, pa.int64()).dictionary_encode(),
        "bytes": column(lambda i: b"x" * i, pa.binary()),
        "lists": column(lambda i: [i] * i, pa.list_(pa.int32())),
        "record": column(lambda i: {"a": i, "b": str(i)}, pa.struct({"a": pa.int32(), "b": pa.string()})),
        "pair": column(lambda i: [i, None if i == 5 else -i], pa.list_(pa.float32(), 2)),
        "steady": pa.array([7.0] * N),
        "last": pa.array([float(i) for i in range(N)]),
    }
    return pa.table(numbers | times | others)


def write(name, table, compression=None, stream=False, rows=4):
    options = pa.ipc.IpcWriteOptions(compression=compression, emit_dictionary_deltas=stream)
    make = pa.ipc.new_stream if stream else pa.ipc.new_file
    with make(str(FOLDER / name), table.schema, options=options) as writer:
        writer.write_table(table, max_chunksize=rows)


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    write("types.arrow", types())
    write("types-lz4.arrow", types(), "lz4")
    write("types-zstd.arrow", types(), "zstd")
    write("types.arrows", types(), stream=True)
    matrix = pa.FixedSizeListArray.from_arrays(pa.array([float(i) for i in range(30)]), 3)
    write("matrix.arrow", pa.table({"x": matrix}))
    growing = [
        pa.record_batch({"kind": pa.DictionaryArray.from_arrays(pa.array(codes, pa.int8()), pa.array(texts)), "x": pa.array([1.0, 2.0])})
        for codes, texts in (([0, 1], ["a", "b"]), ([2, 0], ["a", "b", "c"]), ([0, 1], ["c", "a"]))
    ]
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_stream(str(FOLDER / "dictionaries.arrows"), growing[0].schema, options=options) as writer:
        for batch in growing:
            writer.write_batch(batch)


if __name__ == "__main__":
    main()
