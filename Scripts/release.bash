# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# How the command and the library are built to be shipped. Sourced by Scripts/install and Scripts/release, in the project's directory.

# shellcheck disable=SC2034  # used by who sources this
release_version=$(sed -n 's/^#define LOCKSTEP_VERSION "\(.*\)"$/\1/p' Sources/CLockstepVersion/include/CLockstepVersion.h)

# Where the archives of Swift's libraries are, which SwiftPM tells the linker for programs only.
release_archives=$(dirname "$(dirname "$(readlink -f "$(command -v swift)")")")/lib/swift_static/linux

# Swift's libraries inside; a build directory of its own, since the flags differ; no path of this machine in it; the flags against attacks
# that a package may not give itself.
release_flags=(
  --static-swift-stdlib --scratch-path "$PWD/.build-release"
  -Xswiftc -file-prefix-map -Xswiftc "$PWD=."
  -Xcc "-ffile-prefix-map=$PWD=." -Xcxx "-ffile-prefix-map=$PWD=."
  -Xcc -fstack-protector-strong -Xcxx -fstack-protector-strong
  -Xlinker -z -Xlinker now -Xlinker -z -Xlinker relro
  -Xlinker --wrap=hypotf
  -Xlinker "-L$release_archives"
)

# Builds the command and prints its path.
release_command() {
  LOCKSTEP_COMMIT=${LOCKSTEP_COMMIT:-$(git rev-parse --short=12 HEAD 2>/dev/null || true)}
  export LOCKSTEP_COMMIT
  swift build --configuration release "${release_flags[@]}" --product lockstep >&2
  echo "$PWD/.build-release/release/lockstep"
}
