# SPDX-License-Identifier: Apache-2.0
# How every file of Descant is compiled.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g0 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -fno-omit-frame-pointer")

add_library(descant_options INTERFACE)
target_include_directories(descant_options INTERFACE "${CMAKE_SOURCE_DIR}/src")
target_compile_options(descant_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  -Wimplicit-fallthrough -Wcast-qual -Wextra-semi
  # A fused multiply-add rounds once, not twice: without this, results would depend on the CPU.
  -ffp-contract=off)
if(DESCANT_WERROR)
  target_compile_options(descant_options INTERFACE -Werror)
endif()

if(DESCANT_SANITIZE)
  add_compile_options(-fsanitize=${DESCANT_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${DESCANT_SANITIZE})
  # GCC's own checks see impossible paths once it instruments library templates.
  target_compile_options(descant_options INTERFACE -Wno-maybe-uninitialized)
endif()

# The base directory makes hits shared between checkouts of the same sources.
find_program(DESCANT_CCACHE ccache)
if(DESCANT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
    ${CMAKE_COMMAND} -E env CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${DESCANT_CCACHE})
endif()
