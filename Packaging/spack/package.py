# SPDX-License-Identifier: Apache-2.0
# For Spack: `spack repo add` a repository with this as packages/lockstep/package.py, then `spack install lockstep` in a checkout's
# `spack develop`. Spack has no Swift toolchain: one must be on PATH.

from spack.package import *


class Lockstep(MakefilePackage):
    """Statistics and learning over rows that are spread over many processes, with the same bits for any number of them."""

    license("Apache-2.0", checked_by="the authors")

    version("main", branch="main")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("git", type="build")
    depends_on("python", type="build")  # makes the manual page

    # All of these are loaded when they are needed.
    depends_on("openssl", type="run")
    depends_on("mpi", type="run")
    depends_on("lapack", type="run")
    depends_on("hdf5", type="run")
    depends_on("zlib-api", type="run")
    depends_on("zstd", type="run")
    depends_on("lz4", type="run")

    def build(self, spec, prefix):
        """`make install` builds."""

    def install(self, spec, prefix):
        Executable(join_path("Scripts", "install"))(prefix)

    def setup_run_environment(self, env):
        env.prepend_path("LD_LIBRARY_PATH", self.spec["openssl"].prefix.lib)
