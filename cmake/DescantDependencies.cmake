# SPDX-License-Identifier: Apache-2.0
# The libraries a folder uses, beyond what the layers below it already bring.
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(xxHash REQUIRED)
find_package(date REQUIRED)
find_package(Eigen3 REQUIRED NO_MODULE)
find_package(Boost REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(GTest REQUIRED)
if(EXISTS "${CMAKE_SOURCE_DIR}/src/warehouse")
  find_package(DuckDB REQUIRED)
endif()

set(descant_base_uses fmt::fmt nlohmann_json::nlohmann_json xxHash::xxhash date::date-tz
  Threads::Threads)
set(descant_stats_uses Eigen3::Eigen Boost::headers)
set(descant_definitions_uses yaml-cpp)
set(descant_warehouse_uses DuckDB::DuckDB)
set(descant_cli_uses CLI11::CLI11)
