// SPDX-License-Identifier: Apache-2.0
#include "stats/many_experiments/effect_prior.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "stats/distributions.h"

namespace descant::stats {
namespace {

const double kLogRootTwoPi = std::log(2 * M_PI) / 2;

double log_density(double x, double variance) {
  return -x * x / (2 * variance) - std::log(variance) / 2 - kLogRootTwoPi;
}

// ---- the scale that maximises a profile likelihood ----

struct Profile {
  double log_likelihood = 0;
  double slope = 0;  // in the scale's square
};
using ProfileAt = std::function<Profile(double variance, bool roughly)>;

// Where the slope changes sign between two variances, by the Illinois variant of false position on
// the logarithm.
double root_of_slope(const ProfileAt& profile, double low, double high, double slope_low,
                     double slope_high) {
  double a = std::log(low), b = std::log(high);
  double fa = slope_low * low, fb = slope_high * high;
  int side = 0;
  for (int i = 0; i < 200 && std::abs(b - a) > 1e-13; ++i) {
    double middle = (a * fb - b * fa) / (fb - fa);
    if (!(middle > a && middle < b)) middle = a + (b - a) / 2;
    if (middle <= a || middle >= b) break;
    const double variance = std::exp(middle);
    const double f = profile(variance, false).slope * variance;
    if (f == 0) return variance;
    if (f > 0) {
      a = middle, fa = f;
      if (side == 1) fb /= 2;
      side = 1;
    } else {
      b = middle, fb = f;
      if (side == -1) fa /= 2;
      side = -1;
    }
  }
  return std::exp(std::abs(fa) < std::abs(fb) ? a : b);
}

double best_variance(const ProfileAt& profile, const Effects& effects) {
  const auto [least, most] =
      std::minmax_element(effects.estimates.begin(), effects.estimates.end());
  const auto [narrowest, widest] =
      std::minmax_element(effects.standard_errors.begin(), effects.standard_errors.end());
  const double spread = std::max({*most - *least, std::abs(*most), std::abs(*least), *widest});
  const double low = 1e-8 * *narrowest * *narrowest;
  const double high = 4 * spread * spread;
  constexpr int kGrid = 40;
  std::vector<double> variances;
  std::vector<Profile> profiles;
  for (int i = 0; i <= kGrid; ++i) {
    variances.push_back(low * std::pow(high / low, static_cast<double>(i) / kGrid));
    profiles.push_back(profile(variances.back(), true));
  }
  const auto best = std::max_element(
      profiles.begin(), profiles.end(),
      [](const Profile& a, const Profile& b) { return a.log_likelihood < b.log_likelihood; });
  const auto at = static_cast<std::size_t>(best - profiles.begin());
  const bool rising = profiles[at].slope > 0;
  if ((at == 0 && !rising) || (at == kGrid && rising))
    return profile(0, true).log_likelihood >= best->log_likelihood || at == 0 ? 0.0 : variances[at];
  // The slopes were rough: one step further on either side is always enough.
  std::size_t left = rising ? at : at - 1;
  std::size_t right = left + 1;
  const auto slope = [&](std::size_t i) { return profile(variances[i], false).slope; };
  double slope_left = slope(left), slope_right = slope(right);
  if (!(slope_left > 0) && left > 0) slope_left = slope(--left);
  if (!(slope_right < 0) && right < kGrid) slope_right = slope(++right);
  if (!(slope_left > 0) || !(slope_right < 0)) return variances[at];
  return root_of_slope(profile, variances[left], variances[right], slope_left, slope_right);
}

// ---- normal ----

double precision_weighted_mean(const Effects& effects, double variance) {
  double w_sum = 0, wy = 0;
  for (std::size_t i = 0; i < effects.estimates.size(); ++i) {
    const double se = effects.standard_errors[i];
    const double w = 1 / (se * se + variance);
    w_sum += w;
    wy += w * effects.estimates[i];
  }
  return wy / w_sum;
}

Profile normal_profile(const Effects& effects, double mean, double variance) {
  Profile profile;
  for (std::size_t i = 0; i < effects.estimates.size(); ++i) {
    const double total = effects.standard_errors[i] * effects.standard_errors[i] + variance;
    const double d = effects.estimates[i] - mean;
    profile.log_likelihood += log_density(d, total);
    profile.slope += (d * d / total - 1) / total / 2;
  }
  return profile;
}

// ---- spike and slab ----

class SpikeAndSlab {
 public:
  SpikeAndSlab(const Effects& effects, double slab_mean)
      : effects_(effects), slab_mean_(slab_mean), log_odds_(effects.estimates.size()) {}

