// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/interleaving.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/parallel.h"
#include "stats/causal/percentile_interval.h"
#include "stats/causal/random_purpose.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"
#include "stats/labels.h"

namespace descant::stats {
namespace {

using Units = std::vector<InterleavingUnit>;

double total_of(const InterleavingUnit& unit) {
  return unit.wins_control + unit.wins_treatment + unit.ties;
}

double treatment_credit(const InterleavingUnit& unit) {
  return unit.wins_treatment + unit.ties / 2;
}

// The two shares of a unit add up to 1, so the arms' estimates have the same variance and the
// opposite covariance.
EstimatePair credit_pair(const Units& units) {
  const double n = static_cast<double>(units.size());
  double mean = 0, square = 0;
  for (const auto& unit : units) mean += treatment_credit(unit) / total_of(unit) / n;
  for (const auto& unit : units) {
    const double deviation = treatment_credit(unit) / total_of(unit) - mean;
    square += deviation * deviation;
  }
  EstimatePair pair;
  pair.method = "credit_t";
  const auto count = static_cast<std::int64_t>(units.size());
  const double variance = count > 1 ? square / (n - 1) / n : kUndefined;
  pair.control = {count, count > 0 ? 1 - mean : kUndefined, std::sqrt(variance)};
  pair.treatment = {count, count > 0 ? mean : kUndefined, std::sqrt(variance)};
  pair.control_variance = variance;
  pair.treatment_variance = variance;
  pair.covariance = -variance;
  pair.reference.kind = ReferenceDistribution::Kind::kPooled;
  pair.reference.control_degrees = 0;
  pair.reference.treatment_degrees = n - 1;
  return pair;
}

double two_sided_binomial(std::int64_t k, std::int64_t n) {
  return std::min(1.0, 2 * binomial_upper_tail(std::max(k, n - k), n, 0.5));
}

SignTest sign_test(const Units& units, const ComparisonOptions& options) {
  SignTest test;
  for (const auto& unit : units) {
    if (unit.wins_treatment > unit.wins_control)
      ++test.prefer_treatment;
    else if (unit.wins_control > unit.wins_treatment)
      ++test.prefer_control;
    else
      ++test.undecided;
  }
  const std::int64_t k = test.prefer_treatment;
  const std::int64_t n = k + test.prefer_control;
  if (n == 0) return test;
  const double treated = static_cast<double>(k), other = static_cast<double>(n - k);
  test.share = treated / static_cast<double>(n);
  const bool two_sided = options.alternative == "two_sided";
  const double tail = (1 - options.confidence_level) / (two_sided ? 2 : 1);
  if (options.alternative != "less")
    test.lower = k == 0 ? 0.0 : beta_quantile(tail, treated, other + 1);
  if (options.alternative != "greater")
    test.upper = k == n ? 1.0 : beta_quantile(1 - tail, treated + 1, other);
  if (two_sided)
    test.p_value = two_sided_binomial(k, n);
  else
    test.p_value = binomial_upper_tail(options.alternative == "greater" ? k : n - k, n, 0.5);
  return test;
}

double preference_of(double credit, double total) { return credit / total - 0.5; }

EffectInterval preference(const Units& units, const InterleavingOptions& options) {
  double credit = 0, total = 0;
  for (const auto& unit : units) {
    credit += treatment_credit(unit);
    total += total_of(unit);
  }
  std::vector<double> draws(static_cast<std::size_t>(options.replicates), kUndefined);
  const auto draw = [&](std::size_t replicate, std::size_t) -> Result<void> {
    Random random(options.seed, CausalPurpose::kInterleaving, replicate);
    double drawn_credit = 0, drawn_total = 0;
    for (std::size_t i = 0; i < units.size(); ++i) {
      const auto& unit = units[pick_below(random, units.size())];
      drawn_credit += treatment_credit(unit);
      drawn_total += total_of(unit);
    }
    draws[replicate] = preference_of(drawn_credit, drawn_total);
    return {};
  };
  const double estimate = preference_of(credit, total);
  if (units.size() < 2 || !for_each_morsel(draws.size(), 0, draw)) return {estimate};
  return percentile_interval(std::move(draws), estimate, options.comparison.confidence_level);
}

}  // namespace

Result<InterleavingResult> interleaving(const Units& units, const InterleavingOptions& options) {
  InterleavingResult result;
  Units shown;
  for (const auto& unit : units) {
    if (total_of(unit) > 0)
      shown.push_back(unit);
    else
      ++result.empty_units;
  }
  DESCANT_ASSIGN(result.comparison, compare(credit_pair(shown), options.comparison));
  result.preference = preference(shown, options);
  result.sign_test = sign_test(shown, options.comparison);
  if (result.empty_units > 0)
    result.comparison.warnings.push_back(
        {"empty_units", "unit",
         fmt::format("{} of {} units have neither a win nor a tie and are left out.",
                     result.empty_units, units.size())});
  return result;
}

Result<InterleavingResult> interleaving_of_rows(const InterleavingRequest& request) {
  const std::size_t n = request.unit.size();
  const std::vector<double> none(request.ties ? 0 : n, 0.0);
  const auto& ties = request.ties ? *request.ties : none;
  const std::pair<std::string_view, const std::vector<double>*> columns[] = {
      {"wins_control", &request.wins_control},
      {"wins_treatment", &request.wins_treatment},
      {"ties", &ties}};
  for (const auto& [name, column] : columns) {
    DESCANT_CHECK(check_same_length(column->size(), name, n, "unit"));
    for (std::size_t i = 0; i < n; ++i)
      if ((*column)[i] < 0)
        return invalid_request("a count cannot be negative", fmt::format("{}[{}]", name, i));
  }
  DESCANT_ASSIGN(const CodedLabels labels, code_labels(request.unit, "unit"));
  Units units(labels.names.size());
  for (std::size_t i = 0; i < n; ++i) {
    InterleavingUnit& unit = units[labels.codes[i]];
    unit.wins_control += request.wins_control[i];
    unit.wins_treatment += request.wins_treatment[i];
    unit.ties += ties[i];
  }
  return interleaving(units, request.options);
}

void describe(Describer& d, InterleavingRequest& request) {
  d.field(request.unit, {.name = "unit",
                         .doc = "of each row: the listener, session or query; rows of one add up",
                         .required = true});
  d.field(request.wins_control,
          {.name = "wins_control", .doc = "credited to the control's ranker", .required = true});
  d.field(
      request.wins_treatment,
      {.name = "wins_treatment", .doc = "credited to the treatment's ranker", .required = true});
  d.field(request.ties, {.name = "ties", .doc = "credited to both; none when left out"});
  d.field(request.options.replicates,
          {.name = "replicates", .doc = "of the bootstrap", .minimum = 0, .maximum = 100'000});
  d.field(request.options.seed, {.name = "seed", .doc = "of the bootstrap"});
  describe(d, request.options.comparison);
}

void describe(Describer& d, SignTest& test) {
  d.field(test.prefer_control, {.name = "prefer_control", .doc = "units", .unit = "units"});
  d.field(test.prefer_treatment, {.name = "prefer_treatment", .doc = "units", .unit = "units"});
  d.field(test.undecided, {.name = "undecided", .doc = "units with as many wins", .unit = "units"});
  d.field(test.share, {.name = "share", .doc = "of the decided units that prefer the treatment"});
  d.field(test.lower, {.name = "lower", .doc = "Clopper-Pearson, of the share"});
  d.field(test.upper, {.name = "upper", .doc = "Clopper-Pearson, of the share"});
  d.field(test.p_value, {.name = "p_value", .doc = "exact, of a share of one half"});
}

void describe(Describer& d, InterleavingResult& result) {
  describe(d, result.comparison);
  d.field(result.preference,
          {.name = "preference",
           .doc = "the treatment's share of all wins, ties halved, less 1/2; bootstrap interval"});
  d.field(result.sign_test, {.name = "sign_test", .doc = "which arm more units prefer"});
  d.field(result.empty_units,
          {.name = "empty_units", .doc = "without wins and ties, left out", .unit = "units"});
}

}  // namespace descant::stats
