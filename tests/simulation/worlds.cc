// SPDX-License-Identifier: Apache-2.0
#include "worlds.h"

#include <cmath>

#include <fmt/format.h>

namespace descant::simulation {
namespace {

double draw_normal(Random& random) { return 10 + 2 * random.normal(); }
double draw_wide_normal(Random& random) { return 10 + 4 * random.normal(); }
double draw_skewed(Random& random) { return std::exp(random.normal()); }
double draw_zero_inflated(Random& random) { return random.chance(0.8) ? 0 : random.exponential(1); }
double draw_heavy_tailed(Random& random) { return std::pow(1 - random.uniform(), -1 / 2.5); }

double standard_normal(Random& random) { return random.normal(); }

Json mean_plan(double mean, double variance, Sizes sizes) {
  const int total = sizes.control + sizes.treatment;
  return {{"baseline", {{"mean", mean}, {"variance", variance}}},
          {"n_total", total},
          {"allocation", static_cast<double>(sizes.treatment) / total},
          {"distribution", total < 100 ? "t" : "normal"}};
}

std::string sized(const std::string& about, Sizes sizes) {
  return fmt::format("{}; {} and {} units", about, sizes.control, sizes.treatment);
}

struct PlayRow {
  double plays = 0;
  double sessions = 0;
};

// A listener's plays are 2 a session on average, more for some listeners than for others.
PlayRow draw_plays(Random& random, double taste, bool heavy) {
  const double sessions = heavy ? std::ceil(std::exp(random.normal() + 0.5))
                                : 1 + static_cast<double>(random.poisson(3, 40));
  return {sessions * (2 + 0.5 * taste) + std::sqrt(sessions) * random.normal(), sessions};
}

Json ratio_plan(Sizes sizes) {
  Json plan = mean_plan(0, 1, sizes);
  plan["baseline"] = {{"numerator", {{"mean", 8}, {"variance", 20.75}}},
                      {"denominator", {{"mean", 4}, {"variance", 3}}},
                      {"covariance", 6}};
  plan["distribution"] = "normal";
  return plan;
}

// Variance of a listener's plays less twice their sessions, over the square of mean sessions.
double ratio_variance(bool heavy) { return heavy ? 0.45 : (0.25 * 19 + 4) / 16; }

}  // namespace

Shape normal_shape(double mean, double standard_deviation) {
  return {standard_deviation == 2 ? draw_normal : draw_wide_normal, mean,
          standard_deviation * standard_deviation, "normal"};
}
Shape skewed_shape() {
  const double e = std::exp(1.0);
  return {draw_skewed, std::sqrt(e), (e - 1) * e, "lognormal, skewness 6.2"};
}
Shape zero_inflated_shape() {
  return {draw_zero_inflated, 0.2, 0.36, "80 % zeros, the rest exponential"};
}
Shape heavy_tailed_shape() {
  return {draw_heavy_tailed, 2.5 / 1.5, 2.5 / (1.5 * 1.5 * 0.5), "Pareto with index 2.5"};
}

double detectable(double control_variance, double treatment_variance, Sizes sizes) {
  return 2.8 * std::sqrt(control_variance / sizes.control + treatment_variance / sizes.treatment);
}

Json arm_of(std::vector<double> values) { return {{"values", std::move(values)}}; }

std::vector<double> draw_values(Random& random, const Shape& shape, int n, double shift) {
  std::vector<double> values(static_cast<std::size_t>(n));
  for (double& value : values) value = shape.draw(random) + shift;
  return values;
}

World unequal_spread(std::string name, const Shape& control, const Shape& treatment, Sizes sizes) {
  return {std::move(name), sized(fmt::format("{}, of different spread", control.about), sizes),
          detectable(control.variance, treatment.variance, sizes),
          [=](Random& random, double effect) -> Draw {
            Json request;
            request["control"] = arm_of(draw_values(random, control, sizes.control));
            request["treatment"] = arm_of(draw_values(random, treatment, sizes.treatment,
                                                      control.mean - treatment.mean + effect));
            return {request, effect};
          }};
}

World shifted(std::string name, const Shape& shape, Sizes sizes) {
  return shifted_from(std::move(name), shape, sizes, 0,
                      detectable(shape.variance, shape.variance, sizes));
}

World shifted_from(std::string name, const Shape& shape, Sizes sizes, double null_difference,
                   double wanted) {
  return {std::move(name), sized(shape.about, sizes), wanted,
          [=](Random& random, double effect) -> Draw {
            const double difference = null_difference + effect;
            Json request;
            request["control"] = arm_of(draw_values(random, shape, sizes.control));
            request["treatment"] = arm_of(draw_values(random, shape, sizes.treatment, difference));
            return {request, difference};
          },
          mean_plan(shape.mean, shape.variance, sizes)};
}

World clustered(std::string name, ClusterPlan plan) {
  const int total = plan.clusters * plan.rows;
  const Sizes sizes{total, total};
  const double design_effect = 1 + (plan.rows - 1) * plan.intra_cluster_correlation;
  World world{
      std::move(name),
      fmt::format("normal; {} clusters an arm, {} rows each, correlation within {}", plan.clusters,
                  plan.uneven ? fmt::format("{} to {}", plan.rows, 9 * plan.rows)
                              : std::to_string(plan.rows),
                  plan.intra_cluster_correlation),
      detectable(design_effect, design_effect, sizes), [=](Random& random, double effect) -> Draw {
        Json request;
        for (const char* arm : {"control", "treatment"}) {
          std::vector<double> values;
          std::vector<int> cluster;
          const double shift = arm[0] == 't' ? effect : 0;
          for (int c = 0; c < plan.clusters; ++c) {
            const double shared =
                10 + shift + std::sqrt(plan.intra_cluster_correlation) * random.normal();
            const int rows = plan.uneven ? plan.rows * (1 + 8 * c / plan.clusters) : plan.rows;
            for (int row = 0; row < rows; ++row) {
              values.push_back(shared +
                               std::sqrt(1 - plan.intra_cluster_correlation) * random.normal());
              cluster.push_back(c + (arm[0] == 't' ? plan.clusters : 0));
            }
          }
          request[arm] = {{"values", std::move(values)}, {"cluster", std::move(cluster)}};
        }
        return {request, effect};
      }};
  if (!plan.uneven) {
    world.plan = mean_plan(10, 1, sizes);
    world.plan["design_effect"] = design_effect;
    world.plan["distribution"] = "normal";
  }
  return world;
}

World shares(std::string name, double share, Sizes sizes, double wanted) {
  const double variance = share * (1 - share);
  Json plan = mean_plan(0, 1, sizes);
  plan["baseline"] = {{"proportion", share}};
  plan["distribution"] = "normal";
  return {std::move(name), sized(fmt::format("share of {:g} %", 100 * share), sizes),
          wanted > 0 ? wanted : detectable(variance, variance, sizes),
          [=](Random& random, double effect) -> Draw {
            const auto count = [&](int n, double chance) {
              int successes = 0;
              for (int i = 0; i < n; ++i) successes += random.chance(chance);
              return Json{{"n", n}, {"successes", successes}};
            };
            Json request;
            request["control"] = count(sizes.control, share);
            request["treatment"] = count(sizes.treatment, share + effect);
            return {request, effect};
          },
          plan};
}

World ratio(std::string name, Sizes sizes, bool heavy_denominators) {
  const double variance = ratio_variance(heavy_denominators);
  return {std::move(name),
          sized(heavy_denominators ? "plays over sessions, sessions lognormal"
                                   : "plays over sessions, sessions Poisson",
                sizes),
          detectable(variance, variance, sizes),
          [=](Random& random, double effect) -> Draw {
            const auto draw_arm = [&](int n, double lift) {
              std::vector<double> plays, sessions;
              for (int i = 0; i < n; ++i) {
                const PlayRow row = draw_plays(random, random.normal(), heavy_denominators);
                plays.push_back(row.plays + lift * row.sessions);
                sessions.push_back(row.sessions);
              }
              return Json{{"numerator", plays}, {"denominator", sessions}};
            };
            Json request;
            request["control"] = draw_arm(sizes.control, 0);
            request["treatment"] = draw_arm(sizes.treatment, effect);
            return {request, effect};
          },
          heavy_denominators ? Json(nullptr) : ratio_plan(sizes)};
}

World with_covariates(std::string name, Sizes sizes, CovariatePlan plan) {
  const auto noise = plan.noise != nullptr ? plan.noise : standard_normal;
  const double left = 1 - plan.correlation * plan.correlation;
  World world{
      std::move(name),
      sized(fmt::format("covariates: {}, correlation {}", plan.covariates, plan.correlation),
            sizes),
      detectable(4 * left, 4 * left, sizes), [=](Random& random, double effect) -> Draw {
        const auto draw_arm = [&](int n, double lift, double slope) {
          std::vector<double> values;
          std::vector<Json> columns(static_cast<std::size_t>(plan.covariates), Json::array());
          for (int i = 0; i < n; ++i) {
            const double x = noise(random);
            values.push_back(10 + lift + 2 * (slope * x + std::sqrt(left) * noise(random)));
            for (std::size_t c = 0; c < columns.size(); ++c) {
              const double value = c == 0 ? x : random.normal();
              columns[c].push_back(random.chance(plan.missing) ? Json(nullptr) : Json(value));
            }
          }
          Json covariates = Json::object();
          for (std::size_t c = 0; c < columns.size(); ++c)
            covariates[fmt::format("x{}", c)] = std::move(columns[c]);
          return Json{{"values", values}, {"covariates", covariates}};
        };
        Json request;
        request["control"] = draw_arm(sizes.control, 0, plan.correlation);
        request["treatment"] =
            draw_arm(sizes.treatment, effect, plan.correlation + plan.slope_change);
        request["covariates"] = Json::array();
        for (int c = 0; c < plan.covariates; ++c)
          request["covariates"].push_back(fmt::format("x{}", c));
        return {request, effect};
      }};
  if (plan.slope_change == 0 && plan.missing == 0 && plan.covariates == 1) {
    world.plan = mean_plan(10, 4, sizes);
    world.plan["covariate_correlation"] = plan.correlation;
  }
  return world;
}

World ratio_with_covariates(std::string name, Sizes sizes) {
  const double variance = ratio_variance(false);
  return {std::move(name), sized("plays over sessions, before and after", sizes),
          detectable(variance, variance, sizes), [=](Random& random, double effect) -> Draw {
            const auto draw_arm = [&](int n, double lift) {
              std::vector<double> plays, sessions, plays_before, sessions_before;
              for (int i = 0; i < n; ++i) {
                const double taste = random.normal();
                const PlayRow before = draw_plays(random, taste, false);
                const PlayRow after = draw_plays(random, taste, false);
                plays.push_back(after.plays + lift * after.sessions);
                sessions.push_back(after.sessions);
                plays_before.push_back(before.plays);
                sessions_before.push_back(before.sessions);
              }
              return Json{{"numerator", plays},
                          {"denominator", sessions},
                          {"covariates", {{"plays", plays_before}, {"sessions", sessions_before}}}};
            };
            Json request;
            request["control"] = draw_arm(sizes.control, 0);
            request["treatment"] = draw_arm(sizes.treatment, effect);
            request["covariates"] = {{{"numerator", "plays"}, {"denominator", "sessions"}}};
            return {request, effect};
          }};
}

}  // namespace descant::simulation
