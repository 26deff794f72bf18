# SPDX-License-Identifier: Apache-2.0
# Sourced by scripts that run Python: the package as a user has it, a wheel built from here, in a virtual environment of its own.
#
#   install_package NAME     for the script NAME, which ends, content, with a line where Python or NumPy cannot be had
readonly environment=.build/python-environment

skip() {
  echo "$script: skipped, $*"
  exit 0
}

install_package() {
  script=$1
  local python wheels
  python=$(command -v python3 || true)
  [ -n "$python" ] || skip "python3 is not on PATH"
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || skip "$("$python" --version) is older than 3.11"

  if ! "$environment/bin/python" -c 'import numpy' 2>/dev/null; then
    rm -rf "$environment"
    "$python" -m venv "$environment" 2>/dev/null ||
      skip "python3 makes no virtual environments (Debian: apt-get install python3-venv)"
    # What needs scikit-learn, pandas, Arrow or mypy skips itself where these are not.
    "$environment/bin/pip" install --quiet numpy scipy scikit-learn pandas pyarrow polars matplotlib mypy pytest ||
      "$environment/bin/pip" install --quiet numpy ||
      { rm -rf "$environment"; skip "NumPy cannot be installed here"; }
  fi

  wheels=$(mktemp -d)
  "$environment/bin/pip" wheel --quiet --no-deps --wheel-dir "$wheels" ./python
  "$environment/bin/pip" install --quiet --no-deps --force-reinstall "$wheels"/*.whl
  echo "$script: $(du -k "$wheels"/*.whl | cut -f1) KiB of wheel, $(du -k "$environment"/lib/python3*/site-packages/lockstep/liblockstep.so | cut -f1) KiB of library"
  rm -rf "$wheels"
}
