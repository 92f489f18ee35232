// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "experiment/portfolio.h"

namespace descant::experiment {
namespace {

using definitions::EffectSize;

// Of a launch, what its data cannot tell is left out; what any other experiment would meet as well
// (a table to refresh, a folder that cannot be read) ends the portfolio.
bool concerns_one_experiment(const Error& error) { return error.code == ErrorCode::kInvalidData; }

class Reader {
 public:
  Reader(const definitions::Project& project, const timelines::Store& store,
         const ProjectPortfolio& request)
      : project_(project), store_(store), request_(request) {
    readout_ = request.readout;
    readout_.by_day = readout_.by_segment = readout_.since_exposure = false;
  }

  Result<ExperimentResult> read(const std::string& name) const {
    return read_out(project_, store_, name, readout_);
  }

  Result<void> add(const definitions::Experiment& experiment, Portfolio& out) {
    const std::string& name = experiment.name;
    if (name == request_.holdback || !experiment.launches.empty()) {
      out.left_out.push_back({name, "holdback", name + " is a holdback and launches nothing."});
      return {};
    }
    auto found = read(name);
    if (!found) {
      if (!concerns_one_experiment(found.error())) return std::move(found.error());
      out.left_out.push_back(
          {name, "unreadable",
           fmt::format("{} cannot be read out: {}.", name, found.error().message)});
      return {};
    }
    if (!found->experiment.complete) {
      out.left_out.push_back(
          {name, "not_ended", fmt::format("{} runs until {}.", name, found->experiment.end)});
      return {};
    }
    for (const auto& decision : found->decisions) add_treatment(experiment, *found, decision, out);
    return {};
  }

 private:
  bool is_asked_for(const MetricResult& metric) const {
    return request_.metric.empty() ? metric.role == "success" : metric.name == request_.metric;
  }

  std::optional<EffectSize> minimum_effect(const definitions::Experiment& experiment,
                                           const std::string& metric) const {
    for (const auto& one : experiment.metrics)
      if (one.metric == metric && one.minimum_detectable_effect)
        return one.minimum_detectable_effect;
    if (request_.options.minimum_effect) return EffectSize{*request_.options.minimum_effect, true};
    return std::nullopt;
  }

  // Every success metric could have been found. None of them: nothing could.
  bool is_powered(const definitions::Experiment& experiment, const ExperimentResult& found,
                  const std::string& treatment, Portfolio& out) const {
    bool powered = false;
    for (const auto& metric : found.metrics) {
      if (metric.treatment != treatment || metric.role != "success") continue;
      const auto effect = minimum_effect(experiment, metric.name);
      if (!effect) {
        out.warnings.push_back(
            {"no_minimum_effect", "treatments",
             fmt::format("{} states no minimum_detectable_effect for {}, so its null cannot count "
                         "as learnt.",
                         experiment.name, metric.name)});
        return false;
      }
      const auto& interval =
          effect->relative ? metric.comparison.relative : metric.comparison.absolute;
      powered = has_power(interval.standard_error, std::abs(effect->value), metric.alpha_used,
                          found.record.power_planned);
      if (!powered) return false;
    }
    return powered;
  }

  std::string outcome_of(const definitions::Experiment& experiment, const ExperimentResult& found,
                         const TreatmentDecision& decision, Portfolio& out) const {
    if (decision.action == "invalid") return "invalid";
    if (decision.action == "ship") return "shipped";
    const bool harm = std::any_of(found.metrics.begin(), found.metrics.end(), [&](const auto& m) {
      return m.treatment == decision.treatment && m.verdict == "deteriorated";
    });
    if (harm) return "harm";
    if (is_powered(experiment, found, decision.treatment, out)) return "powered_null";
    return "inconclusive";
  }

