# SPDX-License-Identifier: Apache-2.0
"""A tour of the package. Runs alone, and on any number of processes:

    python tutorial.py
    mpirun -n 4 python tutorial.py
"""

import lockstep
import numpy as np

# All processes that were started together. The first look at it starts MPI, if there is any.
world = lockstep.world


def say(*words: object) -> None:
    """Prints, once."""
    if world.rank == 0:
        print(*words, flush=True)


# 1. Rows. Each process has its own share: here, of the same 6,000 rows of three groups, whatever the number of processes.
generator = np.random.default_rng(7)
groups = generator.integers(0, 3, 6000)
rows = generator.normal(size=(6000, 2)) + np.array([[0, 0], [8, 0], [0, 8]])[groups]
mine = slice(6000 * world.rank // world.size, 6000 * (world.rank + 1) // world.size)
X = rows[mine]

# 2. Figures of each column, over the rows of all processes.
figures = lockstep.describe(X, comm=world)
say("rows:", figures.count, "mean:", figures.mean.round(3), "deviation:", figures.standard_deviation.round(3))

# 3. Clusters. The centers are the same on all processes; the labels are those of this process's rows.
clusters = lockstep.KMeans(n_clusters=3, random_state=1, comm=world).fit(X)
say("centers:", clusters.cluster_centers_.round(2).tolist(), "iterations:", clusters.n_iter_)
assert clusters.labels_.shape == (len(X),)

# 4. A regression with its standard errors.
y = X @ [2.0, -1.0] + 5 + generator.normal(size=6000)[mine]
regression = lockstep.LinearRegression(comm=world).fit(X, y)
say(regression.summary())
assert abs(regression.coef_ - [2, -1]).max() < 0.1

# 5. The same bits for any number of processes: the digest of a model is a fingerprint of all its numbers.
components = lockstep.PCA(comm=world).fit(X)
say("digest of the components:", components.model_.digest)

# 6. Rows that arrive in pieces, different ones on each process.
stream = lockstep.Stream("covariance")
for start in range(0, len(X), 500):
    stream.observe(X[start : start + 500])
covariance = stream.model(comm=world)["covariance"]
assert np.allclose(covariance, np.cov(rows.T))
say("covariance:", covariance.round(3).tolist())

# 7. A mistake in the data of one process is an error on all of them, which a program may catch.
spoilt = X.copy()
if world.rank == world.size - 1:
    spoilt[3, 1] = np.nan
try:
    lockstep.PCA(comm=world).fit(spoilt)
except ValueError as error:
    say("refused:", error)
