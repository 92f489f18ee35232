// SPDX-License-Identifier: Apache-2.0
#include <kainjow/mustache.hpp>

#include "report/page_view.h"
#include "report/report.h"
#include "report/resources.h"

namespace descant::report {
namespace {

namespace mustache = kainjow::mustache;

mustache::data to_data(const Json& json) {
  if (json.is_object()) {
    mustache::data object{mustache::data::type::object};
    for (const auto& [key, value] : json.items()) object.set(key, to_data(value));
    return object;
  }
  if (json.is_array()) {
    mustache::data list{mustache::data::type::list};
    for (const auto& value : json) list.push_back(to_data(value));
    return list;
  }
  if (json.is_boolean()) return json.get<bool>();
  // An empty text is false, so that a section about it is left out.
  const std::string text = json.is_string() ? json.get<std::string>() : std::string();
  if (text.empty()) return false;
  return text;
}

mustache::partial file(std::string_view content) {
  return mustache::partial([content] { return std::string(content); });
}

}  // namespace

std::string experiments_html(const std::string& title,
                             std::span<const experiment::ExperimentResult> results) {
  mustache::data view = to_data(page_view(title, results));
  view.set("experiment", file(experiment_html()));
  view.set("treatment_part", file(treatment_html()));
  view.set("figure", file(figure_html()));
  view.set("reading", file(reading_html()));
  mustache::mustache page{std::string(page_html())};
  // Libraries and style are put in as they are: a partial would be read as a template.
  view.set("style", std::string(page_css()));
  view.set("vega", std::string(vega_js()));
  view.set("vega_lite", std::string(vega_lite_js()));
  view.set("vega_embed", std::string(vega_embed_js()));
  view.set("charts", std::string(charts_js()));
  view.set("licenses", std::string(vega_license()) + "\n" + std::string(vega_lite_license()) +
                           "\n" + std::string(vega_embed_license()));
  return page.render(view);
}

}  // namespace descant::report
