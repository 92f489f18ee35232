// SPDX-License-Identifier: Apache-2.0
#include "capi/question.h"
#include "experiment/aa.h"
#include "experiment/explain.h"
#include "experiment/unit_distribution.h"

namespace descant::capi {

namespace {

// The rows behind an experiment, which all of these questions start from.
struct UnitsOf {
  std::string name;
  std::string as_of;
  std::uint64_t threads = 0;
};

void describe_units_of(Describer& d, UnitsOf& units) {
  d.field(units.name, {.name = "name", .doc = "name of the experiment", .required = true});
  d.field(units.as_of, {.name = "as_of", .doc = "use data up to this instant; empty: all"});
  d.field(units.threads,
          {.name = "threads", .doc = "threads to use; 0: all processors", .maximum = 4096});
}

Result<experiment::UnitReadout> units_of(const Call& call, const UnitsOf& units) {
  DESCANT_ASSIGN(const auto project, call.project());
  experiment::ReadoutOptions options;
  options.threads = units.threads;
  options.by_day = false;
  options.by_segment = false;
  if (!units.as_of.empty()) {
    DESCANT_ASSIGN(options.as_of, parse_instant(units.as_of));
  }
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  return experiment::read_units(project, store, units.name, options);
}

// ---- experiment_aa ----

struct AaRequest {
  UnitsOf units;
  std::uint64_t replicates = 2000;
  std::uint64_t seed = 1;
  double alpha = 0.05;
};

void describe(Describer& d, AaRequest& request) {
  describe_units_of(d, request.units);
  d.field(request.replicates,
          {.name = "replicates", .doc = "random assignments", .minimum = 1, .maximum = 1'000'000});
  d.field(request.seed, {.name = "seed", .doc = "the same seed gives the same result"});
  d.field(request.alpha, {.name = "alpha",
                          .doc = "of the two-sided test whose false positives are counted",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
}

Result<experiment::AaResult> experiment_aa(Call& call, const AaRequest& request) {
  DESCANT_ASSIGN(const auto units, units_of(call, request.units));
  return experiment::run_aa(
      units, {request.replicates, request.seed, request.alpha, request.units.threads}, call.watch);
}

// ---- explain_experiment ----

struct ExplainRequest {
  UnitsOf units;
  std::string metric;
};

void describe(Describer& d, ExplainRequest& request) {
  describe_units_of(d, request.units);
  d.field(request.metric, {.name = "metric", .doc = "only this one; empty: all"});
}

Result<experiment::Explanation> explain_experiment(Call& call, const ExplainRequest& request) {
  DESCANT_ASSIGN(const auto units, units_of(call, request.units));
  return experiment::explain(units, request.metric, request.units.threads);
}

// ---- experiment_distributions ----

struct DistributionsRequest {
  UnitsOf units;
  std::uint64_t bins = 40;
};

void describe(Describer& d, DistributionsRequest& request) {
  describe_units_of(d, request.units);
  d.field(request.bins,
          {.name = "bins", .doc = "bars of each histogram", .minimum = 1, .maximum = 10'000});
}

Result<experiment::UnitDistributions> experiment_distributions(
    Call& call, const DistributionsRequest& request) {
  DESCANT_ASSIGN(const auto units, units_of(call, request.units));
  return experiment::unit_distributions(units.units, request.bins);
}

}  // namespace

std::vector<Question> experiment_questions() {
  return {
      question<AaRequest, experiment::AaResult, experiment_aa>(
          {"experiment_aa",
           "How an experiment's tests behave when its units are assigned at random.", true}),
      question<ExplainRequest, experiment::Explanation, explain_experiment>(
          {"explain_experiment", "Which adjustment moved which interval of an experiment.", true}),
      question<DistributionsRequest, experiment::UnitDistributions, experiment_distributions>(
          {"experiment_distributions",
           "Moments, quantiles and histograms of an experiment's units, by variant.", true}),
  };
}

}  // namespace descant::capi
