// SPDX-License-Identifier: GPL-2.0-or-later
#include "base/zeroed.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>

namespace vuurmuur::base {
namespace {

/// From this size on the system's own pages are taken, which are zero and cost nothing before they are touched.
constexpr std::size_t kMapped = 128 << 10;
/// From this size on it is worth asking for huge pages: each saves 511 page faults.
constexpr std::size_t kLarge = 2 << 20;

}  // namespace

std::shared_ptr<std::byte[]> zeroed(std::size_t size, Pages pages_wanted) {
  if (size < kMapped) return {static_cast<std::byte*>(std::calloc(size, 1)), std::free};
  void* const pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return nullptr;
  // A hint: where it is not taken, all works the same.
  if (size >= kLarge) ::madvise(pages, size, pages_wanted == Pages::Huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  return {static_cast<std::byte*>(pages), [size](std::byte* bytes) { ::munmap(bytes, size); }};
}

void make_ready(std::byte* begin, std::size_t size) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto first = reinterpret_cast<std::uintptr_t>(begin) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(begin) + size;
  ::madvise(reinterpret_cast<void*>(first), end - first, MADV_POPULATE_WRITE);
}

}  // namespace vuurmuur::base
