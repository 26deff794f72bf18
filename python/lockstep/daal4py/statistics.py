# SPDX-License-Identifier: Apache-2.0
"""Covariance and low-order moments."""

from __future__ import annotations

from typing import Any

import numpy as np

from . import _engine, _input
from ._algorithm import Attributes, Sweep

_METHODS = {"defaultDense", "singlePassDense", "sumDense", "fastCSR", "singlePassCSR", "sumCSR"}


class covariance_result(Attributes):
    """What :class:`covariance` found, the same on all processes.

    Attributes
    ----------
    covariance, correlation : array, p × p
        Both are the matrix that was asked for.
    mean : array, 1 × p
    """

    _names = ("covariance", "correlation", "mean")


class covariance(Sweep):
    """Covariance or correlation of columns.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : str
        Any of the predecessor's; all give the same numbers.
    outputMatrixType : {"covarianceMatrix", "correlationMatrix"}
    distributed, streaming : bool
    """

    _methods = _METHODS

    def __init__(
        self, fptype: str = "double", method: str = "defaultDense", outputMatrixType: str = "", distributed: bool = False,
        streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.outputMatrixType = outputMatrixType
        _engine.choices(outputMatrixType, {"covarianceMatrix", "correlationMatrix"})

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "covariance", {"includesCorrelation": self.outputMatrixType == "correlationMatrix"}

    def _result(self, model: Any) -> covariance_result:
        if self.outputMatrixType == "correlationMatrix":
            matrix = self._array(model["correlation"])
        else:
            # Of one row, the predecessor divides by 1.
            matrix = self._array(model["covariance"] if model.row_count > 1 else np.zeros_like(model["covariance"]))
        return covariance_result(covariance=matrix, correlation=matrix, mean=self._array(model["means"]))

    def compute(self, data: Any, *parts: Any) -> Any:
        """The matrix of all rows; None when streaming. ``parts`` are put into a file name such as ``"file{}.csv"``."""
        return self._observe(lambda: _input.table(_input.named(data, parts)))


class low_order_moments_result(Attributes):
    """What :class:`low_order_moments` found, ten arrays of 1 × p, the same on all processes."""

    _names = (
        "minimum", "maximum", "sum", "sumSquares", "sumSquaresCentered", "mean", "secondOrderRawMoment", "variance",
        "standardDeviation", "variation",
    )


class low_order_moments(Sweep):
    """Minimum, maximum, sums, mean, variance and deviation of each column.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : str
        Any of the predecessor's; all give the same numbers.
    estimatesToCompute : {"estimatesAll", "estimatesMinMax", "estimatesMeanVariance"}
        All are computed whatever is asked for.
    distributed, streaming : bool
    """

    _methods = _METHODS

    def __init__(
        self, fptype: str = "double", method: str = "defaultDense", estimatesToCompute: str = "", distributed: bool = False,
        streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.estimatesToCompute = estimatesToCompute
        _engine.choices(estimatesToCompute, {"estimatesAll", "estimatesMinMax", "estimatesMeanVariance"})

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "moments", {}

    def _result(self, model: Any) -> low_order_moments_result:
        return low_order_moments_result(**{name: self._array(model[name]) for name in low_order_moments_result._names})

    def compute(self, data: Any, *parts: Any) -> Any:
        """The moments of all rows; None when streaming. ``parts`` are put into a file name such as ``"file{}.csv"``."""
        return self._observe(lambda: _input.table(_input.named(data, parts)))
