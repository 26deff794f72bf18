# SPDX-License-Identifier: Apache-2.0
"""Builds the wheel: the Python files, and the library made by the Swift package around this directory.

A build backend after PEP 517 and 660 that needs nothing but Python: no setuptools, no network. The library is linked with Swift's own
libraries inside, so the wheel needs no Swift where it is installed.

``LOCKSTEP_PREBUILT`` names a library to take instead of building one.
"""

from __future__ import annotations

import base64
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent
PACKAGE = HERE.parent
LIBRARY = "liblockstep.so"
PRODUCT = "LockstepCInterface"


def _project() -> dict[str, Any]:
    return tomllib.loads((HERE / "pyproject.toml").read_text())["project"]


def _run(*command: str) -> None:
    print("+", " ".join(command), file=sys.stderr, flush=True)
    subprocess.run(command, cwd=PACKAGE, check=True, stdout=sys.stderr)


def build_library(destination: Path) -> None:
    """Builds the library, optimized, and links it once more with everything of Swift's inside and only our functions outside."""
    prebuilt = os.environ.get("LOCKSTEP_PREBUILT")
    if prebuilt:
        shutil.copy(prebuilt, destination)
        return
    swift = shutil.which("swift")
    if swift is None:
        raise SystemExit("lockstep: building needs Swift 6.3 or later: https://www.swift.org/install/linux")
    if not (PACKAGE / "Package.swift").exists():
        raise SystemExit("lockstep: the Swift package is not around this directory; install from a checkout: pip install ./python")
    _run(swift, "build", "--configuration", "release", "--product", PRODUCT)
    objects = PACKAGE / ".build" / "release" / f"{PRODUCT}.product" / "Objects.LinkFileList"
    with tempfile.TemporaryDirectory() as scratch:
        exports = Path(scratch) / "exports.map"
        exports.write_text("{ global: lockstep_*; local: *; };\n")
        _run(
            str(Path(os.path.realpath(swift)).parent / "swiftc"), "-emit-library", "-static-stdlib", "-o", str(destination),
            f"@{objects}", "-lstdc++", "-l_FoundationCollections", "-l_FoundationCShims", "-Xlinker", "-z", "-Xlinker", "defs",
            "-Xlinker", f"--version-script={exports}", "-Xlinker", "--gc-sections", "-Xlinker", "-s",
            "-Xlinker", "-soname", "-Xlinker", LIBRARY)


def _tag() -> str:
    return f"py3-none-linux_{platform.machine()}"


def _metadata(project: dict[str, Any]) -> str:
    lines = [
        "Metadata-Version: 2.1", f"Name: {project['name']}", f"Version: {project['version']}",
        f"Summary: {project['description']}", f"License: {project['license']['text']}",
        f"Requires-Python: {project['requires-python']}",
    ]
    lines += [f"Requires-Dist: {need}" for need in project["dependencies"]]
    lines += ["Description-Content-Type: text/markdown", "", (HERE / project["readme"]).read_text()]
    return "\n".join(lines)


def _wheel_text() -> str:
    return f"Wheel-Version: 1.0\nGenerator: lockstep_build\nRoot-Is-Purelib: false\nTag: {_tag()}\n"


class _Wheel:
    """A wheel being written: an archive, and the list of what it holds."""

    def __init__(self, directory: str) -> None:
        project = _project()
        self.stem = f"{project['name']}-{project['version']}"
        self.information = f"{self.stem}.dist-info"
        self.name = f"{self.stem}-{_tag()}.whl"
        self.archive = zipfile.ZipFile(Path(directory) / self.name, "w", zipfile.ZIP_DEFLATED, compresslevel=9)
        self.records: list[str] = []
        self.project = project

    def add(self, name: str, content: bytes, mode: int = 0o644) -> None:
        entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = (0o100000 | mode) << 16
        self.archive.writestr(entry, content)
        digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
        self.records.append(f"{name},sha256={digest},{len(content)}")

    def finish(self) -> str:
        self.add(f"{self.information}/METADATA", _metadata(self.project).encode())
        self.add(f"{self.information}/WHEEL", _wheel_text().encode())
        record = f"{self.information}/RECORD"
        self.archive.writestr(record, "\n".join([*self.records, f"{record},,", ""]))
        self.archive.close()
        return self.name


def build_wheel(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """The wheel, for ``pip install ./python`` and ``pip wheel ./python``."""
    wheel = _Wheel(wheel_directory)
    for path in sorted((HERE / "lockstep").rglob("*")):
        if path.suffix in (".py", ".pyi") or path.name == "py.typed":
            wheel.add(path.relative_to(HERE).as_posix(), path.read_bytes())
    with tempfile.TemporaryDirectory() as scratch:
        library = Path(scratch) / LIBRARY
        build_library(library)
        wheel.add(f"lockstep/{LIBRARY}", library.read_bytes(), 0o755)
    return wheel.finish()


def build_editable(wheel_directory: str, config_settings: Any = None, metadata_directory: str | None = None) -> str:
    """A wheel that points to the Python files here, for ``pip install --editable ./python``; the library is put beside them."""
    build_library(HERE / "lockstep" / LIBRARY)
    wheel = _Wheel(wheel_directory)
    wheel.add("lockstep.pth", f"{HERE}\n".encode())
    return wheel.finish()


def build_sdist(sdist_directory: str, config_settings: Any = None) -> str:
    """There is none: the Swift package around this directory belongs to the source."""
    raise NotImplementedError("the source of this package is the whole checkout; build a wheel instead: pip wheel ./python")
