// SPDX-License-Identifier: Apache-2.0
#include "capi/question.h"
#include "experiment/unit_distribution.h"
#include "experiment/unit_stream.h"

namespace descant::capi {

namespace {

constexpr std::string_view kUnits = "units";

// ---- what both questions take ----

struct MetricRequest {
  experiment::UnitMetric metric;
};

void describe(Describer& d, MetricRequest& request) {
  auto& metric = request.metric;
  d.field(metric.name, {.name = "name", .doc = "as shown", .required = true});
  d.field(metric.type, {.name = "type",
                        .doc = "mean, share of units, or ratio of totals",
                        .required = true,
                        .choices = {"mean", "proportion", "ratio"}});
  d.field(metric.numerator, {.name = "numerator", .doc = "column of its values", .required = true});
  d.field(metric.denominator, {.name = "denominator", .doc = "column, of a ratio only"});
  d.field(metric.covariate,
          {.name = "covariate", .doc = "column measured before exposure, to adjust by"});
  d.field(metric.role,
          {.name = "role",
           .doc = "what it does in the decision",
           .choices = {"success", "guardrail", "deterioration", "quality", "exploratory"}});
  d.field(metric.direction,
          {.name = "direction", .doc = "which way is good", .choices = {"increase", "decrease"}});
  d.field(metric.margin,
          {.name = "margin", .doc = "harm a guardrail tolerates: 1%, 1pp or a number"});
  d.field(metric.cap, {.name = "cap", .doc = "largest value counted: a number, or p99.9"});
}

struct UnitsRequest {
  experiment::UnitFileRequest request;
  std::vector<MetricRequest> metrics;

  experiment::UnitFileRequest whole() const {
    auto out = request;
    for (const auto& metric : metrics) out.metrics.push_back(metric.metric);
    return out;
  }
};

void describe_units(Describer& d, UnitsRequest& units) {
  auto& request = units.request;
  d.field(
      request.file,
      {.name = "file", .doc = "CSV, Parquet or JSON file in place of rows; with rows, their name"});
  d.field(request.unit,
          {.name = "unit", .doc = "column that identifies the unit; empty: each row"});
  d.field(units.metrics, {.name = "metrics", .doc = "what is measured", .required = true});
  d.field(request.threads,
          {.name = "threads", .doc = "threads to use; 0: all processors", .maximum = 4096});
}

// ---- analyze_units ----

struct AnalyzeRequest : UnitsRequest {};

void describe_rate(Describer& d, double& rate, std::string_view name, std::string_view doc) {
  d.field(rate, {.name = name, .doc = doc, .minimum = 0, .maximum = 1, .open_interval = true});
}

void describe(Describer& d, AnalyzeRequest& analyze) {
  describe_units(d, analyze);
  auto& request = analyze.request;
  d.field(request.variant,
          {.name = "variant", .doc = "column that holds the variant", .required = true});
  d.field(
      request.control,
      {.name = "control", .doc = "the variant others are compared with; empty: the first by name"});
  d.field(request.segments, {.name = "segments", .doc = "columns to split by"});
  d.field(request.shares, {.name = "shares", .doc = "VARIANT=SHARE expected; none: equal shares"});
  describe_rate(d, request.alpha, "alpha", "one-sided error rate of the decision");
  describe_rate(d, request.power, "power", "power the experiment was planned for");
  d.field(request.deterioration_alpha, {.name = "deterioration_alpha",
                                        .doc = "error rate of the tests for harm; 0: none",
                                        .minimum = 0,
                                        .maximum = 1});
  describe_rate(d, request.confidence_level, "confidence_level", "level of the intervals");
}

Result<experiment::ExperimentResult> analyze_units(Call& call, const AnalyzeRequest& analyze) {
  const auto request = analyze.whole();
  if (call.inputs.empty()) return experiment::analyze_unit_file(request);
  DESCANT_ASSIGN(auto* rows, call.input(std::string(kUnits)));
  return experiment::analyze_unit_stream(request, *rows, call.watch);
}

// ---- unit_distributions ----

struct DistributionRequest : UnitsRequest {
  std::uint64_t bins = 40;
};

void describe(Describer& d, DistributionRequest& distribution) {
  describe_units(d, distribution);
  auto& request = distribution.request;
  d.field(request.variant,
          {.name = "variant", .doc = "column that holds the variant; empty: all units are one"});
  d.field(request.control, {.name = "control", .doc = "the variant that stands first"});
  d.field(distribution.bins,
          {.name = "bins", .doc = "bars of each histogram", .minimum = 1, .maximum = 10'000});
}

Result<experiment::UnitDistributions> unit_distributions(Call& call,
                                                         const DistributionRequest& distribution) {
  const auto request = distribution.whole();
  experiment::UnitRows rows;
  if (call.inputs.empty()) {
    DESCANT_ASSIGN(rows, experiment::read_unit_rows(request));
  } else {
    DESCANT_ASSIGN(auto* stream, call.input(std::string(kUnits)));
    DESCANT_ASSIGN(rows, experiment::read_unit_stream(request, *stream, call.watch));
  }
  return experiment::unit_distributions(rows.table, distribution.bins);
}

}  // namespace

std::vector<Question> unit_questions() {
  return {
      question<AnalyzeRequest, experiment::ExperimentResult, analyze_units>(
          {"analyze_units", "Analyses a table of units, one row each, as an experiment.", false,
           kUnits}),
      question<DistributionRequest, experiment::UnitDistributions, unit_distributions>(
          {"unit_distributions", "Moments, quantiles and histograms of units' values, by variant.",
           false, kUnits}),
  };
}

}  // namespace descant::capi
