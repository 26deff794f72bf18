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


if __name__ == "__main__":
    main()
