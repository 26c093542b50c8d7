// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/heap.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <climits>
#include <cstdint>
#include <cstdlib>

namespace vuurmuur::base {
namespace {

constexpr int kReserved = 64 << 20, kStep = 8 << 20;
/// The largest that glibc takes (DEFAULT_MMAP_THRESHOLD_MAX): smaller pieces come from the heap.
constexpr int kMapped = 32 << 20;

}  // namespace

void prefer_huge_pages() {
#ifdef __GLIBC__
  ::mallopt(M_TRIM_THRESHOLD, INT_MAX);
  ::mallopt(M_MMAP_THRESHOLD, kMapped);
  // One large step now, so that all of it is one mapping for madvise().
  ::mallopt(M_TOP_PAD, kReserved);
  const auto before = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  void* volatile piece = std::malloc(kStep);
  std::free(piece);
  const auto after = reinterpret_cast<std::uintptr_t>(::sbrk(0));
  ::mallopt(M_TOP_PAD, kStep);
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const std::uintptr_t begin = (before + page - 1) / page * page;
  if (after > begin) ::madvise(reinterpret_cast<void*>(begin), after - begin, MADV_HUGEPAGE);
#endif
}

void prefer_small_heap() {
#ifdef __GLIBC__
  // The first value of glibc; saying it keeps glibc from raising it.
  constexpr int kOwnMapping = 128 << 10;
  ::mallopt(M_MMAP_THRESHOLD, kOwnMapping);
  ::mallopt(M_ARENA_MAX, 1);
#endif
}

void give_memory_back() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

}  // namespace vuurmuur::base
