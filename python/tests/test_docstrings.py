# SPDX-License-Identifier: Apache-2.0
"""Every public name says what it is, in NumPy's form, with an example that runs."""

import doctest
import importlib.util
import inspect
import unittest
import warnings

import lockstep
import lockstep.plot

HAS_MATPLOTLIB = bool(importlib.util.find_spec("matplotlib"))
if HAS_MATPLOTLIB:
    import matplotlib

    matplotlib.use("Agg")


def public() -> dict[str, object]:
    """All public names, with what has their docstring."""
    found = {}
    for module in (lockstep, lockstep.plot):
        for name in module.__all__:
            value = getattr(module, name)
            prefix = "" if module is lockstep else "plot."
            found[prefix + name] = value if inspect.isclass(value) or inspect.isroutine(value) else type(value)
    return found


class Docstrings(unittest.TestCase):
    def test_examples_run(self) -> None:
        finder, runner = doctest.DocTestFinder(recurse=False), doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE)
        for name, value in public().items():
            if name.startswith("plot.") and not HAS_MATPLOTLIB:
                continue
            with self.subTest(name), warnings.catch_warnings():
                warnings.simplefilter("ignore")
                tests = finder.find(value, name, globs={})
                self.assertTrue(any(test.examples for test in tests), f"{name} has no example")
                for test in tests:
                    said: list[str] = []
                    failed = runner.run(test, out=said.append).failed
                    self.assertEqual(failed, 0, "".join(said))

    def test_parameters_and_methods(self) -> None:
        for name, value in public().items():
            text = inspect.getdoc(value) or ""
            if inspect.isclass(value):
                for method, function in inspect.getmembers(value):
                    if not method.startswith("_") and (callable(function) or isinstance(function, property)):
                        self.assertTrue(inspect.getdoc(function), f"{name}.{method} has no docstring")
                if issubclass(value, (BaseException, dict)):
                    continue
            signature = inspect.signature(value)  # type: ignore[arg-type]
            several = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            told = {parameter.name for parameter in signature.parameters.values() if parameter.kind not in several} - {"handle"}
            for parameter in sorted(told):
                self.assertIn(parameter, text, f"{name} does not say what {parameter} is")
