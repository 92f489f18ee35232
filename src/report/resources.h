// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files that are part of the program: the page's Mustache templates, its style and script, and the
// Vega libraries with their licences. Their bytes are those of the files named in resources.cmake.

#include <string_view>

namespace descant::report {

std::string_view page_html();
std::string_view experiment_html();
std::string_view treatment_html();
std::string_view figure_html();
std::string_view reading_html();
std::string_view page_css();
std::string_view charts_js();
std::string_view vega_js();
std::string_view vega_lite_js();
std::string_view vega_embed_js();
std::string_view vega_license();
std::string_view vega_lite_license();
std::string_view vega_embed_license();

}  // namespace descant::report
