// SPDX-License-Identifier: Apache-2.0
#include "simulator/planted/experiment.h"

#include <array>

#include "simulator/counterfactual.h"

namespace descant::simulator {
namespace {

constexpr const char* kProjectZone = "America/New_York";
constexpr std::uint64_t kMorselListeners = 16'384;
constexpr double kRefreshesPerDay = 0.012;  // background refreshes of an app nobody opens
constexpr double kOpensPerSession = 1.5;    // the app is opened more often than music is played
constexpr double kLoggedAgainShare = 0.006;
constexpr double kBothVariantsShare = 0.003;
constexpr std::uint32_t kCompletenessSeconds = 6 * 3600;

// The second at which a local date begins, 0 if before the period.
std::uint32_t second_of(const TimeZone& zone, Date date, Date first) {
  const std::int64_t second =
      (zone.start_of(date) - first * kMicrosecondsPerDay) / kMicrosecondsPerSecond;
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(second, 0, 0x7FFFFFFF));
}

Json comparison_json(double control, double treatment) {
  const double relative = treatment / control - 1;
  return {{"control", control}, {"treatment", treatment}, {"relative_difference", relative}};
}

Json outcomes_json(const Outcome& control, const Outcome& treatment) {
  return {
      {"minutes_played",
       comparison_json(control.minutes_per_listener(), treatment.minutes_per_listener())},
      {"skip_rate", comparison_json(control.skip_rate(), treatment.skip_rate())},
      {"week2_retention", comparison_json(control.week2_retention(), treatment.week2_retention())},
      {"discovery_minutes", comparison_json(control.discovery_minutes_per_listener(),
                                            treatment.discovery_minutes_per_listener())}};
}

}  // namespace

Result<void> PlantedExperiment::prepare(const World& world, std::size_t threads) {
  world_ = &world;
  DESCANT_ASSIGN(const TimeZone zone, TimeZone::find(kProjectZone));
  DESCANT_ASSIGN(const Date start, parse_date(design_.start));
  DESCANT_ASSIGN(const Date end, parse_date(design_.end));
  start_second_ = second_of(zone, start, world.period.first);
  const std::uint32_t planned_end = second_of(zone, end + 1, world.period.first);
  end_second_ = std::min(planned_end, world.end_second());
  is_complete_ =
      planned_end + kWindowDays * kSecondsPerDay + kCompletenessSeconds <= world.end_second();
  const std::uint64_t listeners = world.population.listeners.size();
  enrolments_.assign(listeners, {});
  const std::uint64_t morsels = (listeners + kMorselListeners - 1) / kMorselListeners;
  return for_each_morsel(morsels, threads, [&](std::size_t morsel, std::size_t) {
    const std::uint64_t last = std::min(listeners, (morsel + 1) * kMorselListeners);
    for (std::uint64_t i = morsel * kMorselListeners; i < last; ++i)
      enrolments_[i] = enrol(world, static_cast<std::uint32_t>(i));
    return Result<void>();
  });
}

PlantedExperiment::Enrolment PlantedExperiment::enrol(const World& world,
                                                      std::uint32_t number) const {
  const Listener& listener = world.population.listeners[number];
  Random random(world.seed, Purpose::kAssignment, number, design_.number);
  const double signup_second = std::max(listener.signup_day, 0) * double{kSecondsPerDay};
  const double from = std::max(static_cast<double>(start_second_), signup_second);
  const bool listens = listener.churn_day * double{kSecondsPerDay} > from;
  const double opens_per_day =
      kRefreshesPerDay + (listens ? kOpensPerSession * listener.sessions_per_day : 0.0);
  const double at = from + random.exponential(1 / opens_per_day) * kSecondsPerDay;
  const Variant drawn = random.chance(design_.treatment_share) ? kTreatment : kControl;
  const bool both = random.chance(kBothVariantsShare);
  const bool again = random.chance(kLoggedAgainShare);
  const double later = random.between(60, 5 * double{kSecondsPerDay});
  if (at >= end_second_ || (drawn == kTreatment && is_lost(listener, random))) return {};

  Enrolment enrolment{.second = static_cast<std::uint32_t>(at), .variant = drawn};
  if ((both || again) && at + later < end_second_) {
    enrolment.again_second = static_cast<std::uint32_t>(at + later);
    enrolment.again_variant = !both ? drawn : drawn == kControl ? kTreatment : kControl;
  }
  return enrolment;
}

bool PlantedExperiment::counts(const Enrolment& enrolment) const {
  return enrolment.variant != kNotAssigned &&
         (enrolment.again_variant == kNotAssigned || enrolment.again_variant == enrolment.variant);
}

void PlantedExperiment::affect_at(std::uint32_t listener, std::uint32_t second,
                                  Influence& influence) const {
  const Enrolment& enrolment = enrolments_[listener];
  if (second < enrolment.second) return;
  affect(world_->population.listeners[listener],
         (second - enrolment.second) / double{kSecondsPerDay}, influence);
}

