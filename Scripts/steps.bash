# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Runs named steps one after another, times them, goes on after a failure, and sums up at the end. Sourced.

steps_report=()
steps_failed=0

# step NAME COMMAND...
step() {
  local name=$1 start=$SECONDS status=0 outcome=passed
  shift
  printf '\n==> %s\n' "$name"
  "$@" || status=$?
  if [ "$status" -ne 0 ]; then
    outcome="FAILED ($status)"
    steps_failed=$((steps_failed + 1))
  fi
  steps_report+=("$(printf '%-42s %5d s   %s' "$name" $((SECONDS - start)) "$outcome")")
  printf '<== %s: %s, %d s\n' "$name" "$outcome" $((SECONDS - start))
  return "$status"
}

# The last command of a script that uses `step`: prints the table, and exits with 1 if a step failed.
steps_end() {
  printf '\n'
  printf '%s\n' "${steps_report[@]}"
  [ "$steps_failed" -eq 0 ] || exit 1
}
