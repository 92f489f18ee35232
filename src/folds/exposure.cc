// SPDX-License-Identifier: Apache-2.0
#include "folds/exposure.h"

#include <algorithm>
#include <span>

#include <fmt/format.h>

#include "base/parallel.h"

namespace descant::folds {
namespace {

constexpr std::size_t kEntitiesPerMorsel = 16'384;
constexpr std::uint8_t kNoArm = 0xFF;
constexpr std::uint8_t kOtherExperiment = 0xFE;

// A thread-free view of what the fold needs, with the variant codes already turned into arms.
class ExposureFold {
 public:
  ExposureFold(const timelines::TableView& table, const ExposureRequest& request,
               const timelines::Column& time, const timelines::Column& experiment,
               const timelines::Column& variant)
      : table_(table),
        time_(time),
        experiment_(experiment),
        variant_(variant),
        experiment_code_(experiment.labels.code_of(request.experiment)),
        begin_(time.stored_threshold(request.begin)),
        end_(time.stored_threshold(std::min(request.end, request.as_of))),
        dates_end_(time.stored_threshold(request.end)),
        arms_(request.variants.size()),
        arm_of_code_(variant.labels.size() + 1, kNoArm) {
    for (std::size_t arm = 0; arm < arms_; ++arm)
      if (const auto code = variant.labels.code_of(request.variants[arm]); code != 0)
        arm_of_code_[code] = static_cast<std::uint8_t>(arm);
  }

  Exposures run(std::size_t first, std::size_t last) const {
    Exposures found;
    found.counts.units.assign(arms_, 0);
    found.counts.in_several_by_first_variant.assign(arms_, 0);
    if (experiment_code_ == 0 || first == last) return found;
    found.entity.reserve(last - first);
    found.arm.reserve(last - first);
    found.at.reserve(last - first);
    const std::size_t begin = table_.offsets[first];
    const std::size_t end = table_.offsets[last];
    const std::vector<std::uint8_t> arms = arms_of_rows(begin, end);
    // Only rows of this experiment are walked: which they are follows no pattern, and testing each
    // in the walk would cost a mispredicted branch.
    std::vector<std::uint32_t> mine(end - begin + 1);
    std::size_t count = 0;
    for (std::size_t row = begin; row < end; ++row) {
      mine[count] = static_cast<std::uint32_t>(row - begin);
      count += arms[row - begin] != kOtherExperiment ? 1 : 0;
    }
    timelines::with_values(time_.dtype, time_.data, [&](const auto* times) {
      std::size_t e = first;
      for (std::size_t i = 0; i < count;) {
        while (table_.offsets[e + 1] <= begin + mine[i]) ++e;
        std::size_t next = i + 1;
        while (next < count && begin + mine[next] < table_.offsets[e + 1]) ++next;
        add_entity(e, times + begin, arms.data(), {mine.data() + i, next - i}, found);
        i = next;
      }
    });
    return found;
  }

 private:
  // The arm of each row in [begin, end), or why it has none.
  std::vector<std::uint8_t> arms_of_rows(std::size_t begin, std::size_t end) const {
    std::vector<std::uint8_t> arms(end - begin, kOtherExperiment);
    std::vector<std::uint8_t> of_variant(end - begin);
    timelines::with_values(variant_.dtype, variant_.data, [&](const auto* codes) {
      for (std::size_t row = begin; row < end; ++row) {
        const auto code = static_cast<std::size_t>(codes[row]);
        of_variant[row - begin] = code < arm_of_code_.size() ? arm_of_code_[code] : kNoArm;
      }
    });
    timelines::with_values(experiment_.dtype, experiment_.data, [&](const auto* codes) {
      for (std::size_t row = begin; row < end; ++row)
        if (static_cast<std::uint32_t>(codes[row]) == experiment_code_)
          arms[row - begin] = of_variant[row - begin];
    });
    return arms;
  }

