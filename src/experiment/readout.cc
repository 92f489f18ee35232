// SPDX-License-Identifier: Apache-2.0
#include "experiment/readout.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/text.h"
#include "definitions/load.h"
#include "definitions/segments.h"
#include "definitions/used_metrics.h"
#include "experiment/analyze.h"
#include "experiment/clusters.h"
#include "experiment/days_since_exposure.h"
#include "experiment/definition_plan.h"
#include "experiment/interleaving.h"
#include "experiment/sequential_effects.h"
#include "experiment/switchback.h"
#include "experiment/value_part.h"
#include "folds/event_quantiles.h"
#include "folds/exposure.h"
#include "folds/unit_values.h"
#include "timelines/store.h"
#include "timelines/table_plan.h"

namespace descant::experiment {
namespace {

using definitions::Metric;
using definitions::Project;
using timelines::Column;
using timelines::TableView;
using TablePointer = std::shared_ptr<const TableView>;

// Everything a read-out looks up, opened once.
struct Sources {
  const Project& project;
  const definitions::Experiment& experiment;
  const timelines::Store& store;
  TablePointer assignments;
  std::map<std::string, TablePointer> facts;  // of the experiment's metrics
  TimeZone zone;
};

Result<Sources> open_sources(const Project& project, const timelines::Store& store,
                             const std::string& name) {
  const auto found = project.experiments.find(name);
  if (found == project.experiments.end()) {
    std::vector<std::string> names;
    for (const auto& [known, unused] : project.experiments) names.push_back(known);
    return not_found(fmt::format("there is no experiment '{}'", name), "experiments",
                     did_you_mean(name, names));
  }
  const definitions::Experiment& experiment = found->second;
  DESCANT_ASSIGN(TimeZone zone, TimeZone::find(project.timezone));
  DESCANT_ASSIGN(TablePointer assignments, store.table(experiment.assignment_table));
  Sources sources{project, experiment, store, std::move(assignments), {}, std::move(zone)};
  for (const auto& used : definitions::used_metrics(experiment)) {
    const std::string& table = project.metrics.at(used).fact_table;
    if (sources.facts.contains(table)) continue;
    DESCANT_ASSIGN(TablePointer view, sources.store.table(table));
    sources.facts.emplace(table, std::move(view));
  }
  return sources;
}

// The latest instant up to which every fact table of the experiment is complete.
Instant watermark_of(const Sources& sources) {
  Instant watermark = kEndInstant;
  for (const auto& [name, view] : sources.facts)
    watermark =
        std::min(watermark, view->last - sources.project.fact_tables.at(name).completeness_lag);
  return std::max<Instant>(watermark, 0);  // an empty table has none
}

// What the tables do not hold, so that an empty result has its reason.
Warnings absent_rows(const Sources& sources, const folds::ExposureCounts& counts) {
  Warnings warnings;
  for (const auto& [name, view] : sources.facts)
    if (view->rows == 0)
      warnings.push_back({"empty_table", "fact_tables." + name,
                          fmt::format("The fact table '{}' holds no events, so nothing is complete "
                                      "and no unit counts.",
                                      name)});
  if (counts.assignments == 0)
    warnings.push_back(
        {"no_assignments", "assignment_tables." + sources.experiment.assignment_table,
         fmt::format("The assignment table '{}' holds no rows of this experiment before the as-of.",
                     sources.experiment.assignment_table)});
  return warnings;
}

Result<Instant> as_of_or(const std::optional<Instant>& asked, Instant watermark) {
  if (!asked) return watermark;
  if (*asked < 0 || *asked > kEndInstant)
    return invalid_request(
        fmt::format("the as-of {} is not between 1970 and 2099", format_instant(*asked)), "as_of",
        "Timelines hold events of those years only.");
  return *asked;
}

// Whose values the analysis compares.
std::vector<std::string> outcome_metrics(const definitions::Experiment& experiment) {
  const definitions::Design& design = experiment.design;
  if (design.type == definitions::DesignType::kInterleaving)
    return {design.control_wins, design.treatment_wins};
  std::vector<std::string> names;
  for (const auto& used : experiment.metrics) names.push_back(used.metric);
  return names;
}

// As-of days: every local date from the start on, until nothing can change any more.
std::vector<folds::AnalysisDay> analysis_days(const Sources& sources, Instant as_of, bool by_day) {
  const definitions::Experiment& experiment = sources.experiment;
  Instant settled = sources.zone.start_of(experiment.end + 1);
  bool open_ended = false;
  std::int64_t longest = 0;
  const bool buckets = experiment.design.type == definitions::DesignType::kSwitchback;
  for (const std::string& name : outcome_metrics(experiment)) {
    const Metric& metric = sources.project.metrics.at(name);
    open_ended = open_ended || (!metric.to.has_value() && !buckets);
    longest = std::max(longest, buckets ? 0 : metric.to.value_or(0));
  }
  settled += longest;
  if (open_ended)
    for (const auto& [name, view] : sources.facts) settled = std::max(settled, view->last + 1);
  const Instant last = std::min(as_of, settled);
  std::vector<folds::AnalysisDay> days;
  for (Date date = experiment.start; by_day; ++date) {
    const Instant end = sources.zone.start_of(date + 1);
    if (end >= last) break;
    days.push_back({date, end});
  }
  // The analysis as a whole: at the as-of itself, labelled with the date it reaches into.
  days.push_back({std::max(experiment.start, sources.zone.date_of(last - 1)), as_of});
  return days;
}

// Which share of the plan (exposure and the longest window) each day completes, for days that are
// looks: whole local days, or every seventh of them.
std::vector<double> plan_shares(const Sources& sources,
                                const std::vector<folds::AnalysisDay>& days) {
  const definitions::Experiment& experiment = sources.experiment;
  std::int64_t window = 0;
  for (const auto& used : experiment.metrics)
    window = std::max(window, sources.project.metrics.at(used.metric).to.value_or(0));
  const auto planned =
      static_cast<double>(experiment.end - experiment.start + 1 +
                          (window + kMicrosecondsPerDay - 1) / kMicrosecondsPerDay);
  const Date every = experiment.sequential.looks == definitions::Looks::kWeekly ? 7 : 1;
  std::vector<double> shares;
  for (const auto& day : days) {
    const Date number = day.date - experiment.start + 1;
    const bool look = day.as_of >= sources.zone.start_of(day.date + 1) && number % every == 0;
    shares.push_back(look ? static_cast<double>(number) / planned : stats::kUndefined);
  }
  return shares;
}

bool is_of_events(const Metric& metric) {
  return metric.type == definitions::MetricType::kQuantile &&
         metric.quantile_of == definitions::QuantileOf::kEvents;
}

// Open-ended metrics need a column per day. Where all of them would not fit, the earliest days go.
constexpr std::size_t kDayColumnBytes = std::size_t{1} << 30U;

std::size_t drop_days_without_room(const Sources& sources, std::size_t units,
                                   std::vector<folds::AnalysisDay>& days) {
  std::size_t columns = 0;
  for (const auto& used : sources.experiment.metrics) {
    const Metric& metric = sources.project.metrics.at(used.metric);
    if (!metric.to && !is_of_events(metric)) columns += metric.denominator ? 2 : 1;
  }
  const std::size_t bytes_a_day = std::max<std::size_t>(columns * units * sizeof(double), 1);
  const std::size_t fitting = std::max<std::size_t>(kDayColumnBytes / bytes_a_day, 1);
  if (columns == 0 || days.size() <= fitting) return 0;
  const std::size_t dropped = days.size() - fitting;
  days.erase(days.begin(), days.begin() + static_cast<std::ptrdiff_t>(dropped));
  return dropped;
}

class UnitTableBuilder {
 public:
  UnitTableBuilder(const Sources& sources, const folds::Exposures& exposures,
                   std::vector<folds::AnalysisDay> days, std::size_t threads)
      : sources_(sources), exposures_(exposures), threads_(threads) {
    table_.unit_count = exposures.size();
    table_.arm = exposures.arm;
    table_.days = std::move(days);
  }

