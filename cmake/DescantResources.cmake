# SPDX-License-Identifier: Apache-2.0
# descant_embed(TARGET descant_report NAMESPACE descant::report FUNCTION vega_js FILE path/vega.min.js)
#
# Puts a file's bytes into the library and defines `std::string_view descant::report::vega_js()`,
# which views them for the life of the program. The header that declares it is written by hand.
# Call it from src/<folder>/resources.cmake, which is read once the folder's library exists.
function(descant_embed)
  cmake_parse_arguments(embed "" "TARGET;NAMESPACE;FUNCTION;FILE" "" ${ARGN})
  if(NOT EXISTS "${embed_FILE}")
    message(FATAL_ERROR "${embed_FILE} is missing: run `make setup`.")
  endif()
  set(source "${CMAKE_BINARY_DIR}/generated/${embed_TARGET}_${embed_FUNCTION}.cc")
  string(REPLACE "::" "_" symbol "embedded_${embed_NAMESPACE}_${embed_FUNCTION}")
  configure_file("${CMAKE_SOURCE_DIR}/cmake/embedded.cc.in" "${source}" @ONLY)
  set_source_files_properties("${source}" PROPERTIES OBJECT_DEPENDS "${embed_FILE}")
  target_sources(${embed_TARGET} PRIVATE "${source}")
endfunction()
