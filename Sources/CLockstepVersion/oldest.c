// SPDX-License-Identifier: Apache-2.0

// What is released should run where glibc is old. Swift's Glibc module, which is linked as a whole, has one function that glibc 2.35 gave a
// new version: hypotf. Releases are linked with `--wrap=hypotf`, which makes it this one: the version of all releases.
#include <features.h>

#if defined(__linux__) && defined(__GLIBC__)
#if defined(__x86_64__)
__asm__(".symver hypotf_of_all_releases, hypotf@GLIBC_2.2.5");
#define LOCKSTEP_HAS_OLD_HYPOTF
#elif defined(__aarch64__)
__asm__(".symver hypotf_of_all_releases, hypotf@GLIBC_2.17");
#define LOCKSTEP_HAS_OLD_HYPOTF
#endif
#endif

#ifdef LOCKSTEP_HAS_OLD_HYPOTF
float hypotf_of_all_releases(float x, float y);
float __wrap_hypotf(float x, float y);

float __wrap_hypotf(float x, float y) { return hypotf_of_all_releases(x, y); }
#endif
