// SPDX-License-Identifier: Apache-2.0

// The program of README.md: each process clusters the rows of its own file with those of all others.

import Lockstep

Lockstep.run { world in  // one process, or as many as the launcher started
  let rows = try world.agree { try CSVFile("file\(world.rank).csv", ReadOptions(missing: .skipRow)) }
  let model = try KMeans(clusterCount: 10).fit(rows, in: world)
  if world.rank == 0 { print(model) }
}
