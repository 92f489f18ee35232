// SPDX-License-Identifier: Apache-2.0
#pragma once

// The version of Descant, as `--version` and every record of an analysis state it. CMake reads it
// from here.

#include <string_view>

namespace descant {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace descant
