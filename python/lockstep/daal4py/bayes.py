# SPDX-License-Identifier: Apache-2.0
"""Multinomial naive Bayes."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import LockstepError
from .._rows import accompanied
from . import _engine, _input
from ._algorithm import Algorithm, Attributes, Sweep, needed

_METHODS = {"defaultDense", "fastCSR"}
_RESULTS = {"computeClassLabels", "computeClassProbabilities", "computeClassLogProbabilities"}


class multinomial_naive_bayes_model(Attributes):
    """A classifier, the same on all processes.

    Attributes
    ----------
    LogP : array, k × 1
        Logarithms of the priors, which are those given or uniform, never the classes' shares.
    LogTheta : array, k × p
        Logarithms of the probabilities of the columns.
    AuxTable : array, k × p
        Their sum, by which rows are classified.
    NumberOfFeatures, NFeatures : int
        p.
    """

    _names = ("LogP", "LogTheta", "AuxTable", "NumberOfFeatures", "NFeatures")

    AuxTable: np.ndarray


class multinomial_naive_bayes_training_result(Attributes):
    """``model``: a multinomial_naive_bayes_model."""

    _names = ("model",)


def _column(given: Any, length: int | None, name: str) -> np.ndarray:
    values = _input.matrix(given).reshape(-1)
    if length is not None and len(values) != length:
        raise RuntimeError(f"Number of rows in numeric table is incorrect: {len(values)} of {name} for {length} classes")
    if not (values > 0).all():
        raise RuntimeError(f"Incorrect parameter {name}: numbers above 0 are needed")
    return values


class multinomial_naive_bayes_training(Sweep):
    """The class of a row of counts, from how often each class has each column.

    Parameters
    ----------
    nClasses : int
        2 or more; labels are 0 … nClasses - 1.
    fptype : {"double", "float"}
    method : {"defaultDense", "fastCSR"}
    priorClassEstimates : array, k × 1, optional
        The priors; default uniform. In ``AuxTable`` the logarithm of the prior is added to every column, so that it counts as often as
        the row has draws.
    alpha : array, 1 × p, optional
        Pseudo-counts; default 1.
    resultsToEvaluate : str
        Without effect.
    distributed, streaming : bool
    """

    _methods = _METHODS

    def __init__(
        self, nClasses: int, fptype: str = "double", method: str = "defaultDense", priorClassEstimates: Any = None,
        alpha: Any = None, resultsToEvaluate: str = "", distributed: bool = False, streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.nClasses = _engine.count("multinomial_naive_bayes_training", "nClasses", nClasses, minimum=2)
        self.priorClassEstimates, self.alpha, self.resultsToEvaluate = priorClassEstimates, alpha, resultsToEvaluate
        _engine.choices(resultsToEvaluate, _RESULTS)

    def _method(self) -> tuple[str, dict[str, Any]]:
        smoothing = [1.0] if self.alpha is None else _column(self.alpha, None, "alpha").tolist()
        return "naive-bayes", {"classes": list(range(self.nClasses)), "priors": "uniform", "smoothing": smoothing}

    def _result(self, model: Any) -> multinomial_naive_bayes_training_result:
        log_theta = model["logProbabilities"]
        if self.priorClassEstimates is None:
            log_p = np.full(self.nClasses, -np.log(self.nClasses))
        else:
            log_p = np.log(_column(self.priorClassEstimates, self.nClasses, "priorClassEstimates"))
        features = log_theta.shape[1]
        return multinomial_naive_bayes_training_result(model=multinomial_naive_bayes_model(
            LogP=self._array(log_p.reshape(-1, 1)), LogTheta=self._array(log_theta),
            AuxTable=self._array(log_theta + log_p.reshape(-1, 1)), NumberOfFeatures=features, NFeatures=features))

    def compute(self, data: Any, labels: Any, weights: Any = None) -> Any:
        """The classifier of all rows; None when streaming.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
            Counts, n × p.
        labels : the same
            n × 1.
        weights : the same, optional
            How often each row counts, n × 1.
        """
        return self._observe(lambda: accompanied(
            _input.table(data), weights=None if weights is None else _input.matrix(weights),
            labels=_input.labels(needed(labels, "labels"), self.nClasses)))


class classifier_prediction_result(Attributes):
    """``prediction``: the class of each row of this process, n × 1; ``probabilities`` and ``logProbabilities`` are None."""

    _names = ("prediction", "probabilities", "logProbabilities")


class multinomial_naive_bayes_prediction(Algorithm):
    """Classes of rows; local.

    Parameters
    ----------
    nClasses : int
    fptype : {"double", "float"}
    method : {"defaultDense", "fastCSR"}
    priorClassEstimates, alpha, resultsToEvaluate
        Without effect: the model has them.
    """

    _methods = _METHODS

    def __init__(
        self, nClasses: int, fptype: str = "double", method: str = "defaultDense", priorClassEstimates: Any = None,
        alpha: Any = None, resultsToEvaluate: str = "",
    ) -> None:
        super().__init__(fptype, method)
        self.nClasses = _engine.count("multinomial_naive_bayes_prediction", "nClasses", nClasses, minimum=2)
        self.priorClassEstimates, self.alpha, self.resultsToEvaluate = priorClassEstimates, alpha, resultsToEvaluate
        _engine.choices(resultsToEvaluate, _RESULTS)

    def compute(self, data: Any, model: multinomial_naive_bayes_model) -> classifier_prediction_result:
        """The class of the largest Σ xⱼ · AuxTable[class, j], ties to the lowest, for each row of this process.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        model : the ``model`` of the training's result
        """
        table = np.asarray(model.AuxTable, dtype=np.float64)
        if len(table) != self.nClasses:
            raise RuntimeError(f"Incorrect parameter nClasses: {self.nClasses}, and the model has {len(table)}")
        if hasattr(data, "tocsr"):
            rows = data.tocsr()
        else:
            try:
                rows = _input.matrix(data)
            except LockstepError as error:
                _engine.fail(error)
        if rows.shape[1] != table.shape[1]:
            raise RuntimeError(
                f"Number of columns in numeric table is incorrect: {rows.shape[1]} of the data, {table.shape[1]} of the model")
        labels = np.argmax(rows @ table.T, axis=1)
        return classifier_prediction_result(prediction=self._array(labels.reshape(-1, 1)))