  Result<folds::UnitTable> build(const std::vector<std::string>& variants, bool by_segment) {
    table_.variants = variants;
    DESCANT_CHECK(set_exposed_from());
    const std::vector<std::string> names = outcome_metrics(sources_.experiment);
    table_.metrics.resize(names.size());
    for (std::size_t i = 0; i < names.size(); ++i)
      DESCANT_CHECK(add_metric(metric_named(names[i]), table_.metrics[i]));
    if (by_segment)
      for (const std::string& segment : sources_.experiment.segments)
        DESCANT_CHECK(add_segment(segment, table_.segments));
    DESCANT_CHECK(add_adjustments());
    // One scan per fact table fills all of its metrics and segments.
    for (const auto& [name, view] : sources_.facts) {
      DESCANT_CHECK(make_room(values_[name], outs_[name]));
      DESCANT_CHECK(
          folds::fill_unit_values(*view, exposures_, values_[name], labels_[name], threads_));
    }
    for (double& taken : table_.take_up) taken = taken > 0 ? 1 : 0;
    return std::move(table_);
  }

  const Warnings& warnings() const { return history_warnings_; }

 private:
  // The units of a switchback are buckets of time, and a bucket is every metric's window.
  Metric metric_named(const std::string& name) const {
    Metric metric = sources_.project.metrics.at(name);
    const definitions::Design& design = sources_.experiment.design;
    if (design.type == definitions::DesignType::kSwitchback) {
      metric.from = 0;
      metric.to = design.bucket;
    }
    return metric;
  }

