# SPDX-License-Identifier: Apache-2.0
# The demo project's YAML, so that a simulated folder is a complete project.
foreach(file descant metrics experiments/home_ranker experiments/autoplay_tuning
    experiments/discover_previews)
  cmake_path(GET file FILENAME name)
  descant_embed(TARGET descant_simulator NAMESPACE descant::simulator FUNCTION ${name}_yaml
    FILE "${CMAKE_SOURCE_DIR}/examples/listening/${file}.yaml")
endforeach()
