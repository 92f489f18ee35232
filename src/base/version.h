// SPDX-License-Identifier: Apache-2.0
#pragma once

// The version of Descant, as `--version` and every record of an analysis state it. The same as in
// CMakeLists.txt and CHANGELOG.md.

#include <string_view>

namespace descant {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace descant
