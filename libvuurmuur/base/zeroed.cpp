// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/zeroed.h"

#include <sys/mman.h>

#include <cstdlib>

namespace vuurmuur::base {
namespace {

/// From this size on the system's own pages are taken, which are zero and cost nothing before they are touched.
constexpr std::size_t kMapped = 128 << 10;
/// From this size on it is worth asking for huge pages: each saves 511 page faults.
constexpr std::size_t kLarge = 4 << 20;

}  // namespace

std::shared_ptr<std::byte[]> zeroed(std::size_t size) {
  if (size < kMapped) return {static_cast<std::byte*>(std::calloc(size, 1)), std::free};
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  if (size >= kLarge) ::madvise(pages, size, MADV_HUGEPAGE);  // small pages do as well
  return {static_cast<std::byte*>(pages), [size](std::byte* bytes) { ::munmap(bytes, size); }};
}

}  // namespace vuurmuur::base
