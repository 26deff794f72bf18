# SPDX-License-Identifier: Apache-2.0
"""lockstep.daal4py beside the real daal4py, on the same inputs in one run.

The real one is that of this interpreter, or of those that LOCKSTEP_DAAL4PY_PYTHON names, separated like a path; naive Bayes needs one of
2025.11 or before. It runs under the launcher beside its interpreter.
"""

import os
import subprocess
import sys
import tempfile
import unittest

import numpy as np
from test_processes import ENVIRONMENT, HERE, LAUNCHERS, LIMIT

PROGRAM = os.path.join(HERE, "daal4py_figures.py")


def interpreter(name: str) -> str | None:
    """An interpreter whose daal4py has something of this name."""
    for python in (os.environ.get("LOCKSTEP_DAAL4PY_PYTHON") or sys.executable).split(os.pathsep):
        probe = subprocess.run([python, "-c", f"from daal4py import {name}"], capture_output=True, stdin=subprocess.DEVNULL)
        if probe.returncode == 0:
            return python
    return None


PYTHON = interpreter("kmeans_init")


@unittest.skipUnless(PYTHON, "the real daal4py is not here")
class Beside(unittest.TestCase):
    def run_program(self, command: list[str], module: str, prefix: str, parts: tuple[str, ...]) -> None:
        # The launcher starts others of its directory by name.
        search = os.path.dirname(command[0]) + os.pathsep + ENVIRONMENT.get("PATH", os.defpath)
        job = subprocess.run(
            [*command, PROGRAM, module, prefix, *parts], env={**ENVIRONMENT, "PATH": search}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, errors="replace", timeout=4 * LIMIT)
        self.assertEqual(job.returncode, 0, job.stdout)

    def compare(self, theirs: str, ours: str, unequal: frozenset[str] = frozenset()) -> None:
        with np.load(theirs) as a, np.load(ours) as b:
            self.assertEqual(list(a), list(b))
            for name in a:
                with self.subTest(name):
                    if a[name].dtype.kind in "US":
                        self.assertIn(a[name][0], b[name])
                        continue
                    self.assertEqual((a[name].shape, a[name].dtype), (b[name].shape, b[name].dtype))
                    if not any(name.endswith(word) for word in unequal):
                        scale = np.nanmax(np.abs(np.where(np.isfinite(a[name]), a[name], 0)), initial=0)
                        np.testing.assert_allclose(b[name], a[name], rtol=1e-9, atol=1e-9 * min(scale, 1))

    def check(self, *parts: str, name: str = "kmeans_init") -> None:
        python = interpreter(name)
        if python is None:
            self.skipTest(f"no daal4py with {name} is here")
        with tempfile.TemporaryDirectory() as directory:
            theirs, ours = os.path.join(directory, "theirs"), os.path.join(directory, "ours")
            self.run_program([python], "daal4py", theirs, parts)
            self.run_program([sys.executable], "lockstep.daal4py", ours, parts)
            self.compare(theirs + "0.npz", ours + "0.npz")

    def test_batch(self) -> None:
        self.check("batch")

    def test_streams(self) -> None:
        self.check("streams")

    def test_sparse(self) -> None:
        self.check("sparse")

    def test_naive_bayes(self) -> None:
        self.check("bayes", name="multinomial_naive_bayes_training")

    def test_errors(self) -> None:
        self.check("errors")

    def test_distributed(self) -> None:
        assert PYTHON
        # Intel's own script for it takes the first launcher in PATH.
        launcher = os.path.join(os.path.dirname(PYTHON), "mpiexec.hydra")
        if not os.path.exists(launcher):
            self.skipTest("there is no launcher beside the real daal4py")
        for count in (1, 3):
            with tempfile.TemporaryDirectory() as directory:
                theirs = os.path.join(directory, "theirs")
                self.run_program([launcher, "-n", str(count), PYTHON], "daal4py", theirs, ("distributed",))
                for family, own in {**LAUNCHERS, "theirs": launcher}.items():
                    ours = os.path.join(directory, family)
                    self.run_program([own, "-n", str(count), sys.executable], "lockstep.daal4py", ours, ("distributed",))
                    for rank in range(count):
                        with self.subTest(family, count=count, rank=rank):
                            self.compare(f"{theirs}{rank}.npz", f"{ours}{rank}.npz")


if __name__ == "__main__":
    unittest.main()
