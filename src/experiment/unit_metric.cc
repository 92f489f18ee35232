// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_metric.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::experiment {

namespace {

constexpr std::array<std::string_view, 4> kTypes = {"mean", "proportion", "ratio", "quantile"};
constexpr std::array<std::string_view, 5> kRoles = {"success", "guardrail", "deterioration",
                                                    "quality", "exploratory"};
constexpr std::array<std::string_view, 2> kDirections = {"increase", "decrease"};
constexpr std::array<std::string_view, 6> kOptions = {"role", "direction", "margin",
                                                      "cap",  "covariate", "q"};
constexpr const char* kForm =
    "Write NAME:TYPE, such as rounds:mean, retention_7:proportion or "
    "skips/plays:ratio:role=guardrail:direction=decrease:margin=2%.";

std::optional<double> read_number(std::string_view text) {
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

template <std::size_t N>
Result<std::size_t> choice_of(const std::string& value,
                              const std::array<std::string_view, N>& known, std::string_view what,
                              const std::string& where) {
  for (std::size_t i = 0; i < N; ++i)
    if (known[i] == value) return i;
  return invalid_request(fmt::format("unknown {} '{}'", what, value), where,
                         did_you_mean(value, known));
}

Result<definitions::EffectSize> margin_of(std::string_view text, const std::string& where) {
  double scale = 1;
  const bool relative = text.ends_with('%');
  if (relative || text.ends_with("pp")) {
    scale = 0.01;
    text.remove_suffix(relative ? 1 : 2);
  }
  const auto number = read_number(trim(text));
  if (!number || *number <= 0)
    return invalid_request("the margin must be a positive number", where,
                           "Write 1% (of control), 1pp (percentage points) or a number in the "
                           "metric's unit.");
  return definitions::EffectSize{*number * scale, relative};
}

Result<definitions::Cap> cap_of(const std::string& text, const std::string& where) {
  definitions::Cap cap;
  if (text.empty()) return cap;
  const bool percentile = text.front() == 'p';
  const auto number = read_number(std::string_view(text).substr(percentile ? 1 : 0));
  if (!number || (percentile && !(*number > 0 && *number < 100)))
    return invalid_request(fmt::format("'{}' is not a cap", text), where,
                           "Write a value such as 500, or a percentile such as p99.9.");
  (percentile ? cap.percentile : cap.value) = *number;
  return cap;
}

// Caps and covariates are of means.
Result<double> quantile_of(const UnitMetric& metric, const std::string& where) {
  if (metric.quantile.empty())
    return invalid_request(fmt::format("the quantile '{}' does not say which", metric.name), where,
                           "Add q=0.5 for the median, q=0.9 for the 90th percentile.");
  const auto number = read_number(metric.quantile);
  if (!number || !(*number > 0 && *number < 1))
    return invalid_request(fmt::format("'{}' is not a quantile", metric.quantile), where,
                           "Write a number between 0 and 1, such as q=0.9.");
  if (!metric.cap.empty())
    return invalid_request("a quantile has no cap: outliers do not move it", where,
                           "Leave cap out.");
  if (!metric.covariate.empty())
    return invalid_request("a quantile has no covariate", where,
                           "Leave covariate out, or compare means.");
  return *number;
}

Result<void> set_option(UnitMetric& metric, std::string_view name, std::string value) {
  const std::string where = "metric " + metric.name;
  DESCANT_ASSIGN(const std::size_t option, choice_of(std::string(name), kOptions, "option", where));
  const std::array<std::string UnitMetric::*, kOptions.size()> members = {
      &UnitMetric::role, &UnitMetric::direction, &UnitMetric::margin,
      &UnitMetric::cap,  &UnitMetric::covariate, &UnitMetric::quantile};
  if (value.empty())
    return invalid_request(fmt::format("the option {} has no value", name), where, kForm);
  metric.*members[option] = std::move(value);
  return {};
}

// The name, the type and the options. A name may hold colons itself: it ends before the first part
// that is a type.
std::vector<std::string> parts_of(const std::string& text) {
  auto parts = split(text, ':');
  const auto is_type = [](const std::string& part) {
    return std::find(kTypes.begin(), kTypes.end(), trim(part)) != kTypes.end();
  };
  const auto type = std::find_if(parts.begin() + 1, parts.end(), is_type);
  if (type == parts.end()) return parts;
  std::vector<std::string> named = {join(std::span(parts.begin(), type), ":")};
  named.insert(named.end(), type, parts.end());
  return named;
}

}  // namespace

Result<UnitMetric> parse_unit_metric(const std::string& text) {
  const auto parts = parts_of(text);
  UnitMetric metric;
  metric.name = std::string(trim(parts.front()));
  if (metric.name.empty())
    return invalid_request(fmt::format("'{}' names no metric", text), "metric", kForm);
  metric.type = "mean";
  std::size_t next = 1;
  if (parts.size() > 1 && parts[1].find('=') == std::string::npos)
    metric.type = std::string(trim(parts[next++]));
  DESCANT_CHECK(choice_of(metric.type, kTypes, "metric type", "metric " + metric.name));
  metric.numerator = metric.name;
  if (metric.type == "ratio") {
    const auto sides = split(metric.name, '/');
    if (sides.size() != 2 || trim(sides[0]).empty() || trim(sides[1]).empty())
      return invalid_request(fmt::format("the ratio '{}' is not of two columns", metric.name),
                             "metric " + metric.name, "Write NUMERATOR/DENOMINATOR:ratio.");
    metric.numerator = std::string(trim(sides[0]));
    metric.denominator = std::string(trim(sides[1]));
  }
  for (; next < parts.size(); ++next) {
    const auto equals = parts[next].find('=');
    if (equals == std::string::npos)
      return invalid_request(fmt::format("'{}' is not an option", parts[next]),
                             "metric " + metric.name, kForm);
    DESCANT_CHECK(set_option(metric, trim(parts[next].substr(0, equals)),
                             std::string(trim(parts[next].substr(equals + 1)))));
  }
  DESCANT_CHECK(plan_unit_metric(metric));
  return metric;
}

Result<MetricPlan> plan_unit_metric(const UnitMetric& metric) {
  const std::string where = "metric " + metric.name;
  DESCANT_CHECK(choice_of(metric.type, kTypes, "metric type", where));
  DESCANT_ASSIGN(const std::size_t role, choice_of(metric.role, kRoles, "role", where));
  DESCANT_ASSIGN(const std::size_t direction,
                 choice_of(metric.direction, kDirections, "direction", where));
  MetricPlan plan;
  plan.name = metric.name;
  plan.type = metric.type;
  plan.role = static_cast<definitions::Role>(role);
  plan.direction = static_cast<definitions::Direction>(direction);
  if (metric.type == "quantile") {
    DESCANT_ASSIGN(plan.quantile, quantile_of(metric, where));
  } else if (!metric.quantile.empty()) {
    return invalid_request(fmt::format("'{}' is a {}, which has no q", metric.name, metric.type),
                           where, "Leave q out, or write NAME:quantile:q=0.9.");
  }
  DESCANT_ASSIGN(plan.cap, cap_of(metric.cap, where));
  if (metric.margin.empty() != (plan.role != definitions::Role::kGuardrail))
    return invalid_request(
        metric.margin.empty() ? fmt::format("the guardrail '{}' has no margin", metric.name)
                              : fmt::format("'{}' has a margin but is no guardrail", metric.name),
        where,
        metric.margin.empty() ? "Add margin=1%, margin=1pp or a number in the metric's unit."
                              : "Add role=guardrail, or leave the margin out.");
  if (!metric.margin.empty()) {
    DESCANT_ASSIGN(plan.non_inferiority_margin, margin_of(metric.margin, where));
  }
  if ((metric.type == "ratio") == metric.denominator.empty())
    return invalid_request(
        fmt::format("'{}' is a {}, so it must {} a denominator", metric.name, metric.type,
                    metric.denominator.empty() ? "have" : "not have"),
        where);
  return plan;
}

}  // namespace descant::experiment
