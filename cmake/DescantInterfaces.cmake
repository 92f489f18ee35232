# SPDX-License-Identifier: Apache-2.0
# What other programs build on: the shared library behind src/capi/descant.h, the Python module on
# top of it, and the installation of both. Everything but the C interface stays hidden, so that the
# library lives beside others in one process.

function(descant_add_shared_library)
  set(interface "${CMAKE_SOURCE_DIR}/src/capi")
  file(WRITE "${CMAKE_BINARY_DIR}/generated/descant_library.cc"
    "// SPDX-License-Identifier: Apache-2.0\n// The library's code comes from descant_capi.\n")
  add_library(descant_library SHARED "${CMAKE_BINARY_DIR}/generated/descant_library.cc")
  get_property(libraries GLOBAL PROPERTY DESCANT_LIBRARIES)
  list(REMOVE_ITEM libraries descant_cli descant_capi)
  target_link_libraries(descant_library PRIVATE
    "$<LINK_LIBRARY:WHOLE_ARCHIVE,descant_capi>" ${libraries})
  target_link_options(descant_library PRIVATE
    "LINKER:--version-script=${interface}/descant.map" "LINKER:--no-undefined" "LINKER:--gc-sections")
  set_property(TARGET descant_library APPEND PROPERTY LINK_DEPENDS "${interface}/descant.map")
  set_target_properties(descant_library PROPERTIES OUTPUT_NAME descant EXPORT_NAME descant
    SOVERSION ${PROJECT_VERSION_MAJOR}
    INSTALL_RPATH "$ORIGIN;$ORIGIN/descant")
  target_include_directories(descant_library INTERFACE
    "$<BUILD_INTERFACE:${interface}>" "$<INSTALL_INTERFACE:include>")
endfunction()

# Debian's copies of the libraries that the program needs, and DuckDB's, go along: the target
# machine need not have them.
function(descant_bundled_libraries output)
  set(found "${DuckDB_LIBRARY}" "${utf8proc_LIBRARY}")
  foreach(target fmt::fmt xxHash::xxhash date::date-tz yaml-cpp)
    get_target_property(aliased ${target} ALIASED_TARGET)
    if(aliased)
      set(target ${aliased})
    endif()
    foreach(property LOCATION IMPORTED_LOCATION_RELEASE IMPORTED_LOCATION_NONE IMPORTED_LOCATION)
      get_target_property(location ${target} ${property})
      if(location)
        list(APPEND found "${location}")
        break()
      endif()
    endforeach()
  endforeach()
  set(${output} ${found} PARENT_SCOPE)
endfunction()

