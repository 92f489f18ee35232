// SPDX-License-Identifier: Apache-2.0
#include "stats/multiplicity.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/text.h"

namespace descant::stats {
namespace {

constexpr std::array<std::string_view, 9> kMethods = {"bonferroni",
                                                      "sidak",
                                                      "holm",
                                                      "holm_sidak",
                                                      "hochberg",
                                                      "hommel",
                                                      "benjamini_hochberg",
                                                      "benjamini_yekutieli",
                                                      "storey"};

using Values = std::vector<double>;  // ascending

// 1 - (1 - p)^m without cancellation.
double any_of(double p, double m) { return p >= 1 ? 1.0 : -std::expm1(m * std::log1p(-p)); }

template <class Scale>
Values scaled(const Values& p, Scale scale) {
  Values out(p.size());
  for (std::size_t i = 0; i < p.size(); ++i) out[i] = scale(p[i], static_cast<double>(i));
  return out;
}

Values step_down(Values values) {
  for (std::size_t i = 1; i < values.size(); ++i) values[i] = std::max(values[i], values[i - 1]);
  return values;
}

Values step_up(Values values) {
  for (std::size_t i = values.size(); i-- > 1;) values[i - 1] = std::min(values[i - 1], values[i]);
  return values;
}

// Wright 1992, "Adjusted p-values for simultaneous inference", appendix.
Values hommel(const Values& p) {
  const std::size_t m = p.size();
  const auto real = [](std::size_t k) { return static_cast<double>(k); };
  double first = 1;
  for (std::size_t i = 0; i < m; ++i) first = std::min(first, real(m) * p[i] / real(i + 1));
  Values adjusted(m, first);
  Values q(m, first);
  for (std::size_t size = m - 1; size >= 2; --size) {
    // The largest `size - 1` values, each against its rank among the largest `size`.
    const std::size_t start = m - size + 1;
    double smallest = 1;
    for (std::size_t k = 2; k <= size; ++k)
      smallest = std::min(smallest, real(size) * p[start + k - 2] / real(k));
    for (std::size_t i = 0; i < start; ++i) q[i] = std::min(real(size) * p[i], smallest);
    for (std::size_t i = start; i < m; ++i) q[i] = q[start - 1];
    for (std::size_t i = 0; i < m; ++i) adjusted[i] = std::max(adjusted[i], q[i]);
  }
  for (std::size_t i = 0; i < m; ++i) adjusted[i] = std::max(adjusted[i], p[i]);
  return adjusted;
}

Values benjamini_hochberg(const Values& p) {
  const double m = static_cast<double>(p.size());
  return step_up(scaled(p, [m](double x, double i) { return m * x / (i + 1); }));
}

double harmonic(std::size_t m) {
  double sum = 0;
  for (std::size_t k = m; k > 0; --k) sum += 1 / static_cast<double>(k);
  return sum;
}

double estimate_true_null_share(const Values& p, double lambda, Warnings& warnings) {
  const auto above = std::count_if(p.begin(), p.end(), [&](double x) { return x > lambda; });
  const double m = static_cast<double>(p.size());
  if (above > 0) return std::min(1.0, static_cast<double>(above) / (m * (1 - lambda)));
  warnings.push_back({"no_large_p_values", "p_values",
                      fmt::format("No p-value is above lambda {}, so the share of true nulls was "
                                  "estimated as if one were.",
                                  lambda)});
  return std::min(1.0, 1 / (m * (1 - lambda)));
}

Values adjusted_ascending(const Values& p, const AdjustPValuesRequest& request,
                          AdjustPValuesResult& result) {
  const std::string& method = request.method;
  const double m = static_cast<double>(p.size());
  const auto times_left = [m](double x, double i) { return (m - i) * x; };
  if (method == "bonferroni") return scaled(p, [m](double x, double) { return m * x; });
  if (method == "sidak") return scaled(p, [m](double x, double) { return any_of(x, m); });
  if (method == "holm") return step_down(scaled(p, times_left));
  if (method == "holm_sidak")
    return step_down(scaled(p, [m](double x, double i) { return any_of(x, m - i); }));
  if (method == "hochberg") return step_up(scaled(p, times_left));
  if (method == "hommel") return hommel(p);
  Values adjusted = benjamini_hochberg(p);
  double factor = 1;
  if (method == "benjamini_yekutieli") factor = harmonic(p.size());
  if (method == "storey")
    factor = result.true_null_share = estimate_true_null_share(p, request.lambda, result.warnings);
  for (double& x : adjusted) x *= factor;
  return adjusted;
}

Result<void> check(const AdjustPValuesRequest& request) {
  if (std::find(kMethods.begin(), kMethods.end(), request.method) == kMethods.end())
    return invalid_request(fmt::format("unknown method '{}'", request.method), "method",
                           did_you_mean(request.method, kMethods));
  if (!(request.alpha > 0 && request.alpha < 1))
    return invalid_request("alpha must be between 0 and 1", "alpha");
  if (!(request.lambda > 0 && request.lambda < 1))
    return invalid_request("lambda must be between 0 and 1", "lambda");
  for (std::size_t i = 0; i < request.p_values.size(); ++i)
    if (!(request.p_values[i] >= 0 && request.p_values[i] <= 1))
      return invalid_request("a p-value must lie in [0, 1]", fmt::format("p_values[{}]", i));
  if (request.method == "hommel" && request.p_values.size() > kMostHommel)
    return invalid_request(fmt::format("hommel takes at most {} p-values", kMostHommel), "p_values",
                           "Use hochberg, which is nearly as strong.");
  return {};
}

}  // namespace

Result<AdjustPValuesResult> adjust_p_values(const AdjustPValuesRequest& request) {
  DESCANT_CHECK(check(request));
  AdjustPValuesResult result;
  result.method = request.method;
  const std::size_t m = request.p_values.size();
  if (m == 0) {
    result.warnings.push_back({"no_p_values", "p_values", "There are no p-values to adjust."});
    return result;
  }
  std::vector<std::size_t> order(m);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return request.p_values[a] < request.p_values[b];
  });
  Values ascending(m);
  for (std::size_t i = 0; i < m; ++i) ascending[i] = request.p_values[order[i]];
  const Values adjusted = adjusted_ascending(ascending, request, result);
  result.adjusted.resize(m);
  result.rejected.resize(m);
  for (std::size_t i = 0; i < m; ++i) {
    result.adjusted[order[i]] = std::min(1.0, adjusted[i]);
    result.rejected[order[i]] = adjusted[i] <= request.alpha;
  }
  return result;
}

void describe(Describer& d, AdjustPValuesRequest& request) {
  d.field(request.p_values, {.name = "p_values",
                             .doc = "of the tests of one family",
                             .required = true,
                             .minimum = 0,
                             .maximum = 1});
  d.field(request.method, {.name = "method",
                           .doc = "the first six bound the family-wise error rate, the others the "
                                  "false discovery rate",
                           .choices = {kMethods.begin(), kMethods.end()}});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "error rate of the family",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(request.lambda, {.name = "lambda",
                           .doc = "storey: p-values above it are taken for true nulls",
                           .minimum = 0,
                           .maximum = 1,
                           .open_interval = true});
}

void describe(Describer& d, AdjustPValuesResult& result) {
  d.field(result.method, {.name = "method", .doc = "the method that ran"});
  d.field(result.adjusted, {.name = "adjusted", .doc = "in the order given, at most 1"});
  d.field(result.rejected, {.name = "rejected", .doc = "adjusted <= alpha"});
  d.field(result.true_null_share,
          {.name = "true_null_share", .doc = "estimated by storey", .omit_when_empty = true});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