  // The share of nulls at its best for this variance of the slab; the likelihood is concave in it.
  Profile profile(double variance) {
    double spikes = 0;
    for (std::size_t i = 0; i < log_odds_.size(); ++i) {
      const double y = effects_.estimates[i];
      const double v = effects_.standard_errors[i] * effects_.standard_errors[i];
      const double spike = log_density(y, v);
      spikes += spike;
      log_odds_[i] = log_density(y - slab_mean_, v + variance) - spike;
    }
    null_share_ = best_null_share();
    Profile profile{spikes, 0};
    for (std::size_t i = 0; i < log_odds_.size(); ++i) {
      const double v = effects_.standard_errors[i] * effects_.standard_errors[i] + variance;
      const double d = effects_.estimates[i] - slab_mean_;
      const Parts parts = parts_of(log_odds_[i]);
      const double slab = (1 - null_share_) * parts.slab;
      const double both = null_share_ * parts.spike + slab;
      profile.log_likelihood += parts.log_larger + std::log(both);
      profile.slope += slab / both * (d * d / v - 1) / v / 2;
    }
    return profile;
  }

  double null_share() const { return null_share_; }

 private:
  // Likelihoods of spike and slab in units of the larger: far out neither is a number by itself.
  struct Parts {
    double spike, slab, log_larger;
  };

  static Parts parts_of(double log_odds) {
    if (log_odds > 0) return {std::exp(-log_odds), 1, log_odds};
    return {1, std::exp(log_odds), 0};
  }

  double slope_in_null_share(double share) const {
    double slope = 0;
    for (const double log_odds : log_odds_) {
      const Parts parts = parts_of(log_odds);
      slope += (parts.spike - parts.slab) / (share * parts.spike + (1 - share) * parts.slab);
    }
    return slope;
  }

  double best_null_share() const {
    if (slope_in_null_share(1) >= 0) return 1;
    if (slope_in_null_share(0) <= 0) return 0;
    double low = 0, high = 1;
    for (int i = 0; i < 60 && high - low > 1e-16; ++i) {
      const double middle = (low + high) / 2;
      (slope_in_null_share(middle) > 0 ? low : high) = middle;
    }
    return (low + high) / 2;
  }

  Effects effects_;
  double slab_mean_;
  std::vector<double> log_odds_;
  double null_share_ = 0;
};

// ---- Student's t, as a normal whose precision is gamma distributed ----

struct ScaleNode {
  double weight;
  double variance;  // in units of the squared scale
};

// The trapezoidal rule in the logarithm of the precision, to an error below 1e-9.
std::vector<ScaleNode> scale_nodes(double degrees_of_freedom) {
  const double half = degrees_of_freedom / 2;
  const double step = std::min(0.4, 0.9 / std::sqrt(half));
  const auto log_weight = [half](double u) { return half * (u - std::expm1(u)); };
  std::vector<ScaleNode> nodes;
  double sum = 0;
  for (const double direction : {-1.0, 1.0})
    for (int i = direction < 0 ? 0 : 1; i < 4000; ++i) {
      const double u = direction * step * i;
      if (log_weight(u) < -37) break;
      nodes.push_back({std::exp(log_weight(u)), std::exp(-u)});
      sum += nodes.back().weight;
    }
  for (auto& node : nodes) node.weight /= sum;
  return nodes;
}

class ScaleMixture {
 public:
  ScaleMixture(const Effects& effects, double mean, double degrees_of_freedom)
      : effects_(effects),
        nodes_(scale_nodes(degrees_of_freedom)),
        mean_(std::isnan(mean) ? precision_weighted_mean(effects, 0) : mean),
        mean_is_given_(!std::isnan(mean)) {}

