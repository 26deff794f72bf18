// SPDX-License-Identifier: Apache-2.0

/// What DuckDB's library expects of its callers, so that it can be loaded at run time and nothing needs its header.

#ifndef LOCKSTEP_DUCKDB_H
#define LOCKSTEP_DUCKDB_H

#include <stdint.h>

/// `duckdb_result` (duckdb.h, unchanged since 1.0), which functions take by value.
typedef struct {
  uint64_t columnCount;
  uint64_t rowCount;
  uint64_t changedRowCount;
  void *_Nullable columns;
  char *_Nullable errorMessage;
  void *_Nullable internalData;
} LockstepDuckDBResult;

/// `duckdb_string_t`: a text of up to 12 bytes lies in the value, of a longer one its first four and where it is.
typedef struct {
  uint32_t length;
  char prefix[4];
  const char *_Nullable pointer;
} LockstepDuckDBText;

#endif
