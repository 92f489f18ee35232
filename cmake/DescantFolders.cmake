# SPDX-License-Identifier: Apache-2.0
# Turns the folders of src/ and tests/ into libraries, test programs and one executable.

# Every library made so far, bottom layer first.
set_property(GLOBAL PROPERTY DESCANT_LIBRARIES "")

# Files of a folder and its subfolders, split into what the library, the tests and the CPU-specific
# kernels consist of.
function(descant_sources folder library tests kernels)
  file(GLOB_RECURSE all CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*.cc")
  set(test_files ${all})
  list(FILTER test_files INCLUDE REGEX "_test\\.cc$")
  set(kernel_files ${all})
  list(FILTER kernel_files INCLUDE REGEX "\\.simd\\.cc$")
  list(FILTER all EXCLUDE REGEX "(_test|\\.simd|/cli/main)\\.cc$")
  set(${library} ${all} PARENT_SCOPE)
  set(${tests} ${test_files} PARENT_SCOPE)
  set(${kernels} ${kernel_files} PARENT_SCOPE)
endfunction()

# Compiles each *.simd.cc once per CPU level, in a namespace of its own. Baseline objects come first
# in the archive, so that an inline function which all copies share is the one any CPU can run.
function(descant_add_kernels target links sources)
  set(levels baseline)
  set(only_level "")
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
    list(APPEND levels avx2 avx512)
  else()
    set(only_level DESCANT_SIMD_BASELINE_ONLY)
  endif()
  target_compile_definitions(${target} PUBLIC ${only_level})
  set(baseline_flags -O3)
  set(avx2_flags -O3 -march=x86-64-v3)
  set(avx512_flags -O3 -march=x86-64-v4)
  foreach(level ${levels})
    add_library(${target}_${level} OBJECT ${sources})
    target_link_libraries(${target}_${level} PRIVATE ${links})
    target_compile_definitions(${target}_${level} PRIVATE
      DESCANT_SIMD_NAMESPACE=${level} ${only_level})
    target_compile_options(${target}_${level} PRIVATE ${${level}_flags})
    target_sources(${target} PRIVATE $<TARGET_OBJECTS:${target}_${level}>)
  endforeach()
endfunction()

function(descant_add_test_program name label sources links)
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE ${links} GTest::gtest_main)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
  add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600
    ENVIRONMENT "DESCANT_PROGRAM=${CMAKE_BINARY_DIR}/descant;DESCANT_DEPS=${DESCANT_DEPS_DIR}")
endfunction()

# Their loops run once per event or unit, and gain from vectors that -O2 does not make.
set(descant_hot_folders timelines folds experiment)

function(descant_add_folder folder below)
  descant_sources(${folder} library_files test_files kernel_files)
  set(links ${below} ${descant_${folder}_uses} descant_options)
  set(target descant_${folder})
  if(library_files OR kernel_files)
    add_library(${target} STATIC)
    target_link_libraries(${target} PUBLIC ${links})
    if(folder IN_LIST descant_hot_folders)
      target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O3>)
    endif()
    if(kernel_files)
      descant_add_kernels(${target} "${links}" "${kernel_files}")
    endif()
    target_sources(${target} PRIVATE ${library_files})
    include("${CMAKE_SOURCE_DIR}/src/${folder}/resources.cmake" OPTIONAL)
  else()  # headers only, so far
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE ${links})
  endif()
  set_property(GLOBAL APPEND PROPERTY DESCANT_LIBRARIES ${target})
  if(test_files)
    descant_add_test_program(${folder}_test unit "${test_files}" ${target})
  endif()
endfunction()

function(descant_add_layers path)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
  file(STRINGS "${path}" layers REGEX "^[a-z]")
  foreach(layer ${layers})
    get_property(below GLOBAL PROPERTY DESCANT_LIBRARIES)
    string(REPLACE " " ";" siblings "${layer}")
    foreach(folder ${siblings})
      # The directory listing is what tells CMake that a folder has appeared.
      file(GLOB found CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/src/${folder}/*")
      if(found)
        descant_add_folder(${folder} "${below}")
      endif()
    endforeach()
  endforeach()
endfunction()

function(descant_add_program)
  set(main "${CMAKE_SOURCE_DIR}/src/cli/main.cc")
  if(EXISTS "${main}")
    get_property(libraries GLOBAL PROPERTY DESCANT_LIBRARIES)
    add_executable(descant "${main}")
    target_link_libraries(descant PRIVATE ${libraries})
  endif()
endfunction()

# bench/descant_bench.cc is the engine as bench/run drives it.
function(descant_add_bench_program)
  get_property(libraries GLOBAL PROPERTY DESCANT_LIBRARIES)
  add_executable(descant_bench "${CMAKE_SOURCE_DIR}/bench/descant_bench.cc")
  target_link_libraries(descant_bench PRIVATE ${libraries})
  set_target_properties(descant_bench PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

# The sources of a tests/<kind>/ that has a *_test.cc become the program <kind>_test.
function(descant_add_cross_layer_tests)
  get_property(libraries GLOBAL PROPERTY DESCANT_LIBRARIES)
  file(GLOB files CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/*/*_test.cc")
  set(kinds "")
  foreach(file ${files})
    cmake_path(GET file PARENT_PATH folder)
    cmake_path(GET folder FILENAME kind)
    list(APPEND kinds ${kind})
  endforeach()
  list(REMOVE_DUPLICATES kinds)
  foreach(kind ${kinds})
    file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/${kind}/*.cc")
    descant_add_test_program(${kind}_test ${kind} "${sources}" "${libraries}")
  endforeach()
endfunction()

# The checks of the sources themselves, and tests written in Python: all in ctest's one summary.
function(descant_add_script_tests)
  set(tools "${DESCANT_DEPS_DIR}/venv/bin")
  descant_add_script_test(tidy style "${tools}/python" tools/tidy)
  descant_add_script_test(format style tools/format --check)
  file(GLOB scripts CONFIGURE_DEPENDS RELATIVE "${CMAKE_SOURCE_DIR}/tests"
    "${CMAKE_SOURCE_DIR}/tests/*_test.py" "${CMAKE_SOURCE_DIR}/tests/*/*_test.py")
  list(FILTER scripts EXCLUDE REGEX "/make_")  # generators of reference numbers
  foreach(script ${scripts})
    string(REGEX REPLACE "\\.py$" "" name "${script}")
    descant_add_script_test(${name} python "${tools}/python" -m pytest -q "tests/${script}")
  endforeach()
endfunction()

function(descant_add_script_test name label)
  add_test(NAME ${name} COMMAND ${ARGN} WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
  set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT 600
    ENVIRONMENT "DESCANT_PROGRAM=${CMAKE_BINARY_DIR}/descant;DESCANT_DEPS=${DESCANT_DEPS_DIR}")
endfunction()
