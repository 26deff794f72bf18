// SPDX-License-Identifier: Apache-2.0

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CLockstepTableIO.h"

struct LockstepMapping {
  /// 0 while nothing is watched here. The handler reads the atomics, and nothing else.
  std::atomic<uintptr_t> start{0};
  std::atomic<size_t> byteCount{0};
  std::atomic<bool> isLost{false};
  char *path = nullptr;
  struct stat state = {};
  int64_t end = 0;
};

namespace {

/// The most files that one call looks at.
constexpr int lookCount = 64;
constexpr int chunkSize = 256;

/// Chunks are added and never removed, so that a handler may walk over them at any time.
struct Chunk {
  LockstepMapping mappings[chunkSize];
  std::atomic<Chunk *> next{nullptr};
};

Chunk first;
std::mutex lock;
std::atomic<int> lostCount{0};
int watchedCount = 0;
Chunk *nextChunk = &first;
int nextPlace = 0;
struct sigaction previous;
size_t pageByteCount = 4096;

/// Puts zeros where a mapped file has no bytes any more, and lets the instruction that wanted them go on.
void handle(int signal, siginfo_t *info, void *context) {
  const int number = errno;
  const uintptr_t address = reinterpret_cast<uintptr_t>(info->si_addr);
  for (Chunk *chunk = &first; chunk != nullptr; chunk = chunk->next.load(std::memory_order_acquire)) {
    for (LockstepMapping &mapping : chunk->mappings) {
      const uintptr_t start = mapping.start.load(std::memory_order_acquire);
      const size_t byteCount = mapping.byteCount.load(std::memory_order_relaxed);
      if (start == 0 || address < start || address - start >= byteCount) continue;
      const uintptr_t page = address & ~static_cast<uintptr_t>(pageByteCount - 1);
      // All that follow: where a file ends, nothing comes after, and a result is not used anyway.
      if (mmap(reinterpret_cast<void *>(page), start + byteCount - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED,
               -1, 0) == MAP_FAILED) {
        continue;
      }
      if (!mapping.isLost.exchange(true)) lostCount.fetch_add(1);
      errno = number;
      return;
    }
  }
  errno = number;
  if ((previous.sa_flags & SA_SIGINFO) != 0 && previous.sa_sigaction != nullptr) {
    previous.sa_sigaction(signal, info, context);
  } else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN) {
    previous.sa_handler(signal);
  } else {
    // The instruction is tried again, and ends the process as it would have done.
    sigaction(SIGBUS, &previous, nullptr);
  }
}

void install() {
  static bool isInstalled = false;
  if (isInstalled) return;
  isInstalled = true;
  pageByteCount = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = handle;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous);
}

void copy(const char *path, char *to, size_t capacity) {
  strncpy(to, path, capacity - 1);
  to[capacity - 1] = '\0';
}

}  // namespace

LockstepMapping *lockstep_watch_mapping(void *address, size_t byteCount, int descriptor, int64_t end, const char *path) {
  struct stat state;
  if (fstat(descriptor, &state) != 0) return nullptr;
  std::lock_guard<std::mutex> guard(lock);
  install();
  Chunk *chunk = &first;
  while (true) {
    for (LockstepMapping &mapping : chunk->mappings) {
      if (mapping.start.load(std::memory_order_relaxed) != 0) continue;
      mapping.path = strdup(path);
      if (mapping.path == nullptr) return nullptr;
      mapping.state = state;
      mapping.end = end;
      mapping.isLost.store(false);
      mapping.byteCount.store(byteCount, std::memory_order_relaxed);
      mapping.start.store(reinterpret_cast<uintptr_t>(address), std::memory_order_release);
      watchedCount += 1;
      return &mapping;
    }
    Chunk *next = chunk->next.load(std::memory_order_relaxed);
    if (next == nullptr) {
      next = new (std::nothrow) Chunk;
      if (next == nullptr) return nullptr;
      chunk->next.store(next, std::memory_order_release);
    }
    chunk = next;
  }
}

void lockstep_forget_mapping(LockstepMapping *mapping) {
  std::lock_guard<std::mutex> guard(lock);
  mapping->start.store(0, std::memory_order_release);
  if (mapping->isLost.exchange(false)) lostCount.fetch_sub(1);
  free(mapping->path);
  mapping->path = nullptr;
  watchedCount -= 1;
}

LockstepMappingState lockstep_damaged_mapping(char *path, size_t capacity) {
  std::lock_guard<std::mutex> guard(lock);
  if (watchedCount == 0) return LockstepMappingIntact;
  if (lostCount.load() > 0) {
    for (Chunk *chunk = &first; chunk != nullptr; chunk = chunk->next.load()) {
      for (LockstepMapping &mapping : chunk->mappings) {
        if (mapping.start.load() == 0 || !mapping.isLost.load()) continue;
        copy(mapping.path, path, capacity);
        return LockstepMappingLost;
      }
    }
  }
  // A page that lost its end only shows zeros there without a signal; and bytes may have become others.
  int left = watchedCount < lookCount ? watchedCount : lookCount;
  while (left > 0) {
    if (nextPlace == chunkSize) {
      nextPlace = 0;
      nextChunk = nextChunk->next.load();
      if (nextChunk == nullptr) nextChunk = &first;
    }
    const LockstepMapping &mapping = nextChunk->mappings[nextPlace];
    nextPlace += 1;
    if (mapping.start.load() == 0) continue;
    left -= 1;
    struct stat now;
    // Another file of that name leaves the mapped one as it was.
    if (stat(mapping.path, &now) != 0 || now.st_dev != mapping.state.st_dev || now.st_ino != mapping.state.st_ino) continue;
    const bool isSameTime =
        now.st_mtim.tv_sec == mapping.state.st_mtim.tv_sec && now.st_mtim.tv_nsec == mapping.state.st_mtim.tv_nsec;
    if (now.st_size >= mapping.end && (isSameTime || now.st_size > mapping.state.st_size)) continue;
    copy(mapping.path, path, capacity);
    return now.st_size < mapping.state.st_size ? LockstepMappingLost : LockstepMappingChanged;
  }
  return LockstepMappingIntact;
}
