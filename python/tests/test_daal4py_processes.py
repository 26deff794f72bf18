# SPDX-License-Identifier: Apache-2.0
"""lockstep.daal4py on several processes: the predecessor's examples, its page, the same bits, failures."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import unittest

from daal4py_data import DATA
from test_processes import ENVIRONMENT, HERE, LAUNCHERS, LIMIT

EXAMPLES = ["covariance", "low_order_moments", "linear_regression", "ridge_regression", "pca", "svd", "qr", "kmeans", "naive_bayes"]


def run(launcher: str | None, count: int, program: str, *arguments: str) -> tuple[int, str]:
    """The exit code of a program of some processes, and what it said."""
    job = subprocess.run(
        [*([launcher, "-n", str(count)] if launcher else []), sys.executable, os.path.join(HERE, program), *arguments],
        env=ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        timeout=4 * LIMIT, errors="replace")
    return job.returncode, job.stdout


class Processes(unittest.TestCase):
    def check(self, expected: str, program: str, *arguments: str, counts: tuple[int, ...] = (1, 2, 4)) -> None:
        runs = [(None, "alone", 1)] if 1 in counts else []
        runs += [(launcher, family, count) for family, launcher in LAUNCHERS.items() for count in counts]
        for launcher, family, count in runs:
            with self.subTest(family, count=count):
                self.assertEqual(run(launcher, count, program, *arguments), (0, expected))

    @unittest.skipUnless(DATA, "the predecessor's example data are not here")
    def test_examples(self) -> None:
        self.check("".join(name + "\n" for name in EXAMPLES), "daal4py_examples.py", DATA or "", *EXAMPLES)

    def test_page(self) -> None:
        with tempfile.TemporaryDirectory() as directory:
            self.check("done\n", "daal4py_programs.py", "page", directory)

    def test_random_stream(self) -> None:
        self.check("done\n", "daal4py_programs.py", "stream", ".", counts=(1, 3))

    def test_same_bits(self) -> None:
        code, alone = run(None, 1, "daal4py_programs.py", "bits", ".")
        self.assertEqual(code, 0)
        self.check(alone, "daal4py_programs.py", "bits", ".")

    @unittest.skipUnless(importlib.util.find_spec("scipy"), "SciPy is not here")
    def test_sparse_rows(self) -> None:
        self.check("done\n", "daal4py_programs.py", "sparse", ".")

    def test_processes_without_rows(self) -> None:
        self.check("done\n", "daal4py_programs.py", "empty", ".")

    @unittest.skipUnless(LAUNCHERS, "no launcher of MPI is here")
    def test_a_process_that_fails(self) -> None:
        cases = {
            "missing": "nowhere.csv", "type": "Got type 'int'", "dimensions": "must be 2d", "columns": "columns",
            "nan": "nan where a finite number is needed", "none": "Null numeric table is not supported",
        }
        for family, launcher in LAUNCHERS.items():
            for case, words in cases.items():
                with self.subTest(family, case=case):
                    code, said = run(launcher, 3, "daal4py_programs.py", case, "/nowhere")
                    self.assertEqual(code, 0, said)
                    self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
