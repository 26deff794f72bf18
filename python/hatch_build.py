# SPDX-License-Identifier: Apache-2.0
"""Hatchling's hook: puts the library into the wheel, made by the Swift package around this directory, or in ``swift`` inside it.

The library is linked with Swift's own libraries inside, so the wheel needs no Swift where it is installed.

``LOCKSTEP_PREBUILT`` names a library to take instead of building one; ``LOCKSTEP_SWIFT_FLAGS`` has more flags for ``swift build``.
"""

from __future__ import annotations

import os
import platform
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LIBRARY = "liblockstep.so"
PRODUCT = "LockstepCInterface"


class LibraryHook(BuildHookInterface):
    """Builds the library for wheels; an editable one finds it beside the Python files."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        here = Path(self.root)
        library = here / "lockstep" / LIBRARY
        if version != "editable":
            self.scratch = tempfile.TemporaryDirectory()
            library = Path(self.scratch.name) / LIBRARY
            build_data["force_include"][str(library)] = f"lockstep/{LIBRARY}"
        build_library(here, library)
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-linux_{platform.machine()}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if version != "editable":
            self.scratch.cleanup()


def build_library(here: Path, destination: Path) -> None:
    """Builds the library, optimized, and links it once more with everything of Swift's inside and only our functions outside."""
    prebuilt = os.environ.get("LOCKSTEP_PREBUILT")
    if prebuilt:
        shutil.copy(prebuilt, destination)
        return
    swift = shutil.which("swift")
    if swift is None:
        raise SystemExit("lockstep: building needs Swift 6.3 or later: https://www.swift.org/install/linux")
    package = next((place for place in (here / "swift", here.parent) if (place / "Package.swift").exists()), None)
    if package is None:
        raise SystemExit("lockstep: there is no Swift package here; install from a checkout (pip install ./python) or a source archive")
    build = [swift, "build", "--configuration", "release", *shlex.split(os.environ.get("LOCKSTEP_SWIFT_FLAGS", ""))]

    def run(*command: str) -> str:
        print("+", shlex.join(command), file=sys.stderr, flush=True)
        return subprocess.run(command, cwd=package, check=True, stdout=subprocess.PIPE, text=True).stdout

    print(run(*build, "--product", PRODUCT), file=sys.stderr)
    objects = Path(run(*build, "--show-bin-path").strip()) / f"{PRODUCT}.product" / "Objects.LinkFileList"
    with tempfile.TemporaryDirectory() as scratch:
        exports = Path(scratch) / "exports.map"
        exports.write_text("{ global: lockstep_*; local: *; };\n")
        options = ["-z", "defs", "-z", "now", "-z", "relro", "--wrap=hypotf", "--gc-sections", "-s", "-soname", LIBRARY, f"--version-script={exports}"]
        run(
            str(Path(os.path.realpath(swift)).parent / "swiftc"), "-emit-library", "-static-stdlib", "-o", str(destination),
            f"@{objects}", "-lstdc++", "-l_FoundationCollections", "-l_FoundationCShims",
            *(word for option in options for word in ("-Xlinker", option)))
