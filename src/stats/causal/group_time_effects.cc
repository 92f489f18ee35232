// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/group_time_effects.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include "base/text.h"

namespace descant::stats {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr std::size_t kMostInfluences = 50'000'000;
constexpr double kNever = std::numeric_limits<double>::infinity();

// What every cell reads: participants only, in the order of effects.units.
struct Setting {
  const Panel* panel = nullptr;
  const MatrixXd* outcomes = nullptr;
  const GroupTimeOptions* options = nullptr;
  MatrixXd design;                   // by row of the panel
  Eigen::MatrixX<std::int64_t> row;  // by unit and period; -1: none
};

struct Periods {
  std::size_t base = 0;
  std::size_t time = 0;
};

void choose_units(const Panel& panel, double anticipation, GroupTimeEffects& out) {
  for (std::size_t u = 0; u < panel.unit_count(); ++u) {
    const double from = panel.first_treated[u];
    if (from - anticipation <= panel.times.front()) {
      ++out.always_treated;
      continue;
    }
    out.units.push_back(u);
    out.first_treated.push_back(from > panel.times.back() ? kNever : from);
  }
}

std::optional<Periods> periods_of(const Panel& panel, const GroupTimeOptions& options, double group,
                                  std::size_t time) {
  const auto& times = panel.times;
  const auto first = std::lower_bound(times.begin(), times.end(), group - options.anticipation);
  const std::size_t before_group = static_cast<std::size_t>(first - times.begin());
  if (before_group == 0) return std::nullopt;
  const bool before = times[time] < group;
  if (before && options.base_period == "varying") {
    if (time == 0) return std::nullopt;
    return Periods{time - 1, time};
  }
  if (time == before_group - 1) return std::nullopt;  // the base itself
  return Periods{before_group - 1, time};
}

bool is_control(const Setting& s, double from, double group, const Periods& periods) {
  if (from == kNever) return true;
  if (s.options->control_group == "never_treated" || from == group) return false;
  const double latest = s.panel->times[std::max(periods.base, periods.time)];
  return from > latest + s.options->anticipation;
}

// Places among the participants that a cell compares.
struct Members {
  std::vector<std::size_t> treated;
  std::vector<std::size_t> control;
};

Members members_of(const Setting& s, const GroupTimeEffects& out, double group,
                   const Periods& periods) {
  Members members;
  for (std::size_t i = 0; i < out.units.size(); ++i) {
    const auto unit = static_cast<Index>(out.units[i]);
    const double from = out.first_treated[i];
    const bool treated = from == group;
    if (!treated && !is_control(s, from, group, periods)) continue;
    if (s.row(unit, static_cast<Index>(periods.base)) < 0 ||
        s.row(unit, static_cast<Index>(periods.time)) < 0)
      continue;
    (treated ? members.treated : members.control).push_back(i);
  }
  return members;
}

// Changes and the earlier period's design of some participants.
struct Changes {
  VectorXd change;
  MatrixXd design;
};

Changes changes_of(const Setting& s, const GroupTimeEffects& out,
                   const std::vector<std::size_t>& members, const Periods& periods) {
  const auto n = static_cast<Index>(members.size());
  const auto base = static_cast<Index>(periods.base), time = static_cast<Index>(periods.time);
  Changes changes{VectorXd(n), MatrixXd(n, s.design.cols())};
  for (Index i = 0; i < n; ++i) {
    const auto unit = static_cast<Index>(out.units[members[static_cast<std::size_t>(i)]]);
    changes.change(i) = (*s.outcomes)(unit, time) - (*s.outcomes)(unit, base);
    changes.design.row(i) = s.design.row(s.row(unit, std::min(base, time)));
  }
  return changes;
}

// Columns that the controls identify.
void keep_identified(Changes& treated, Changes& control, bool& collinear) {
  const auto kept = independent_columns(control.design);
  if (static_cast<Index>(kept.size()) == control.design.cols()) return;
  collinear = true;
  const MatrixXd of_treated = treated.design(Eigen::all, kept);
  const MatrixXd of_control = control.design(Eigen::all, kept);
  treated.design = of_treated;
  control.design = of_control;
}

std::optional<GroupTimeCell> cell_of(const Setting& s, GroupTimeEffects& out, double group,
                                     const Periods& periods) {
  const Members members = members_of(s, out, group, periods);
  if (members.treated.size() < 2 || members.control.size() < 2) return std::nullopt;
  Changes treated = changes_of(s, out, members.treated, periods);
  Changes control = changes_of(s, out, members.control, periods);
  keep_identified(treated, control, out.collinear);
  const double n = static_cast<double>(out.units.size());
  const double n_treated = static_cast<double>(members.treated.size());

  const Eigen::LDLT<MatrixXd> gram(control.design.transpose() * control.design);
  const VectorXd slopes = gram.solve(control.design.transpose() * control.change);
  const VectorXd beyond = treated.change - treated.design * slopes;
  const VectorXd residual = control.change - control.design * slopes;
  const VectorXd mean_design = treated.design.colwise().mean().transpose();
  const VectorXd reach = control.design * gram.solve(mean_design);

  GroupTimeCell cell;
  cell.group = group;
  cell.time = s.panel->times[periods.time];
  cell.n_treated = static_cast<std::int64_t>(members.treated.size());
  cell.n_control = static_cast<std::int64_t>(members.control.size());
  cell.effect.estimate = beyond.mean();
  cell.effect.influence = VectorXd::Zero(static_cast<Index>(out.units.size()));
  for (std::size_t i = 0; i < members.treated.size(); ++i)
    cell.effect.influence(static_cast<Index>(members.treated[i])) =
        n / n_treated * (beyond(static_cast<Index>(i)) - cell.effect.estimate);
  for (std::size_t i = 0; i < members.control.size(); ++i)
    cell.effect.influence(static_cast<Index>(members.control[i])) =
        -n * residual(static_cast<Index>(i)) * reach(static_cast<Index>(i));
  return cell;
}

// A weighted mean of estimates; with groups, weights are the groups' shares and uncertain.
Influenced combine(const std::vector<const Influenced*>& values, const std::vector<double>& groups,
                   const std::vector<double>& first_treated) {
  Influenced out;
  if (values.empty()) return out;
  const double n = static_cast<double>(first_treated.size());
  std::map<double, double> share;
  for (const double from : first_treated) share[from] += 1 / n;
  double total = 0;
  out.estimate = 0;
  out.influence = VectorXd::Zero(static_cast<Index>(first_treated.size()));
  for (std::size_t k = 0; k < values.size(); ++k) {
    const double weight = groups.empty() ? 1.0 : share[groups[k]];
    total += weight;
    out.estimate += weight * values[k]->estimate;
    out.influence += weight * values[k]->influence;
  }
  out.estimate /= total;
  out.influence /= total;
  std::map<double, double> drift;  // by group: estimates less the mean, over its cells
  for (std::size_t k = 0; k < groups.size(); ++k)
    drift[groups[k]] += values[k]->estimate - out.estimate;
  if (drift.size() < 2) return out;
  for (std::size_t i = 0; i < first_treated.size(); ++i) {
    const auto found = drift.find(first_treated[i]);
    if (found != drift.end()) out.influence(static_cast<Index>(i)) += found->second / total;
  }
  return out;
}

struct Chosen {
  std::vector<const Influenced*> values;
  std::vector<double> groups;
};

}  // namespace

