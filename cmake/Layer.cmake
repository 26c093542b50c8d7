# SPDX-License-Identifier: GPL-2.0-or-later
# vm_layer(NAME layer DEPENDS layers... [LINK libraries...])
#
# One folder of libvuurmuur is one layer is one static library. A layer sees its own headers and those of the
# layers it names in DEPENDS, because each layer's headers are reached through an include directory of their own
# (<build>/layers/NAME/NAME, a link to the source folder): an include against the direction of the layers does
# not compile. LINK names third-party libraries. Where VM_LAYER_LIBRARY is set, the layer's objects become part of that
# shared library instead, and who links vm_NAME links it.
function(vm_layer)
  cmake_parse_arguments(L "" "NAME" "DEPENDS;LINK;LINK_PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME}/*.cpp
       ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME}/passes/*.cpp)
  set(root ${CMAKE_BINARY_DIR}/layers/${L_NAME})
  file(MAKE_DIRECTORY ${root})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${L_NAME} ${root}/${L_NAME} SYMBOLIC)
  if(VM_LAYER_LIBRARY)
    vm_shared_layer()
    return()
  endif()
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

# The second half of vm_layer, with its variables. The objects see headers only: the library that they become part of
# cannot be what they are linked to.
macro(vm_shared_layer)
  list(TRANSFORM L_DEPENDS PREPEND vm_ OUTPUT_VARIABLE headers)
  list(TRANSFORM headers APPEND _headers)
  add_library(vm_${L_NAME}_headers INTERFACE)
  target_include_directories(vm_${L_NAME}_headers INTERFACE ${root})
  target_link_libraries(vm_${L_NAME}_headers INTERFACE ${headers} ${L_LINK})
  if(sources)
    add_library(vm_${L_NAME}_objects OBJECT ${sources})
    set_target_properties(vm_${L_NAME}_objects PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_link_libraries(vm_${L_NAME}_objects PRIVATE vm_flags vm_${L_NAME}_headers ${L_LINK_PRIVATE})
    target_sources(${VM_LAYER_LIBRARY} PRIVATE $<TARGET_OBJECTS:vm_${L_NAME}_objects>)
    target_link_libraries(${VM_LAYER_LIBRARY} PRIVATE ${L_LINK} ${L_LINK_PRIVATE})
  endif()
  add_library(vm_${L_NAME} INTERFACE)
  target_link_libraries(vm_${L_NAME} INTERFACE vm_${L_NAME}_headers ${VM_LAYER_LIBRARY})
  install(DIRECTORY ${L_NAME} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vuurmuur FILES_MATCHING PATTERN *.h
          PATTERN passes EXCLUDE)
endmacro()