  Result<void> set_exposed_from() {
    if (table_.days.size() == 1) return {};
    return first_days(1, table_.exposed_from);
  }

  // By unit: the first day whose as-of is not before exposure + delay.
  Result<void> first_days(std::int64_t delay, std::vector<std::uint16_t>& out) const {
    constexpr std::size_t kUnitsPerMorsel = 65'536;
    const std::size_t units = table_.unit_count;
    out.resize(units);
    return for_each_morsel((units + kUnitsPerMorsel - 1) / kUnitsPerMorsel, threads_,
                           [&](std::size_t m, std::size_t) -> Result<void> {
                             const std::size_t end = std::min(units, (m + 1) * kUnitsPerMorsel);
                             for (std::size_t u = m * kUnitsPerMorsel; u < end; ++u)
                               out[u] = first_day_reaching(exposures_.at[u] + delay);
                             return {};
                           });
  }

  // Index of the first day whose as-of is not before the instant; days.size() when none is.
  std::uint16_t first_day_reaching(Instant instant) const {
    const auto found =
        std::lower_bound(table_.days.begin(), table_.days.end(), instant,
                         [](const folds::AnalysisDay& day, Instant at) { return day.as_of < at; });
    return static_cast<std::uint16_t>(found - table_.days.begin());
  }

  void add_part(const Metric& metric, folds::ValuePart part, folds::Boundary low,
                folds::Boundary high, std::vector<double>& out) {
    part.low = low;
    part.high = high;
    values_[metric.fact_table].push_back(part);
    outs_[metric.fact_table].push_back(&out);
  }

  // Columns are made on all threads: clearing fresh memory takes as long as filling it.
  Result<void> make_room(std::vector<folds::ValuePart>& parts,
                         const std::vector<std::vector<double>*>& outs) const {
    return for_each_morsel(parts.size(), threads_, [&](std::size_t p, std::size_t) -> Result<void> {
      outs[p]->resize(table_.unit_count);
      parts[p].out = *outs[p];
      return {};
    });
  }

  // The column, or the column per day, of one aggregation within the metric's window.
  void add_outcome(const Metric& metric, const folds::ValuePart& part,
                   std::vector<std::vector<double>>& columns) {
    const folds::Boundary from{true, metric.from};
    columns.resize(metric.to ? 1 : table_.days.size());
    for (std::size_t d = 0; d < columns.size(); ++d)
      add_part(metric, part, from,
               metric.to ? folds::Boundary{true, *metric.to}
                         : folds::Boundary{false, table_.days[d].as_of},
               columns[d]);
  }

  Result<void> add_metric(const Metric& metric, folds::MetricValues& values) {
    values.name = metric.name;
    if (metric.to) {
      DESCANT_CHECK(first_days(*metric.to, values.mature_from));
    } else if (!table_.exposed_from.empty()) {
      values.mature_from = table_.exposed_from;
    }
    return is_of_events(metric) ? add_events(metric, values) : add_values(metric, values);
  }

