# SPDX-License-Identifier: GPL-2.0-or-later
# Runs every section of the benchmark with next to nothing, so that it is never found broken when figures are wanted:
# each must end well and print at least one row of figures below its table's head.
# cmake -D PROGRAM=… -P smoke.cmake
execute_process(COMMAND ${PROGRAM} --list OUTPUT_VARIABLE sections COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^\n]+" sections "${sections}")
foreach(section IN LISTS sections)
  execute_process(COMMAND ${PROGRAM} ${section} --sizes 10 --runs 1
                  OUTPUT_VARIABLE output ERROR_VARIABLE complaint RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(SEND_ERROR "section ${section} failed (${result}): ${complaint}")
  elseif(NOT output MATCHES "\n\\|(---\\|)+\n\\| ")
    message(SEND_ERROR "section ${section} printed no figures:\n${output}")
  endif()
endforeach()
