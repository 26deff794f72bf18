# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Which MPI launchers are here, and the settings that let them start more processes than cores, as root too.
# Sourced by the other scripts.

# Open MPI 4.1 and 5 each have their own name for "more processes than cores". Hydra (MPICH, Intel) asks for nothing.
export OMPI_MCA_rmaps_base_oversubscribe=1
export PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
# Containers run as root; Open MPI refuses to run as root unless two variables are set.
if [ "$(id -u)" -eq 0 ]; then
  export OMPI_ALLOW_RUN_AS_ROOT=1
  export OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
fi

# Prints the family of a launcher: mpich (Hydra) or openmpi. Fails if it is neither.
mpi_family_of() {
  local banner
  banner=$("$1" --version 2>/dev/null </dev/null || true)
  case $banner in
    *"Open MPI"* | *OpenRTE* | *PRRTE* | *prte*) echo openmpi ;;
    *HYDRA* | *Hydra* | *MPICH*) echo mpich ;;
    *) return 1 ;;
  esac
}

# Prints the launcher of a family: Debian's suffixed name first, else `mpirun` or `mpiexec` if they are of the family.
mpi_launcher() {
  local family=$1 name
  for name in "mpirun.$family" mpirun mpiexec; do
    if command -v "$name" >/dev/null && [ "$(mpi_family_of "$name")" = "$family" ]; then
      command -v "$name"
      return 0
    fi
  done
  return 1
}

# Prints the families that are here, one per line.
mpi_families() {
  local family
  for family in mpich openmpi; do
    if mpi_launcher "$family" >/dev/null; then echo "$family"; fi
  done
}
