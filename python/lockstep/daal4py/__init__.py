# SPDX-License-Identifier: Apache-2.0
"""daal4py's interface to ten methods, on Lockstep: programs run with ``from lockstep.daal4py import …`` as their only change.

>>> from lockstep.daal4py import daalinit, daalfini, kmeans_init, my_procid
>>> daalinit()
>>> result = kmeans_init(10, method="plusPlusDense", distributed=True).compute("file{}.csv", my_procid())
>>> daalfini()

With ``distributed=True`` the processes that ``mpirun`` started compute together, each on its own rows; with ``streaming=True`` rows come in
pieces, and ``finalize()`` gives the result; both together work too.
The guide "From daal4py" lists what differs.
"""

from ._engine import (
    daalfini, daalinit, enable_thread_pinning, engines_mcg59, engines_mrg32k3a, engines_mt2203, engines_mt19937,
    engines_philox4x32x10, my_procid, num_procs, num_threads,
)
from .bayes import (
    classifier_prediction_result, multinomial_naive_bayes_model, multinomial_naive_bayes_prediction,
    multinomial_naive_bayes_training, multinomial_naive_bayes_training_result,
)
from .clustering import dbscan, dbscan_result, kmeans, kmeans_init, kmeans_init_result, kmeans_result
from .decompositions import (
    normalization_zscore, pca, pca_result, pca_transform, pca_transform_result, qr, qr_result, svd, svd_result,
)
from .regression import (
    linear_regression_model, linear_regression_prediction, linear_regression_prediction_result, linear_regression_training,
    linear_regression_training_result, ridge_regression_model, ridge_regression_prediction,
    ridge_regression_prediction_result, ridge_regression_training, ridge_regression_training_result,
)
from .statistics import covariance, covariance_result, low_order_moments, low_order_moments_result

__has_dist__ = True

__all__ = [
    "classifier_prediction_result", "covariance", "covariance_result", "daalfini", "daalinit", "dbscan", "dbscan_result", "enable_thread_pinning",
    "engines_mcg59", "engines_mrg32k3a", "engines_mt19937", "engines_mt2203", "engines_philox4x32x10", "kmeans", "kmeans_init",
    "kmeans_init_result", "kmeans_result", "linear_regression_model", "linear_regression_prediction",
    "linear_regression_prediction_result", "linear_regression_training", "linear_regression_training_result",
    "low_order_moments", "low_order_moments_result", "multinomial_naive_bayes_model", "multinomial_naive_bayes_prediction",
    "multinomial_naive_bayes_training", "multinomial_naive_bayes_training_result", "my_procid", "normalization_zscore",
    "num_procs", "num_threads", "pca", "pca_result", "pca_transform", "pca_transform_result", "qr", "qr_result",
    "ridge_regression_model", "ridge_regression_prediction", "ridge_regression_prediction_result",
    "ridge_regression_training", "ridge_regression_training_result", "svd", "svd_result",
]
