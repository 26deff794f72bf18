# SPDX-License-Identifier: Apache-2.0
"""Runs scikit-learn's own tests with our estimators in the place of theirs: sklearn_suites.py [SUITE]... [--failures]

Only tests that make one of our estimators count. One that fails is either on the list beside this file, sklearn_out_of_scope.txt, with the
reason, or makes this program end with 1; so does a test on the list that passes, and a line of it that means no test.
"""

from __future__ import annotations

import fnmatch
import os
import re
import sys
import tempfile
from importlib import import_module
from pathlib import Path
from typing import Any

import lockstep
import pytest

LIST = Path(__file__).with_name("sklearn_out_of_scope.txt")

# suite: the module with the tests, and which of our estimators stand for those of which package
SUITES = {
    "kmeans": ("sklearn.cluster.tests.test_k_means", "sklearn.cluster", ("KMeans",)),
    "pca": ("sklearn.decomposition.tests.test_pca", "sklearn.decomposition", ("PCA",)),
    "svd": ("sklearn.decomposition.tests.test_truncated_svd", "sklearn.decomposition", ("TruncatedSVD",)),
    "covariance": ("sklearn.covariance.tests.test_covariance", "sklearn.covariance", ("EmpiricalCovariance", "LedoitWolf")),
    "linear": ("sklearn.linear_model.tests.test_base", "sklearn.linear_model", ("LinearRegression",)),
    "ridge": ("sklearn.linear_model.tests.test_ridge", "sklearn.linear_model", ("Ridge",)),
    "scaler": ("sklearn.preprocessing.tests.test_data", "sklearn.preprocessing", ("StandardScaler",)),
    "glm": ("sklearn.linear_model._glm.tests.test_glm", "sklearn.linear_model", ("PoissonRegressor", "GammaRegressor")),
    "elastic": (
        "sklearn.linear_model.tests.test_coordinate_descent", "sklearn.linear_model", ("ElasticNet", "Lasso", "ElasticNetCV", "LassoCV"),
    ),
    "bayes": ("sklearn.tests.test_naive_bayes", "sklearn.naive_bayes", ("MultinomialNB",)),
}


class Plugin:
    """Notes which tests make one of our estimators, and how they end."""

    def __init__(self, classes: list[type]) -> None:
        self.outcomes: dict[str, str] = {}
        self.reasons: dict[str, str] = {}
        self.touched = False
        for kind in classes:
            self._watch(kind)

    def _watch(self, kind: type) -> None:
        def made(cls: type, *arguments: Any, **named: Any) -> Any:
            self.touched = True
            return object.__new__(cls)

        kind.__new__ = staticmethod(made)  # type: ignore[method-assign, assignment]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: Any) -> Any:
        self.touched = False
        result = yield
        if not self.touched:
            self.outcomes.pop(self._name(item.nodeid), None)
        return result

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when == "call" or report.outcome != "passed":
            name = self._name(report.nodeid)
            self.outcomes[name] = report.outcome
            if report.outcome == "failed":
                crash = getattr(report.longrepr, "reprcrash", None)
                self.reasons[name] = crash.message if crash else str(report.longrepr)

    @staticmethod
    def _name(nodeid: str) -> str:
        return nodeid.partition("::")[2]


def out_of_scope() -> dict[str, list[str]]:
    """Of each suite the patterns of tests that may fail; lines of the file are ``suite pattern``, reasons are comments above them."""
    found: dict[str, list[str]] = {suite: [] for suite in SUITES}
    for line in LIST.read_text().splitlines():
        if line and not line.startswith("#"):
            suite, _, pattern = line.partition(" ")
            found[suite].append(pattern)
    return found


def matches(name: str, pattern: str) -> bool:
    """Whether a test is meant by a line: by its whole name, its function's, or with * for anything."""
    if name == pattern or name.partition("[")[0] == pattern:
        return True
    return fnmatch.fnmatchcase(name, re.sub(r"[\[\]]", lambda found: f"[{found.group()}]", pattern))


def list_errors(patterns: list[str], outcomes: dict[str, str]) -> list[str]:
    """What is wrong with a list: lines that mean no test, and tests on it that pass."""
    found = []
    for pattern in patterns:
        meant = [name for name in outcomes if matches(name, pattern)]
        if not meant:
            found.append(f"{pattern} is on the list, and there is no such test")
        found += [f"{name} is on the list ({pattern}), and passes" for name in meant if outcomes[name] == "passed"]
    return found


def main(arguments: list[str]) -> int:
    chosen = [word for word in arguments if not word.startswith("-")] or list(SUITES)
    listed = out_of_scope()
    status = 0
    print(f"{'suite':<12}{'tests':>6}{'passed':>8}{'skipped':>9}{'out of scope':>14}{'failed':>8}")
    for suite in chosen:
        module, package, names = SUITES[suite]
        places = import_module(package)
        for name in names:
            setattr(places, name, getattr(lockstep, name))
        plugin = Plugin([getattr(lockstep, name) for name in names])
        file = import_module(module.rpartition(".")[0]).__path__[0] + "/" + module.rpartition(".")[2] + ".py"
        with tempfile.TemporaryDirectory() as scratch:
            said = os.dup(1)
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, 1)
            try:
                pytest.main(
                    ["-q", "-p", "no:cacheprovider", "--tb=line", "--no-header", "--import-mode=importlib", f"--rootdir={scratch}",
                     "-c", os.devnull, "--pyargs", module if not os.path.exists(file) else file], plugins=[plugin])
            finally:
                sys.stdout.flush()
                os.dup2(said, 1)
                os.close(said)
                os.close(sink)
        failed = sorted(name for name, outcome in plugin.outcomes.items() if outcome == "failed")
        expected = [name for name in failed if any(matches(name, pattern) for pattern in listed[suite])]
        surprising = [name for name in failed if name not in expected]
        counts = [sum(outcome == what for outcome in plugin.outcomes.values()) for what in ("passed", "skipped")]
        print(f"{suite:<12}{len(plugin.outcomes):>6}{counts[0]:>8}{counts[1]:>9}{len(expected):>14}{len(surprising):>8}", flush=True)
        for name in failed if "--failures" in arguments else surprising:
            print(f"  {name}: {plugin.reasons[name].splitlines()[0][:200] if plugin.reasons[name] else ''}")
        wrong = list_errors(listed[suite], plugin.outcomes)
        for words in wrong:
            print(f"  {words}")
        if surprising or wrong or not plugin.outcomes:
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
