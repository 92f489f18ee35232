// SPDX-License-Identifier: Apache-2.0
#pragma once

// What many ended experiments say together: each treatment's effect shrunk towards the others'
// (stats/many_experiments/shrink_effects.h, one prior for each metric; a normal prior's mean is not
// taken as known), what was shipped added up
// with and without the winner's curse, how many treatments shipped and how many taught something,
// and whether a holdback measures what the launches add up to. Effects are relative to control
// (0.01 is 1%) and in the metric's own sign; "better" respects its direction.
//
// A treatment taught something (was valid and ready for a decision) when it shipped, when it was
// stopped because it did harm, or when it was a powered null: its standard errors were small enough
// to find the minimum detectable effect with the planned power, and it was not there. The effects
// of treatments whose data are invalid count in no sum; the treatments count in the rates.
//
// The reconciliation subtracts the holdback's effect from the launches' corrected sum; both are
// taken as independent and normal. No experiment that has ended: empty lists, NaN and a warning.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/describe.h"
#include "base/result.h"
#include "definitions/project.h"
#include "experiment/readout.h"
#include "stats/many_experiments/shrink_effects.h"
#include "timelines/store.h"

namespace descant::experiment {

struct PortfolioOptions {
  std::string prior = "normal";  // normal | spike_and_slab | t
  double confidence_level = 0.95;
  std::optional<double> minimum_effect;  // relative; where a metric states none
  double power = 0.8;                    // of a table's experiments; a project's have their own
};

// `metric`: in whatever role an experiment has it; empty: the success metrics of each.
struct ProjectPortfolio {
  PortfolioOptions options;
  std::string metric;
  std::string holdback;  // experiment; empty: none
  ReadoutOptions readout;
};

// A table with one row for each treatment. The texts are columns or SQL expressions over them.
struct TablePortfolio {
  PortfolioOptions options;
  std::string file;
  std::string experiment;
  std::string treatment;  // empty: none
  std::string estimate;
  std::string standard_error;
  std::string decision;  // empty: what is significantly better counts as shipped
  std::string where;     // empty: all rows
  std::string direction = "increase";
  std::size_t threads = 0;
};

struct PortfolioTreatment {
  std::string experiment;
  std::string treatment;
  std::string action;   // ship | stop | continue | invalid
  std::string outcome;  // shipped | harm | powered_null | inconclusive | invalid
  bool better = false;  // some effect is significantly better
  bool learned = false;
};

struct PortfolioEffect {
  std::string experiment;
  std::string treatment;
  stats::EffectInterval measured;
  stats::EffectInterval shrunk;
  double probability_better = stats::kUndefined;
  std::string significant;  // better | worse | no
  bool shipped = false;
};

struct Reconciliation {
  std::string holdback;
  std::vector<std::string> launches;  // whose effects are added up
  stats::EffectInterval launched;     // their corrected sum
  stats::EffectInterval held_back;    // the holdback's own effect
  stats::EffectInterval difference;   // launched - held_back
  double p_value = stats::kUndefined;
  std::string message;
};

struct PortfolioMetric {
  std::string name;
  std::string direction = "increase";
  stats::PriorSummary prior;
  std::vector<PortfolioEffect> effects;
  stats::CumulativeEffect shipped;
  std::optional<Reconciliation> reconciliation;
};

struct PortfolioShare {
  std::int64_t count = 0;
  double estimate = stats::kUndefined;  // of all treatments
  double lower = stats::kUndefined;
  double upper = stats::kUndefined;
};

struct PortfolioLeftOut {
  std::string experiment;
  std::string reason;  // not_ended | holdback | unreadable | no_effect | no_decision
  std::string message;
};

struct Portfolio {
  std::int64_t experiments = 0;
  double confidence_level = 0.95;
  PortfolioShare win_rate;     // shipped
  PortfolioShare better_rate;  // significantly better
  PortfolioShare learning_rate;
  std::vector<PortfolioMetric> metrics;
  std::vector<PortfolioTreatment> treatments;
  std::vector<PortfolioLeftOut> left_out;
  Warnings warnings;
};

Result<Portfolio> portfolio(const definitions::Project& project, const timelines::Store& store,
                            const ProjectPortfolio& request);
Result<Portfolio> portfolio(const TablePortfolio& request);

// What both do with treatments and measured effects once they are read: everything else. Where
// `by_significance`, what is significantly better counts as shipped.
Result<void> check_options(const PortfolioOptions& options);
void measure(const std::string& direction, double confidence_level, PortfolioEffect& effect);
bool has_power(double standard_error, double effect, double alpha_one_sided, double power);
Result<void> complete_portfolio(const PortfolioOptions& options, bool by_significance,
                                Portfolio& result);
// `launches`: experiments; empty: all that shipped. `held_back`: the holdback's relative effect.
Result<void> reconcile(const PortfolioOptions& options, const std::string& holdback,
                       const std::vector<std::string>& launches,
                       const stats::EffectInterval& held_back, PortfolioMetric& metric,
                       Warnings& warnings);

void describe(Describer& d, PortfolioTreatment& treatment);
void describe(Describer& d, PortfolioEffect& effect);
void describe(Describer& d, Reconciliation& reconciliation);
void describe(Describer& d, PortfolioMetric& metric);
void describe(Describer& d, PortfolioShare& share);
void describe(Describer& d, PortfolioLeftOut& left_out);
void describe(Describer& d, Portfolio& portfolio);

}  // namespace descant::experiment
