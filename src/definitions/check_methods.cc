// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "definitions/check.h"
#include "definitions/formats.h"

namespace descant::definitions {
namespace {

// A key that means something only under one choice of another key.
template <class T>
struct OnlyWith {
  std::string_view key;
  std::vector<T> choices;
  bool needed = false;
};

class MethodsCheck {
 public:
  MethodsCheck(Check& check, const Experiment& experiment, std::string path,
               const AssignmentTable* assignments)
      : check_(check), experiment_(experiment), path_(std::move(path)), assignments_(assignments) {}

  void run() {
    covariates();
    entities();
    sequential();
    cluster();
    design();
    launches();
  }

 private:
  std::string at(std::string_view key) const { return fmt::format("{}.{}", path_, key); }
  bool readable(const std::string& path) const {
    return check_.is_written(path) && check_.is_valid(path);
  }

  void known_metric(const std::string& name, const std::string& path) {
    if (readable(path)) check_.resolve(check_.project.metrics, name, path, "metric");
  }

  void covariates() {
    const auto& reduction = experiment_.variance_reduction;
    const std::string list = at("variance_reduction.covariates");
    if (!reduction.cuped && check_.is_written(list))
      check_.at_key(list, "without a method there are no covariates",
                    "Remove `covariates`, or write `method: cuped`.");
    std::set<std::string> seen;
    for (std::size_t i = 0; i < reduction.covariates.size(); ++i) {
      const std::string item = fmt::format("{}[{}]", list, i);
      if (!readable(item)) continue;
      const std::string& name = reduction.covariates[i];
      if (!seen.insert(name).second)
        check_.at_value(item, fmt::format("the covariate '{}' is listed twice", name),
                        "Remove one of them.");
      else
        known_metric(name, item);
    }
    constexpr std::size_t kMostCovariates = 8;
    if (reduction.covariates.size() > kMostCovariates)
      check_.at_key(list,
                    fmt::format("there are {} covariates, more than {}",
                                reduction.covariates.size(), kMostCovariates),
                    "Keep those that explain most.");
  }

  // Values of another entity's events cannot be those of a unit.
  void entities() {
    if (assignments_ == nullptr) return;
    const auto same = [&](const std::string& name, const std::string& path) {
      const auto metric = check_.project.metrics.find(name);
      if (metric == check_.project.metrics.end() || !readable(path)) return;
      const auto table = check_.project.fact_tables.find(metric->second.fact_table);
      if (table == check_.project.fact_tables.end() || table->second.entity == assignments_->entity)
        return;
      check_.at_value(
          path,
          fmt::format("the metric '{}' is about the entity '{}', but '{}' assigns the "
                      "entity '{}'",
                      name, table->second.entity, assignments_->name, assignments_->entity),
          "Use a metric on a fact table of the entity that is randomised.");
    };
    const auto& covariates = experiment_.variance_reduction.covariates;
    for (std::size_t i = 0; i < covariates.size(); ++i)
      same(covariates[i], fmt::format("{}[{}]", at("variance_reduction.covariates"), i));
    same(experiment_.design.take_up, at("design.take_up"));
    same(experiment_.design.control_wins, at("design.control_wins"));
    same(experiment_.design.treatment_wins, at("design.treatment_wins"));
  }

  template <class T>
  void keys_that_fit(const std::string& section, std::string_view kind, T choice,
                     const std::vector<OnlyWith<T>>& keys) {
    for (const auto& rule : keys) {
      const std::string key = fmt::format("{}.{}", section, rule.key);
      const bool fits =
          std::find(rule.choices.begin(), rule.choices.end(), choice) != rule.choices.end();
      if (!fits && check_.is_written(key))
        check_.at_key(key, fmt::format("the {} {} has no '{}'", kind, name_of(choice), rule.key),
                      fmt::format("Remove it; it belongs to {}.", name_of(rule.choices.front())));
      if (fits && rule.needed && !check_.is_written(key))
        check_.at_key(section, fmt::format("the key '{}' is missing", rule.key),
                      fmt::format("The {} {} needs it.", kind, name_of(choice)));
    }
  }