  Result<void> add_events(const Metric& metric, folds::MetricValues& values) const {
    const TablePointer& view = sources_.facts.at(metric.fact_table);
    DESCANT_ASSIGN(const folds::ValuePart part, value_part(*view, metric, metric.numerator));
    if (part.measure == nullptr || part.measure->kind == timelines::ColumnKind::kLabel)
      return stale_timelines(
          fmt::format("the measure of '{}' is no number in the timelines", metric.name),
          "metrics." + metric.name);
    auto rows = std::make_shared<folds::EventRows>();
    rows->table = view;
    rows->measure = part.measure;
    rows->filter = part.filter;
    rows->begin.resize(table_.unit_count);
    rows->end.resize(table_.unit_count);
    const folds::Boundary high = metric.to ? folds::Boundary{true, *metric.to}
                                           : folds::Boundary{false, table_.days.back().as_of};
    DESCANT_CHECK(folds::fill_unit_rows(
        *view, exposures_, {{true, metric.from}, high, rows->begin, rows->end}, threads_));
    const std::vector<std::uint32_t> together(table_.unit_count, 0);
    const double everything = std::numeric_limits<double>::infinity();
    auto& events = values.numerator.emplace_back(table_.unit_count);
    DESCANT_CHECK(folds::count_at_most(*rows, together, {&everything, 1}, events, threads_));
    values.events = std::move(rows);
    return {};
  }

  Result<void> add_values(const Metric& metric, folds::MetricValues& values) {
    const bool has_covariate = metric.type != definitions::MetricType::kQuantile &&
                               (has_own_covariates(sources_.experiment) || is_change());
    const folds::Boundary lookback{true, -lookback_of(metric)};
    const folds::Boundary exposure{true, 0};
    const TableView& view = *sources_.facts.at(metric.fact_table);
    DESCANT_ASSIGN(const folds::ValuePart numerator, value_part(view, metric, metric.numerator));
    add_outcome(metric, numerator, values.numerator);
    if (has_covariate) add_part(metric, numerator, lookback, exposure, values.covariate_numerator);
    if (is_change())
      add_part(metric, numerator, earlier(metric), lookback, values.earlier_numerator);
    if (metric.denominator) {
      DESCANT_ASSIGN(const folds::ValuePart denominator,
                     value_part(view, metric, *metric.denominator));
      add_outcome(metric, denominator, values.denominator);
      if (has_covariate)
        add_part(metric, denominator, lookback, exposure, values.covariate_denominator);
      if (is_change())
        add_part(metric, denominator, earlier(metric), lookback, values.earlier_denominator);
    }
    if (has_covariate && !exposures_.at.empty()) {
      const Instant earliest = *std::min_element(exposures_.at.begin(), exposures_.at.end());
      const Instant first = sources_.facts.at(metric.fact_table)->first;
      values.covariate_truncated = first > earliest - lookback_of(metric);
      if (is_change() && first > earliest - 2 * lookback_of(metric)) {
        if (values.covariate_truncated)
          return invalid_data(
              fmt::format("the events of '{}' begin on {}, within the period before exposure that "
                          "{} is compared with",
                          metric.fact_table, format_instant(first), metric.name),
              "experiments." + sources_.experiment.name,
              "A difference in differences needs as much time before the first exposure as the "
              "metric's window is long.");
        history_warnings_.push_back(
            {"short_history", "metrics." + metric.name,
             fmt::format("The events of {} do not reach back two windows before every exposure, so "
                         "whether the groups changed alike before cannot be trusted for {}.",
                         metric.fact_table, metric.name)});
      }
    }
    return {};
  }

  // A difference in differences compares the window with one of its own length before exposure, and
  // that with the one before it.
  bool is_change() const {
    return sources_.experiment.design.type == definitions::DesignType::kDifferenceInDifferences;
  }
  std::int64_t lookback_of(const Metric& metric) const {
    return is_change() ? metric.to.value_or(0) - metric.from
                       : sources_.experiment.variance_reduction.lookback;
  }
  folds::Boundary earlier(const Metric& metric) const { return {true, -2 * lookback_of(metric)}; }

  // What units did before exposure by other metrics, their strata, clusters and take-up.
  Result<void> add_adjustments() {
    const definitions::Experiment& experiment = sources_.experiment;
    const auto& reduction = experiment.variance_reduction;
    table_.covariates.resize(reduction.covariates.size());
    for (std::size_t i = 0; i < reduction.covariates.size(); ++i)
      DESCANT_CHECK(add_covariate(sources_.project.metrics.at(reduction.covariates[i]),
                                  table_.covariates[i]));
    for (const std::string& dimension : reduction.stratify_by)
      DESCANT_CHECK(add_segment(dimension, table_.strata));
    if (!experiment.cluster.empty()) {
      std::vector<folds::SegmentColumn> clusters;
      DESCANT_CHECK(add_segment(experiment.cluster, clusters));
      table_.cluster = cluster_numbers(clusters.front().codes);
    }
    if (!experiment.design.take_up.empty()) {
      const Metric& metric = sources_.project.metrics.at(experiment.design.take_up);
      DESCANT_ASSIGN(const auto part,
                     value_part(*sources_.facts.at(metric.fact_table), metric, metric.numerator));
      add_part(metric, part, {true, metric.from},
               metric.to ? folds::Boundary{true, *metric.to}
                         : folds::Boundary{false, table_.days.back().as_of},
               table_.take_up);
    }
    return {};
  }

