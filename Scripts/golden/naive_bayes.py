# SPDX-License-Identifier: Apache-2.0
"""Golden file for multinomial naive Bayes: Tests/LockstepMethodsTests/Golden/naive-bayes.json.

    python Scripts/golden/naive_bayes.py [directory]        needs numpy and scikit-learn

Rows by `generated_rows`, their magnitudes as counts. The label of a row is its number modulo the number of classes, times a
stride, less an offset; its weight is its number modulo 3, plus a half. The model is scikit-learn's MultinomialNB.
"""
import json
import os
import sys

import numpy as np
from sklearn.naive_bayes import MultinomialNB

from generated_rows import digest, generated_rows

CASES = [
    dict(name="whole counts", rows=dict(rows=90, columns=6, seed=21, groups=5, box=9.0, spread=2.0, whole=True), classes=3,
         stride=1, offset=0, smoothing=[1.0], priors=None, fit_prior=True, weighted=False),
    dict(name="fractions, uniform priors", rows=dict(rows=120, columns=19, seed=22, groups=9, box=1.0, spread=0.5), classes=7,
         stride=100, offset=250, smoothing=[0.25], priors=None, fit_prior=False, weighted=False),
    dict(name="weights, given priors, smoothing by column",
         rows=dict(rows=70, columns=3, seed=23, groups=4, box=5.0, spread=1.0), classes=2, stride=3, offset=1,
         smoothing=[0.5, 2.0, 1e-6], priors=[0.125, 0.875], fit_prior=True, weighted=True),
]


def case(name, rows, classes, stride, offset, smoothing, priors, fit_prior, weighted):
    table = np.abs(generated_rows(**rows))
    numbers = np.arange(len(table))
    labels = numbers % classes * stride - offset
    weights = numbers % 3 + 0.5 if weighted else None
    model = MultinomialNB(alpha=smoothing[0] if len(smoothing) == 1 else np.array(smoothing), fit_prior=fit_prior,
                          class_prior=priors)
    model.fit(table, labels, sample_weight=weights)
    return dict(name=name, rows=dict(dict(offset=0.0, whole=False), **rows), rowsDigest=digest(generated_rows(**rows)),
                classes=classes, stride=stride, labelOffset=offset, smoothing=smoothing, classPriors=priors,
                isUniform=not fit_prior, isWeighted=weighted, logPriors=model.class_log_prior_.tolist(),
                logProbabilities=model.feature_log_prob_.ravel().tolist(), classWeights=model.class_count_.tolist(),
                predictions=model.predict(table).tolist(),
                predictedLogProbabilities=model.predict_log_proba(table).ravel().tolist())


directory = sys.argv[1] if len(sys.argv) > 1 else os.path.join(
    os.path.dirname(__file__), "../../Tests/LockstepMethodsTests/Golden")
with open(os.path.join(directory, "naive-bayes.json"), "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(case(**c), sort_keys=True) for c in CASES) + "\n]\n")