  void sequential() {
    using M = SequentialMethod;
    const std::string section = at("sequential");
    if (!check_.is_written(section) || !readable(section + ".method")) return;
    const Sequential& plan = experiment_.sequential;
    keys_that_fit<M>(section, "method", plan.method,
                     {{"spending", {M::kGroupSequential}},
                      {"spending_parameter", {M::kGroupSequential}},
                      {"planned_units", {M::kGroupSequential, M::kAsymptotic, M::kGavi, M::kYeast}},
                      {"optimal_units", {M::kAsymptotic, M::kGavi}},
                      {"tau_squared", {M::kMsprt}, true}});
    if (plan.method == M::kYeast && !check_.is_written(section + ".planned_units"))
      check_.at_key(section, "the key 'planned_units' is missing",
                    "The method yeast needs the number of units at the planned end.");
    if ((plan.method == M::kAsymptotic || plan.method == M::kGavi) && !plan.planned_units &&
        !plan.optimal_units)
      check_.at_key(section, "neither `optimal_units` nor `planned_units` is given",
                    "Say at how many units the interval is to be tightest, so that no look changes "
                    "an earlier one.");
    if (!check_.is_written(section + ".spending_parameter")) return;
    const std::string parameter = section + ".spending_parameter";
    if (plan.spending == Spending::kPower && !(*plan.spending_parameter > 0))
      check_.at_value(parameter, "the exponent of the spending function power must be above 0",
                      "Spending is alpha times t to this power; 2 is common.");
    if (plan.spending != Spending::kPower && plan.spending != Spending::kHwangShihDeCani)
      check_.at_key(
          parameter,
          fmt::format("the spending function {} has no parameter", name_of(plan.spending)),
          "Remove it; power and hwang_shih_decani have one.");
  }

  void cluster() {
    if (!readable(at("cluster")) || assignments_ == nullptr) return;
    std::vector<std::string> known;
    for (const auto& [name, table] : check_.project.dimension_tables)
      if (table.entity == assignments_->entity)
        for (const auto& dimension : table.dimensions) {
          if (dimension == experiment_.cluster || name + "." + dimension == experiment_.cluster)
            return;
          known.push_back(dimension);
        }
    check_.unresolved(experiment_.cluster, known, at("cluster"), "dimension to cluster by:");
  }

  void design() {
    using D = DesignType;
    const std::string section = at("design");
    const Design& design = experiment_.design;
    if (!check_.is_written(section) || !check_.is_valid(section + ".type")) return;
    keys_that_fit<D>(section, "design", design.type,
                     {{"take_up", {D::kEncouragement}, true},
                      {"bucket", {D::kSwitchback}, true},
                      {"carryover", {D::kSwitchback}},
                      {"control_wins", {D::kInterleaving}, true},
                      {"treatment_wins", {D::kInterleaving}, true}});
    known_metric(design.take_up, section + ".take_up");
    known_metric(design.control_wins, section + ".control_wins");
    known_metric(design.treatment_wins, section + ".treatment_wins");
    if (design.type == D::kSwitchback && readable(section + ".bucket")) {
      if (design.bucket == 0)
        check_.at_value(section + ".bucket", "the bucket is empty", "Write a duration such as 2h.");
      else if (design.carryover >= design.bucket && readable(section + ".carryover"))
        check_.at_value(section + ".carryover", "the carryover is not shorter than a bucket",
                        "It is the part of a bucket after a switch that is left out.");
    }
    if (design.type != D::kRandomised && design.type != D::kEncouragement) adjustments();
    if (design.type == D::kInterleaving) interleaving(section);
    if (design.type == D::kDifferenceInDifferences) changes();
  }

