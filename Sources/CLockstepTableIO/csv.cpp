#include "CLockstepTableIO.h"
