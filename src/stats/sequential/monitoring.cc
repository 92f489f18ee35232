// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/monitoring.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "stats/distributions.h"
#include "stats/sequential/correlated_looks.h"
#include "stats/sequential/group_sequential_bounds.h"
#include "stats/sequential/normal_mixture.h"
#include "stats/sequential/sequential_p_value.h"
#include "stats/sequential/stopped_process.h"

namespace descant::stats {
namespace {

bool is_two_sided(const MonitoringMethod& method) { return method.alternative == "two_sided"; }

// The statistic as the bounds see it: large values speak against the null.
double evidence(const MonitoringMethod& method, double statistic) {
  if (is_two_sided(method)) return std::abs(statistic);
  return method.alternative == "less" ? -statistic : statistic;
}

double statistic_of(const MonitoredLook& look, const MonitoringMethod& method) {
  if (!(look.standard_error > 0) || !std::isfinite(look.standard_error) ||
      !std::isfinite(look.estimate))
    return kUndefined;
  const double statistic = (look.estimate - method.null_value) / look.standard_error;
  return std::isfinite(statistic) ? statistic : kUndefined;
}

void set_interval(MonitoredResult& result, const MonitoredLook& look,
                  const MonitoringMethod& method) {
  if (std::isnan(result.statistic) || !std::isfinite(result.bound)) return;
  const double half = result.bound * look.standard_error;
  if (method.alternative != "less") result.lower = look.estimate - half;
  if (method.alternative != "greater") result.upper = look.estimate + half;
}

// Bound and p-value of one look by itself, for the methods whose looks need nothing of each other.
struct LookTest {
  double bound = kUndefined;
  double p_value = kUndefined;
};

double mixture_weight(const MonitoredLook& look, const MonitoringMethod& method) {
  const double variance = look.standard_error * look.standard_error;
  if (method.method == "msprt") return *method.tau_squared / variance;
  const bool two_sided = is_two_sided(method);
  if (method.method == "asymptotic")
    return look.n * optimal_weight(*method.optimal_n, method.alpha, two_sided);
  const double intrinsic_time = look.n * look.n * variance;
  if (method.rho) return intrinsic_time / *method.rho;
  return intrinsic_time * optimal_weight(*method.optimal_intrinsic_time, method.alpha, two_sided);
}

LookTest mixture_test(const MonitoredLook& look, const MonitoringMethod& method, double z) {
  const auto one_sided =
      method.method == "asymptotic" ? MixtureSides::kOneClosedForm : MixtureSides::kOne;
  const auto sides = is_two_sided(method) ? MixtureSides::kTwo : one_sided;
  const double weight = mixture_weight(look, method);
  if (!(weight >= 0) || !std::isfinite(weight)) return {};
  return {mixture_bound(weight, method.alpha, sides), mixture_p_value(z, weight, sides)};
}

// Levy's inequality: the largest sum of symmetric contributions exceeds b with at most twice the
// probability that the last one does.
LookTest yeast_test(const MonitoredLook& look, const MonitoringMethod& method, double z) {
  const double t = look.n / *method.planned_n;
  if (!(t > 0) || t > 1) return {};
  const double tails = is_two_sided(method) ? 4 : 2;
  const double root = std::sqrt(t);
  return {-normal_quantile(method.alpha / tails) / root,
          std::min(1.0, tails * normal_upper_tail(z * root))};
}

using TestFunction = LookTest (*)(const MonitoredLook&, const MonitoringMethod&, double);

bool reads_n(const MonitoringMethod& method) {
  return method.method == "asymptotic" || method.method == "gavi" || method.method == "yeast";
}

void warn_of_look(Warnings& warnings, const MonitoredLook& look, const MonitoringMethod& method,
                  std::size_t k, double statistic) {
  const std::string field = fmt::format("looks[{}]", k);
  if (std::isnan(statistic))
    warnings.push_back({"no_standard_error", field,
                        "The estimate or its standard error is undefined or 0 at this look."});
  else if (method.method == "yeast" && look.n > *method.planned_n)
    warnings.push_back({"beyond_planned_n", field,
                        "The bound holds up to planned_n units: this look is not tested."});
  else if (reads_n(method) && !(look.n > 0))
    warnings.push_back({"too_few_units", field, "There are no units at this look."});
}

// Looks one by one; the smallest p-value so far is kept.
Monitored monitor_by_look(std::span<const MonitoredLook> looks, const MonitoringMethod& method,
                          TestFunction test) {
  Monitored monitored;
  double smallest = 1;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    MonitoredResult result;
    result.statistic = statistic_of(looks[k], method);
    const std::size_t warned = monitored.warnings.size();
    warn_of_look(monitored.warnings, looks[k], method, k, result.statistic);
    if (!std::isnan(result.statistic)) {
      const double z = evidence(method, result.statistic);
      const LookTest look_test = test(looks[k], method, z);
      result.bound = look_test.bound;
      set_interval(result, looks[k], method);
      if (std::isnan(look_test.p_value) && monitored.warnings.size() == warned) {
        monitored.warnings.push_back(
            {"out_of_range", fmt::format("looks[{}]", k),
             "The look's numbers are too large or too small to be tested."});
      }
      if (!std::isnan(look_test.p_value)) {
        result.p_value = smallest = std::min(smallest, look_test.p_value);
        if (z >= look_test.bound && !monitored.first_crossed) monitored.first_crossed = k;
      }
    }
    result.crossed = monitored.first_crossed.has_value();
    monitored.looks.push_back(result);
  }
  return monitored;
}

Monitored monitor_fixed_power(std::span<const MonitoredLook> looks,
                              const MonitoringMethod& method) {
  const double target = fixed_power_standard_error(*method.minimum_detectable_effect, method.alpha,
                                                   method.power, method.alternative);
  const double tails = is_two_sided(method) ? 2 : 1;
  Monitored monitored;
  std::optional<MonitoredResult> stopped;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    MonitoredResult result;
    result.statistic = statistic_of(looks[k], method);
    warn_of_look(monitored.warnings, looks[k], method, k, result.statistic);
    if (!stopped && !std::isnan(result.statistic) && looks[k].standard_error <= target) {
      const double z = evidence(method, result.statistic);
      result.bound = -normal_quantile(method.alpha / tails);
      set_interval(result, looks[k], method);
      result.p_value = std::min(1.0, tails * normal_upper_tail(z));
      result.crossed = z >= result.bound;
      if (result.crossed) monitored.first_crossed = k;
      stopped = result;
    }
    monitored.looks.push_back(stopped.value_or(result));
  }
  if (!stopped)
    monitored.warnings.push_back(
        {"waiting_for_precision", "looks",
         fmt::format("No look has a standard error of {:.6g} or less yet: fixed-power stopping "
                     "tests once, when it is reached.",
                     target)});
  return monitored;
}

