# SPDX-License-Identifier: Apache-2.0
"""The tutorial runs, alone and on processes, and so does what the guide shows."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

from test_processes import ENVIRONMENT, LAUNCHERS, LIMIT

HERE = pathlib.Path(__file__).resolve().parent
TUTORIAL = HERE.parent / "examples" / "tutorial.py"
GUIDE = HERE.parent.parent / "Documentation" / "Lockstep.docc" / "python.md"


class Documents(unittest.TestCase):
    def test_tutorial(self) -> None:
        alone = subprocess.run([sys.executable, TUTORIAL], check=True, capture_output=True, text=True).stdout
        self.assertIn("digest of the components: sha256:", alone)
        self.assertIn("refused:", alone)
        for family, launcher in LAUNCHERS.items():
            with self.subTest(family):
                job = subprocess.run(
                    [launcher, "-n", "3", sys.executable, TUTORIAL], env=ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True,
                    text=True, timeout=LIMIT)
                self.assertEqual(job.returncode, 0, job.stderr)

                def figures(text: str) -> list[str]:
                    # Streams of several processes agree up to rounding, and rows are told by the process that saw them.
                    return [line for line in text.splitlines() if not line.startswith(("covariance", "refused"))]

                self.assertEqual(figures(job.stdout), figures(alone))

    def test_guide(self) -> None:
        blocks = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
        self.assertGreater(len(blocks), 4)
        with tempfile.TemporaryDirectory() as directory:
            subprocess.run(
                [sys.executable, "-c", "\n".join(blocks)], check=True, cwd=directory, stdout=subprocess.DEVNULL,
                env={**os.environ})

    def test_tutorial_page(self) -> None:
        blocks = re.findall(r"```python\n(.*?)```", (GUIDE.parent / "tutorial.md").read_text(), re.DOTALL)
        self.assertEqual(len(blocks), 1)
        weather = HERE.parent.parent / "Examples" / "weather"
        printed = subprocess.run(
            [sys.executable, "-c", blocks[0]], check=True, cwd=weather, capture_output=True, text=True).stdout
        self.assertRegex(printed, r"38\.8783\d* +46\.704")  # as the command prints them
        self.assertIn("sha256:", printed)


if __name__ == "__main__":
    unittest.main()