# Copies a shared library under the name by which others load it.
function(descant_install_bundled component destination)
  descant_bundled_libraries(libraries)
  foreach(library ${libraries})
    install(CODE "
      file(REAL_PATH \"${library}\" real)
      execute_process(COMMAND \"${CMAKE_OBJDUMP}\" -p \"\${real}\" OUTPUT_VARIABLE headers)
      string(REGEX MATCH \"SONAME +([^\\n]+)\" found \"\${headers}\")
      if(found)
        set(name \"\${CMAKE_MATCH_1}\")
      else()
        get_filename_component(name \"${library}\" NAME)
      endif()
      file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${destination}\" TYPE PROGRAM
        RENAME \"\${name}\" FILES \"\${real}\")"
      COMPONENT ${component})
  endforeach()
endfunction()

function(descant_install)
  include(GNUInstallDirs)
  include(CMakePackageConfigHelpers)
  set(config "${CMAKE_INSTALL_LIBDIR}/cmake/descant")
  set_target_properties(descant PROPERTIES
    INSTALL_RPATH "$ORIGIN/../${CMAKE_INSTALL_LIBDIR}/descant")
  install(TARGETS descant RUNTIME COMPONENT library)
  install(TARGETS descant_library EXPORT descant LIBRARY COMPONENT library
    NAMELINK_COMPONENT library)
  install(FILES src/capi/descant.h TYPE INCLUDE COMPONENT library)
  install(FILES src/base/arrow_c.h TYPE INCLUDE RENAME descant_arrow.h COMPONENT library)
  install(EXPORT descant NAMESPACE descant:: DESTINATION ${config} FILE descant-targets.cmake
    COMPONENT library)
  configure_package_config_file(cmake/descant-config.cmake.in
    "${CMAKE_BINARY_DIR}/generated/descant-config.cmake" INSTALL_DESTINATION ${config})
  write_basic_package_version_file("${CMAKE_BINARY_DIR}/generated/descant-config-version.cmake"
    COMPATIBILITY SameMinorVersion)
  install(FILES "${CMAKE_BINARY_DIR}/generated/descant-config.cmake"
    "${CMAKE_BINARY_DIR}/generated/descant-config-version.cmake"
    DESTINATION ${config} COMPONENT library)
  descant_install_bundled(library ${CMAKE_INSTALL_LIBDIR}/descant)
endfunction()

# A program in plain C against the header and the shared library.
function(descant_add_c_test)
  add_executable(capi_c_test tests/capi/plain_c_test.c)
  set_target_properties(capi_c_test PROPERTIES C_STANDARD 11 C_STANDARD_REQUIRED ON
    C_EXTENSIONS OFF RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  target_compile_options(capi_c_test PRIVATE -Wall -Wextra -Wpedantic -Werror)
  target_include_directories(capi_c_test PRIVATE src/base)
  target_link_libraries(capi_c_test PRIVATE descant_library Threads::Threads)
  add_test(NAME capi_c_test COMMAND capi_c_test WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(capi_c_test PROPERTIES LABELS capi TIMEOUT 600)
endfunction()

# The module `descant._core`, and beside it the package's own files, as build/python/descant. The
# Python that has nanobind decides for which version it is built; without one there is no module.
function(descant_add_python_module)
  if(DESCANT_SANITIZE)  # an interpreter without the sanitizer's library cannot load it
    return()
  endif()
  if(NOT Python_EXECUTABLE AND EXISTS "${DESCANT_DEPS_DIR}/venv/bin/python")
    set(Python_EXECUTABLE "${DESCANT_DEPS_DIR}/venv/bin/python")
  endif()
  find_package(Python 3.11 QUIET COMPONENTS Interpreter Development.Module)
  if(Python_FOUND AND NOT nanobind_DIR)
    execute_process(COMMAND "${Python_EXECUTABLE}" -m nanobind --cmake_dir
      OUTPUT_VARIABLE nanobind_DIR OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  find_package(nanobind CONFIG QUIET)
  if(NOT nanobind_FOUND)
    message(STATUS "No Python with nanobind: the Python package is left out")
    return()
  endif()
  set(Python_EXECUTABLE "${Python_EXECUTABLE}" PARENT_SCOPE)  # the tests run with it
  set(folder "${CMAKE_BINARY_DIR}/python/descant")
  nanobind_add_module(descant_python NB_STATIC python/descant_core.cc)
  target_link_libraries(descant_python PRIVATE descant_library)
  target_include_directories(descant_python PRIVATE "${CMAKE_SOURCE_DIR}/src")
  target_compile_options(descant_python PRIVATE -Wall -Wextra)
  set_target_properties(descant_python PROPERTIES OUTPUT_NAME _core
    LIBRARY_OUTPUT_DIRECTORY "${folder}" INSTALL_RPATH "$ORIGIN")
  file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/python/descant"
    "${CMAKE_SOURCE_DIR}/python/descant/*.py" "${CMAKE_SOURCE_DIR}/python/descant/*.pyi"
    "${CMAKE_SOURCE_DIR}/python/descant/py.typed")
  foreach(file ${files})
    cmake_path(GET file PARENT_PATH parent)
    file(MAKE_DIRECTORY "${folder}/${parent}")
    file(CREATE_LINK "${CMAKE_SOURCE_DIR}/python/descant/${file}" "${folder}/${file}" SYMBOLIC)
  endforeach()
  install(TARGETS descant_python LIBRARY DESTINATION descant COMPONENT python)
  install(TARGETS descant_library LIBRARY DESTINATION descant COMPONENT python NAMELINK_SKIP)
  descant_install_bundled(python descant)
endfunction()

# python/tests/*_test.py, each a test of its own, with the package as it was just built.
function(descant_add_python_tests)
  if(NOT TARGET descant_python)
    return()
  endif()
  file(GLOB tests CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}" python/tests/*_test.py)
  foreach(test ${tests})
    cmake_path(GET test STEM name)
    set(name "python/${name}")
    add_test(NAME ${name} COMMAND "${Python_EXECUTABLE}" -m pytest -q "${test}"
      WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES LABELS python TIMEOUT 900 ENVIRONMENT
      "PYTHONPATH=${CMAKE_BINARY_DIR}/python;DESCANT_PROGRAM=${CMAKE_BINARY_DIR}/descant;DESCANT_DEPS=${DESCANT_DEPS_DIR};DESCANT_BUILD=${CMAKE_BINARY_DIR};MPLBACKEND=Agg")
  endforeach()
endfunction()
