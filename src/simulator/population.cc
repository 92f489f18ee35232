// SPDX-License-Identifier: Apache-2.0
#include "simulator/population.h"

#include <numeric>

#include "base/parallel.h"
#include "simulator/vocabulary.h"

namespace descant::simulator {
namespace {

constexpr std::uint64_t kMorselListeners = 16'384;
constexpr double kActivitySigma = 1.0;
constexpr double kSessionLengthMean = 8.0;
constexpr double kNewShare = 0.12;            // sign up during the period
constexpr double kChurnedBeforeShare = 0.12;  // of the others: gone before the period
constexpr double kTenureMeanDays = 600;
constexpr double kAgeUnknownShare = 0.03;
constexpr double kCountryUnknownShare = 0.004;

struct Dice {
  AliasTable market, plan, age_band, platform;
};

Dice make_dice() {
  std::vector<double> market_shares;
  for (const Market& market : markets()) market_shares.push_back(market.share);
  return {AliasTable(market_shares), AliasTable(weights_of(kPlans, &PlanTraits::share)),
          AliasTable(weights_of(kAgeBands, &Share::share)),
          AliasTable(weights_of(kPlatforms, &Share::share))};
}

void draw_lifetime(Random& random, std::uint32_t days, Listener& listener) {
  const double lifetime = random.exponential(kPlans[listener.plan].lifetime_days);
  const double tenure = random.exponential(kTenureMeanDays);
  const double when = random.uniform();
  if (random.chance(kNewShare)) {
    listener.signup_day = static_cast<std::int32_t>(when * days);
    listener.churn_day = listener.signup_day + 1 + static_cast<std::int32_t>(lifetime);
    return;
  }
  listener.signup_day = -1 - static_cast<std::int32_t>(tenure);
  // A constant hazard has no memory: time to churn counts from the period's first day.
  listener.churn_day =
      random.chance(kChurnedBeforeShare) ? 0 : 1 + static_cast<std::int32_t>(lifetime);
}

Listener draw_listener(std::uint64_t seed, std::uint32_t number, std::uint32_t days,
                       const Dice& dice, const Catalogue& catalogue) {
  Random random(seed, Purpose::kListener, number);
  Listener listener;
  listener.market = static_cast<std::uint8_t>(dice.market.pick(random));
  listener.country_known = !random.chance(kCountryUnknownShare);
  listener.plan = static_cast<std::uint8_t>(dice.plan.pick(random));
  listener.age_band = static_cast<std::int8_t>(dice.age_band.pick(random));
  if (random.chance(kAgeUnknownShare)) listener.age_band = -1;
  listener.platform = static_cast<std::uint8_t>(dice.platform.pick(random));
  draw_lifetime(random, days, listener);
  listener.sessions_per_day = static_cast<float>(kPlans[listener.plan].activity *
                                                 std::exp(kActivitySigma * random.normal()));
  listener.session_length =
      static_cast<float>(kSessionLengthMean * std::exp(0.35 * random.normal() - 0.06));
  listener.skip_tendency = static_cast<float>(std::exp(0.35 * random.normal() - 0.06));
  for (auto& genre : listener.genres)
    genre = static_cast<std::uint8_t>(catalogue.genre_popularity.pick(random));
  return listener;
}

// Expected plays of a listener at the drawn, unscaled activity.
double expected_plays_of(const Listener& listener, const Rhythm& rhythm, std::uint32_t days) {
  double weight = 0;
  const auto end = std::min<std::int64_t>(listener.churn_day, days);
  for (std::int64_t day = std::max(listener.signup_day, 0); day < end; ++day)
    weight += rhythm.weight(listener.market, static_cast<std::uint32_t>(day));
  return weight * listener.sessions_per_day * expected_plays(listener.session_length);
}

}  // namespace

double expected_plays(double session_length) {
  return 1 + 1 / std::expm1(1 / session_length);  // mean of the floor of an exponential
}

Result<Population> make_population(std::uint64_t seed, std::uint64_t listeners, Period period,
                                   double plays_per_listener, const Rhythm& rhythm,
                                   const Catalogue& catalogue, std::size_t threads) {
  Population population;
  population.listeners.resize(listeners);
  const Dice dice = make_dice();
  const std::uint64_t morsels = (listeners + kMorselListeners - 1) / kMorselListeners;
  std::vector<double> expected(morsels);
  DESCANT_CHECK(for_each_morsel(morsels, threads, [&](std::size_t morsel, std::size_t) {
    const std::uint64_t end = std::min(listeners, (morsel + 1) * kMorselListeners);
    for (std::uint64_t i = morsel * kMorselListeners; i < end; ++i) {
      Listener& listener = population.listeners[i];
      listener = draw_listener(seed, static_cast<std::uint32_t>(i), period.days, dice, catalogue);
      expected[morsel] += expected_plays_of(listener, rhythm, period.days);
    }
    return Result<void>();
  }));
  const double unscaled = std::accumulate(expected.begin(), expected.end(), 0.0);
  const double wanted = plays_per_listener * static_cast<double>(listeners);
  if (unscaled > 0) {
    population.expected_plays = wanted;
    for (Listener& listener : population.listeners)
      listener.sessions_per_day = static_cast<float>(listener.sessions_per_day * wanted / unscaled);
  }
  return population;
}

std::int64_t dense_key(std::uint32_t listener) { return std::int64_t{listener} + 1; }

std::int64_t sparse_key(std::uint64_t seed, std::uint32_t listener) {
  // Odd multiplications and xor-shifts are bijections on 63 bits, so keys never collide.
  constexpr std::uint64_t kMask = 0x7FFFFFFFFFFFFFFFULL;
  std::uint64_t x = (listener + split_mix(seed)) & kMask;
  x = (x * 0xBF58476D1CE4E5B9ULL) & kMask;
  x ^= x >> 32;
  x = (x * 0x94D049BB133111EBULL) & kMask;
  x ^= x >> 29;
  return static_cast<std::int64_t>(x);
}

std::string string_key(std::uint64_t seed, std::uint32_t listener) {
  constexpr std::string_view kDigits =
      "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  std::string key;
  // Eleven digits hold the unique sparse key, eleven more make it as long as usual.
  for (std::uint64_t rest : {static_cast<std::uint64_t>(sparse_key(seed, listener)),
                             Random(seed, Purpose::kKey, listener).next()}) {
    for (int digit = 0; digit < 11; ++digit, rest /= kDigits.size())
      key += kDigits[rest % kDigits.size()];
  }
  return key;
}

}  // namespace descant::simulator
