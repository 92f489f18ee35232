// SPDX-License-Identifier: Apache-2.0
#include "stats/sample_ratio.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

Result<void> check(const SampleRatioRequest& request) {
  if (request.method != "chi_squared" && request.method != "sequential")
    return invalid_request(fmt::format("unknown method '{}'", request.method), "method",
                           "Known: chi_squared, sequential.");
  if (request.counts.size() < 2) return invalid_request("there must be two arms or more", "counts");
  if (request.expected.size() != request.counts.size())
    return invalid_request(
        fmt::format("{} shares for {} counts", request.expected.size(), request.counts.size()),
        "expected", "Give one expected share per arm.");
  for (std::size_t i = 0; i < request.counts.size(); ++i) {
    if (request.counts[i] < 0)
      return invalid_request("a count is negative", fmt::format("counts[{}]", i));
    if (!(request.expected[i] > 0) || !std::isfinite(request.expected[i]))
      return invalid_request("an expected share must be above 0", fmt::format("expected[{}]", i));
  }
  if (!(request.concentration > 0) || !std::isfinite(request.concentration))
    return invalid_request("concentration must be above 0", "concentration");
  return {};
}

void chi_squared(SampleRatioResult& result, const std::vector<double>& counts, double n) {
  result.statistic = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double expected = n * result.expected_shares[i];
    result.statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
  }
  result.degrees_of_freedom = static_cast<double>(counts.size() - 1);
  result.p_value = chi_squared_upper_tail(result.statistic, result.degrees_of_freedom);
}

void sequential(SampleRatioResult& result, const std::vector<double>& counts, double n,
                double concentration) {
  double log_factor = log_gamma(concentration) - log_gamma(concentration + n);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    const double prior = concentration * result.expected_shares[i];
    log_factor += log_gamma(prior + counts[i]) - log_gamma(prior) -
                  counts[i] * std::log(result.expected_shares[i]);
  }
  result.statistic = log_factor;
  result.p_value = std::min(1.0, std::exp(-log_factor));
}

}  // namespace

Result<SampleRatioResult> sample_ratio_test(const SampleRatioRequest& request) {
  DESCANT_CHECK(check(request));
  const std::vector<double> counts(request.counts.begin(), request.counts.end());
  const double n = std::accumulate(counts.begin(), counts.end(), 0.0);
  const double weight = std::accumulate(request.expected.begin(), request.expected.end(), 0.0);
  SampleRatioResult result;
  result.method = request.method;
  for (const double share : request.expected) result.expected_shares.push_back(share / weight);
  for (const double count : counts)
    result.observed_shares.push_back(n > 0 ? count / n : kUndefined);
  if (n == 0) {
    result.warnings.push_back({"too_few_units", "counts", "There are no units to test."});
    return result;
  }
  if (request.method == "chi_squared")
    chi_squared(result, counts, n);
  else
    sequential(result, counts, n, request.concentration);
  return result;
}

void describe(Describer& d, SampleRatioRequest& request) {
  d.field(request.counts,
          {.name = "counts", .doc = "units seen in each arm", .required = true, .minimum = 0});
  d.field(request.expected,
          {.name = "expected",
           .doc = "share each arm should have; weights that do not add up to 1 are scaled",
           .required = true,
           .minimum = 0,
           .open_interval = true});
  d.field(request.method, {.name = "method",
                           .doc = "sequential may be looked at at any time",
                           .choices = {"chi_squared", "sequential"}});
  d.field(request.concentration, {.name = "concentration",
                                  .doc = "prior weight of the sequential test at the shares",
                                  .unit = "units",
                                  .minimum = 0,
                                  .open_interval = true});
}

void describe(Describer& d, SampleRatioResult& result) {
  d.field(result.method, {.name = "method", .doc = "the method that ran"});
  d.field(result.statistic, {.name = "statistic", .doc = "chi-squared, or the log Bayes factor"});
  d.field(result.degrees_of_freedom,
          {.name = "degrees_of_freedom", .doc = "null for the sequential test"});
  d.field(result.p_value, {.name = "p_value", .doc = "that the shares are as expected"});
  d.field(result.observed_shares, {.name = "observed_shares", .doc = "by arm"});
  d.field(result.expected_shares, {.name = "expected_shares", .doc = "by arm, adding up to 1"});
  d.field(result.warnings, {.name = "warnings", .doc = "what the reader must know"});
}

}  // namespace descant::stats
