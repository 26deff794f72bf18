# SPDX-License-Identifier: Apache-2.0
"""Writes the sparse NPZ files that the tests of reading them use. Needs SciPy: python3 Scripts/golden/sparse_npz.py"""

import pathlib

import numpy as np
import scipy.sparse

FOLDER = pathlib.Path(__file__).parents[2] / "Tests/LockstepTableIOTests/Fixtures"


def main() -> None:
    # Entries in any order, and one place twice, as SciPy keeps them.
    rows = scipy.sparse.csr_matrix(
        (np.array([7.0, 5.0, 2.0, 4.0, 6.0]), np.array([2, 0, 2, 2, 1]), np.array([0, 2, 2, 4, 5])), shape=(4, 3))
    scipy.sparse.save_npz(FOLDER / "sparse-csr.npz", rows)
    scipy.sparse.save_npz(FOLDER / "sparse-csc.npz", rows.tocsc().astype(np.int16), compressed=False)
    scipy.sparse.save_npz(FOLDER / "sparse-coo.npz", scipy.sparse.coo_array(rows).astype(np.float32))
    scipy.sparse.save_npz(FOLDER / "sparse-bsr.npz", rows.tobsr((1, 1)))


if __name__ == "__main__":
    main()
