// SPDX-License-Identifier: Apache-2.0

/// Tells ThreadSanitizer of the locks of Swift's `Mutex` that are taken and given away in its library, which is not built with it: without this,
/// what a mutex guards is reported as soon as two threads meet at it. Loaded before that library by `Scripts/sanitize thread`.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

// Absent from programs that run without the sanitizer, as those that start the tests.
__attribute__((weak)) void __tsan_acquire(void *address);
__attribute__((weak)) void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context))

static void *function(const char *name) { return dlsym(RTLD_NEXT, name); }

// _MutexHandle._lockSlow(UInt32)
SWIFT void $s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF(uint32_t thread, SELF void *self) {
  SWIFT void (*next)(uint32_t, SELF void *) = function("$s15Synchronization12_MutexHandleV9_lockSlowyys6UInt32VF");
  next(thread, self);
  if (__tsan_acquire) __tsan_acquire(self);
}

// _MutexHandle._tryLockSlow() -> Bool
SWIFT bool $s15Synchronization12_MutexHandleV12_tryLockSlowSbyF(SELF void *self) {
  SWIFT bool (*next)(SELF void *) = function("$s15Synchronization12_MutexHandleV12_tryLockSlowSbyF");
  const bool isTaken = next(self);
  if (isTaken && __tsan_acquire) __tsan_acquire(self);
  return isTaken;
}

// _MutexHandle._unlockSlow()
SWIFT void $s15Synchronization12_MutexHandleV11_unlockSlowyyF(SELF void *self) {
  SWIFT void (*next)(SELF void *) = function("$s15Synchronization12_MutexHandleV11_unlockSlowyyF");
  if (__tsan_release) __tsan_release(self);
  next(self);
}
