# SPDX-License-Identifier: GPL-2.0-or-later
# vm_layer(NAME layer DEPENDS layers... [LINK libraries...])
#
# One folder of libvuurmuur is one layer is one static library. A layer sees its own headers and those of the
# layers it names in DEPENDS, because each layer's headers are reached through an include directory of their own
# (<build>/layers/NAME/NAME, a link to the source folder): an include against the direction of the layers does
# not compile. LINK names third-party libraries.
function(vm_layer)
  cmake_parse_arguments(L "" "NAME" "DEPENDS;LINK;LINK_PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME}/passes/*.cpp)
  set(root ${CMAKE_BINARY_DIR}/layers/${L_NAME})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME} ${root}/${L_NAME} SYMBOLIC)
  if(sources)
    add_library(vm_${L_NAME} STATIC ${sources})
    set(scope PUBLIC)
    set(private PRIVATE)
    target_link_libraries(vm_${L_NAME} PRIVATE vm_flags)
  else()
    add_library(vm_${L_NAME} INTERFACE)
    set(scope INTERFACE)
    set(private INTERFACE)
  endif()
  target_include_directories(vm_${L_NAME} ${scope} ${root})
  list(TRANSFORM L_DEPENDS PREPEND vm_)
  target_link_libraries(vm_${L_NAME} ${scope} ${L_DEPENDS} ${L_LINK})
  if(L_LINK_PRIVATE)
    target_link_libraries(vm_${L_NAME} ${private} ${L_LINK_PRIVATE})
  endif()
endfunction()
