// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "definitions/check.h"
#include "definitions/formats.h"

namespace descant::definitions {
namespace {

constexpr const char* kPartKeys[] = {"aggregate", "measure", "where"};

// One metric at its path.
class MetricCheck {
 public:
  MetricCheck(Check& check, Metric& metric, std::string path)
      : check_(check), metric_(metric), path_(std::move(path)) {}

  void run() {
    if (readable("fact_table"))
      table_ = check_.resolve(check_.project.fact_tables, metric_.fact_table, at("fact_table"),
                              "fact table");
    window();
    cap();
    if (!readable("type")) return;
    quantile();
    if (metric_.type == MetricType::kRatio) {
      ratio();
    } else {
      single();
    }
  }

 private:
  std::string at(std::string_view key) const { return fmt::format("{}.{}", path_, key); }
  bool has(std::string_view key) const { return check_.is_written(at(key)); }
  bool readable(std::string_view key) const { return has(key) && check_.is_valid(at(key)); }

  void forbid(std::string_view key, const std::string& message, const std::string& hint) {
    if (has(key)) check_.at_key(at(key), message, hint);
  }

  void ratio() {
    for (const auto* key : kPartKeys)
      forbid(key, fmt::format("a ratio has no '{}' of its own", key),
             "Write it inside `numerator` or `denominator`.");
    for (const auto* part : {"numerator", "denominator"})
      if (!has(part))
        check_.at_key(path_, fmt::format("the key '{}' is missing", part),
                      "A ratio needs both: `numerator: {measure: skip, aggregate: sum}, "
                      "denominator: {aggregate: count}`.");
    if (has("numerator")) aggregation(metric_.numerator, at("numerator"));
    if (metric_.denominator) aggregation(*metric_.denominator, at("denominator"));
  }

  void single() {
    const auto type = name_of(metric_.type);
    for (const auto* part : {"numerator", "denominator"})
      forbid(part, fmt::format("a metric of type {} has no '{}'", type, part),
             "Write `aggregate`, `measure` and `where` directly, or make it a ratio.");
    if (metric_.type == MetricType::kRetention) retention();
    if (metric_.type == MetricType::kMean) return aggregation(metric_.numerator, path_);
    if (metric_.type == MetricType::kQuantile) return quantile_values();
    if (metric_.type == MetricType::kCountDistinct) return count_distinct();
    if (!has("aggregate")) metric_.numerator.aggregate = Aggregate::kAny;
    if (readable("aggregate") && metric_.numerator.aggregate != Aggregate::kAny) {
      check_.at_value(at("aggregate"),
                      fmt::format("a {} asks whether there is any event: its aggregate is any, "
                                  "not {}",
                                  type, name_of(metric_.numerator.aggregate)),
                      "Remove `aggregate`, or make the type mean.");
    } else {
      aggregation(metric_.numerator, path_);
    }
  }

  void count_distinct() {
    metric_.numerator.aggregate = Aggregate::kDistinct;
    forbid("aggregate", "a count_distinct has no `aggregate`", "Remove it: it counts values.");
    if (!has("measure"))
      return check_.at_key(
          path_, "the key 'measure' is missing",
          "Name the measure whose different values are counted: `measure: track`.");
    if (table_ != nullptr && readable("measure"))
      known_measure(metric_.numerator.measure, at("measure"));
  }

  void quantile() {
    const bool is_quantile = metric_.type == MetricType::kQuantile;
    for (const auto* key : {"quantile", "quantile_of"})
      if (!is_quantile)
        forbid(key, fmt::format("a metric of type {} has no '{}'", name_of(metric_.type), key),
               "Remove it, or make the type quantile.");
    if (is_quantile && !has("quantile"))
      check_.at_key(path_, "the key 'quantile' is missing",
                    "Say which: `quantile: 0.5` is the median.");
  }

  void quantile_values() {
    if (metric_.quantile_of == QuantileOf::kUnits) return aggregation(metric_.numerator, path_);
    forbid("aggregate", "a quantile of events has no `aggregate`",
           "Remove it: every event's measure counts by itself.");
    if (!has("measure"))
      return check_.at_key(path_, "the key 'measure' is missing",
                           "A quantile of events is of a measure: `measure: minutes`.");
    if (table_ != nullptr && readable("measure"))
      known_measure(metric_.numerator.measure, at("measure"));
  }

