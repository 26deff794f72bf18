# SPDX-License-Identifier: Apache-2.0
"""Statistics and learning over rows that are spread across MPI processes, with the same bits for any number of them.

``lockstep.world`` is the group of all processes that were started together; the first look at it starts MPI, if there is any.
``lockstep.local`` is this process alone, which is what everything uses that is not given ``comm=``.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from . import _handles, _world
from ._bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from ._cluster_scores import calinski_harabasz_score, davies_bouldin_score, silhouette_score
from ._clusters import DBSCAN, KMeans
from ._core import Model, Stream, fit, methods
from ._covariances import OAS, EmpiricalCovariance, LedoitWolf
from ._decompositions import PCA, TruncatedSVD
from ._elastic_net import ElasticNet, ElasticNetCV, Lasso, LassoCV
from ._errors import (
    ArgumentError,
    CommunicationError,
    DataError,
    FileError,
    InternalError,
    LockstepError,
    MemoryShortage,
    MissingFileError,
    NotFiniteError,
    ShapeError,
)
from ._functions import Description, describe, qr
from ._generalized import GammaRegressor, LogisticRegression, PoissonRegressor
from ._linear import LinearRegression, Ridge
from ._ridge_path import RidgeCV
from ._rows import Rows, read, rows
from ._scaling import StandardScaler
from ._validation import NotFittedError
from ._world import Communicator

__version__: str = _handles.library.version().decode()

__all__ = [
    "ArgumentError", "BernoulliNB", "CommunicationError", "Communicator", "ComplementNB", "DBSCAN", "DataError", "Description",
    "ElasticNet", "ElasticNetCV", "EmpiricalCovariance", "FileError", "GammaRegressor", "GaussianNB", "InternalError", "KMeans",
    "Lasso", "LassoCV", "LedoitWolf", "LinearRegression", "LockstepError", "LogisticRegression", "MemoryShortage",
    "MissingFileError", "Model", "MultinomialNB", "NotFiniteError", "NotFittedError", "OAS", "PCA", "PoissonRegressor", "Ridge",
    "RidgeCV", "Rows", "ShapeError", "StandardScaler", "Stream", "TruncatedSVD", "calinski_harabasz_score",
    "davies_bouldin_score", "describe", "fit", "local", "methods", "qr", "read", "rows", "silhouette_score", "world",
]

world: Communicator
local: Communicator


def __dir__() -> list[str]:
    return sorted({*__all__, "daal4py", "plot", *(name for name in globals() if name.startswith("__"))})


def __getattr__(name: str) -> Any:
    # Started when first looked at, so that importing the package never needs MPI.
    if name == "world":
        return _world.world()
    if name == "local":
        return _world.local()
    if name in ("daal4py", "plot"):
        return import_module(f"lockstep.{name}")
    raise AttributeError(f"module 'lockstep' has no attribute {name!r}")
