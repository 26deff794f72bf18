// SPDX-License-Identifier: Apache-2.0

/// What zlib, zstd, libbz2 and liblzma expect of their callers, so that they can be loaded at run time and nothing needs their headers.

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

/// libbz2's `bz_stream` (bzlib.h, unchanged since 1.0), 80 bytes on 64-bit systems.
typedef struct {
  const uint8_t *_Nullable next_in;
  unsigned int avail_in;
  unsigned int total_in_low;
  unsigned int total_in_high;
  uint8_t *_Nullable next_out;
  unsigned int avail_out;
  unsigned int total_out_low;
  unsigned int total_out_high;
  void *_Nullable state;
  void *_Nullable allocate;
  void *_Nullable deallocate;
  void *_Nullable opaque;
} LockstepBzip2Stream;

/// liblzma's `lzma_stream` (lzma/base.h, stable since 5.0), 136 bytes on 64-bit systems.
typedef struct {
  const uint8_t *_Nullable next_in;
  size_t avail_in;
  uint64_t total_in;
  uint8_t *_Nullable next_out;
  size_t avail_out;
  uint64_t total_out;
  const void *_Nullable allocator;
  void *_Nullable state;
  void *_Nullable reserved_pointers[4];
  uint64_t seek_position;
  uint64_t reserved_integer;
  size_t reserved_sizes[2];
  int reserved_choices[2];
} LockstepLZMAStream;

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
