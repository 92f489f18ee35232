// SPDX-License-Identifier: Apache-2.0
#include "stats/labels.h"

#include <algorithm>
#include <charconv>
#include <numeric>
#include <unordered_map>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::stats {
namespace {

std::optional<std::string> text_of(const Json& label) {
  if (label.is_string()) return label.get<std::string>();
  if (label.is_boolean() || label.is_number()) return write_json(label);
  return std::nullopt;
}

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Positions of the names in their final order.
std::vector<std::uint32_t> sorted_order(const std::vector<std::string>& names) {
  std::vector<double> numbers;
  for (const auto& name : names)
    if (const auto number = number_of(name)) numbers.push_back(*number);
  std::vector<std::uint32_t> order(names.size());
  std::iota(order.begin(), order.end(), 0U);
  const bool numeric = numbers.size() == names.size();
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
    if (numeric && numbers[a] != numbers[b]) return numbers[a] < numbers[b];
    return names[a] < names[b];
  });
  return order;
}

}  // namespace

Result<CodedLabels> code_labels(const std::vector<Json>& column, std::string_view where) {
  CodedLabels labels;
  labels.codes.reserve(column.size());
  std::unordered_map<std::string, std::uint32_t> known;
  for (std::size_t i = 0; i < column.size(); ++i) {
    auto text = text_of(column[i]);
    if (!text)
      return invalid_request("a label must be a number, a text, true or false",
                             fmt::format("{}[{}]", where, i));
    const auto [entry, added] =
        known.try_emplace(std::move(*text), static_cast<std::uint32_t>(known.size()));
    if (added) labels.names.push_back(entry->first);
    labels.codes.push_back(entry->second);
  }
  const auto order = sorted_order(labels.names);
  std::vector<std::uint32_t> rank(order.size());
  std::vector<std::string> names(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = i;
    names[i] = std::move(labels.names[order[i]]);
  }
  for (auto& code : labels.codes) code = rank[code];
  labels.names = std::move(names);
  return labels;
}

Result<std::vector<std::uint8_t>> code_arms(const std::vector<Json>& column,
                                            const std::optional<Json>& control,
                                            std::string_view where) {
  DESCANT_ASSIGN(const CodedLabels labels, code_labels(column, where));
  if (labels.names.size() > 2)
    return invalid_request(
        fmt::format("{} has {} labels, a comparison has two", where, labels.names.size()),
        std::string(where), fmt::format("Found {}.", join(labels.names, ", ").substr(0, 200)));
  std::vector<std::uint8_t> is_treatment;
  for (const auto& name : labels.names) {
    if (control) {
      is_treatment.push_back(name != text_of(*control));
    } else if (name == "control" || name == "0" || name == "false") {
      is_treatment.push_back(0);
    } else if (name == "treatment" || name == "1" || name == "true") {
      is_treatment.push_back(1);
    } else {
      return invalid_request(fmt::format("'{}' names neither arm", name), std::string(where),
                             "Write control and treatment, or 0 and 1, or give the control's label "
                             "in the field control.");
    }
  }
  if (is_treatment.size() == 2 && is_treatment[0] == is_treatment[1])
    return invalid_request(
        fmt::format("'{}' and '{}' name the same arm", labels.names[0], labels.names[1]),
        control ? std::string("control") : std::string(where));
  std::vector<std::uint8_t> arms;
  arms.reserve(labels.size());
  for (const auto code : labels.codes) arms.push_back(is_treatment[code]);
  return arms;
}

Result<void> check_same_length(std::size_t length, std::string_view where, std::size_t expected,
                               std::string_view expected_where) {
  if (length == expected) return {};
  return invalid_request(
      fmt::format("{} has {} rows, {} has {}", where, length, expected_where, expected),
      std::string(where));
}

}  // namespace descant::stats