bool is_too_large(const Panel& panel) {
  return std::max<std::size_t>(1, panel.groups.size()) * panel.times.size() * panel.unit_count() >
         kMostInfluences;
}

MatrixXd outcome_matrix(const Panel& panel, const std::vector<double>& outcome) {
  if (is_too_large(panel)) return {};
  MatrixXd matrix = MatrixXd::Constant(static_cast<Index>(panel.unit_count()),
                                       static_cast<Index>(panel.times.size()), kUndefined);
  for (std::size_t i = 0; i < outcome.size(); ++i)
    matrix(panel.units.codes[i], static_cast<Index>(panel.period[i])) = outcome[i];
  return matrix;
}

Result<GroupTimeEffects> group_time_effects(const Panel& panel, const MatrixXd& outcomes,
                                            const GroupTimeOptions& options) {
  GroupTimeEffects out;
  if (panel.times.empty()) return out;
  if (is_too_large(panel))
    return invalid_request(
        fmt::format("{} groups in {} periods of {} units are too many", panel.groups.size(),
                    panel.times.size(), format_count(panel.unit_count())),
        "treated_from", "Make the periods longer (weeks or months), and the groups with them.");
  choose_units(panel, options.anticipation, out);
  Warnings dropped;  // a column dropped everywhere changes no estimate
  Setting s{&panel, &outcomes, &options,
            design_with_intercept(panel.covariates.values, panel.covariates.names, dropped),
            Eigen::MatrixX<std::int64_t>::Constant(outcomes.rows(), outcomes.cols(), -1)};
  for (std::size_t i = 0; i < panel.period.size(); ++i)
    s.row(panel.units.codes[i], static_cast<Index>(panel.period[i])) = static_cast<std::int64_t>(i);
  for (const double group : panel.groups) {
    if (group > panel.times.back() || group - options.anticipation <= panel.times.front()) continue;
    for (std::size_t t = 0; t < panel.times.size(); ++t) {
      const auto periods = periods_of(panel, options, group, t);
      if (!periods) continue;
      if (auto cell = cell_of(s, out, group, *periods))
        out.cells.push_back(std::move(*cell));
      else
        ++out.omitted_cells;
    }
  }
  return out;
}

