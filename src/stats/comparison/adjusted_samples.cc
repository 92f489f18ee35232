// SPDX-License-Identifier: Apache-2.0
#include "stats/comparison/adjusted_samples.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/describe_json.h"
#include "base/text.h"
#include "stats/comparison/robust_regression.h"

namespace descant::stats {
namespace {

// A metric by the names of its columns.
struct NamedRatio {
  std::string numerator;
  std::string denominator;  // empty: 1
  std::string where;        // in the request
  std::string title() const {
    return denominator.empty() ? numerator : numerator + " / " + denominator;
  }
};

void describe(Describer& d, NamedRatio& ratio) {
  d.field(ratio.numerator, {.name = "numerator", .doc = "a column", .required = true});
  d.field(ratio.denominator, {.name = "denominator", .doc = "a column", .required = true});
}

Result<NamedRatio> read_metric(const Json& json, const std::string& where) {
  NamedRatio ratio;
  if (json.is_string()) {
    ratio.numerator = json.get<std::string>();
  } else if (json.is_object()) {
    DESCANT_ASSIGN(ratio, from_json<NamedRatio>(json, where));
  } else {
    return invalid_request("expected a column name or {numerator, denominator}", where);
  }
  ratio.where = where;
  return ratio;
}

// Both arms with the same columns, as rows where they are given as such.
struct Inputs {
  bool raw = false;
  Rows control_rows, treatment_rows;
  NamedMoments control, treatment;
};

NamedMoments named(const Rows& rows, NamedMoments::Outcome outcome) {
  return {outcome, rows.names, moments_of_rows(rows)};
}

// Keeps the outcome and the covariates that are asked for, so that the others' gaps do not matter.
Sample with_covariates(const Sample& sample, const std::vector<NamedRatio>& metrics) {
  Sample kept = sample;
  std::erase_if(kept.covariates, [&](const auto& entry) {
    return std::none_of(metrics.begin(), metrics.end(), [&](const NamedRatio& metric) {
      return metric.numerator == entry.first || metric.denominator == entry.first;
    });
  });
  return kept;
}

NamedMoments::Outcome raw_outcome(const Sample& sample) {
  return sample.values ? NamedMoments::Outcome::kMean : NamedMoments::Outcome::kRatio;
}

Result<void> check_same_covariates(const Rows& control, const Rows& treatment) {
  for (const auto& [rows, others, arm] :
       {std::tuple(&control, &treatment, "treatment"), std::tuple(&treatment, &control, "control")})
    for (const auto& name : rows->names)
      if (std::find(others->names.begin(), others->names.end(), name) == others->names.end())
        return invalid_request(fmt::format("the {} arm lacks the column '{}'", arm, name),
                               fmt::format("{}.covariates", arm));
  return {};
}

Result<Inputs> read_inputs(const Sample& control, const Sample& treatment, const Json& outcome,
                           std::vector<NamedRatio>& metrics, Warnings& warnings) {
  Inputs in;
  std::vector<NamedRatio> needed = metrics;
  if (!outcome.is_null()) {
    DESCANT_ASSIGN(auto metric, read_metric(outcome, "outcome"));
    needed.push_back(std::move(metric));
  }
  in.raw = has_rows(control) && has_rows(treatment);
  if (!in.raw) {
    const auto moments = [](const Sample& sample, const char* arm) -> Result<NamedMoments> {
      if (!has_rows(sample)) return moments_of(sample, arm);
      DESCANT_ASSIGN(const Rows rows, rows_of(sample, arm));
      for (std::size_t j = 0; j < rows.columns.size(); ++j)
        for (const auto& value : rows.columns[j])
          if (!value)
            return invalid_request("missing covariates need raw rows in both arms",
                                   fmt::format("{}.covariates.{}", arm, rows.names[j]));
      return named(rows, raw_outcome(sample));
    };
    DESCANT_ASSIGN(in.control, moments(control, "control"));
    DESCANT_ASSIGN(in.treatment, moments(treatment, "treatment"));
    return in;
  }
  DESCANT_ASSIGN(in.control_rows, rows_of(with_covariates(control, needed), "control"));
  DESCANT_ASSIGN(in.treatment_rows, rows_of(with_covariates(treatment, needed), "treatment"));
  DESCANT_CHECK(check_same_covariates(in.control_rows, in.treatment_rows));
  for (const auto& [name, count] : fill_missing(in.control_rows, in.treatment_rows)) {
    metrics.push_back({name + " missing", {}, "covariates"});
    warnings.push_back(
        {"missing_covariate", "covariates",
         fmt::format("{} of {} units have no '{}': it was replaced by the mean of "
                     "the others, with an indicator.",
                     count, in.control_rows.size() + in.treatment_rows.size(), name)});
  }
  in.control = named(in.control_rows, raw_outcome(control));
  in.treatment = named(in.treatment_rows, raw_outcome(treatment));
  return in;
}

Result<std::size_t> column_of(const std::string& name, const NamedMoments& moments,
                              const std::string& where) {
  const auto found = std::find(moments.names.begin(), moments.names.end(), name);
  if (found == moments.names.end())
    return invalid_request(fmt::format("there is no column '{}'", name), where,
                           did_you_mean(name, moments.names));
  return static_cast<std::size_t>(found - moments.names.begin());
}

Result<RatioColumns> columns_of(const NamedRatio& metric, const NamedMoments& moments) {
  RatioColumns columns;
  DESCANT_ASSIGN(columns.numerator, column_of(metric.numerator, moments, metric.where));
  if (metric.denominator.empty()) return columns;
  DESCANT_ASSIGN(columns.denominator, column_of(metric.denominator, moments, metric.where));
  return columns;
}

Result<NamedRatio> outcome_of(const Json& json, const NamedMoments& moments) {
  if (!json.is_null()) return read_metric(json, "outcome");
  if (moments.outcome == NamedMoments::Outcome::kRatio)
    return NamedRatio{"numerator", "denominator", "outcome"};
  if (moments.outcome == NamedMoments::Outcome::kMean) return NamedRatio{"values", {}, "outcome"};
  return invalid_request("outcome is missing", "outcome",
                         fmt::format("Say which of {} it is.", join(moments.names, ", ")));
}

// The treatment's columns in the control's order.
Result<Moments> aligned(const NamedMoments& moments, const std::vector<std::string>& names) {
  Moments out(names.size());
  out.n = moments.moments.n;
  std::vector<std::size_t> from;
  for (const auto& name : names) {
    DESCANT_ASSIGN(const std::size_t column, column_of(name, moments, "treatment"));
    from.push_back(column);
  }
  const std::size_t k = moments.names.size();
  for (std::size_t i = 0; i < names.size(); ++i) {
    out.mean[i] = moments.moments.mean[from[i]];
    for (std::size_t j = 0; j < names.size(); ++j)
      out.cross[i * names.size() + j] = moments.moments.cross[from[i] * k + from[j]];
  }
  return out;
}

Eigen::MatrixXd matrix_of(const Rows& rows, const std::vector<std::string>& names) {
  Eigen::MatrixXd out(static_cast<Eigen::Index>(rows.size()),
                      static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto found = std::find(rows.names.begin(), rows.names.end(), names[j]);
    const auto& column = rows.columns[static_cast<std::size_t>(found - rows.names.begin())];
    for (std::size_t i = 0; i < rows.size(); ++i)
      out(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) = column[i].value_or(0.0);
  }
  return out;
}

Result<AdjustedComparison> run(const Inputs& in, const AdjustmentPlan& plan, bool robust,
                               const ComparisonOptions& options) {
  if (!robust) {
    DESCANT_ASSIGN(const Moments treatment, aligned(in.treatment, in.control.names));
    return adjusted_difference(in.control.moments, treatment, plan, options);
  }
  if (plan.method != "lin")
    return invalid_request("robust errors belong to the method lin", "robust");
  if (!in.raw)
    return invalid_request("robust errors need raw rows in both arms", "robust",
                           "Give values and covariates with one entry per unit.");
  std::vector<RatioColumns> metrics = {plan.outcome};
  metrics.insert(metrics.end(), plan.covariates.begin(), plan.covariates.end());
  return robust_regression_difference(
      linearised_rows(matrix_of(in.control_rows, in.control.names), metrics),
      linearised_rows(matrix_of(in.treatment_rows, in.control.names), metrics), options);
}

}  // namespace

Result<AdjustedSamples> adjusted_samples(const Sample& control, const Sample& treatment,
                                         const SampleAdjustment& adjustment,
                                         const ComparisonOptions& options) {
  std::vector<NamedRatio> metrics;
  for (std::size_t i = 0; i < adjustment.covariates.size(); ++i) {
    DESCANT_ASSIGN(auto metric,
                   read_metric(adjustment.covariates[i], fmt::format("covariates[{}]", i)));
    metrics.push_back(std::move(metric));
  }
  Warnings warnings;
  DESCANT_ASSIGN(const Inputs in,
                 read_inputs(control, treatment, adjustment.outcome, metrics, warnings));
  DESCANT_ASSIGN(const NamedRatio outcome, outcome_of(adjustment.outcome, in.control));
  AdjustmentPlan plan;
  plan.method = adjustment.method;
  DESCANT_ASSIGN(plan.outcome, columns_of(outcome, in.control));
  AdjustedSamples result;
  for (const auto& metric : metrics) {
    DESCANT_ASSIGN(const auto columns, columns_of(metric, in.control));
    plan.covariates.push_back(columns);
    result.covariates.push_back(metric.title());
  }
  DESCANT_ASSIGN(result.adjusted, run(in, plan, adjustment.robust, options));
  auto& all = result.adjusted.comparison.warnings;
  all.insert(all.begin(), warnings.begin(), warnings.end());
  return result;
}

void describe(Describer& d, SampleAdjustment& adjustment) {
  d.field(adjustment.outcome,
          {.name = "outcome",
           .doc = "a column, or {numerator, denominator}; raw samples need not say"});
  d.field(adjustment.covariates, {.name = "covariates",
                                  .doc = "columns, or {numerator, denominator} pairs",
                                  .required = true});
  d.field(adjustment.method,
          {.name = "method",
           .doc = "cuped: one theta; cuped_per_arm: one for each arm; lin: interacted regression",
           .choices = {"cuped", "cuped_per_arm", "lin"}});
  d.field(adjustment.robust,
          {.name = "robust", .doc = "lin with HC2 standard errors, from raw rows"});
}

}  // namespace descant::stats
