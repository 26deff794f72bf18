# SPDX-License-Identifier: Apache-2.0
"""Linear and ridge regression."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _core
from .._errors import LockstepError
from .._rows import accompanied
from . import _engine, _input
from ._algorithm import Algorithm, Attributes, Sweep, needed


class _Model(Attributes):
    """Coefficients, the same on all processes.

    Attributes
    ----------
    Beta : array, q × (p + 1)
        The intercept, or 0, and then the coefficients of each response.
    InterceptFlag : bool
    NumberOfBetas, NumberOfFeatures, NumberOfResponses : int
        p + 1, p and q.
    """

    _names = ("NumberOfBetas", "NumberOfResponses", "InterceptFlag", "Beta", "NumberOfFeatures")

    NumberOfResponses: int

    def __init__(self, fitted: _core.Model, has_intercept: bool, kind: Any) -> None:
        coefficients = fitted["coefficients"]
        responses, features = coefficients.shape
        beta = np.hstack([np.reshape(fitted["intercepts"], (-1, 1)), coefficients]).astype(kind)
        super().__init__(
            NumberOfBetas=features + 1, NumberOfResponses=responses, InterceptFlag=has_intercept, Beta=beta,
            NumberOfFeatures=features)
        self._fitted = fitted


class linear_regression_model(_Model):
    __doc__ = _Model.__doc__


class ridge_regression_model(_Model):
    __doc__ = _Model.__doc__


class _TrainingResult(Attributes):
    _names = ("model",)


class linear_regression_training_result(_TrainingResult):
    """``model``: a linear_regression_model."""


class ridge_regression_training_result(_TrainingResult):
    """``model``: a ridge_regression_model."""


class _Training(Sweep):
    interceptFlag: bool

    def compute(self, data: Any, dependentVariables: Any) -> Any:
        """The model of all rows; None when streaming.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
            n × p.
        dependentVariables : the same
            n × q.
        """
        return self._observe(lambda: accompanied(
            _input.table(data), _input.matrix(needed(dependentVariables, "dependentVariables"))))


class linear_regression_training(_Training):
    """Least squares.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"normEqDense", "defaultDense", "qrDense"}
        All give the same numbers.
    interceptFlag : bool
        Whether there is an intercept; by default there is none.
    distributed, streaming : bool
    """

    _methods = {"normEqDense", "defaultDense", "qrDense"}

    def __init__(
        self, fptype: str = "double", method: str = "normEqDense", interceptFlag: bool = False, distributed: bool = False,
        streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.interceptFlag = bool(interceptFlag)

    def _method(self) -> tuple[str, dict[str, Any]]:
        return "linear-regression", {"fitsIntercept": self.interceptFlag}

    def _result(self, model: Any) -> linear_regression_training_result:
        return linear_regression_training_result(model=linear_regression_model(model, self.interceptFlag, self._type))


class ridge_regression_training(_Training):
    """Least squares with a penalty on the coefficients: λ ‖b‖² is added; the intercept is free.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"normEqDense", "defaultDense"}
    ridgeParameters : array, 1 × 1 or 1 × q, optional
        λ, for all responses or for each; default 1. A number is the same for all.
    interceptFlag : bool
        Whether there is an intercept; by default there is none.
    distributed, streaming : bool
    """

    _methods = {"normEqDense", "defaultDense"}

    def __init__(
        self, fptype: str = "double", method: str = "normEqDense", ridgeParameters: Any = None, interceptFlag: bool = False,
        distributed: bool = False, streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.ridgeParameters = ridgeParameters
        self.interceptFlag = bool(interceptFlag)

    def _method(self) -> tuple[str, dict[str, Any]]:
        penalties = [1.0]
        if self.ridgeParameters is not None:
            given = self.ridgeParameters
            penalties = (np.asarray(given, np.float64) if np.isscalar(given) else _input.matrix(given)).reshape(-1).tolist()
        if not any(penalties):
            # Without a penalty, dependent columns leave a choice, which the other method makes.
            return "linear-regression", {"fitsIntercept": self.interceptFlag}
        return "ridge-regression", {"fitsIntercept": self.interceptFlag, "regularization": penalties}

    def _result(self, model: Any) -> ridge_regression_training_result:
        return ridge_regression_training_result(model=ridge_regression_model(model, self.interceptFlag, self._type))


class _PredictionResult(Attributes):
    _names = ("prediction",)


class linear_regression_prediction_result(_PredictionResult):
    """``prediction``: the responses of the rows of this process, n × q."""


class ridge_regression_prediction_result(_PredictionResult):
    """``prediction``: the responses of the rows of this process, n × q."""


class _Prediction(Algorithm):
    _makes: type[_PredictionResult]

    def __init__(self, fptype: str = "double", method: str = "defaultDense") -> None:
        super().__init__(fptype, method)

    def compute(self, data: Any, model: _Model) -> Any:
        """The responses that a model expects for the rows of this process.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        model : the ``model`` of a training's result
        """
        if not isinstance(model, _Model):
            raise TypeError(f"a model of a regression is needed, not {type(model).__name__}")
        try:
            values = model._fitted.predict(_input.table(data), comm=_engine.group(False))
        except LockstepError as error:
            _engine.fail(error, "Number of columns in numeric table is incorrect" if error.code == "shapeMismatch" else None)
        return self._makes(prediction=self._array(np.reshape(values, (-1, model.NumberOfResponses))))


class linear_regression_prediction(_Prediction):
    """Responses by a linear regression; local.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    """

    _makes = linear_regression_prediction_result


class ridge_regression_prediction(_Prediction):
    """Responses by a ridge regression; local.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    """

    _makes = ridge_regression_prediction_result