  Result<void> add_covariate(const Metric& metric, folds::SharedCovariate& covariate) {
    const folds::Boundary lookback{true, -sources_.experiment.variance_reduction.lookback};
    const folds::Boundary exposure{true, 0};
    const TableView& view = *sources_.facts.at(metric.fact_table);
    covariate.name = metric.name;
    covariate.cap = metric.cap;
    DESCANT_ASSIGN(const auto numerator, value_part(view, metric, metric.numerator));
    add_part(metric, numerator, lookback, exposure, covariate.numerator);
    if (!metric.denominator) return {};
    DESCANT_ASSIGN(const auto denominator, value_part(view, metric, *metric.denominator));
    add_part(metric, denominator, lookback, exposure, covariate.denominator);
    return {};
  }

  Result<void> add_segment(const std::string& segment, std::vector<folds::SegmentColumn>& into) {
    const auto found = definitions::segment_sources(sources_.project, sources_.experiment, segment);
    if (found.size() != 1)
      return internal_error(fmt::format("the segment '{}' has no single source", segment));
    const definitions::SegmentSource& source = found[0];
    folds::SegmentColumn& column = into.emplace_back();
    column.dimension = segment;
    column.codes.resize(table_.unit_count);
    if (!source.is_fact_table) {
      DESCANT_ASSIGN(const TablePointer view, sources_.store.table(source.table));
      const Column* labels = view->find(source.dimension);
      if (labels == nullptr)
        return stale_timelines(fmt::format("the timelines lack the dimension '{}'", segment),
                               "experiments." + sources_.experiment.name + ".segments");
      DESCANT_CHECK(folds::fill_dimension(*view, *labels, exposures_, column.codes, threads_));
      set_labels(*labels, column);
      return {};
    }
    const Column* labels = sources_.facts.at(source.table)->find(source.dimension);
    if (labels == nullptr)
      return stale_timelines(fmt::format("the timelines lack the dimension '{}'", segment),
                             "experiments." + sources_.experiment.name + ".segments");
    labels_[source.table].push_back({labels, column.codes});
    set_labels(*labels, column);
    return {};
  }

  static void set_labels(const Column& column, folds::SegmentColumn& segment) {
    segment.labels = {"unknown"};
    for (std::size_t i = 0; i < column.labels.size(); ++i)
      segment.labels.emplace_back(column.labels.at(i));
  }

