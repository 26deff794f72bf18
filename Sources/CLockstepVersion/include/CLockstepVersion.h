// SPDX-License-Identifier: Apache-2.0
#ifndef LOCKSTEP_VERSION_H
#define LOCKSTEP_VERSION_H

/// The release. Everything else that names one reads it from this line: the command, the Python package, the packages of systems.
#define LOCKSTEP_VERSION "0.1.0"

/// LOCKSTEP_VERSION of the library.
const char *_Nonnull lockstep_version(void);
/// The commit that the sources are of, if it was known when they were compiled; empty otherwise.
const char *_Nonnull lockstep_commit(void);

#endif
