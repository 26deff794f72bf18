# SPDX-License-Identifier: Apache-2.0
"""Several processes, under every launcher that is here: the same bits, and one that fails ends all."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
# "Within seconds", on a machine whose cores are all busy. A job that is still there after this hangs.
LIMIT = 60

ENVIRONMENT = {
    **os.environ,
    # More processes than cores, and as root.
    "OMPI_MCA_rmaps_base_oversubscribe": "1", "PRTE_MCA_rmaps_default_mapping_policy": ":oversubscribe",
    "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
}


def launchers() -> dict[str, str]:
    """The launchers that are here, by family."""
    found = {}
    for name in ("mpirun.mpich", "mpirun.openmpi", "mpirun", "mpiexec"):
        path = shutil.which(name)
        if path is None:
            continue
        banner = subprocess.run([path, "--version"], capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
        family = "openmpi" if "Open MPI" in banner or "OpenRTE" in banner else "mpich" if "HYDRA" in banner.upper() else None
        if family and family not in found:
            found[family] = path
    return found


LAUNCHERS = launchers()


@unittest.skipUnless(LAUNCHERS, "no launcher of MPI is here")
class Processes(unittest.TestCase):
    def run_job(self, launcher: str, count: int, *arguments: str) -> tuple[int, str, float]:
        start = time.monotonic()
        job = subprocess.run(
            [launcher, "-n", str(count), sys.executable, os.path.join(HERE, "job.py"), *arguments], env=ENVIRONMENT,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=LIMIT, errors="replace")
        return job.returncode, job.stdout, time.monotonic() - start

    def test_same_bits(self) -> None:
        alone = subprocess.run(
            [sys.executable, os.path.join(HERE, "job.py"), "figures", "0"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(alone.count("sha256:"), 13)
        for family, launcher in LAUNCHERS.items():
            for count in (1, 2, 4):
                with self.subTest(family, count=count):
                    code, said, _ = self.run_job(launcher, count, "figures", "0")
                    self.assertEqual((code, said), (0, alone))

    def test_failing_process(self) -> None:
        # case: exit code (None: any but 0), words, tracebacks
        cases = {
            "raise": (1, "a mistake of the program", 1), "exit": (3, "", 0), "kill": (None, "", 0), "local": (66, "no such file", 1),
            "value": (65, "nan where a finite number is needed", 1), "file": (66, "no such file", 1),
            "interrupt": (130, "KeyboardInterrupt", 1),
        }
        for family, launcher in LAUNCHERS.items():
            for case, (expected, words, tracebacks) in cases.items():
                for rank in (0, 2):
                    with self.subTest(family, case=case, rank=rank):
                        code, said, seconds = self.run_job(launcher, 4, case, str(rank))
                        self.assertNotEqual(code, 0, said)
                        if expected is not None:
                            self.assertEqual(code, expected, said)
                        self.assertIn(words, said)
                        self.assertEqual(said.count("Traceback (most recent call last)"), tracebacks, said)
                        self.assertLess(seconds, LIMIT / 2)

    def test_all_go_on_after_an_error(self) -> None:
        for family, launcher in LAUNCHERS.items():
            with self.subTest(family):
                code, said, _ = self.run_job(launcher, 4, "caught", "1")
                self.assertEqual((code, said.strip()), (0, "went on"))

    def test_no_process_has_another_model(self) -> None:
        for family, launcher in LAUNCHERS.items():
            with self.subTest(family):
                code, said, _ = self.run_job(launcher, 3, "differ", "1")
                self.assertEqual(code, 0, said)
                # All processes have an error in each of the nine cases, in the same words.
                lines = said.splitlines()
                self.assertEqual(len(lines), 3, said)
                self.assertEqual(len(set(lines)), 1, said)
                self.assertTrue(lines[0].startswith("9 0 "), said)

    def test_mpi4py(self) -> None:
        if importlib.util.find_spec("mpi4py") is None:
            self.skipTest("mpi4py is not here")
        for family, launcher in LAUNCHERS.items():
            probe = subprocess.run(
                [launcher, "-n", "2", sys.executable, "-c", "from mpi4py import MPI; print(MPI.COMM_WORLD.size)"], env=ENVIRONMENT,
                stdin=subprocess.DEVNULL, capture_output=True, text=True)
            if probe.stdout.split() != ["2", "2"]:
                continue  # mpi4py has not found this launcher's library
            with self.subTest(family):
                code, said, _ = self.run_job(launcher, 2, "figures", "0", "mpi4py")
                self.assertEqual((code, said.count("sha256:")), (0, 11), said)
                for case, words in (("raise", "a mistake of the program"), ("exit", "has returned"), ("value", "nan")):
                    code, said, _ = self.run_job(launcher, 4, case, "1", "mpi4py")
                    self.assertNotEqual(code, 0)
                    self.assertIn(words, said)
                    self.assertEqual(said.count("Traceback (most recent call last)"), 1, said)


if __name__ == "__main__":
    unittest.main()