Result<std::vector<double>> checked_information(std::span<const MonitoredLook> looks) {
  std::vector<double> information;
  for (const auto& look : looks) information.push_back(look.information);
  DESCANT_CHECK(check_information(information, "information"));
  for (std::size_t k = 0; k + 1 < information.size(); ++k)
    if (information[k] > 1)
      return invalid_request("only the last look may go beyond information 1",
                             fmt::format("information[{}]", k));
  return information;
}

// Bounds are given; `offsets` is by how much each differs from that of independent increments,
// under which p-values are computed.
Monitored monitor_with_bounds(std::span<const MonitoredLook> looks, const MonitoringMethod& method,
                              std::span<const double> information, std::span<const double> bounds,
                              std::span<const double> offsets) {
  Monitored monitored;
  std::vector<double> statistics;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    MonitoredResult result;
    result.statistic = statistic_of(looks[k], method);
    warn_of_look(monitored.warnings, looks[k], method, k, result.statistic);
    const double z = evidence(method, result.statistic);
    statistics.push_back(z - offsets[k]);
    result.bound = std::min(bounds[k], kGreatestBound);
    set_interval(result, looks[k], method);
    if (z >= bounds[k] && !monitored.first_crossed) monitored.first_crossed = k;
    result.crossed = monitored.first_crossed.has_value();
    monitored.looks.push_back(result);
  }
  const auto p_values =
      sequential_p_values({information, method.spending, is_two_sided(method), {}}, statistics);
  for (std::size_t k = 0; k < looks.size(); ++k) monitored.looks[k].p_value = p_values[k];
  return monitored;
}

