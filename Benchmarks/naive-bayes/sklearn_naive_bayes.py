# SPDX-License-Identifier: Apache-2.0
"""Times scikit-learn's MultinomialNB: sklearn_naive_bayes.py DIRECTORY"""
import sys
import time

import numpy as np
import scipy.sparse as sp
from sklearn.naive_bayes import MultinomialNB

directory = sys.argv[1]


def load(name):
    return np.load(f"{directory}/{name}.npy")


indptr = load("nb_indptr")
sparse = sp.csr_matrix((load("nb_data"), load("nb_indices"), indptr), shape=(len(indptr) - 1, 10000))
for name, x, y in (("sparse", sparse, load("nb_y")), ("dense", load("nbd_x"), load("nbd_y"))):
    seconds = []
    for _ in range(7):
        start = time.perf_counter()
        model = MultinomialNB().fit(x, y)
        seconds.append(time.perf_counter() - start)
    print(f"scikit-learn, {name}: median {sorted(seconds)[3]:.4f} s, least {min(seconds):.4f} s; "
          f"sum of logarithms {model.feature_log_prob_.sum()}")
