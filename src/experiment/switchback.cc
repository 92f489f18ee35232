// SPDX-License-Identifier: Apache-2.0
#include "experiment/switchback.h"

#include <algorithm>
#include <limits>

namespace descant::experiment {
namespace {

constexpr std::uint8_t kNoArm = 0xFF;
constexpr std::uint64_t kMostBuckets = 50'000'000;

struct Stretch {
  Instant from = 0;
  std::uint8_t arm = kNoArm;
};

class SwitchbackReader {
 public:
  SwitchbackReader(const timelines::TableView& table, const folds::ExposureRequest& request,
                   const definitions::Design& design, const timelines::Column& experiment,
                   const timelines::Column& variant)
      : table_(table),
        request_(request),
        design_(design),
        experiment_(experiment),
        variant_(variant),
        code_(experiment.labels.code_of(request.experiment)),
        arm_of_code_(variant.labels.size() + 1, kNoArm) {
    for (std::size_t arm = 0; arm < request.variants.size(); ++arm)
      if (const auto code = variant.labels.code_of(request.variants[arm]); code != 0)
        arm_of_code_[code] = static_cast<std::uint8_t>(arm);
    out_.buckets.counts.units.assign(request.variants.size(), 0);
    out_.buckets.counts.in_several_by_first_variant.assign(request.variants.size(), 0);
  }

  Result<SwitchbackUnits> run() {
    for (std::size_t e = 0; e < table_.entities.size() && code_ != 0; ++e) {
      const auto stretches = stretches_of(e);
      if (stretches.empty()) continue;
      DESCANT_CHECK(add_buckets(table_.entities[e], stretches));
    }
    return std::move(out_);
  }

 private:
  // Changes of variant in time order; a row that repeats the variant changes nothing.
  std::vector<Stretch> stretches_of(std::size_t e) {
    std::vector<Stretch> stretches;
    for (std::uint64_t row = table_.offsets[e]; row < table_.offsets[e + 1]; ++row) {
      if (static_cast<std::uint32_t>(experiment_.stored_at(row)) != code_) continue;
      const Instant from = table_.columns[0].instant_at(row);
      if (from >= request_.as_of) continue;
      auto& counts = out_.buckets.counts;
      ++counts.assignments;
      const auto code = static_cast<std::size_t>(variant_.stored_at(row));
      const std::uint8_t arm = code < arm_of_code_.size() ? arm_of_code_[code] : kNoArm;
      if (arm == kNoArm) ++counts.undeclared_variant;
      if (!stretches.empty() && stretches.back().from == from) {
        stretches.back().arm = arm;  // the last of one instant holds
      } else if (stretches.empty() || stretches.back().arm != arm) {
        stretches.push_back({from, arm});
      }
    }
    return stretches;
  }

  Result<void> add_buckets(std::uint32_t entity, const std::vector<Stretch>& stretches) {
    auto& buckets = out_.buckets;
    const Instant last = std::min(request_.end, request_.as_of);
    std::size_t s = 0;
    std::size_t numbered = stretches.size();  // the stretch that has the latest number
    for (Instant at = request_.begin; at + design_.bucket <= last; at += design_.bucket) {
      while (s + 1 < stretches.size() && stretches[s + 1].from <= at) ++s;
      const Stretch& now = stretches[s];
      if (now.from > at || now.arm == kNoArm) continue;
      const Instant until =
          s + 1 < stretches.size() ? stretches[s + 1].from : std::numeric_limits<Instant>::max();
      if (until < at + design_.bucket) {
        ++out_.switched;
        continue;
      }
      // The start of the schedule is no switch: nothing held before it.
      if (s > 0 && at < now.from + design_.carryover) {
        ++out_.carryover;
        continue;
      }
      if (numbered != s) {
        numbered = s;
        ++stretch_count_;
      }
      buckets.entity.push_back(entity);
      buckets.arm.push_back(now.arm);
      buckets.at.push_back(at);
      ++buckets.counts.units[now.arm];
      out_.stretch.push_back(stretch_count_ - 1);
      if (buckets.at.size() > kMostBuckets)
        return invalid_request("the switchback has more than 50 million buckets", "design.bucket",
                               "Make the buckets longer.");
    }
    return {};
  }

  const timelines::TableView& table_;
  const folds::ExposureRequest& request_;
  const definitions::Design& design_;
  const timelines::Column& experiment_;
  const timelines::Column& variant_;
  std::uint32_t code_;
  std::vector<std::uint8_t> arm_of_code_;
  std::uint32_t stretch_count_ = 0;
  SwitchbackUnits out_;
};

}  // namespace

Result<SwitchbackUnits> switchback_units(const timelines::TableView& assignments,
                                         const folds::ExposureRequest& request,
                                         const definitions::Design& design) {
  const timelines::Column* experiment = assignments.find("experiment");
  const timelines::Column* variant = assignments.find("variant");
  if (assignments.columns.empty() || experiment == nullptr || variant == nullptr)
    return corrupt("the timelines of the assignment table lack a column", assignments.entry->name,
                   "Run `descant refresh --force`.");
  return SwitchbackReader(assignments, request, design, *experiment, *variant).run();
}

}  // namespace descant::experiment
