// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/equivalence.h"

#include <cmath>

namespace descant::stats {
namespace {

Result<void> check(const EquivalenceMargins& margins, const ComparisonOptions& options) {
  for (const auto& [margin, name] :
       {std::pair(margins.lower, "lower_margin"), {margins.upper, "upper_margin"}})
    if (!(margin > 0) || !std::isfinite(margin))
      return invalid_request("a margin must be a positive number", name,
                             "The difference is tested to lie between -lower_margin and "
                             "upper_margin; leave the sign out.");
  if (options.margin_scale == "relative" && margins.lower >= 1)
    return invalid_request("a relative lower margin must be below 1", "lower_margin",
                           "1% is written 0.01.");
  return {};
}

// One of the two tests, as the margin test of a comparison in its direction.
Result<Comparison> margin_test(const EstimatePair& pair, double margin, const char* direction,
                               const ComparisonOptions& options) {
  ComparisonOptions one_sided = options;
  one_sided.alternative = "two_sided";
  one_sided.non_inferiority_margin = margin;
  one_sided.direction = direction;
  return compare(pair, one_sided);
}

OneSidedTest test_of(const Comparison& comparison) {
  return {comparison.statistic, comparison.degrees_of_freedom, comparison.p_value};
}

}  // namespace

Result<EquivalenceResult> equivalence_test(const EstimatePair& pair,
                                           const EquivalenceMargins& margins,
                                           const ComparisonOptions& options) {
  DESCANT_CHECK(check(margins, options));
  DESCANT_ASSIGN(const Comparison lower, margin_test(pair, margins.lower, "increase", options));
  DESCANT_ASSIGN(const Comparison upper, margin_test(pair, margins.upper, "decrease", options));
  const double alpha = 1 - options.confidence_level;
  EquivalenceResult result;
  result.lower_test = test_of(lower);
  result.upper_test = test_of(upper);
  result.comparison = lower.p_value >= upper.p_value ? lower : upper;
  result.equivalent = result.comparison.p_value <= alpha;
  ComparisonOptions wider;
  wider.confidence_level = 1 - 2 * alpha;
  wider.relative_method = options.relative_method;
  if (wider.confidence_level > 0) {
    DESCANT_ASSIGN(const Comparison at_twice_alpha, compare(pair, wider));
    result.equivalence_interval =
        options.margin_scale == "relative" ? at_twice_alpha.relative : at_twice_alpha.absolute;
  }
  return result;
}

void describe(Describer& d, OneSidedTest& test) {
  d.field(test.statistic, {.name = "statistic", .doc = "of this one-sided test"});
  d.field(test.degrees_of_freedom, {.name = "degrees_of_freedom", .doc = "null for z"});
  d.field(test.p_value, {.name = "p_value", .doc = "one-sided"});
}

}  // namespace descant::stats