Result<Monitored> monitor_group_sequential(std::span<const MonitoredLook> looks,
                                           const MonitoringMethod& method) {
  DESCANT_ASSIGN(const auto information, checked_information(looks));
  const bool two_sided = is_two_sided(method);
  const auto bounds =
      spending_bounds(information, method.spending, method.alpha / (two_sided ? 2 : 1), two_sided);
  const std::vector<double> no_offsets(looks.size(), 0.0);
  return monitor_with_bounds(looks, method, information, bounds.upper, no_offsets);
}

Result<void> check_positive(const std::optional<double>& value, std::string_view field,
                            std::string_view method) {
  if (!value) return invalid_request(fmt::format("{} needs {}", method, field), std::string(field));
  if (*value > 0 && std::isfinite(*value)) return {};
  return invalid_request(fmt::format("{} must be above 0", field), std::string(field));
}

Result<void> check_parameters(const MonitoringMethod& method) {
  const auto& name = method.method;
  if (name == "asymptotic") return check_positive(method.optimal_n, "optimal_n", name);
  if (name == "msprt") return check_positive(method.tau_squared, "tau_squared", name);
  if (name == "yeast") return check_positive(method.planned_n, "planned_n", name);
  if (name == "fixed_power" && !(method.power > method.alpha && method.power < 1))
    return invalid_request("power must be between alpha and 1", "power");
  if (name == "fixed_power")
    return check_positive(method.minimum_detectable_effect, "minimum_detectable_effect", name);
  if (name == "gavi") {
    if (method.rho && method.optimal_intrinsic_time)
      return invalid_request("gavi takes rho or optimal_intrinsic_time, not both", "rho");
    if (method.rho) return check_positive(method.rho, "rho", name);
    return check_positive(method.optimal_intrinsic_time, "optimal_intrinsic_time", name);
  }
  if (name != "group_sequential")
    return invalid_request(fmt::format("unknown method '{}'", name), "method");
  if (is_classical(method.spending))
    return invalid_request("looks as they come need a spending function", "spending.function");
  return check_spending(method.spending, "spending");
}

}  // namespace

Result<void> check_method(const MonitoringMethod& method) {
  if (!(method.alpha > 0 && method.alpha < 1))
    return invalid_request("alpha must be between 0 and 1", "alpha");
  if (method.alternative != "two_sided" && method.alternative != "greater" &&
      method.alternative != "less")
    return invalid_request(fmt::format("unknown alternative '{}'", method.alternative),
                           "alternative", "Known: two_sided, greater, less.");
  return check_parameters(method);
}

Result<Monitored> monitor(std::span<const MonitoredLook> looks, const MonitoringMethod& method) {
  DESCANT_CHECK(check_method(method));
  if (looks.empty()) return Monitored{};
  if (method.method == "group_sequential") return monitor_group_sequential(looks, method);
  if (method.method == "fixed_power") return monitor_fixed_power(looks, method);
  return monitor_by_look(looks, method, method.method == "yeast" ? yeast_test : mixture_test);
}

Result<CorrelatedMonitored> monitor_correlated(std::span<const MonitoredLook> looks,
                                               std::span<const double> correlation,
                                               const MonitoringMethod& method) {
  DESCANT_CHECK(check_method(method));
  if (method.method != "group_sequential")
    return invalid_request("correlated looks need the method group_sequential", "method");
  if (looks.empty()) return CorrelatedMonitored{};
  DESCANT_ASSIGN(const auto information, checked_information(looks));
  DESCANT_ASSIGN(const auto bounds, correlated_bounds({information,
                                                       {correlation.begin(), correlation.end()},
                                                       method.spending,
                                                       method.alpha,
                                                       is_two_sided(method) ? 2 : 1}));
  std::vector<double> offsets;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    const double difference = bounds.upper[k] - bounds.independent_upper[k];
    offsets.push_back(std::isfinite(difference) ? difference : 0.0);
  }
  return CorrelatedMonitored{monitor_with_bounds(looks, method, information, bounds.upper, offsets),
                             bounds.independent_upper};
}

double fixed_power_standard_error(double minimum_detectable_effect, double alpha, double power,
                                  std::string_view alternative) {
  const double tails = alternative == "two_sided" ? 2 : 1;
  return minimum_detectable_effect / (normal_quantile(power) - normal_quantile(alpha / tails));
}

}  // namespace descant::stats
