# SPDX-License-Identifier: Apache-2.0
"""Principal components, singular values, QR."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from .._errors import LockstepError
from . import _engine, _input
from ._algorithm import Algorithm, Attributes, Sweeps


class normalization_zscore(Algorithm):
    """How ``pca(method="svdDense")`` scales columns; a parameter of that, and no more.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense", "sumDense"}
    resultsToCompute : str
    doScale : bool
        Whether columns are divided by their deviation, or centred only.
    """

    _methods = {"defaultDense", "sumDense"}

    def __init__(
        self, fptype: str = "double", method: str = "defaultDense", resultsToCompute: str = "", doScale: bool = False,
    ) -> None:
        super().__init__(fptype, method)
        self.resultsToCompute, self.doScale = resultsToCompute, doScale


class pca_result(Attributes):
    """What :class:`pca` found, the same on all processes.

    Attributes
    ----------
    eigenvalues : array, 1 × k
        Descending.
    eigenvectors : array, k × p
        A component in each row.
    means, variances : array, 1 × p, or None
        If they were asked for.
    dataForTransform : dict
        ``mean``, ``variance`` and ``eigenvalue``, each None unless it was asked for.
    """

    _names = ("eigenvalues", "eigenvectors", "means", "variances", "dataForTransform")


class pca(Algorithm):
    """Principal components, of the correlation.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"correlationDense", "defaultDense", "svdDense"}
        From the correlation, or from the singular values of the scaled rows, which is more accurate for small eigenvalues.
    resultsToCompute : str
        Any of ``mean``, ``variance``, ``eigenvalue``, joined by ``|``.
    nComponents : int
        -1 and 0 are all.
    isDeterministic : bool
        The largest loading of each component is positive, with or without.
    doScale : bool
        Without effect: columns are scaled.
    isCorrelation : bool
        Whether the input is a correlation matrix; on one process only.
    normalization : normalization_zscore, optional
        For svdDense: whether columns are scaled or only centred.
    distributed : bool
    """

    _methods = {"correlationDense", "defaultDense", "svdDense"}

    def __init__(
        self, fptype: str = "double", method: str = "correlationDense", resultsToCompute: str = "", nComponents: int = -1,
        isDeterministic: bool = False, doScale: bool = False, isCorrelation: bool = False, normalization: Any = None,
        distributed: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed)
        self.resultsToCompute, self.isDeterministic, self.doScale = resultsToCompute, isDeterministic, doScale
        self.isCorrelation, self.normalization = isCorrelation, normalization
        self.nComponents = _engine.count("pca", "nComponents", nComponents, default=0, minimum=0)
        _engine.choices(resultsToCompute, {"none", "mean", "variance", "eigenvalue"})
        if normalization is not None and not isinstance(normalization, normalization_zscore):
            raise TypeError(f"normalization is a normalization_zscore, not {type(normalization).__name__}")

    def compute(self, data: Any, correlation: Any = None, *parts: Any) -> pca_result:
        """The components of all rows.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
            May be None if there is a correlation.
        correlation : array, p × p, optional
            The correlation, with ``isCorrelation``. A number is put into the file name, as ``parts`` are.
        """
        if isinstance(correlation, (int, np.integer)):
            parts, correlation = (correlation, *parts), None
        if self.isCorrelation and not self.distributed:
            if correlation is not None:
                return self._of_correlation(_input.matrix(correlation))
            if not _input.is_path(data) and len(shape := np.shape(data)) == 2 and shape[0] == shape[1]:
                return self._of_correlation(_input.matrix(data))
            raise ValueError("isCorrelation needs a correlation matrix")
        parameters: dict[str, Any] = {"method": "svd" if self.method == "svdDense" else "correlation"}
        if self.method == "svdDense" and self.normalization is not None:
            parameters["isScaled"] = self.normalization.doScale
        if self.nComponents:
            parameters["componentCount"] = self.nComponents
        rows = self._together(lambda: _input.table(_input.named(data, parts)))
        model = self._fit("pca", parameters, rows)
        return self._result(model["eigenvalues"], model["components"], model["means"], model["variances"])

    def _of_correlation(self, matrix: np.ndarray) -> pca_result:
        if matrix.shape[0] != matrix.shape[1] or not np.isfinite(matrix).all():
            raise ValueError(f"a correlation is a square matrix of finite numbers; this one is {matrix.shape}")
        values, vectors = np.linalg.eigh(matrix)
        values, vectors = np.maximum(values[::-1], 0), vectors.T[::-1].copy()
        for vector in vectors:
            if vector[np.argmax(np.abs(vector))] < 0:
                vector *= -1
        count = self.nComponents or len(values)
        return self._result(values[:count], vectors[:count], None, None)

    def _result(self, eigenvalues: Any, components: Any, means: Any, variances: Any) -> pca_result:
        wanted = _engine.choices(self.resultsToCompute, {"none", "mean", "variance", "eigenvalue"})
        values = self._array(eigenvalues)
        mean = self._array(means) if "mean" in wanted and means is not None else None
        variance = self._array(variances) if "variance" in wanted and variances is not None else None
        return pca_result(
            eigenvalues=values, eigenvectors=self._array(components), means=mean, variances=variance,
            dataForTransform={
                "mean": mean, "variance": variance, "eigenvalue": values if "eigenvalue" in wanted else None,
            })


class pca_transform_result(Attributes):
    """``transformedData``: the scores of the rows of this process, n × k."""

    _names = ("transformedData",)


class pca_transform(Algorithm):
    """Scores of rows on principal components; local.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    nComponents : int
        -1 and 0 are all.
    """

    def __init__(self, fptype: str = "double", method: str = "defaultDense", nComponents: int = -1) -> None:
        super().__init__(fptype, method)
        self.nComponents = _engine.count("pca_transform", "nComponents", nComponents, default=0, minimum=0)

    def compute(self, data: Any, eigenvectors: Any, dataForTransform: Any) -> pca_transform_result:
        """((x − mean) / √variance) · eigenvectorsᵀ / √eigenvalue, each where the dict has it; 1/√0 is 0.

        Parameters
        ----------
        data : file name, path, 2-d array, list of columns, frame, sparse matrix or Arrow table
        eigenvectors : array, k × p
        dataForTransform : dict
            ``pca_result.dataForTransform``, or any part of it. With ``eigenvalue``, scores are whitened.
        """
        try:
            rows = _input.matrix(data)
        except LockstepError as error:
            _engine.fail(error)
        vectors = _input.matrix(eigenvectors)
        if self.nComponents:
            if self.nComponents > len(vectors):
                raise RuntimeError(f"Incorrect parameter nComponents: {self.nComponents} of {len(vectors)} eigenvectors")
            vectors = vectors[: self.nComponents]
        if rows.shape[1] != vectors.shape[1]:
            raise RuntimeError(
                f"Number of columns in numeric table is incorrect: {rows.shape[1]} of the data, {vectors.shape[1]} of the eigenvectors")
        parts = self._parts(dataForTransform, vectors.shape)
        if "variance" in parts:
            vectors = vectors * _inverse_root(parts["variance"])
        if "eigenvalue" in parts:
            vectors = vectors * _inverse_root(parts["eigenvalue"])[:, None]
        centred = rows - parts["mean"] if "mean" in parts else rows
        return pca_transform_result(transformedData=self._array(centred @ vectors.T))

    @staticmethod
    def _parts(given: Any, shape: tuple[int, int]) -> dict[str, np.ndarray]:
        if given is None:
            return {}
        if not isinstance(given, Mapping):
            raise TypeError(f"dataForTransform is a dict, not {type(given).__name__}")
        parts = {}
        for name, value in given.items():
            if value is None:
                raise ValueError(f"Unexpected object 'NoneType' found in dict for {name!r}, expected an array")
            part = np.asarray(value, dtype=np.float64).reshape(-1)
            if name == "eigenvalue":
                part = part[: shape[0]]
            if len(part) != shape[0 if name == "eigenvalue" else 1]:
                raise RuntimeError(f"Number of columns in numeric table is incorrect: {len(part)} of {name!r} for eigenvectors of {shape}")
            parts[name] = part
        return parts


def _inverse_root(values: np.ndarray) -> np.ndarray:
    positive = values > 0
    return np.where(positive, 1 / np.sqrt(np.where(positive, values, 1)), 0)


class svd_result(Attributes):
    """What :class:`svd` found: X = leftSingularMatrix · diag(singularValues) · rightSingularMatrix.

    Attributes
    ----------
    singularValues : array, 1 × p
        Descending, the same on all processes.
    leftSingularMatrix : array, n × p, or None
        For the rows of this process.
    rightSingularMatrix : array, p × p, or None
        Vᵀ, the same on all processes.
    """

    _names = ("singularValues", "leftSingularMatrix", "rightSingularMatrix")


class svd(Sweeps):
    """The thin singular value decomposition of tall data.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    leftSingularMatrix, rightSingularMatrix : {"requiredInPackedForm", "notRequired"}
        An attribute that is not required is None.
    distributed, streaming : bool
    """

    _name = "svd"

    def __init__(
        self, fptype: str = "double", method: str = "defaultDense", leftSingularMatrix: str = "",
        rightSingularMatrix: str = "", distributed: bool = False, streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)
        self.leftSingularMatrix, self.rightSingularMatrix = leftSingularMatrix, rightSingularMatrix
        for choice in (leftSingularMatrix, rightSingularMatrix):
            _engine.choices(choice, {"requiredInPackedForm", "notRequired"})

    def _result(self, model: Any, values: np.ndarray | None) -> svd_result:
        required = self.rightSingularMatrix != "notRequired"
        return svd_result(
            singularValues=self._array(model["singularValues"]),
            leftSingularMatrix=None if values is None else self._array(values),
            rightSingularMatrix=self._array(model["rightSingularVectors"]) if required else None)

    def _computed(self, prepare: Any) -> svd_result:
        if self.leftSingularMatrix != "notRequired":
            return super()._computed(prepare)  # type: ignore[no-any-return]
        return self._result(self._fit("svd", {}, self._together(prepare)), None)


class qr_result(Attributes):
    """What :class:`qr` found: X = matrixQ · matrixR.

    Attributes
    ----------
    matrixQ : array, n × p
        For the rows of this process.
    matrixR : array, p × p
        Upper triangular with a diagonal that is not negative, the same on all processes.
    """

    _names = ("matrixQ", "matrixR")


class qr(Sweeps):
    """The thin QR decomposition of tall data.

    Parameters
    ----------
    fptype : {"double", "float"}
    method : {"defaultDense"}
    distributed, streaming : bool
    """

    _name = "qr"

    def __init__(
        self, fptype: str = "double", method: str = "defaultDense", distributed: bool = False, streaming: bool = False,
    ) -> None:
        super().__init__(fptype, method, distributed, streaming)

    def _result(self, model: Any, values: np.ndarray) -> qr_result:
        return qr_result(matrixQ=self._array(values), matrixR=self._array(model["r"]))
