// SPDX-License-Identifier: Apache-2.0
// The functions of lockstep.h are written in Swift, in LockstepCInterface; C sources need one file.
#include "lockstep.h"
