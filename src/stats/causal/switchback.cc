// SPDX-License-Identifier: Apache-2.0
#include "stats/causal/switchback.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "stats/causal/percentile_interval.h"
#include "stats/causal/random_purpose.h"
#include "stats/comparison/mean_difference.h"

namespace descant::stats {
namespace {

constexpr std::int64_t kFewBuckets = 10;  // an arm
constexpr std::uint8_t kDropped = 2;

using Buckets = std::vector<SwitchbackBucket>;

struct Block {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// Totals of one arm; the estimate is sum / weight under either weighting.
struct Total {
  double sum = 0;
  double weight = 0;
  double mean() const { return sum / weight; }
};

// By bucket: its arm, or kDropped when the other arm may still show in it.
std::vector<std::uint8_t> kept_arms(const Buckets& buckets, std::span<const std::uint8_t> arms,
                                    std::int64_t carryover_buckets) {
  std::vector<std::uint8_t> kept(arms.begin(), arms.end());
  std::int64_t since_switch = carryover_buckets;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (i == 0 || buckets[i].place != buckets[i - 1].place)
      since_switch = carryover_buckets;
    else if (arms[i] != arms[i - 1])
      since_switch = 0;
    if (since_switch < carryover_buckets) kept[i] = kDropped;
    since_switch = std::min(since_switch + 1, carryover_buckets);
  }
  return kept;
}

std::vector<Block> blocks_of(const Buckets& buckets, std::optional<std::int64_t> block_buckets) {
  std::vector<Block> blocks;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const bool new_place = i == 0 || buckets[i].place != buckets[i - 1].place;
    const bool full =
        !new_place &&
        (block_buckets ? static_cast<std::int64_t>(i - blocks.back().begin) >= *block_buckets
                       : buckets[i].arm != buckets[i - 1].arm);
    if (new_place || full) blocks.push_back({i, i});
    blocks.back().end = i + 1;
  }
  return blocks;
}

// What a bucket adds to its arm's total.
Total share_of(const SwitchbackBucket& bucket, bool by_rows) {
  return by_rows ? Total{bucket.sum, bucket.weight} : Total{bucket.sum / bucket.weight, 1.0};
}

double difference(const std::array<Total, 2>& totals) {
  return totals[1].mean() - totals[0].mean();
}

double autocorrelation(const Buckets& buckets, std::span<const std::uint8_t> kept,
                       const Comparison& comparison) {
  const auto deviation = [&](std::size_t i) {
    const auto& arm = kept[i] == 1 ? comparison.treatment : comparison.control;
    return buckets[i].sum / buckets[i].weight - arm.estimate;
  };
  double product = 0, square = 0;
  std::size_t pairs = 0, values = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    if (kept[i] == kDropped) continue;
    square += deviation(i) * deviation(i);
    ++values;
    if (i == 0 || kept[i - 1] == kDropped || buckets[i].place != buckets[i - 1].place) continue;
    product += deviation(i) * deviation(i - 1);
    ++pairs;
  }
  if (pairs < 2 || !(square > 0)) return kUndefined;
  return product / static_cast<double>(pairs) / (square / static_cast<double>(values));
}

EffectInterval bootstrap(const Buckets& buckets, std::span<const std::uint8_t> kept,
                         const std::vector<Block>& blocks, const SwitchbackOptions& options,
                         double estimate) {
  const bool by_rows = options.weighting == "rows";
  std::array<std::vector<Total>, 2> parts;  // one per block and arm with a kept bucket
  for (const auto& block : blocks) {
    std::array<Total, 2> totals;
    for (std::size_t i = block.begin; i < block.end; ++i) {
      if (kept[i] == kDropped) continue;
      const Total share = share_of(buckets[i], by_rows);
      totals[kept[i]].sum += share.sum;
      totals[kept[i]].weight += share.weight;
    }
    for (const int arm : {0, 1})
      if (totals[arm].weight > 0) parts[arm].push_back(totals[arm]);
  }
  std::vector<double> draws(static_cast<std::size_t>(options.bootstrap_replicates));
  for (std::size_t b = 0; b < draws.size(); ++b) {
    Random random(options.seed, CausalPurpose::kBlockBootstrap, b);
    std::array<Total, 2> totals;
    for (const int arm : {0, 1})
      for (std::size_t i = 0; i < parts[arm].size(); ++i) {
        const Total& part = parts[arm][pick_below(random, parts[arm].size())];
        totals[arm].sum += part.sum;
        totals[arm].weight += part.weight;
      }
    draws[b] = difference(totals);
  }
  return percentile_interval(std::move(draws), estimate, options.comparison.confidence_level);
}

