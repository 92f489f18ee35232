// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>

#include <fmt/format.h>

#include "stats/comparison/stratified_difference.h"

namespace descant::stats {
namespace {

// The place of each stratum in the result, by its label; grows as labels appear.
using Places = std::unordered_map<std::string, std::size_t>;

Result<void> add_rows(const Sample& sample, ArmOutcome StratumArms::*arm, std::string_view where,
                      Places& places, std::vector<StratumArms>& strata) {
  Sample outcome = sample;
  outcome.covariates.clear();
  DESCANT_ASSIGN(const Rows rows, rows_of(outcome, where));
  if (!rows.stratum)
    return invalid_request("the rows name no stratum", fmt::format("{}.stratum", where),
                           "Give a label per row, or the strata one by one in strata.");
  const std::size_t columns = rows.columns.size();
  std::vector<std::size_t> place_of;
  for (const auto& name : rows.stratum->names) {
    const auto [at, is_new] = places.try_emplace(name, strata.size());
    if (is_new) {
      auto& stratum = strata.emplace_back();
      stratum.name = name;
      for (auto* both : {&stratum.control, &stratum.treatment}) both->moments = Moments(columns);
    }
    place_of.push_back(at->second);
  }
  const RatioColumns outcome_columns =
      columns == 2 ? RatioColumns{0, std::size_t{1}} : RatioColumns{};
  for (const std::size_t at : place_of) {
    auto& target = strata[at].*arm;
    if (target.moments.columns() != columns)
      return invalid_request("one arm is a ratio, the other is not", std::string(where),
                             "Give both arms in the same form.");
  }
  std::vector<double> row(columns);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    for (std::size_t j = 0; j < columns; ++j) row[j] = rows.columns[j][i].value_or(0.0);
    (strata[place_of[rows.stratum->index[i]]].*arm).moments.add(row);
  }
  for (auto& stratum : strata)
    for (auto* both : {&stratum.control, &stratum.treatment}) {
      both->columns = outcome_columns;
      both->kind = columns == 2 ? OutcomeKind::kRatio : OutcomeKind::kMean;
    }
  return {};
}

bool is_zero_or_one(const Sample& sample) {
  return sample.values && std::all_of(sample.values->begin(), sample.values->end(),
                                      [](double x) { return x == 0 || x == 1; });
}

}  // namespace

Result<std::vector<StratumArms>> strata_of(const Sample& control, const Sample& treatment,
                                           bool as_shares) {
  std::vector<StratumArms> strata;
  Places places;
  DESCANT_CHECK(add_rows(control, &StratumArms::control, "control", places, strata));
  DESCANT_CHECK(add_rows(treatment, &StratumArms::treatment, "treatment", places, strata));
  if (as_shares && is_zero_or_one(control) && is_zero_or_one(treatment))
    for (auto& stratum : strata)
      for (auto* arm : {&stratum.control, &stratum.treatment}) {
        arm->kind = OutcomeKind::kShare;
        const double n = static_cast<double>(arm->moments.n);
        if (n > 0) arm->moments.cross[0] *= (n - 1) / n;
      }
  return strata;
}

}  // namespace descant::stats
