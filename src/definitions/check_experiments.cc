// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "definitions/check.h"
#include "definitions/formats.h"
#include "definitions/segments.h"
#include "definitions/used_metrics.h"

namespace descant::definitions {
namespace {

// One experiment at its path.
class ExperimentCheck {
 public:
  ExperimentCheck(Check& check, const Experiment& experiment, std::string path)
      : check_(check), experiment_(experiment), path_(std::move(path)) {}

  void run() {
    if (readable("assignment_table"))
      assignments_ = check_.resolve(check_.project.assignment_tables, experiment_.assignment_table,
                                    at("assignment_table"), "assignment table");
    variants();
    if (readable("start") && readable("end") && experiment_.end < experiment_.start)
      check_.at_value(at("end"), "the experiment ends before it starts",
                      "`end` is the last date, so it may equal `start`.");
    metrics();
    error_rates();
    if (experiment_.variance_reduction.lookback == 0)
      check_.at_value(at("variance_reduction.lookback"), "the lookback is empty",
                      "Write a duration such as 14d, or `method: none`.");
    segments();
    check_methods(check_, experiment_, path_, assignments_);
  }

 private:
  std::string at(std::string_view key) const { return fmt::format("{}.{}", path_, key); }
  bool readable(std::string_view key) const {
    return check_.is_written(at(key)) && check_.is_valid(at(key));
  }

  void variants() {
    if (!readable("variants")) return;
    double sum = 0;
    std::vector<std::string> names;
    for (const auto& variant : experiment_.variants) {
      sum += variant.share;
      names.push_back(variant.name);
      if (variant.name.empty()) check_.at_key(at("variants."), "a variant has no name");
    }
    if (names.size() < 2)
      return check_.at_key(at("variants"), "an experiment needs at least two variants",
                           "Write `variants: {control: 0.5, treatment: 0.5}`.");
    constexpr std::size_t kMostVariants = 250;  // an arm is kept in a byte
    if (names.size() > kMostVariants)
      return check_.at_key(
          at("variants"),
          fmt::format("the experiment has {} variants, more than {}", names.size(), kMostVariants),
          "Split it into several experiments.");
    if (std::abs(sum - 1) > 1e-9)
      check_.at_key(at("variants"), fmt::format("the shares of the variants sum to {}, not 1", sum),
                    "Write each variant's share of the units, such as 0.5.");
    if (readable("control") &&
        std::find(names.begin(), names.end(), experiment_.control) == names.end())
      check_.at_value(
          at("control"),
          fmt::format("the control '{}' is not one of the variants", experiment_.control),
          did_you_mean(experiment_.control, names));
  }

  void metrics() {
    const bool needs_metrics = experiment_.design.type != DesignType::kInterleaving;
    if (experiment_.metrics.empty() && needs_metrics && check_.is_valid(at("metrics")))
      check_.at_key(check_.is_written(at("metrics")) ? at("metrics") : path_,
                    "the experiment has no metrics",
                    "Add one: `metrics: [{metric: minutes, role: success}]`.");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < experiment_.metrics.size(); ++i) {
      const std::string path = fmt::format("{}[{}]", at("metrics"), i);
      const auto& used = experiment_.metrics[i];
      if (check_.is_written(path + ".metric") && check_.is_valid(path + ".metric")) {
        if (!seen.insert(used.metric).second)
          check_.at_value(path + ".metric",
                          fmt::format("the metric '{}' is listed twice", used.metric),
                          "Give it one role.");
        else
          reference(used.metric, path + ".metric");
      }
      if (check_.is_written(path + ".role") && check_.is_valid(path + ".role")) role(used, path);
    }
  }

  void reference(const std::string& name, const std::string& path) {
    const Metric* metric = check_.resolve(check_.project.metrics, name, path, "metric");
    if (metric == nullptr || assignments_ == nullptr) return;
    const auto table = check_.project.fact_tables.find(metric->fact_table);
    const auto& entities = check_.project.entities;
    if (table == check_.project.fact_tables.end() || entities.count(table->second.entity) == 0 ||
        entities.count(assignments_->entity) == 0 || table->second.entity == assignments_->entity)
      return;
    check_.at_value(
        path,
        fmt::format("the metric '{}' is about the entity '{}', but '{}' assigns the "
                    "entity '{}'",
                    name, table->second.entity, assignments_->name, assignments_->entity),
        "Use a metric on a fact table of the entity that is randomised.");
  }