// Deals the arms of the blocks anew within each place (Fisher and Yates).
void shuffle_arms(const Buckets& buckets, const std::vector<Block>& blocks, Random& random,
                  std::vector<std::uint8_t>& block_arms, std::vector<std::uint8_t>& arms) {
  std::size_t begin = 0;
  for (std::size_t i = 0; i <= blocks.size(); ++i) {
    if (i < blocks.size() && buckets[blocks[i].begin].place == buckets[blocks[begin].begin].place)
      continue;
    for (std::size_t left = i - begin; left > 1; --left)
      std::swap(block_arms[begin + left - 1], block_arms[begin + pick_below(random, left)]);
    begin = i;
  }
  for (std::size_t i = 0; i < blocks.size(); ++i)
    std::fill(arms.begin() + static_cast<std::ptrdiff_t>(blocks[i].begin),
              arms.begin() + static_cast<std::ptrdiff_t>(blocks[i].end), block_arms[i]);
}

// Under the sharp null every bucket would have shown the same in the other arm, but for the null
// value. The observed assignment counts as one of the draws (Phipson and Smyth 2010).
double randomisation_p_value(const Buckets& buckets, const std::vector<Block>& blocks,
                             const SwitchbackOptions& options, double estimate) {
  const bool by_rows = options.weighting == "rows";
  const double null_value = options.comparison.null_value;
  const std::string& alternative = options.comparison.alternative;
  std::vector<Total> shares;
  for (const auto& bucket : buckets) {
    Total share = share_of(bucket, by_rows);
    if (bucket.arm == 1) share.sum -= null_value * share.weight;
    shares.push_back(share);
  }
  std::vector<std::uint8_t> observed, arms(buckets.size());
  for (const auto& block : blocks) observed.push_back(buckets[block.begin].arm);
  const double target = estimate - null_value;
  const double slack = 1e-12 * std::abs(target);
  const auto extreme = [&](double drawn) {
    if (alternative == "greater") return drawn >= target - slack;
    if (alternative == "less") return drawn <= target + slack;
    return std::abs(drawn) >= std::abs(target) - slack;
  };
  std::int64_t at_least = 1, defined = 1;
  for (std::int64_t b = 0; b < options.randomisation_replicates; ++b) {
    Random random(options.seed, CausalPurpose::kRandomisation, static_cast<std::uint64_t>(b));
    auto block_arms = observed;
    shuffle_arms(buckets, blocks, random, block_arms, arms);
    const auto kept = kept_arms(buckets, arms, options.carryover_buckets);
    std::array<Total, 3> totals;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      totals[kept[i]].sum += shares[i].sum;
      totals[kept[i]].weight += shares[i].weight;
    }
    if (!(totals[0].weight > 0 && totals[1].weight > 0)) continue;
    ++defined;
    if (extreme(totals[1].mean() - totals[0].mean())) ++at_least;
  }
  return static_cast<double>(at_least) / static_cast<double>(defined);
}

Result<void> check_buckets(const Buckets& buckets) {
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const auto& b = buckets[i];
    if (!std::isfinite(b.sum) || !std::isfinite(b.weight) || b.weight <= 0)
      return invalid_request(fmt::format("the bucket at time {} has no positive weight", b.time),
                             "denominator", "A bucket's denominators must add up to more than 0.");
    if (i > 0 && b.place == buckets[i - 1].place && b.time == buckets[i - 1].time)
      return invalid_request(fmt::format("the bucket at time {} is in both arms", b.time), "arm",
                             "A bucket of time has one arm; give place when places differ.");
  }
  return {};
}