void PlantedExperiment::influence(std::uint32_t listener, std::uint32_t second,
                                  Influence& influence) const {
  if (enrolments_[listener].variant == kTreatment) affect_at(listener, second, influence);
}

std::vector<Assignment> PlantedExperiment::assignments() const {
  std::vector<Assignment> rows;
  for (std::uint32_t listener = 0; listener < enrolments_.size(); ++listener) {
    const Enrolment& enrolment = enrolments_[listener];
    if (enrolment.variant == kNotAssigned) continue;
    rows.push_back(
        {.second = enrolment.second, .listener = listener, .variant = enrolment.variant});
    if (enrolment.again_variant != kNotAssigned)
      rows.push_back({.second = enrolment.again_second,
                      .listener = listener,
                      .variant = enrolment.again_variant});
  }
  return rows;
}

std::vector<std::string> PlantedExperiment::variant_names() const {
  return {design_.control, design_.treatment};
}

Json PlantedExperiment::counts_truth(const std::vector<bool>& played) const {
  std::array<std::uint64_t, 2> counted{};
  std::uint64_t both = 0, again = 0, silent = 0;
  for (std::size_t i = 0; i < enrolments_.size(); ++i) {
    const Enrolment& enrolment = enrolments_[i];
    if (enrolment.variant == kNotAssigned) continue;
    if (!played[i]) ++silent;
    if (counts(enrolment)) {
      ++counted[enrolment.variant];
      if (enrolment.again_variant != kNotAssigned) ++again;
    } else {
      ++both;
    }
  }
  const auto total = static_cast<double>(counted[kControl] + counted[kTreatment]);
  const auto variant = [&](const std::string& name, double intended, std::uint64_t count) {
    return Json{{"name", name},
                {"intended_share", intended},
                {"actual_share", static_cast<double>(count) / total},
                {"listeners", count}};
  };
  return {{"variants",
           {variant(design_.control, 1 - design_.treatment_share, counted[kControl]),
            variant(design_.treatment, design_.treatment_share, counted[kTreatment])}},
          {"listeners_in_both_variants", both},
          {"listeners_assigned_again", again},
          {"listeners_without_any_play", silent}};
}

Result<Json> PlantedExperiment::measured_truth(const World& world, const PlantedList& all,
                                               std::size_t threads) const {
  std::vector<Exposure> exposures;
  const std::uint32_t window = kWindowDays * kSecondsPerDay;
  for (std::uint32_t i = 0; i < enrolments_.size(); ++i) {
    if (counts(enrolments_[i]) && enrolments_[i].second + window <= world.end_second())
      exposures.push_back({i, enrolments_[i].second});
  }
  if (exposures.empty()) return Json();
  thin(exposures);
  const InfluenceAt others = influence_of(all, this);
  const InfluenceAt treated = [&](std::uint32_t listener, std::uint32_t second, Influence& to) {
    others(listener, second, to);
    affect_at(listener, second, to);
  };
  DESCANT_ASSIGN(const Outcomes control, simulate_outcomes(world, exposures, others, threads));
  DESCANT_ASSIGN(const Outcomes treatment, simulate_outcomes(world, exposures, treated, threads));

  Json lifts = Json::array();
  for (std::size_t day = 0; day < kWindowDays; ++day)
    lifts.push_back(treatment.all.minutes_by_day[day] / control.all.minutes_by_day[day] - 1);
  Json segments = Json::object();
  for (std::size_t plan = 0; plan < kPlans.size(); ++plan)
    segments[kPlans[plan].name] = outcomes_json(control.by_plan[plan], treatment.by_plan[plan]);
  return Json{{"listeners", exposures.size()},
              {"window_days", kWindowDays},
              {"minutes_relative_difference_by_day", std::move(lifts)},
              {"metrics", outcomes_json(control.all, treatment.all)},
              {"plan", std::move(segments)}};
}

Result<Json> PlantedExperiment::truth(const World& world, const PlantedList& all,
                                      const std::vector<bool>& played, std::size_t threads) const {
  DESCANT_ASSIGN(Json measured, measured_truth(world, all, threads));
  Json truth{{"name", design_.name},   {"kind", "experiment"}, {"description", design_.description},
             {"start", design_.start}, {"end", design_.end},   {"control", design_.control}};
  truth.update(counts_truth(played));
  truth["parameters"] = parameters();
  truth["measured"] = std::move(measured);
  truth["complete"] = is_complete_;
  truth["expected_action"] = is_complete_ ? design_.expected_action : "continue";
  truth["expected_action_when_complete"] = design_.expected_action;
  truth["because"] = design_.expected_because;
  return truth;
}

}  // namespace descant::simulator
