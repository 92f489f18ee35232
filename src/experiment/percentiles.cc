// SPDX-License-Identifier: Apache-2.0
#include "experiment/percentiles.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "stats/order_statistics.h"

namespace descant::experiment {

namespace {

constexpr unsigned kBucketBits = 16;
constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

// Unsigned integers that order as the doubles do; both zeros are the same.
std::uint64_t key_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
  return (bits & kSignBit) != 0 ? ~bits : bits | kSignBit;
}

double value_of(std::uint64_t key) {
  return std::bit_cast<double>((key & kSignBit) != 0 ? key & ~kSignBit : ~key);
}

// Keys of the counted units, grouped by the first day (of those asked for) that counts them.
struct KeysByDay {
  std::vector<std::uint64_t> keys;
  std::vector<std::size_t> end;  // by day: keys before this are in that day's set
};

KeysByDay group_by_day(std::span<const double> values, std::span<const std::uint16_t> first_day,
                       std::size_t begin_day, std::size_t end_day) {
  const std::size_t days = end_day - begin_day;
  std::vector<std::vector<std::uint64_t>> by_day(days);
  if (days == 1) by_day.front().reserve(values.size());
  for (std::size_t unit = 0; unit < values.size(); ++unit) {
    const std::size_t day = std::max<std::size_t>(first_day[unit], begin_day);
    if (day < end_day && std::isfinite(values[unit]))
      by_day[day - begin_day].push_back(key_of(values[unit]));
  }
  KeysByDay grouped{std::move(by_day.front()), {}};
  grouped.end.push_back(grouped.keys.size());
  for (std::size_t day = 1; day < days; ++day) {
    grouped.keys.insert(grouped.keys.end(), by_day[day].begin(), by_day[day].end());
    grouped.end.push_back(grouped.keys.size());
  }
  return grouped;
}

// Splits the range of the keys at hand into equal buckets, so that values of one size still spread.
struct Buckets {
  std::uint64_t lowest = 0;
  unsigned shift = 0;
  std::size_t operator()(std::uint64_t key) const {
    return static_cast<std::size_t>((key - lowest) >> shift);
  }
};

Buckets split_range(const std::vector<std::uint64_t>& keys) {
  const auto [low, high] = std::minmax_element(keys.begin(), keys.end());
  const auto width = static_cast<unsigned>(std::bit_width(*high - *low));
  return {*low, width > kBucketBits ? width - kBucketBits : 0};
}

// The bucket that holds a rank of a day's set, and the rank inside it.
struct Place {
  std::size_t bucket = 0;
  std::size_t rank = 0;
};

// Keys of one bucket in the order of their days.
struct BucketKeys {
  std::vector<std::uint64_t> keys;
  std::uint64_t lowest = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t highest = 0;
  std::vector<std::size_t> end;  // by day: keys before this are in that day's set

  void add(std::uint64_t key) {
    keys.push_back(key);
    lowest = std::min(lowest, key);
    highest = std::max(highest, key);
  }
};

// A day's ranks, in the order asked for.
struct Target {
  std::size_t n = 0;
  std::vector<Place> places;
};

std::vector<Place> places_of(const std::vector<std::uint32_t>& histogram,
                             const std::vector<std::size_t>& ranks) {
  std::vector<std::size_t> order(ranks.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return ranks[a] < ranks[b]; });
  std::vector<Place> places(ranks.size());
  std::size_t bucket = 0;
  std::size_t below = 0;
  for (const std::size_t i : order) {
    while (below + histogram[bucket] <= ranks[i]) below += histogram[bucket++];
    places[i] = {bucket, ranks[i] - below};
  }
  return places;
}

