# SPDX-License-Identifier: GPL-2.0-or-later
# Flags that every target of the project shares, as one interface library.
add_library(vm_flags INTERFACE)
target_compile_options(vm_flags INTERFACE
  -Wall -Wextra -Wshadow -Wconversion -Wpedantic -Wswitch -Wnon-virtual-dtor -Woverloaded-virtual
  # A designated initialiser names what differs from the defaults: the fields it leaves out are meant.
  -Wno-missing-field-initializers
  # g++ 12 takes moved-from variants and strings of optimised code for uninitialised or overlapping memory.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized> $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
if(VUURMUUR_WERROR)
  target_compile_options(vm_flags INTERFACE -Werror)
endif()
if(VUURMUUR_SANITIZE)
  target_compile_options(vm_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(vm_flags INTERFACE -fsanitize=address,undefined)
endif()
if(VUURMUUR_COVERAGE)
  target_compile_options(vm_flags INTERFACE --coverage)
  target_link_options(vm_flags INTERFACE --coverage)
endif()
if(VUURMUUR_FUZZ)
  target_compile_options(vm_flags INTERFACE -fsanitize=address,undefined -fno-sanitize-recover=all)
  target_link_options(vm_flags INTERFACE -fsanitize=address,undefined)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # clang before version 16 cannot compile libstdc++'s std::expected: g++ compiles, clang lends its libFuzzer
    # (tests/fuzz/gcc_coverage.cpp).
    target_compile_options(vm_flags INTERFACE -fsanitize-coverage=trace-pc,trace-cmp)
  else()
    target_compile_options(vm_flags INTERFACE -fsanitize=fuzzer-no-link)
  endif()
endif()
