// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_labels.h"

#include <algorithm>
#include <cmath>
#include <string_view>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::experiment {

Result<void> check_variant_count(std::size_t count, const std::string& column) {
  if (count <= kVariantsMax) return {};
  return invalid_data(
      fmt::format("the column '{}' has more than {} different values", column, kVariantsMax),
      "variant",
      "It looks like an identifier of units; name the column that says which variant a unit was "
      "in.");
}

Result<std::vector<std::string>> order_variants(const std::vector<std::string>& labels,
                                                const std::string& column,
                                                const std::string& control) {
  auto order = labels;
  std::sort(order.begin(), order.end());
  if (order.size() < 2)
    return invalid_data(fmt::format("'{}' is the only value of '{}'", order.front(), column),
                        "variant", "A comparison needs a control and at least one treatment.");
  if (control.empty()) return order;
  const auto found = std::find(order.begin(), order.end(), control);
  if (found == order.end())
    return not_found(fmt::format("no row of '{}' has the control '{}'", column, control), "control",
                     fmt::format("Its values are {}.", join(order, ", ")));
  std::rotate(order.begin(), found, found + 1);
  return order;
}

// New code of every old one, so that labels stand in the given order.
std::vector<std::uint32_t> places_in(const std::vector<std::string>& labels,
                                     const std::vector<std::string>& order) {
  std::unordered_map<std::string_view, std::uint32_t> place;
  for (std::uint32_t i = 0; i < order.size(); ++i) place[order[i]] = i;
  std::vector<std::uint32_t> places;
  for (const auto& label : labels) places.push_back(place[label]);
  return places;
}

Result<void> check_proportion(const UnitMetric& metric, std::span<const double> values) {
  if (metric.type != "proportion") return {};
  const auto wrong =
      static_cast<std::uint64_t>(std::count_if(values.begin(), values.end(), [](double x) {
        return !std::isnan(x) && x != 0.0 && x != 1.0;
      }));
  if (wrong == 0) return {};
  return invalid_data(
      fmt::format("{} values of '{}' are neither 0 nor 1", format_count(wrong), metric.numerator),
      "metric " + metric.name,
      "A proportion takes 0 and 1, or true and false; use mean for other numbers.");
}

Error repeated_units(std::uint64_t values, std::uint64_t rows, const std::string& column) {
  return invalid_data(
      fmt::format("{} values of '{}' stand in more than one row ({} rows together)",
                  format_count(values), column, format_count(rows)),
      "unit",
      "Descant wants one row per unit: add up the rows of a unit first, or analyse the events "
      "themselves in a project.");
}

}  // namespace descant::experiment
