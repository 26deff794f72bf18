# SPDX-License-Identifier: Apache-2.0
"""Writes the HDF5 files that the tests of reading them use. Needs h5py: python3 Scripts/golden/hdf5.py"""

import pathlib

import h5py
import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/LockstepTableIOTests/Fixtures"
ROWS = np.array([[i, i * i / 8, -i] for i in range(10)])


def main() -> None:
    with h5py.File(FOLDER / "one.h5", "w", libver=("earliest", "v108")) as file:
        file.create_dataset("x", data=ROWS, chunks=(3, 2), compression="gzip")
    with h5py.File(FOLDER / "many.h5", "w", libver=("earliest", "v108")) as file:
        file["whole"] = ROWS[:, [0, 2]].astype(">i4")
        file["group/half"] = ROWS.astype(np.float16)
        file["group/single"] = ROWS.astype(np.float32)
        file["group/column"] = ROWS[:, 1]
        file["flags"] = ROWS % 2 == 0
        file["cube"] = np.zeros((2, 2, 2))
        file["texts"] = ["a", "b"]
        table = np.zeros(10, [("id", "u2"), ("note", "S4"), ("value", "f4"), ("yes", "?")])
        table["id"], table["value"], table["yes"] = ROWS[:, 0], ROWS[:, 1], ROWS[:, 0] % 3 == 0
        file["table"] = table
    # What must not be followed: numbers in other files, and groups that hold themselves.
    with h5py.File(FOLDER / "elsewhere.h5", "w", libver=("v110", "v110")) as file:
        file.create_dataset("raw", shape=(8, 1), dtype="u1", external=[("/etc/passwd", 0, 8)])
        layout = h5py.VirtualLayout(shape=ROWS.shape, dtype="f8")
        layout[...] = h5py.VirtualSource("one.h5", "x", shape=ROWS.shape)
        file.create_virtual_dataset("virtual", layout)
        file["link"] = h5py.ExternalLink("one.h5", "/x")
        file["soft"] = h5py.SoftLink("/link")
        file.create_dataset("rows", shape=(2**36, 1), chunks=(1024, 1), dtype="f8")
        file.create_dataset("columns", shape=(1, 2**31 - 1), chunks=(1, 1024), dtype="f8")
    with h5py.File(FOLDER / "loops.h5", "w", libver=("earliest", "v108")) as file:
        file["x"] = ROWS
        for i in range(5):
            file[f"g{i}"] = file["/"]


if __name__ == "__main__":
    main()