  // Designs whose comparison leaves no room for them.
  void adjustments() {
    const std::string type(name_of(experiment_.design.type));
    for (const auto* key : {"covariates", "stratify_by"})
      if (const std::string path = at(std::string("variance_reduction.") + key);
          check_.is_written(path))
        check_.at_key(path, fmt::format("the design {} has no '{}'", type, key), "Remove it.");
    if (experiment_.design.type == DesignType::kDifferenceInDifferences) return;
    if (check_.is_written(at("variance_reduction.method")) && experiment_.variance_reduction.cuped)
      check_.at_value(at("variance_reduction.method"),
                      fmt::format("the design {} has no CUPED", type),
                      "Units have no undisturbed time before exposure; remove it.");
    if (check_.is_written(at("sequential.method")) &&
        experiment_.sequential.method != SequentialMethod::kNone)
      check_.at_key(at("sequential"), fmt::format("the design {} is not read sequentially", type),
                    "Remove `sequential`.");
  }

  void interleaving(const std::string& section) {
    for (const auto& [key, name] : {std::pair("control_wins", experiment_.design.control_wins),
                                    {"treatment_wins", experiment_.design.treatment_wins}}) {
      const std::string path = fmt::format("{}.{}", section, key);
      const auto metric = check_.project.metrics.find(name);
      if (readable(path) && metric != check_.project.metrics.end() &&
          metric->second.type != MetricType::kMean)
        check_.at_value(
            path,
            fmt::format("picks are counted, but '{}' is a {}", name, name_of(metric->second.type)),
            "Use a mean with `aggregate: count` or sum.");
    }
    if (experiment_.variants.size() > 2)
      check_.at_key(section, "an interleaving has one treatment", "Keep two variants.");
    if (!experiment_.metrics.empty())
      check_.at_key(at("metrics"), "an interleaving compares picks, as every unit sees both",
                    "Remove `metrics`: `control_wins` and `treatment_wins` are compared.");
  }

  // The change of a unit needs the same number before exposure as after it.
  void changes() {
    for (std::size_t i = 0; i < experiment_.metrics.size(); ++i) {
      const std::string item = fmt::format("{}[{}].metric", at("metrics"), i);
      const auto found = check_.project.metrics.find(experiment_.metrics[i].metric);
      if (found == check_.project.metrics.end() || !readable(item)) continue;
      const Metric& metric = found->second;
      if (!metric.to)
        check_.at_value(item, fmt::format("the metric '{}' has no window", metric.name),
                        "A difference in differences compares it with a period of its length "
                        "before exposure.");
      if (metric.type == MetricType::kQuantile || !has_value_of_nothing(metric))
        check_.at_value(item,
                        fmt::format("the metric '{}' is undefined for units without events before "
                                    "exposure",
                                    metric.name),
                        "Use a sum, count, any or distinct, or a ratio of them.");
    }
  }
  static bool has_value_of_nothing(const Metric& metric) {
    const auto of = [](Aggregate aggregate) {
      return aggregate != Aggregate::kMean && aggregate != Aggregate::kMin &&
             aggregate != Aggregate::kMax;
    };
    return of(metric.numerator.aggregate) &&
           (!metric.denominator || of(metric.denominator->aggregate));
  }

  void launches() {
    std::set<std::string> seen;
    for (std::size_t i = 0; i < experiment_.launches.size(); ++i) {
      const std::string item = fmt::format("{}[{}]", at("launches"), i);
      if (!readable(item)) continue;
      const std::string& name = experiment_.launches[i];
      if (name == experiment_.name)
        check_.at_value(item, "a holdback does not hold back itself", "Name other experiments.");
      else if (!seen.insert(name).second)
        check_.at_value(item, fmt::format("the launch '{}' is listed twice", name),
                        "Remove one of them.");
      else
        check_.resolve(check_.project.experiments, name, item, "experiment");
    }
  }

  Check& check_;
  const Experiment& experiment_;
  std::string path_;
  const AssignmentTable* assignments_;
};

}  // namespace

void check_methods(Check& check, const Experiment& experiment, const std::string& path,
                   const AssignmentTable* assignments) {
  MethodsCheck(check, experiment, path, assignments).run();
}

}  // namespace descant::definitions
