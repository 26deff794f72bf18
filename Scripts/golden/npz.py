# SPDX-License-Identifier: Apache-2.0
"""Writes the NPZ files, and the structured array, that the tests of reading them use. Needs NumPy: python3 Scripts/golden/npz.py"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/LockstepTableIOTests/Fixtures"
ROWS = np.array([[i, i * i / 8, -i] for i in range(10)])


def main() -> None:
    np.savez(FOLDER / "stored.npz", x=ROWS, names=np.array(["a", "b", "c"]))
    np.savez_compressed(
        FOLDER / "compressed.npz", x=ROWS, columns=np.asfortranarray(ROWS), swapped=ROWS.astype(">f8"), half=ROWS.astype(np.float16),
        whole=ROWS.astype(np.int32)[:, :1], line=ROWS[:, 1], cube=np.zeros((2, 2, 2)), texts=np.array(["a", "b"]))
    records = np.zeros(5, dtype=[
        ("flag", "?"), ("x", "<f8"), ("kind", "<U3"), ("code", "S2"), ("pair", ">i2", (2,)), ("inner", [("a", "<f4"), ("b", "u1")])])
    for i in range(5):
        records[i] = (i % 2 == 0, i / 4, "äb"[: i % 3], b"xy"[: i % 3], (-i, 300 * i), (i * 0.5, 200 + i))
    records["x"][3] = np.nan
    np.save(FOLDER / "records.npy", records)


if __name__ == "__main__":
    main()
