# SPDX-License-Identifier: Apache-2.0
"""A program that test_processes.py starts on several processes, of which one fails: job.py CASE RANK [mpi4py]."""

import os
import signal
import sys

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
        lockstep.fit(name, None, mine, mine[:, 0] * 2 - mine[:, 1], comm=comm).digest
        for name in ("moments", "covariance", "pca", "svd", "qr", "linear-regression", "ridge-regression")
    ]
    model = lockstep.KMeans(5, random_state=1, comm=comm).fit(mine)
    stream = lockstep.Stream("moments").observe(mine) if rank > 0 or size == 1 else lockstep.Stream("moments")
    assert stream.model(comm=comm).row_count == 3001 - (3001 // size if size > 1 else 0)
    regression = lockstep.LinearRegression(comm=comm).fit(mine, mine @ [1.0, 2, 3, 4])
    assert abs(regression.score(mine, mine @ [1.0, 2, 3, 4]) - 1) < 1e-12
    assert lockstep.fit("moments", None, mine).row_count == len(mine)
    if rank == 0:
        print(*digests, model.model_.digest, flush=True)
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
    lockstep.read("/nowhere/at/all.csv" if rank == failing else __file__.replace("job.py", "rows.csv"), comm=comm)
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
