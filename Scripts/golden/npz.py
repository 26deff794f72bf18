# SPDX-License-Identifier: Apache-2.0
"""Writes the NPZ files that the tests of reading them use. Needs NumPy: python3 Scripts/golden/npz.py"""

import pathlib

import numpy as np

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/LockstepTableIOTests/Fixtures"
ROWS = np.array([[i, i * i / 8, -i] for i in range(10)])


def main() -> None:
    np.savez(FOLDER / "stored.npz", x=ROWS, names=np.array(["a", "b", "c"]))
    np.savez_compressed(
        FOLDER / "compressed.npz", x=ROWS, columns=np.asfortranarray(ROWS), swapped=ROWS.astype(">f8"), half=ROWS.astype(np.float16),
        whole=ROWS.astype(np.int32)[:, :1], line=ROWS[:, 1], cube=np.zeros((2, 2, 2)), texts=np.array(["a", "b"]))


if __name__ == "__main__":
    main()