std::vector<Target> locate(const KeysByDay& grouped, const Buckets& bucket_of,
                           const RanksOf& ranks_of) {
  std::vector<std::uint32_t> histogram(std::size_t{1} << kBucketBits, 0);
  std::vector<Target> targets;
  std::size_t counted = 0;
  for (const std::size_t end : grouped.end) {
    for (; counted < end; ++counted) ++histogram[bucket_of(grouped.keys[counted])];
    Target target{.n = counted, .places = {}};
    if (counted > 0) target.places = places_of(histogram, ranks_of(counted));
    targets.push_back(std::move(target));
  }
  return targets;
}

class Selection {
 public:
  Selection(const KeysByDay& grouped, const Buckets& bucket_of, const std::vector<Target>& targets)
      : slot_(std::size_t{1} << kBucketBits, kUnwanted) {
    for (const auto& target : targets)
      for (const Place place : target.places) want(place.bucket);
    std::size_t counted = 0;
    for (const std::size_t end : grouped.end) {
      for (; counted < end; ++counted) {
        const std::uint64_t key = grouped.keys[counted];
        const std::size_t slot = slot_[bucket_of(key)];
        if (slot != kUnwanted) buckets_[slot].add(key);
      }
      for (auto& bucket : buckets_) bucket.end.push_back(bucket.keys.size());
    }
  }

  double select(std::size_t day, Place place) {
    const BucketKeys& bucket = buckets_[slot_[place.bucket]];
    if (bucket.lowest == bucket.highest) return value_of(bucket.lowest);
    const auto size = static_cast<std::ptrdiff_t>(bucket.end[day]);
    scratch_.assign(bucket.keys.begin(), bucket.keys.begin() + size);
    const auto nth = scratch_.begin() + static_cast<std::ptrdiff_t>(place.rank);
    std::nth_element(scratch_.begin(), nth, scratch_.end());
    return value_of(*nth);
  }

 private:
  static constexpr std::size_t kUnwanted = std::numeric_limits<std::size_t>::max();

  void want(std::size_t bucket) {
    if (slot_[bucket] != kUnwanted) return;
    slot_[bucket] = buckets_.size();
    buckets_.emplace_back();
  }

  std::vector<std::size_t> slot_;  // by bucket: its place in buckets_
  std::vector<BucketKeys> buckets_;
  std::vector<std::uint64_t> scratch_;
};

}  // namespace

std::vector<NestedSet> nested_order_statistics(std::span<const double> values,
                                               std::span<const std::uint16_t> first_day,
                                               std::size_t begin_day, std::size_t end_day,
                                               const RanksOf& ranks_of) {
  std::vector<NestedSet> sets(end_day - begin_day);
  if (sets.empty()) return sets;
  const KeysByDay grouped = group_by_day(values, first_day, begin_day, end_day);
  if (grouped.keys.empty()) return sets;
  const Buckets bucket_of = split_range(grouped.keys);
  const std::vector<Target> targets = locate(grouped, bucket_of, ranks_of);
  Selection selection(grouped, bucket_of, targets);
  for (std::size_t day = 0; day < sets.size(); ++day) {
    sets[day].n = targets[day].n;
    for (const Place place : targets[day].places)
      sets[day].values.push_back(selection.select(day, place));
  }
  return sets;
}

std::vector<double> nested_percentiles(std::span<const double> values,
                                       std::span<const std::uint16_t> first_day,
                                       std::size_t begin_day, std::size_t end_day,
                                       double percentile) {
  const auto ranks = [&](std::size_t n) { return stats::quantile_ranks(n, percentile / 100.0); };
  const auto sets = nested_order_statistics(values, first_day, begin_day, end_day,
                                            [&](std::size_t n) -> std::vector<std::size_t> {
                                              const auto around = ranks(n);
                                              if (around.fraction > 0)
                                                return {around.lower, around.upper};
                                              return {around.lower};
                                            });
  std::vector<double> result;
  for (const auto& set : sets)
    result.push_back(set.n == 0 ? std::numeric_limits<double>::quiet_NaN()
                                : ranks(set.n).of(set.values.front(), set.values.back()));
  return result;
}

}  // namespace descant::experiment
