# SPDX-License-Identifier: Apache-2.0
"""Writes what statsmodels and scikit-learn make of real data of several classes, and of penalties.

Needs statsmodels and scikit-learn: python3 Scripts/golden/classes.py
"""

import json
import pathlib
import warnings

import numpy as np
import sklearn
import statsmodels
import statsmodels.api as sm
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.linear_model import LogisticRegression, PoissonRegressor

PLACE = pathlib.Path(__file__).parents[2] / "Tests/LockstepMethodsTests/Golden/classes.json"


def multinomial(name, x, y):
    fit = sm.MNLogit(y, sm.add_constant(x)).fit(method="newton", maxiter=200, tol=1e-14, disp=0)
    # Columns of params are classes; rows are the intercept and the columns of x.
    return {
        "name": name, "x": x.tolist(), "classes": [int(v) for v in y], "coefficients": fit.params.T[:, 1:].tolist(),
        "intercepts": fit.params.T[:, 0].tolist(), "standardErrors": fit.bse.T[:, 1:].tolist(),
        "interceptStandardErrors": fit.bse.T[:, 0].tolist(), "z": fit.tvalues.T[:, 1:].tolist(),
        "p": fit.pvalues.T[:, 1:].tolist(), "logLikelihood": fit.llf, "nullLogLikelihood": fit.llnull,
        "covariance": np.asarray(fit.cov_params()).tolist(), "regularization": 0.0,
    }


def penalized(name, x, y, regularization, intercept=True):
    fit = LogisticRegression(
        C=1 / regularization, solver="newton-cholesky", tol=1e-13, max_iter=1000, fit_intercept=intercept).fit(x, y)
    b, a = fit.coef_, np.broadcast_to(fit.intercept_, fit.coef_.shape[0])
    if len(fit.classes_) > 2:
        b, a = b[1:] - b[0], a[1:] - a[0]
    return {
        "name": name, "x": x.tolist(), "classes": [int(v) for v in y], "coefficients": b.tolist(), "intercepts": a.tolist(),
        "regularization": regularization, "hasIntercept": intercept,
        "probabilities": fit.predict_proba(x).tolist(),
    }


def counts(name, x, y, regularization):
    # alpha is of half the mean deviance.
    fit = PoissonRegressor(alpha=regularization / len(y), solver="newton-cholesky", tol=1e-14, max_iter=1000).fit(x, y)
    return {
        "name": name, "x": x.tolist(), "y": y.tolist(), "coefficients": fit.coef_.tolist(),
        "intercept": fit.intercept_, "regularization": regularization,
    }


def main():
    warnings.simplefilter("ignore")
    wine, iris, cancer = load_wine(), load_iris(), load_breast_cancer()
    anes = sm.datasets.anes96.load_pandas().data.iloc[::2]
    fair = sm.datasets.fair.load_pandas().data.iloc[::15]
    scaled = (cancer.data - cancer.data.mean(0)) / cancer.data.std(0)
    few = np.round(scaled[::2, :12], 6)
    warp = sm.datasets.cpunish.load_pandas()
    result = {
        "versions": f"statsmodels {statsmodels.__version__}, scikit-learn {sklearn.__version__}",
        "multinomial": [
            multinomial("anes96", anes[["logpopul", "selfLR", "age", "educ", "income"]].to_numpy(float), anes["PID"].to_numpy(int)),
            multinomial("fair", fair[["age", "yrs_married", "religious", "educ"]].to_numpy(float), fair["rate_marriage"].to_numpy(int)),
            multinomial("wine", wine.data[:, [1, 2, 4]], wine.target),
        ],
        "penalized": [
            penalized("wine", wine.data[:, [0, 1, 5, 9]], wine.target, 1.0),
            penalized("iris", iris.data, iris.target, 0.5),
            penalized("iris without intercepts", iris.data, iris.target, 2.0, intercept=False),
            penalized("breast cancer", few, cancer.target[::2], 1.0),
            penalized("breast cancer without intercept", few, cancer.target[::2], 0.1, intercept=False),
        ],
        "counts": [counts("cpunish", np.round(warp.exog.to_numpy(float)[:, [1, 2, 4]] / 100, 6), warp.endog.to_numpy(float), 3.0)],
    }
    PLACE.write_text(json.dumps(result, separators=(",", ":")) + "\n")


main()
