// SPDX-License-Identifier: Apache-2.0

#include <cstring>

#include "CLockstepTableIO.h"

int lockstep_compare_names(const char *a, const char *b) { return strverscmp(a, b); }