  void role(const ExperimentMetric& used, const std::string& path) {
    const std::string margin = path + ".non_inferiority_margin";
    const std::string effect = path + ".minimum_detectable_effect";
    const bool is_guardrail = used.role == Role::kGuardrail;
    if (is_guardrail && !check_.is_written(margin))
      check_.at_key(path,
                    fmt::format("the guardrail '{}' has no non_inferiority_margin", used.metric),
                    "Add the harm that would still be accepted: `non_inferiority_margin: 1%`.");
    if (!is_guardrail && check_.is_written(margin))
      check_.at_key(margin,
                    fmt::format("a {} metric has no non_inferiority_margin", name_of(used.role)),
                    "Remove it, or make the role guardrail.");
    if (used.role != Role::kSuccess && check_.is_written(effect))
      check_.at_key(effect,
                    fmt::format("a {} metric has no minimum_detectable_effect", name_of(used.role)),
                    "Remove it, or make the role success.");
    positive(used.non_inferiority_margin, margin);
    positive(used.minimum_detectable_effect, effect);
  }

  void positive(const std::optional<EffectSize>& size, const std::string& path) {
    if (size && check_.is_valid(path) && !(size->value > 0))
      check_.at_value(path, "the effect size must be greater than 0",
                      "Write its size only: which way is good is the metric's `direction`.");
  }

  void error_rates() {
    if (!check_.is_valid(at("power")) || !check_.is_valid(at("deterioration_alpha"))) return;
    if (experiment_.deterioration_alpha < 1 - experiment_.power) return;
    const bool own = check_.is_written(at("deterioration_alpha"));
    check_.at_value(
        at(own ? "deterioration_alpha" : "power"),
        fmt::format("deterioration_alpha is {}, but must be less than 1 - power = {}",
                    experiment_.deterioration_alpha, format_number(1 - experiment_.power)),
        "Lower `power` or `deterioration_alpha` (0.01 if left out).");
  }

  void segments() {
    // Which tables there are to split by is only known once these resolve.
    if (assignments_ == nullptr || !check_.is_valid(at("metrics"))) return;
    dimensions(experiment_.segments, at("segments"));
    dimensions(experiment_.variance_reduction.stratify_by, at("variance_reduction.stratify_by"));
  }

  void dimensions(const std::vector<std::string>& names, const std::string& list) {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const std::string path = fmt::format("{}[{}]", list, i);
      if (!check_.is_valid(path)) continue;
      if (!seen.insert(names[i]).second)
        check_.at_value(path, fmt::format("the segment '{}' is listed twice", names[i]),
                        "Remove one of them.");
      else
        one_source(names[i], path);
    }
  }

  void one_source(const std::string& segment, const std::string& path) {
    const auto found = segment_sources(check_.project, experiment_, segment);
    if (found.size() == 1) return;
    if (found.empty()) {
      if (!tables_are_known()) return;
      std::vector<std::string> known;
      for (const auto& source : possible_segments(check_.project, experiment_))
        known.push_back(source.dimension);
      return check_.unresolved(segment, known, path, "dimension to segment by:");
    }
    check_.at_value(path,
                    fmt::format("the segment '{}' is a dimension of '{}' and of '{}'", segment,
                                found[0].table, found[1].table),
                    fmt::format("Write {}.{} or {}.{}.", found[0].table, found[0].dimension,
                                found[1].table, found[1].dimension));
  }

  // Whether all tables that may have the dimension are known: else its absence proves nothing.
  bool tables_are_known() const {
    const Project& project = check_.project;
    const auto has_entity = [&](const auto& named) {
      return project.entities.count(named.second.entity) > 0;
    };
    const auto has_table = [&](const std::string& used) {
      const auto metric = project.metrics.find(used);
      return metric != project.metrics.end() &&
             project.fact_tables.count(metric->second.fact_table) > 0;
    };
    const auto all = [](const auto& range, const auto& holds) {
      return std::all_of(range.begin(), range.end(), holds);
    };
    return check_.is_valid("fact_tables") && check_.is_valid("dimension_tables") &&
           all(project.fact_tables, has_entity) && all(project.dimension_tables, has_entity) &&
           !used_metrics(experiment_).empty() && all(used_metrics(experiment_), has_table);
  }

  Check& check_;
  const Experiment& experiment_;
  std::string path_;
  const AssignmentTable* assignments_ = nullptr;
};

}  // namespace

void check_experiments(Check& check) {
  for (const auto& [name, experiment] : check.project.experiments)
    ExperimentCheck(check, experiment, "experiments." + name).run();
}

}  // namespace descant::definitions
