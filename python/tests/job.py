# SPDX-License-Identifier: Apache-2.0
"""A program that test_processes.py starts on several processes, of which one fails: job.py CASE RANK [mpi4py]."""

import hashlib
import os
import signal
import sys
import tempfile
import warnings

import numpy as np

case, failing = sys.argv[1], int(sys.argv[2])
if "mpi4py" in sys.argv:
    from mpi4py import MPI

import lockstep

comm = MPI.COMM_WORLD if "mpi4py" in sys.argv else lockstep.world
rank, size = lockstep.world.rank, lockstep.world.size
X = np.random.default_rng(0).normal(size=(3001, 4))
mine = X[3001 * rank // size : 3001 * (rank + 1) // size]
start = X[:5]

if case == "figures":
    # Everything that says it has the same bits for any number of processes.
    digests = [
        lockstep.fit(name, None, mine, mine[:, 0] * 2 - mine[:, 1] if "regression" in name else None, comm=comm).digest
        for name in ("moments", "covariance", "pca", "svd", "qr", "linear-regression", "ridge-regression")
    ]
    model = lockstep.KMeans(5, random_state=1, comm=comm).fit(mine)
    stream = lockstep.Stream("moments").observe(mine) if rank > 0 or size == 1 else lockstep.Stream("moments")
    assert stream.model(comm=comm).row_count == 3001 - (3001 // size if size > 1 else 0)
    regression = lockstep.LinearRegression(comm=comm).fit(mine, mine @ [1.0, 2, 3, 4])
    assert abs(regression.score(mine, mine @ [1.0, 2, 3, 4]) - 1) < 1e-12
    assert lockstep.fit("moments", None, mine).row_count == len(mine)
    # Means and texts of a table are those of all processes; a class whose rows all weigh 0 stays one.
    first, last = len(X) * rank // size, len(X) * (rank + 1) // size
    texts = [None if i % 7 == 0 else f"text {i * i % 11}" for i in range(first, last)]
    table = {"x": [None if i % 5 == 0 else x for i, x in zip(range(first, last), mine[:, 0])], "text": texts, "y": mine[:, 1]}
    encoded = lockstep.rows(table, missing="mean", categorical=["text"], targets="y", comm=comm)
    digests.append(lockstep.fit("linear-regression", None, encoded, comm=comm).digest)
    classes = np.arange(first, last) * size // len(X) if size > 1 else np.zeros(len(mine), int)
    bayes = lockstep.MultinomialNB(comm=comm).fit(np.abs(mine), classes, (classes != 0).astype(float) if size > 1 else None)
    assert len(bayes.classes_) == size and bayes.feature_count_.shape == (size, 4)
    digests.append(lockstep.PoissonRegressor(comm=comm).fit(mine, np.abs(mine[:, 0])).model_.digest)
    with warnings.catch_warnings():
        # The targets have no noise, so that the least penalty is the best.
        warnings.simplefilter("ignore")
        digests.append(lockstep.LassoCV(alphas=20, comm=comm).fit(mine, mine[:, 0] - mine[:, 1]).model_.digest)
    side = np.where(mine[:, 1] + mine[:, 2] ** 2 > 0.3, "a", "b")
    digests.append(lockstep.LogisticRegression(class_weight="balanced", comm=comm).fit(mine, side).model_.digest)
    labels = np.arange(first, last) // 700
    scores = [
        score(mine, labels, comm=comm)
        for score in (lockstep.silhouette_score, lockstep.calinski_harabasz_score, lockstep.davies_bouldin_score)
    ]
    density = lockstep.DBSCAN(eps=0.4, min_samples=4, comm=comm).fit(mine)
    assert density.labels_.shape == (len(mine),) and (density.labels_[density.core_sample_indices_] >= 0).all()
    digests.append(density.model_.digest)
    if rank == 0:
        print(*digests, model.model_.digest, *(score.hex() for score in scores), flush=True)
    sys.exit(0)

if case == "differ":
    # What one process does otherwise, or cannot do, is the same error on all; then all go on together.
    spoilt = mine[:, 0].copy()
    if rank == failing:
        spoilt[3] = np.nan
    odd = rank == failing
    calls = (
        ("alpha=", lambda: lockstep.Ridge(1.0 + odd, comm=comm).fit(mine, mine[:, 0])),
        ("random_state=", lambda: lockstep.KMeans(3, random_state=rank, comm=comm).fit(mine)),
        ("n_clusters=", lambda: lockstep.KMeans(3 + odd, comm=comm).fit(mine)),
        ("n_clusters", lambda: lockstep.KMeans(2.5 if odd else 2, comm=comm).fit(mine)),
        ("NaN", lambda: lockstep.LinearRegression(comm=comm).fit(mine, spoilt)),
        ("columns", lambda: lockstep.PCA(comm=comm).fit(mine[:, : 4 - odd])),
        ("fit of", lambda: lockstep.fit("pca" if odd else "covariance", None, mine, comm=comm)),
        ("read of", lambda: lockstep.read("/nowhere.csv" if odd else __file__.replace("job.py", "rows.csv"), comm=comm)),
        ("seed", lambda: lockstep.fit("kmeans", {"clusterCount": 2, "seed": rank}, mine, comm=comm)),
    )
    words = []
    for expected, call in calls:
        try:
            call()
            words.append("no error")
        except lockstep.LockstepError as error:
            assert isinstance(error, ValueError) and expected in str(error), (expected, str(error))
            words.append(f"{type(error).__name__} {error.code} {error}")
        assert lockstep.fit("moments", None, mine, comm=comm).row_count == 3001
    # A process without rows takes part in all.
    few = mine if rank != failing else mine[:0]
    pca = lockstep.PCA(2, comm=comm).fit(few)
    assert pca.transform(few).shape == (len(few), 2) and lockstep.KMeans(2, comm=comm).fit_transform(few).shape == (len(few), 2)
    assert np.isfinite(pca.score(few)) and np.isfinite(lockstep.KMeans(2, comm=comm).fit(few).score(few))
    regression = lockstep.Ridge(comm=comm).fit(few, few[:, 0])
    assert regression.score(few, few[:, 0]) > 0.9
    # One short line from each process: long ones may be cut into each other's.
    digest = hashlib.sha256("\n".join(words).encode()).hexdigest()
    os.write(1, f"{len(words)} {words.count('no error')} {digest}\n".encode())
    sys.exit(0)

for _ in range(3):
    lockstep.fit("moments", None, mine, comm=comm)
if rank == failing:
    if case == "raise":
        raise ValueError("a mistake of the program")
    if case == "exit":
        sys.exit(3)
    if case == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if case == "local":
        lockstep.read("/nowhere/at/all.csv")
    if case == "value":
        mine = mine.copy()
        mine[7, 2] = np.nan
    if case == "interrupt":
        os.kill(os.getpid(), signal.SIGINT)
if case == "file":
    # Each process's own file, one of which is not there.
    with tempfile.TemporaryDirectory() as directory:
        np.savetxt(os.path.join(directory, f"rows{rank}.csv"), mine, delimiter=",")
        lockstep.read("/nowhere/at/all{rank}.csv" if rank == failing else os.path.join(directory, "rows{rank}.csv"), comm=comm)
if case == "caught":
    # All processes have the error, and go on together.
    spoilt = mine.copy()
    if rank == failing:
        spoilt[7, 2] = np.nan
    try:
        lockstep.fit("moments", None, spoilt, comm=comm)
    except lockstep.DataError:
        if lockstep.fit("moments", None, mine, comm=comm).row_count == 3001 and rank == 0:
            print("went on", flush=True)
    sys.exit(0)
for _ in range(3):
    lockstep.fit("moments", None, mine, comm=comm)