  void add_treatment(const definitions::Experiment& experiment, const ExperimentResult& found,
                     const TreatmentDecision& decision, Portfolio& out) {
    PortfolioTreatment treatment;
    treatment.experiment = experiment.name;
    treatment.treatment = decision.treatment;
    treatment.action = decision.action;
    treatment.outcome = outcome_of(experiment, found, decision, out);
    for (const auto& metric : found.metrics) {
      if (metric.treatment != decision.treatment || !is_asked_for(metric)) continue;
      if (treatment.outcome == "invalid") continue;
      const auto& relative = metric.comparison.relative;
      if (!(std::isfinite(relative.estimate) && std::isfinite(relative.standard_error) &&
            relative.standard_error > 0)) {
        out.left_out.push_back({experiment.name, "no_effect",
                                fmt::format("The relative effect of {} on {} is undefined.",
                                            decision.treatment, metric.name)});
        continue;
      }
      PortfolioEffect effect;
      effect.experiment = experiment.name;
      effect.treatment = decision.treatment;
      effect.measured = relative;
      effect.shipped = treatment.outcome == "shipped";
      measure(metric.direction, request_.options.confidence_level, effect);
      treatment.better = treatment.better || effect.significant == "better";
      pool_of(metric, out).effects.push_back(std::move(effect));
    }
    out.treatments.push_back(std::move(treatment));
  }

  static PortfolioMetric& pool_of(const MetricResult& metric, Portfolio& out) {
    for (auto& pool : out.metrics)
      if (pool.name == metric.name) return pool;
    auto& pool = out.metrics.emplace_back();
    pool.name = metric.name;
    pool.direction = metric.direction;
    return pool;
  }

  const definitions::Project& project_;
  const timelines::Store& store_;
  const ProjectPortfolio& request_;
  ReadoutOptions readout_;
};

template <class Named>
Result<void> check_name(const std::map<std::string, Named>& known, const std::string& name,
                        const char* kind) {
  if (name.empty() || known.count(name) != 0) return {};
  std::vector<std::string> names;
  for (const auto& [one, _] : known) names.push_back(one);
  return not_found(fmt::format("the project has no {} '{}'", kind, name), kind,
                   did_you_mean(name, names));
}

Result<void> reconcile_all(const Reader& reader, const ProjectPortfolio& request,
                           const definitions::Experiment& holdback, Portfolio& result) {
  DESCANT_ASSIGN(const auto found, reader.read(holdback.name));
  if (found.decisions.size() != 1)
    return invalid_request("a holdback has one treatment: those who get the launches", "holdback");
  if (found.decisions[0].action == "invalid")
    result.warnings.push_back(
        {"invalid_holdback", "holdback",
         fmt::format("The data of {} are invalid, so what it measures cannot be trusted.",
                     holdback.name)});
  if (!found.experiment.complete)
    result.warnings.push_back({"holdback_not_ended", "holdback",
                               fmt::format("{} runs until {}: launches of late have had little "
                                           "time to show in it.",
                                           holdback.name, found.experiment.end)});
  for (auto& metric : result.metrics) {
    const auto own = std::find_if(found.metrics.begin(), found.metrics.end(),
                                  [&](const auto& m) { return m.name == metric.name; });
    if (own == found.metrics.end() || !std::isfinite(own->comparison.relative.standard_error)) {
      result.warnings.push_back({"no_holdback_effect", "metrics." + metric.name,
                                 fmt::format("{} has no relative effect on {}, so the launches' "
                                             "sum is not reconciled.",
                                             holdback.name, metric.name)});
      continue;
    }
    DESCANT_CHECK(reconcile(request.options, holdback.name, holdback.launches,
                            own->comparison.relative, metric, result.warnings));
  }
  return {};
}

}  // namespace

Result<Portfolio> portfolio(const definitions::Project& project, const timelines::Store& store,
                            const ProjectPortfolio& request) {
  DESCANT_CHECK(check_options(request.options));
  DESCANT_CHECK(check_name(project.metrics, request.metric, "metric"));
  DESCANT_CHECK(check_name(project.experiments, request.holdback, "experiment"));
  Portfolio result;
  Reader reader(project, store, request);
  for (const auto& [name, experiment] : project.experiments)
    DESCANT_CHECK(reader.add(experiment, result));
  DESCANT_CHECK(complete_portfolio(request.options, false, result));
  if (!request.holdback.empty())
    DESCANT_CHECK(reconcile_all(reader, request, project.experiments.at(request.holdback), result));
  return result;
}

}  // namespace descant::experiment
