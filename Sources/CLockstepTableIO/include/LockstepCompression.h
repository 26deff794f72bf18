// SPDX-License-Identifier: Apache-2.0

/// What zlib and zstd expect of their callers, so that they can be loaded at run time and nothing needs their headers.

#ifndef LOCKSTEP_COMPRESSION_H
#define LOCKSTEP_COMPRESSION_H

#include <stddef.h>
#include <stdint.h>

/// zlib's `z_stream` (zlib.h, unchanged since 1.2.0), 112 bytes on 64-bit systems.
typedef struct {
  const uint8_t *_Nullable next_in;
  unsigned int avail_in;
  unsigned long total_in;
  uint8_t *_Nullable next_out;
  unsigned int avail_out;
  unsigned long total_out;
  const char *_Nullable msg;
  void *_Nullable state;
  void *_Nullable zalloc;
  void *_Nullable zfree;
  void *_Nullable opaque;
  int data_type;
  unsigned long adler;
  unsigned long reserved;
} LockstepZStream;

/// zstd's `ZSTD_inBuffer` and `ZSTD_outBuffer` (zstd.h, stable since 1.0).
typedef struct {
  const void *_Nullable bytes;
  size_t size;
  size_t position;
} LockstepZstdInput;

typedef struct {
  void *_Nullable bytes;
  size_t size;
  size_t position;
} LockstepZstdOutput;

#endif