Aggregate aggregate_effects(const GroupTimeEffects& effects, AggregateKind kind) {
  std::map<double, Chosen> parts;
  Chosen after;
  for (const auto& cell : effects.cells) {
    const bool treated = cell.time >= cell.group;
    if (!treated && kind != AggregateKind::kEventTime) continue;
    double at = cell.time;
    if (kind == AggregateKind::kGroup) at = cell.group;
    if (kind == AggregateKind::kEventTime) at = cell.time - cell.group;
    for (Chosen* chosen : {&parts[at], treated ? &after : nullptr}) {
      if (chosen == nullptr) continue;
      chosen->values.push_back(&cell.effect);
      chosen->groups.push_back(cell.group);
    }
  }
  Aggregate out;
  if (kind == AggregateKind::kSimple) {
    out.overall = combine(after.values, after.groups, effects.first_treated);
    return out;
  }
  for (const auto& [at, chosen] : parts)
    out.parts.push_back({at, combine(chosen.values, chosen.groups, effects.first_treated)});
  Chosen overall;
  for (const auto& part : out.parts) {
    if (kind == AggregateKind::kEventTime && part.at < 0) continue;
    overall.values.push_back(&part.effect);
    if (kind == AggregateKind::kGroup) overall.groups.push_back(part.at);
  }
  out.overall = combine(overall.values, overall.groups, effects.first_treated);
  return out;
}

GroupTimeEffects observed_means(const GroupTimeEffects& effects, const Panel& panel,
                                const MatrixXd& outcomes) {
  GroupTimeEffects out;
  out.first_treated = effects.first_treated;
  out.units = effects.units;
  const double n = static_cast<double>(effects.units.size());
  for (const auto& cell : effects.cells) {
    if (cell.time < cell.group) continue;
    const auto at = std::lower_bound(panel.times.begin(), panel.times.end(), cell.time);
    const auto period = static_cast<Index>(at - panel.times.begin());
    double sum = 0, count = 0;
    VectorXd influence = VectorXd::Zero(cell.effect.influence.size());
    const auto each = [&](auto&& use) {
      for (std::size_t i = 0; i < effects.units.size(); ++i) {
        const double y = outcomes(static_cast<Index>(effects.units[i]), period);
        if (effects.first_treated[i] == cell.group && !std::isnan(y)) use(static_cast<Index>(i), y);
      }
    };
    each([&](Index, double y) {
      sum += y;
      count += 1;
    });
    each([&](Index i, double y) { influence(i) = n / count * (y - sum / count); });
    GroupTimeCell mean = {cell.group, cell.time, cell.n_treated, cell.n_control, {}};
    mean.effect = {sum / count, std::move(influence)};
    out.cells.push_back(std::move(mean));
  }
  return out;
}

}  // namespace descant::stats
