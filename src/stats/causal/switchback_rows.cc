// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <unordered_map>

#include <fmt/format.h>

#include "stats/causal/switchback.h"
#include "stats/labels.h"

namespace descant::stats {
namespace {

constexpr double kMostReplicates = 100'000;

Result<CodedLabels> places_of(const SwitchbackRequest& request) {
  if (request.place) return code_labels(*request.place, "place");
  return CodedLabels{std::vector<std::uint32_t>(request.outcome.size(), 0), {"all"}};
}

}  // namespace

Result<SwitchbackResult> switchback_of_rows(const SwitchbackRequest& request) {
  const std::size_t n = request.outcome.size();
  DESCANT_CHECK(check_same_length(request.time_bucket.size(), "time_bucket", n, "outcome"));
  DESCANT_CHECK(check_same_length(request.arm.size(), "arm", n, "outcome"));
  if (request.denominator)
    DESCANT_CHECK(check_same_length(request.denominator->size(), "denominator", n, "outcome"));
  if (request.place) DESCANT_CHECK(check_same_length(request.place->size(), "place", n, "outcome"));
  DESCANT_ASSIGN(const auto arms, code_arms(request.arm, request.control, "arm"));
  DESCANT_ASSIGN(const auto places, places_of(request));
  DESCANT_ASSIGN(const auto times, code_labels(request.time_bucket, "time_bucket"));
  std::vector<SwitchbackBucket> buckets;
  std::unordered_map<std::uint64_t, std::size_t> known;
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint64_t key = std::uint64_t{places.codes[i]} << 32 | times.codes[i];
    const auto [entry, added] = known.try_emplace(key, buckets.size());
    if (added)
      buckets.push_back({places.codes[i], static_cast<double>(times.codes[i]), arms[i], 0.0, 0.0});
    SwitchbackBucket& bucket = buckets[entry->second];
    if (bucket.arm != arms[i])
      return invalid_request(
          fmt::format("the time bucket {} is in both arms", times.names[times.codes[i]]),
          fmt::format("arm[{}]", i), "A bucket has one arm; give place when places differ.");
    bucket.sum += request.outcome[i];
    bucket.weight += request.denominator ? (*request.denominator)[i] : 1.0;
  }
  return switchback(std::move(buckets), request.options);
}

void describe(Describer& d, SwitchbackRequest& request) {
  auto& options = request.options;
  d.field(request.time_bucket, {.name = "time_bucket",
                                .doc = "of each row: the stretch of time that has one arm; numbers "
                                       "or texts in the order of time",
                                .required = true});
  d.field(request.arm, {.name = "arm",
                        .doc = "of each row: control or treatment, 0 or 1, or any two labels",
                        .required = true});
  d.field(request.outcome, {.name = "outcome", .doc = "of each row", .required = true});
  d.field(request.denominator,
          {.name = "denominator", .doc = "of each row, when the metric is a ratio"});
  d.field(request.place,
          {.name = "place", .doc = "of each row, when places change arm at times of their own"});
  d.field(request.control, {.name = "control", .doc = "the control's label among other labels"});
  d.field(options.carryover_buckets, {.name = "carryover_buckets",
                                      .doc = "buckets to leave out after each change of arm",
                                      .minimum = 0,
                                      .maximum = 1'000'000});
  d.field(options.weighting, {.name = "weighting",
                              .doc = "buckets count the same, or by their rows (or denominator)",
                              .choices = {"buckets", "rows"}});
  d.field(options.block_buckets,
          {.name = "block_buckets",
           .doc = "buckets in a block that is drawn or dealt as a whole; left out: the stretches "
                  "between changes of arm",
           .minimum = 1,
           .maximum = 1'000'000});
  d.field(options.bootstrap_replicates, {.name = "bootstrap_replicates",
                                         .doc = "of the block bootstrap; 0 leaves it out",
                                         .minimum = 0,
                                         .maximum = kMostReplicates});
  d.field(options.randomisation_replicates, {.name = "randomisation_replicates",
                                             .doc = "of the randomisation test; 0 leaves it out",
                                             .minimum = 0,
                                             .maximum = kMostReplicates});
  d.field(options.seed, {.name = "seed", .doc = "of the draws"});
  describe(d, options.comparison);
}

void describe(Describer& d, BucketCounts& counts) {
  d.field(counts.control, {.name = "control", .doc = "kept"});
  d.field(counts.treatment, {.name = "treatment", .doc = "kept"});
  d.field(counts.dropped, {.name = "dropped", .doc = "left out as carry-over"});
  d.field(counts.switches, {.name = "switches", .doc = "changes of arm"});
  d.field(counts.blocks, {.name = "blocks", .doc = "drawn or dealt as a whole"});
}

void describe(Describer& d, SwitchbackResult& result) {
  describe(d, result.comparison);
  d.field(result.buckets, {.name = "buckets", .doc = "how many buckets took part"});
  d.field(result.autocorrelation,
          {.name = "autocorrelation",
           .doc = "of neighbouring buckets' deviations from their arm's estimate"});
  d.field(result.bootstrap, {.name = "bootstrap",
                             .doc = "percentile interval of the block bootstrap",
                             .omit_when_empty = true});
  d.field(result.randomisation_p_value, {.name = "randomisation_p_value",
                                         .doc = "of no effect on any bucket",
                                         .omit_when_empty = true});
}

}  // namespace descant::stats
