// SPDX-License-Identifier: Apache-2.0

#include "CLockstepVersion.h"

#ifndef LOCKSTEP_COMMIT
#define LOCKSTEP_COMMIT ""
#endif

// These two are also functions of lockstep.h.
const char *lockstep_version(void) { return LOCKSTEP_VERSION; }
const char *lockstep_commit(void) { return LOCKSTEP_COMMIT; }
