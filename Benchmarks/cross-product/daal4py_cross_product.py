# SPDX-License-Identifier: Apache-2.0
"""Times one of daal4py's methods on NPY files: python daal4py_cross_product.py REPETITIONS KIND ROWS [RESPONSES]."""
import sys
import time

import daal4py
import numpy

repetitions, kind = int(sys.argv[1]), sys.argv[2]
data = [numpy.load(path) for path in sys.argv[3:]]
method = {
    "moments": lambda: daal4py.low_order_moments(),
    "covariance": lambda: daal4py.covariance(outputMatrixType="covarianceMatrix"),
    "pca": lambda: daal4py.pca(
        method="correlationDense", resultsToCompute="mean|variance|eigenvalue", isDeterministic=True, nComponents=10),
    "linear": lambda: daal4py.linear_regression_training(interceptFlag=True),
    "ridge": lambda: daal4py.ridge_regression_training(interceptFlag=True, ridgeParameters=numpy.array([[1.0]])),
}[kind]
seconds = []
for _ in range(repetitions):
    start = time.perf_counter()
    method().compute(*data)
    seconds.append(time.perf_counter() - start)
seconds.sort()
print(f"daal4py {kind} {data[0].shape[0]} × {data[0].shape[1]}: median {seconds[len(seconds) // 2]:.4f} s, least {seconds[0]:.4f} s")
