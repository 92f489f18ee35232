// SPDX-License-Identifier: Apache-2.0
#include "folds/exposure.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/parallel.h"

namespace descant::folds {
namespace {

constexpr std::size_t kEntitiesPerMorsel = 16'384;
constexpr std::uint8_t kNoArm = 0xFF;

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
    if (experiment_code_ == 0) return found;
    for (std::size_t e = first; e < last; ++e) add_entity(e, found);
    return found;
  }

 private:
  void add_entity(std::size_t e, Exposures& found) const {
    std::uint8_t arm = kNoArm;
    std::int64_t at = 0;
    bool several = false;
    for (std::size_t row = table_.offsets[e]; row < table_.offsets[e + 1]; ++row) {
      if (experiment_.stored_at(row) != static_cast<std::int64_t>(experiment_code_)) continue;
      const std::int64_t time = time_.stored_at(row);
      if (time >= end_ && time < dates_end_) continue;  // not yet, seen from the as-of
      ++found.counts.assignments;
      const auto code = static_cast<std::size_t>(variant_.stored_at(row));
      const std::uint8_t row_arm = code < arm_of_code_.size() ? arm_of_code_[code] : kNoArm;
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

Exposures concatenate(const std::vector<Exposures>& parts, std::size_t arms) {
  Exposures all;
  all.counts.units.assign(arms, 0);
  all.counts.in_several_by_first_variant.assign(arms, 0);
  std::size_t units = 0;
  for (const Exposures& part : parts) units += part.size();
  all.entity.reserve(units);
  all.arm.reserve(units);
  all.at.reserve(units);
  for (const Exposures& part : parts) {
    all.entity.insert(all.entity.end(), part.entity.begin(), part.entity.end());
    all.arm.insert(all.arm.end(), part.arm.begin(), part.arm.end());
    all.at.insert(all.at.end(), part.at.begin(), part.at.end());
    merge_counts(all.counts, part.counts);
  }
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
  Exposures all = concatenate(parts, request.variants.size());
  const timelines::LeftOutRows& left_out = assignments.entry->left_out;
  all.counts.null_rows = left_out.null_key + left_out.null_label + left_out.null_timestamp +
                         left_out.timestamp_out_of_range;
  return all;
}

}  // namespace descant::folds
