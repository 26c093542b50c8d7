// SPDX-License-Identifier: GPL-2.0-or-later
#pragma once

namespace vuurmuur::base {

/// For a program that fills much memory once and ends soon: asks for huge pages for the heap, each of which saves 511
/// page faults, and keeps what is freed for what comes next. Costs nothing but addresses until it is used. Does nothing
/// where the C library or the kernel does not know of it (mallopt(3), madvise(2)). To be called early, from main().
void prefer_huge_pages();

/// For a program that lives long and does something large now and then: large pieces are mappings of their own, given back when
/// they are freed, and threads share one heap (M_MMAP_THRESHOLD and M_ARENA_MAX, mallopt(3)). Otherwise each large thing leaves the
/// heap in other pieces, and it grows. To be called early.
void prefer_small_heap();

/// For a program that lives long and has just done something large: gives the kernel back what the heap holds and does not use
/// (malloc_trim(3)). Some milliseconds at most.
void give_memory_back();

}  // namespace vuurmuur::base