  void retention() {
    forbid("measure", "a retention metric has no measure: it asks whether there is any event",
           "Remove `measure`; choose events with `where`.");
    for (const auto* key : {"from", "to"})
      if (!has(key))
        check_.at_key(path_, fmt::format("the key '{}' is missing", key),
                      "Retention looks at a later period: `from: 7d, to: 14d`.");
  }

  // `path` holds the keys of the aggregation: the metric itself, or a part of a ratio.
  void aggregation(Aggregation& part, const std::string& path) {
    const std::string aggregate = path + ".aggregate";
    const std::string measure = path + ".measure";
    const bool has_measure = check_.is_written(measure);
    if (!check_.is_valid(aggregate) || !check_.is_valid(measure)) return;
    if (!check_.is_written(aggregate) && metric_.type != MetricType::kProportion &&
        metric_.type != MetricType::kRetention) {
      part.aggregate = Aggregate::kSum;
      if (!has_measure)
        return check_.at_key(path, "neither `aggregate` nor `measure` is given",
                             "Write `aggregate: count` to count events, or name a measure.");
    }
    const bool needs_measure =
        part.aggregate != Aggregate::kCount && part.aggregate != Aggregate::kAny;
    if (needs_measure && !has_measure)
      check_.at_value(aggregate,
                      fmt::format("the aggregate {} needs a measure", name_of(part.aggregate)),
                      "Add `measure`, or use count or any.");
    if (has_measure && table_ != nullptr) known_measure(part.measure, measure);
  }

  void known_measure(const std::string& name, const std::string& path) {
    std::vector<std::string> known;
    for (const auto& measure : table_->measures) {
      if (measure.name == name) return;
      known.push_back(measure.name);
    }
    check_.unresolved(name, known, path, fmt::format("measure of {}", table_->name));
  }

  void window() {
    if (has("window") && metric_.type == MetricType::kRetention && readable("type"))
      return check_.at_key(at("window"), "a retention metric has no `window`",
                           "Write the period as `from: 7d, to: 14d`.");
    for (const auto* key : {"from", "to"})
      if (has("window") && has(key))
        return check_.at_key(at(key), fmt::format("`window` and `{}` exclude each other", key),
                             "A window begins at exposure; write either it or `from` and `to`.");
    if (has("window") && readable("window") && *metric_.to == 0)
      check_.at_value(at("window"), "the window is empty", "Write a duration such as 14d.");
    if (readable("from") && readable("to") && metric_.from >= *metric_.to)
      check_.at_value(at("to"), "`to` must be later than `from`",
                      "The metric covers [exposure + from, exposure + to).");
    if (readable("to") && !has("from") && *metric_.to == 0)
      check_.at_value(at("to"), "`to` must be later than `from`, which is 0d",
                      "Write a duration such as 14d.");
  }

  void cap() {
    if (!readable("cap")) return;
    const Cap& cap = metric_.cap;
    const auto refuse = [&](const std::string& message, const std::string& hint) {
      check_.at_key(at("cap"), message, hint);
    };
    if (readable("type") &&
        (metric_.type == MetricType::kProportion || metric_.type == MetricType::kRetention))
      return refuse(fmt::format("a {} is 0 or 1 and has no cap", name_of(metric_.type)),
                    "Remove `cap`.");
    if (readable("type") && metric_.type == MetricType::kQuantile)
      return refuse("a quantile has no cap: outliers do not move it", "Remove `cap`.");
    const bool upper = cap.value || cap.percentile;
    const bool lower = cap.lower_value || cap.lower_percentile;
    if ((cap.value && cap.percentile) || (!upper && !lower))
      return refuse("a cap has either `value` or `percentile`",
                    "Write `cap: {percentile: 99.9}` or `cap: {value: 600}`.");
    if (cap.lower_value && cap.lower_percentile)
      return refuse("a cap has either `lower_value` or `lower_percentile`", "Remove one of them.");
    if ((cap.value && cap.lower_value && *cap.lower_value >= *cap.value) ||
        (cap.percentile && cap.lower_percentile && *cap.lower_percentile >= *cap.percentile))
      refuse("the lower end of the cap is not below the upper one", "Exchange them.");
  }

  Check& check_;
  Metric& metric_;
  std::string path_;
  const FactTable* table_ = nullptr;
};

}  // namespace

void check_metrics(Check& check) {
  for (auto& [name, metric] : check.project.metrics)
    MetricCheck(check, metric, "metrics." + name).run();
}

}  // namespace descant::definitions
