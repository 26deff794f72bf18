// SPDX-License-Identifier: Apache-2.0

#include <sys/mman.h>

#include "CLockstepTableIO.h"

void *lockstep_resize_mapping(void *address, size_t byteCount, size_t newByteCount) {
  void *const moved = mremap(address, byteCount, newByteCount, MREMAP_MAYMOVE);
  return moved == MAP_FAILED ? nullptr : moved;
}