  const Sources& sources_;
  const folds::Exposures& exposures_;
  std::size_t threads_;
  folds::UnitTable table_;
  std::map<std::string, std::vector<folds::ValuePart>> values_;    // by fact table
  std::map<std::string, std::vector<std::vector<double>*>> outs_;  // likewise: where they go
  std::map<std::string, std::vector<folds::LabelPart>> labels_;
  Warnings history_warnings_;
};

// The exposed units; of a switchback its buckets, with the stretch each belongs to.
Result<folds::Exposures> find_units(const Sources& sources, Instant as_of,
                                    std::vector<std::string> variants, std::size_t threads,
                                    std::vector<std::uint32_t>& stretches) {
  const definitions::Experiment& experiment = sources.experiment;
  const bool interleaved = experiment.design.type == definitions::DesignType::kInterleaving;
  const Column* labels = sources.assignments->find("variant");
  if (interleaved && labels != nullptr) {  // whatever the rows call it, a unit sees both variants
    variants.clear();
    for (std::size_t i = 0; i < labels->labels.size(); ++i)
      variants.emplace_back(labels->labels.at(i));
  }
  const folds::ExposureRequest request{experiment.name, variants,
                                       sources.zone.start_of(experiment.start),
                                       sources.zone.start_of(experiment.end + 1), as_of};
  if (experiment.design.type == definitions::DesignType::kSwitchback) {
    DESCANT_ASSIGN(auto units, switchback_units(*sources.assignments, request, experiment.design));
    stretches = std::move(units.stretch);
    units.buckets.counts.carryover_buckets = units.carryover;
    units.buckets.counts.switched_buckets = units.switched;
    return std::move(units.buckets);
  }
  DESCANT_ASSIGN(auto exposures, folds::find_exposures(*sources.assignments, request, threads));
  if (interleaved) std::fill(exposures.arm.begin(), exposures.arm.end(), std::uint8_t{0});
  return exposures;
}

std::string data_fingerprint(const Sources& sources) {
  std::string text;
  for (const auto& table : sources.store.manifest().tables)
    text += table.name + ":" + table.source_fingerprint + ":" + table.definition_hash + "\n";
  return fmt::format("{:016x}", timelines::hash_string_key(text));
}

}  // namespace

Result<UnitReadout> read_units(const Project& project, const timelines::Store& store,
                               const std::string& name, const ReadoutOptions& options,
                               std::optional<folds::Exposures> exposures) {
  DESCANT_ASSIGN(const Sources sources, open_sources(project, store, name));
  const definitions::Experiment& experiment = sources.experiment;
  const std::size_t threads = thread_count(options.threads);
  const Instant watermark = watermark_of(sources);
  DESCANT_ASSIGN(const Instant as_of, as_of_or(options.as_of, watermark));
  const std::vector<std::string> variants = variants_control_first(experiment);
  std::vector<std::uint32_t> stretches;
  if (!exposures) {
    DESCANT_ASSIGN(exposures, find_units(sources, as_of, variants, threads, stretches));
  }
  UnitReadout readout{plan_of(project, experiment), {}, std::move(*exposures), as_of, {}};
  std::vector<folds::AnalysisDay> days =
      analysis_days(sources, as_of, options.by_day || is_sequential(readout.plan));
  const std::size_t dropped_days = drop_days_without_room(sources, readout.exposures.size(), days);
  UnitTableBuilder builder(sources, readout.exposures, std::move(days), threads);
  DESCANT_ASSIGN(readout.units, builder.build(variants, options.by_segment));
  if (!stretches.empty()) readout.units.cluster = std::move(stretches);
  leave_out_mixed_clusters(readout.units, readout.exposures.counts);
  AnalysisPlan& plan = readout.plan;
  plan.heterogeneity = options.heterogeneity;
  for (const auto& day : readout.units.days)
    plan.planned_end_reached_by_day.push_back(day.as_of >=
                                              sources.zone.start_of(experiment.end + 1));
  plan.planned_end_reached = plan.planned_end_reached_by_day.back();
  plan.plan_share_by_day = plan_shares(sources, readout.units.days);
  plan.data_fingerprint = data_fingerprint(sources);
  readout.warnings = absent_rows(sources, readout.exposures.counts);
  for (const Warning& warning : builder.warnings()) readout.warnings.push_back(warning);
  if (dropped_days > 0)
    readout.warnings.push_back(
        {"days_left_out", "metrics.days",
         fmt::format("The effect by day leaves out the first {} days: open-ended metrics need "
                     "memory for each day.",
                     dropped_days)});
  if (as_of > watermark)
    readout.warnings.push_back(
        {"as_of_after_watermark", "experiment.as_of",
         fmt::format("The data are complete only up to {}; events after it may still be missing.",
                     format_instant(watermark))});
  return readout;
}

Result<ExperimentResult> read_out(const Project& project, const std::string& name,
                                  const ReadoutOptions& options) {
  DESCANT_ASSIGN(const auto store, timelines::Store::open(project.folder));
  return read_out(project, store, name, options);
}

Result<ExperimentResult> read_out(const Project& project, const timelines::Store& store,
                                  const std::string& name, const ReadoutOptions& options) {
  DESCANT_ASSIGN(const UnitReadout readout, read_units(project, store, name, options));
  const bool interleaved = readout.plan.design == definitions::DesignType::kInterleaving;
  const auto analysis = interleaved ? analyze_interleaving : analyze;
  DESCANT_ASSIGN(ExperimentResult result,
                 analysis(readout.plan, readout.units, readout.exposures.counts, options.threads));
  if (options.since_exposure)
    DESCANT_CHECK(add_days_since_exposure(project, store, readout, options.threads, result));
  result.experiment.as_of = format_instant(readout.as_of);
  result.warnings.insert(result.warnings.end(), readout.warnings.begin(), readout.warnings.end());
  return result;
}

}  // namespace descant::experiment
