// SPDX-License-Identifier: Apache-2.0

#include <charconv>

#include "CLockstepTableIO.h"

namespace {

template <class T> size_t print(const T *element, size_t rowCount, size_t columnCount, char *text) {
  char *p = text;
  for (size_t i = 0; i < rowCount; i++) {
    for (size_t j = 0; j < columnCount; j++) {
      p = std::to_chars(p, p + LockstepPrintedByteCount, *element++).ptr;
      *p++ = j + 1 < columnCount ? ',' : '\n';
    }
  }
  return size_t(p - text);
}

}  // namespace

size_t lockstep_csv_print(
    LockstepPrintKind kind, const void *elements, size_t rowCount, size_t columnCount, char *text) {
  switch (kind) {
    case LockstepPrintDouble:
      return print(static_cast<const double *>(elements), rowCount, columnCount, text);
    case LockstepPrintFloat:
      return print(static_cast<const float *>(elements), rowCount, columnCount, text);
    case LockstepPrintInt64:
      return print(static_cast<const int64_t *>(elements), rowCount, columnCount, text);
  }
}
