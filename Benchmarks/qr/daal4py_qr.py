# SPDX-License-Identifier: Apache-2.0
"""Times daal4py's QR and SVD of an NPY file: median of some runs, data in memory."""
import sys
import time

import daal4py
import numpy

rows = numpy.load(sys.argv[1])
for name, method in (("qr", daal4py.qr), ("svd", daal4py.svd)):
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        method().compute(rows)
        seconds.append(time.perf_counter() - start)
    print(f"daal4py {name}: median {sorted(seconds)[2]:.3f} s of {[round(s, 3) for s in seconds]}")