  template <class Time>
  void add_entity(std::size_t e, const Time* times, const std::uint8_t* arms,
                  std::span<const std::uint32_t> rows, Exposures& found) const {
    std::uint8_t arm = kNoArm;
    std::int64_t at = 0;
    bool several = false;
    for (const std::uint32_t row : rows) {
      const std::uint8_t row_arm = arms[row];
      const auto time = static_cast<std::int64_t>(times[row]);
      if (time >= end_ && time < dates_end_) continue;  // not yet, seen from the as-of
      ++found.counts.assignments;
      if (row_arm == kNoArm) {
        ++found.counts.undeclared_variant;
        continue;
      }
      if (time < begin_ || time >= end_) {
        ++found.counts.outside_dates;
        continue;
      }
      if (arm == kNoArm) {  // rows are in time order: this is the first
        arm = row_arm;
        at = time;
      }
      several = several || row_arm != arm;
    }
    if (arm == kNoArm) return;
    if (several) {
      ++found.counts.in_several_variants;
      ++found.counts.in_several_by_first_variant[arm];
      return;
    }
    ++found.counts.units[arm];
    found.entity.push_back(table_.entities[e]);
    found.arm.push_back(arm);
    found.at.push_back(time_.base + at * time_.unit);
  }

  const timelines::TableView& table_;
  const timelines::Column& time_;
  const timelines::Column& experiment_;
  const timelines::Column& variant_;
  std::uint32_t experiment_code_;
  std::int64_t begin_;
  std::int64_t end_;
  std::int64_t dates_end_;
  std::size_t arms_;
  std::vector<std::uint8_t> arm_of_code_;
};

void merge_counts(ExposureCounts& into, const ExposureCounts& from) {
  into.assignments += from.assignments;
  into.undeclared_variant += from.undeclared_variant;
  into.outside_dates += from.outside_dates;
  into.in_several_variants += from.in_several_variants;
  for (std::size_t arm = 0; arm < from.units.size(); ++arm) {
    into.units[arm] += from.units[arm];
    into.in_several_by_first_variant[arm] += from.in_several_by_first_variant[arm];
  }
}

template <class T>
std::vector<T> joined(const std::vector<Exposures>& parts, std::vector<T> Exposures::*column,
                      std::size_t units) {
  std::vector<T> all;
  all.reserve(units);
  for (const Exposures& part : parts)
    all.insert(all.end(), (part.*column).begin(), (part.*column).end());
  return all;
}

// Puts the parts after each other, a column at a time on each thread.
Result<Exposures> concatenate(const std::vector<Exposures>& parts, std::size_t arms,
                              std::size_t threads) {
  Exposures all;
  all.counts.units.assign(arms, 0);
  all.counts.in_several_by_first_variant.assign(arms, 0);
  std::size_t units = 0;
  for (const Exposures& part : parts) {
    units += part.size();
    merge_counts(all.counts, part.counts);
  }
  DESCANT_CHECK(for_each_morsel(3, threads, [&](std::size_t column, std::size_t) -> Result<void> {
    if (column == 0) all.at = joined(parts, &Exposures::at, units);
    if (column == 1) all.entity = joined(parts, &Exposures::entity, units);
    if (column == 2) all.arm = joined(parts, &Exposures::arm, units);
    return {};
  }));
  return all;
}

}  // namespace

Result<Exposures> find_exposures(const timelines::TableView& assignments,
                                 const ExposureRequest& request, std::size_t threads) {
  const timelines::Column* experiment = assignments.find("experiment");
  const timelines::Column* variant = assignments.find("variant");
  if (assignments.columns.empty() || experiment == nullptr || variant == nullptr)
    return corrupt("the timelines of the assignment table lack a column", assignments.entry->name,
                   "Run `descant refresh --force`.");
  const ExposureFold fold(assignments, request, assignments.columns[0], *experiment, *variant);
  const std::size_t entities = assignments.entities.size();
  const std::size_t morsels = (entities + kEntitiesPerMorsel - 1) / kEntitiesPerMorsel;
  std::vector<Exposures> parts(morsels);
  DESCANT_CHECK(for_each_morsel(morsels, threads, [&](std::size_t m, std::size_t) -> Result<void> {
    parts[m] = fold.run(m * kEntitiesPerMorsel, std::min(entities, (m + 1) * kEntitiesPerMorsel));
    return {};
  }));
  DESCANT_ASSIGN(Exposures all, concatenate(parts, request.variants.size(), threads));
  const timelines::LeftOutRows& left_out = assignments.entry->left_out;
  all.counts.null_rows = left_out.null_key + left_out.null_label + left_out.null_timestamp +
                         left_out.timestamp_out_of_range;
  return all;
}

}  // namespace descant::folds