  // The location at its best, from where the last variance left it: by Newton with the expected
  // information of each effect's precision, which never overshoots far.
  Profile profile(double variance, double tolerance) {
    Sums sums = evaluate(variance);
    for (int i = 0; !mean_is_given_ && i < 200; ++i) {
      const double step = sums.slope_in_mean / sums.precision;
      if (std::abs(step) * std::sqrt(sums.precision) < tolerance) break;
      mean_ += step;
      sums = evaluate(variance);
    }
    return sums.profile;
  }

  double mean() const { return mean_; }
  const std::vector<ScaleNode>& nodes() const { return nodes_; }

 private:
  struct Sums {
    Profile profile;
    double slope_in_mean = 0;
    double precision = 0;
  };

  Sums evaluate(double variance) const {
    Sums sums;
    for (std::size_t i = 0; i < effects_.estimates.size(); ++i) {
      const double v = effects_.standard_errors[i] * effects_.standard_errors[i];
      const double d = effects_.estimates[i] - mean_;
      // Relative to the widest node, so that an estimate far out does not underflow everywhere.
      double largest = -std::numeric_limits<double>::infinity();
      for (const auto& node : nodes_)
        largest = std::max(largest, -d * d / (v + variance * node.variance) / 2);
      double density = 0, slope = 0, precision = 0;
      for (const auto& node : nodes_) {
        const double total = v + variance * node.variance;
        const double part = node.weight * std::exp(-d * d / total / 2 - largest) / std::sqrt(total);
        density += part;
        precision += part / total;
        slope += part * node.variance * (d * d / total - 1) / total / 2;
      }
      sums.profile.log_likelihood += std::log(density) + largest - kLogRootTwoPi;
      sums.profile.slope += slope / density;
      sums.slope_in_mean += d * precision / density;
      sums.precision += precision / density;
    }
    return sums;
  }

  Effects effects_;
  std::vector<ScaleNode> nodes_;
  double mean_;
  bool mean_is_given_;
};

// ---- posterior ----

PriorComponents posterior_components(const PriorComponents& prior, double y, double v) {
  PriorComponents posterior;
  double largest = -std::numeric_limits<double>::infinity();
  std::vector<double> log_weights;
  for (const auto& c : prior) {
    const double total = v + c.variance;
    log_weights.push_back(c.weight > 0 ? std::log(c.weight) + log_density(y - c.mean, total)
                                       : -std::numeric_limits<double>::infinity());
    largest = std::max(largest, log_weights.back());
    posterior.push_back({0, c.mean + c.variance / total * (y - c.mean), c.variance / total * v});
  }
  double sum = 0;
  for (std::size_t i = 0; i < posterior.size(); ++i)
    sum += posterior[i].weight = std::exp(log_weights[i] - largest);
  for (auto& c : posterior) c.weight /= sum;
  return posterior;
}

double probability_below(const PriorComponents& mixture, double x, bool or_equal) {
  double p = 0;
  for (const auto& c : mixture)
    if (c.variance > 0)
      p += c.weight * std::erfc((c.mean - x) / std::sqrt(2 * c.variance)) / 2;
    else if (or_equal ? c.mean <= x : c.mean < x)
      p += c.weight;
  return p;
}

double mixture_quantile(const PriorComponents& mixture, double p) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  const double z = -normal_quantile(std::min(p, 1 - p));
  if (mixture.size() == 1)
    return mixture[0].mean + (p < 0.5 ? -z : z) * std::sqrt(mixture[0].variance);
  for (const auto& c : mixture) {
    if (c.weight == 0) continue;
    const double reach = z * std::sqrt(c.variance);
    low = std::min(low, c.mean - reach);
    high = std::max(high, c.mean + reach);
    if (c.variance == 0 && probability_below(mixture, c.mean, false) <= p &&
        p <= probability_below(mixture, c.mean, true))
      return c.mean;
  }
  // Newton inside a bracket that only shrinks.
  double x = low + (high - low) / 2;
  for (int i = 0; i < 200; ++i) {
    const double excess = probability_below(mixture, x, true) - p;
    (excess < 0 ? low : high) = x;
    double density = 0;
    for (const auto& c : mixture)
      if (c.variance > 0) density += c.weight * std::exp(log_density(x - c.mean, c.variance));
    double next = x - excess / density;
    if (!(next > low && next < high)) next = low + (high - low) / 2;
    if (std::abs(next - x) <= 1e-15 * std::abs(x) || high - low <= 0) return next;
    x = next;
  }
  return x;
}

}  // namespace