// A block whose arm is dealt anew must have one.
Result<void> check_blocks(const Buckets& buckets, const std::vector<Block>& blocks) {
  for (const auto& block : blocks)
    for (std::size_t i = block.begin; i < block.end; ++i)
      if (buckets[i].arm != buckets[block.begin].arm)
        return invalid_request(
            fmt::format("the block that begins at time {} holds both arms",
                        buckets[block.begin].time),
            "block_buckets",
            "Give the number of buckets after which an arm was drawn, or leave it out.");
  return {};
}

void add_warnings(const BucketCounts& counts, double correlation, Warnings& warnings) {
  const std::int64_t fewest = std::min(counts.control, counts.treatment);
  if (fewest < kFewBuckets)
    warnings.push_back({"few_buckets", "time_bucket",
                        fmt::format("An arm has {} buckets: with fewer than {} the interval and "
                                    "the test are rough.",
                                    fewest, kFewBuckets)});
  const double kept = static_cast<double>(counts.control + counts.treatment);
  if (correlation > 2 / std::sqrt(kept))
    warnings.push_back(
        {"autocorrelation", "time_bucket",
         fmt::format("Neighbouring buckets are alike (correlation {:.2f}), so the interval by "
                     "bucket is too narrow: use longer blocks and the block bootstrap.",
                     correlation)});
}

Moments bucket_moments(const Buckets& buckets, std::span<const std::uint8_t> kept,
                       std::uint8_t arm) {
  Moments moments(3);  // mean, sum, weight
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const auto& b = buckets[i];
    if (kept[i] == arm) moments.add(std::array{b.sum / b.weight, b.sum, b.weight});
  }
  return moments;
}

}  // namespace

Result<SwitchbackResult> switchback(Buckets buckets, const SwitchbackOptions& options) {
  std::sort(buckets.begin(), buckets.end(), [](const auto& a, const auto& b) {
    return std::tie(a.place, a.time, a.arm) < std::tie(b.place, b.time, b.arm);
  });
  DESCANT_CHECK(check_buckets(buckets));
  std::vector<std::uint8_t> arms;
  for (const auto& bucket : buckets) arms.push_back(bucket.arm);
  const auto kept = kept_arms(buckets, arms, options.carryover_buckets);
  const auto blocks = blocks_of(buckets, options.block_buckets);
  if (options.randomisation_replicates > 0) DESCANT_CHECK(check_blocks(buckets, blocks));
  const Moments control = bucket_moments(buckets, kept, 0);
  const Moments treatment = bucket_moments(buckets, kept, 1);

  SwitchbackResult result;
  if (options.weighting == "rows") {
    DESCANT_ASSIGN(result.comparison,
                   ratio_difference(control, treatment, {1, 2}, "delta", options.comparison));
  } else {
    DESCANT_ASSIGN(result.comparison,
                   mean_difference(control, treatment, "welch", options.comparison));
  }
  result.comparison.method = options.weighting;
  auto& counts = result.buckets;
  counts.control = control.n;
  counts.treatment = treatment.n;
  counts.dropped = static_cast<std::int64_t>(buckets.size()) - control.n - treatment.n;
  counts.blocks = static_cast<std::int64_t>(blocks.size());
  for (std::size_t i = 1; i < buckets.size(); ++i)
    counts.switches += buckets[i].place == buckets[i - 1].place && arms[i] != arms[i - 1] ? 1 : 0;
  result.autocorrelation = autocorrelation(buckets, kept, result.comparison);
  add_warnings(counts, result.autocorrelation, result.comparison.warnings);

  const double estimate = result.comparison.absolute.estimate;
  const bool estimable = control.n > 0 && treatment.n > 0;
  if (options.bootstrap_replicates > 0)
    result.bootstrap =
        estimable ? bootstrap(buckets, kept, blocks, options, estimate) : EffectInterval{};
  if (options.randomisation_replicates > 0)
    result.randomisation_p_value =
        estimable ? randomisation_p_value(buckets, blocks, options, estimate) : kUndefined;
  return result;
}

}  // namespace descant::stats
