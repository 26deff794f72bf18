// SPDX-License-Identifier: Apache-2.0

/// Files that are mapped into memory, watched: bytes that are gone read as zeros, and are told of later.

#ifndef LOCKSTEP_MAPPINGS_H
#define LOCKSTEP_MAPPINGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A mapping that is watched.
typedef struct LockstepMapping LockstepMapping;

/// What has happened to a mapped file.
typedef enum {
  LockstepMappingIntact,
  /// It has fewer bytes than are mapped, or they cannot be read.
  LockstepMappingLost,
  /// Its bytes are others.
  LockstepMappingChanged
} LockstepMappingState;

/// Watches `byteCount` bytes at `address`, those before offset `end` of a file; null if there is no memory for it.
LockstepMapping *_Nullable lockstep_watch_mapping(void *_Nonnull address, size_t byteCount, int descriptor, int64_t end,
                                                  const char *_Nonnull path);

/// Ends the watch, before the mapping ends.
void lockstep_forget_mapping(LockstepMapping *_Nonnull mapping);

/// Tells of a mapping that is not intact, if there is one, and the beginning of its file's name.
LockstepMappingState lockstep_damaged_mapping(char *_Nonnull path, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