EffectPosterior posterior_of(const PriorComponents& prior, double estimate, double standard_error,
                             double confidence_level) {
  const auto mixture = posterior_components(prior, estimate, standard_error * standard_error);
  EffectPosterior out{0, 0, 0, 0, 0, 0};
  for (const auto& c : mixture) {
    out.mean += c.weight * c.mean;
    if (c.variance == 0)
      out.probability_null += c.weight;
    else
      out.probability_positive += c.weight * normal_cdf(c.mean / std::sqrt(c.variance));
    if (c.variance == 0 && c.mean > 0) out.probability_positive += c.weight;
  }
  for (const auto& c : mixture)
    out.variance += c.weight * (c.variance + (c.mean - out.mean) * (c.mean - out.mean));
  const double tail = (1 - confidence_level) / 2;
  out.lower = mixture_quantile(mixture, tail);
  out.upper = mixture_quantile(mixture, 1 - tail);
  return out;
}

FittedPrior fit_normal(const Effects& effects, double mean) {
  const auto mean_at = [&](double variance) {
    return std::isnan(mean) ? precision_weighted_mean(effects, variance) : mean;
  };
  const ProfileAt profile = [&](double variance, bool) {
    return normal_profile(effects, mean_at(variance), variance);
  };
  FittedPrior prior;
  prior.variance = best_variance(profile, effects);
  prior.mean = mean_at(prior.variance);
  prior.log_likelihood = profile(prior.variance, false).log_likelihood;
  prior.components = {{1, prior.mean, prior.variance}};
  return prior;
}

FittedPrior fit_spike_and_slab(const Effects& effects, double slab_mean) {
  FittedPrior prior;
  prior.mean = std::isnan(slab_mean) ? 0 : slab_mean;
  SpikeAndSlab model(effects, prior.mean);
  const ProfileAt profile = [&](double variance, bool) { return model.profile(variance); };
  prior.variance = best_variance(profile, effects);
  prior.log_likelihood = profile(prior.variance, false).log_likelihood;
  prior.null_share = model.null_share();
  prior.components = {{prior.null_share, 0, 0}, {1 - prior.null_share, prior.mean, prior.variance}};
  return prior;
}

FittedPrior fit_t(const Effects& effects, double mean, double degrees_of_freedom) {
  ScaleMixture model(effects, mean, degrees_of_freedom);
  const ProfileAt profile = [&](double variance, bool roughly) {
    return model.profile(variance, roughly ? 1e-2 : 1e-11);
  };
  FittedPrior prior;
  prior.variance = best_variance(profile, effects);
  prior.log_likelihood = profile(prior.variance, false).log_likelihood;
  prior.mean = model.mean();
  for (const auto& node : model.nodes())
    prior.components.push_back({node.weight, prior.mean, prior.variance * node.variance});
  return prior;
}

}  // namespace descant::stats
