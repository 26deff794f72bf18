# SPDX-License-Identifier: Apache-2.0
"""Golden file for the other naive Bayes models: Tests/LockstepMethodsTests/Golden/naive-bayes-distributions.json.

    python Scripts/golden/naive_bayes_distributions.py [directory]        needs numpy and scikit-learn

Rows by `generated_rows`, their magnitudes for the complement model. The label of a row is its number modulo the number of classes; its weight is
its number modulo 3, plus a half; for the Gaussian model rows are repeated twice as often as that. The models are scikit-learn's.
"""
import json
import os
import sys

import numpy as np
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB

from generated_rows import digest, generated_rows

ROWS = dict(rows=120, columns=11, seed=41, groups=5, box=6.0, spread=1.5)
FAR = dict(rows=90, columns=4, seed=42, groups=4, box=6.0, spread=1.0, offset=4096.0)
CASES = [
    dict(kind="complement", rows=ROWS, classes=3, weighted=False, model=ComplementNB(alpha=0.5)),
    dict(kind="complement", rows=ROWS, classes=4, weighted=True, model=ComplementNB(norm=True)),
    dict(kind="bernoulli", rows=ROWS, classes=3, weighted=False, model=BernoulliNB(alpha=0.5, binarize=0.25)),
    dict(kind="bernoulli", rows=ROWS, classes=2, weighted=True, model=BernoulliNB(fit_prior=False)),
    dict(kind="gaussian", rows=ROWS, classes=3, weighted=False, model=GaussianNB()),
    dict(kind="gaussian", rows=FAR, classes=2, weighted=True, model=GaussianNB(var_smoothing=1e-3)),
]


def case(kind, rows, classes, weighted, model):
    table = generated_rows(**rows)
    data = np.abs(table) if kind == "complement" else table
    numbers = np.arange(len(table))
    gaussian = kind == "gaussian"
    if gaussian and weighted:
        # What scikit-learn adds to the variances does not look at weights.
        times = 2 * (numbers % 3) + 1
        model.fit(np.repeat(data, times, axis=0), np.repeat(numbers % classes, times))
    else:
        model.fit(data, numbers % classes, sample_weight=numbers % 3 + 0.5 if weighted else None)
    parameters = model.get_params()
    return dict(kind=kind, rows=dict(dict(offset=0.0, whole=False), **rows), rowsDigest=digest(table), classes=classes,
                isWeighted=weighted, smoothing=parameters["var_smoothing"] if gaussian else parameters["alpha"],
                normalizes=bool(parameters.get("norm", False)), threshold=parameters.get("binarize") or 0.0,
                isUniform=not parameters.get("fit_prior", True),
                first=(model.theta_ if gaussian else model.feature_log_prob_).ravel().tolist(),
                second=(model.var_ if gaussian else model.feature_count_).ravel().tolist(),
                predictions=model.predict(data).tolist(), scores=model.predict_joint_log_proba(data).ravel().tolist(),
                logProbabilities=model.predict_log_proba(data).ravel().tolist())


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "naive-bayes-distributions.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
