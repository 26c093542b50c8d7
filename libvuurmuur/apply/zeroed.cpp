// SPDX-License-Identifier: GPL-2.0-or-later
#include "apply/zeroed.h"

#include <sys/mman.h>

#include <cstdlib>

namespace vuurmuur::apply {
namespace {

/// From this size on it is worth asking for huge pages: each saves 511 page faults.
constexpr std::size_t kLarge = 4 << 20;

}  // namespace

std::shared_ptr<std::byte[]> zeroed(std::size_t size) {
  if (size < kLarge) return {static_cast<std::byte*>(std::calloc(size, 1)), std::free};
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  ::madvise(pages, size, MADV_HUGEPAGE);  // small pages do as well
  return {static_cast<std::byte*>(pages), [size](std::byte* bytes) { ::munmap(bytes, size); }};
}

}  // namespace vuurmuur::apply
