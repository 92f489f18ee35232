// SPDX-License-Identifier: Apache-2.0
#include "stats/sequential/stopped_process.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include <fmt/format.h>

namespace descant::stats {
namespace {

constexpr std::size_t kPanelNodes = 16;
constexpr double kPanelWidth = 5.5;    // in standard deviations of an increment
constexpr double kReach = 9.5;         // of Z around its mean; beyond lies less than 1e-20
constexpr double kKernelReach = 12.0;  // of an increment
constexpr double kMostWork = 5e8;      // kernel evaluations

struct Panel {
  std::array<double, kPanelNodes> node;  // on [-1, 1], increasing
  std::array<double, kPanelNodes> weight;
};

// Roots of the Legendre polynomial by Newton's method from Tricomi's approximation.
Panel gauss_legendre() {
  Panel panel{};
  constexpr double n = kPanelNodes;
  for (std::size_t i = 0; i < kPanelNodes; ++i) {
    double x = -std::cos(std::numbers::pi * (static_cast<double>(i) + 0.75) / (n + 0.5));
    double slope = 1;
    for (int iteration = 0; iteration < 10; ++iteration) {
      double before = 1;
      double value = x;
      for (std::size_t k = 2; k <= kPanelNodes; ++k) {
        const double degree = static_cast<double>(k);
        before =
            std::exchange(value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree);
      }
      slope = n * (before - x * value) / (1 - x * x);
      x -= value / slope;
    }
    panel.node[i] = x;
    panel.weight[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return panel;
}

const Panel& panel() {
  static const Panel computed = gauss_legendre();
  return computed;
}

double upper_tail(double x) { return 0.5 * std::erfc(x * (1 / std::numbers::sqrt2)); }

double panels_over(double width, double deviation) {
  return std::max(1.0, std::ceil(width / (kPanelWidth * deviation)));
}

struct Grid {
  std::vector<double> node;
  std::vector<double> weight;
};

Grid grid_over(double lower, double upper, double deviation) {
  Grid grid;
  if (!(upper > lower)) return grid;
  const auto panels = static_cast<std::size_t>(panels_over(upper - lower, deviation));
  const double half = (upper - lower) / (2 * static_cast<double>(panels));
  for (std::size_t p = 0; p < panels; ++p) {
    // Counted from the middle, so that a symmetric interval has symmetric nodes to the last bit.
    const double centre = (lower + upper) / 2 +
                          half * (2.0 * static_cast<double>(p) + 1 - static_cast<double>(panels));
    for (std::size_t i = 0; i < kPanelNodes; ++i) {
      grid.node.push_back(centre + half * panel().node[i]);
      grid.weight.push_back(half * panel().weight[i]);
    }
  }
  return grid;
}

}  // namespace

Result<void> check_information(std::span<const double> information, std::string_view where) {
  if (information.empty())
    return invalid_request("there must be one look or more", std::string(where));
  double before = 0;
  double narrower = std::numeric_limits<double>::infinity();
  double work = 0;
  for (std::size_t k = 0; k < information.size(); ++k) {
    const double t = information[k];
    if (!(t > before) || !std::isfinite(t))
      return invalid_request("information must increase from look to look, from above 0",
                             fmt::format("{}[{}]", where, k),
                             "Give the share of the planned information reached at each look.");
    const double deviation = std::sqrt(t - before);
    narrower = std::min(narrower, deviation);
    const double nodes = kPanelNodes * panels_over(2 * kReach * std::sqrt(t), narrower);
    const double band = kPanelNodes * panels_over(2 * kKernelReach * deviation, narrower);
    work += nodes * std::min(nodes, band);
    narrower = deviation;
    before = t;
    if (work > kMostWork)
      return invalid_request("the looks are too many or too close together to be told apart",
                             fmt::format("{}[{}]", where, k), "Leave out looks that add nothing.");
  }
  return {};
}

StoppedProcess::StoppedProcess(std::span<const double> information, double drift)
    : information_(information), drift_(drift) {}

double StoppedProcess::remaining() const {
  double sum = 0;
  for (const double mass : mass_) sum += mass;
  return sum;
}

double StoppedProcess::tail(double z, double side) const {
  const double step = step_variance();
  const double scale = 1 / std::sqrt(step);
  const double edge = z * std::sqrt(information_[look_]) - drift_ * step;
  double sum = 0;
  for (std::size_t i = 0; i < value_.size(); ++i)
    sum += mass_[i] * upper_tail(side * (edge - value_[i]) * scale);
  return sum;
}

double StoppedProcess::above_with_drift(double z, double drift) const {
  // Girsanov: the density of S under another drift is this one times exp(d S - d (drifts' mean) t).
  const double step = step_variance();
  const double scale = 1 / std::sqrt(step);
  const double edge = z * std::sqrt(information_[look_]) - drift * step;
  const double change = drift - drift_;
  const double shift = change * (drift + drift_) / 2 * time_;
  double sum = 0;
  for (std::size_t i = 0; i < value_.size(); ++i)
    sum += mass_[i] * std::exp(change * value_[i] - shift) * upper_tail((edge - value_[i]) * scale);
  return sum;
}

double StoppedProcess::density(double z) const {
  const double step = step_variance();
  const double scale = 1 / std::sqrt(step);
  const double root = std::sqrt(information_[look_]);
  const double edge = z * root - drift_ * step;
  double sum = 0;
  for (std::size_t i = 0; i < value_.size(); ++i) {
    const double x = (edge - value_[i]) * scale;
    sum += mass_[i] * std::exp(-0.5 * x * x);
  }
  return sum * scale * root * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
}

double StoppedProcess::bound(double probability, double side) const {
  constexpr double kInfinite = std::numeric_limits<double>::infinity();
  // In z times side, so that both bounds are the root of a falling function.
  const auto probability_at = [&](double z) { return tail(side * z, side); };
  if (!(probability > 0) || probability_at(kGreatestBound) > probability) return kInfinite;
  const double reach = kReach + std::abs(drift_) * std::sqrt(information_[look_]);
  double low = -reach;
  double high = kGreatestBound;
  if (probability_at(low) < probability) return low;
  // Newton's method on the logarithm, which is concave, kept inside the bracket.
  double z = 2;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const double value = probability_at(z);
    (value > probability ? low : high) = z;
    const double step = value * std::log(value / probability) / density(side * z);
    double next = z + step;
    if (!(next > low && next < high)) next = (low + high) / 2;
    const double moved = std::abs(next - z);
    z = next;
    if (moved < 1e-13 * std::max(1.0, std::abs(z))) break;
  }
  return z;
}

void StoppedProcess::go_on(double lower, double upper) {
  const double t = information_[look_];
  const double step = step_variance();
  const double deviation = std::sqrt(step);
  const double next_deviation =
      look_ + 1 < information_.size() ? std::sqrt(information_[look_ + 1] - t) : deviation;
  const double root = std::sqrt(t);
  const double centre = drift_ * t;
  const auto inside = [&](double z) {
    return std::clamp(z * root, centre - kReach * root, centre + kReach * root);
  };
  Grid grid = grid_over(inside(lower), inside(upper), std::min(deviation, next_deviation));
  const std::size_t size = grid.node.size();
  const bool symmetric = drift_ == 0 && lower == -upper;
  const double scale = 1 / deviation;
  std::vector<double> mass(size);
  std::size_t first = 0;
  std::size_t last = 0;
  for (std::size_t j = symmetric ? size / 2 : 0; j < size; ++j) {
    const double y = grid.node[j] - drift_ * step;
    while (first < value_.size() && value_[first] < y - kKernelReach * deviation) ++first;
    while (last < value_.size() && value_[last] <= y + kKernelReach * deviation) ++last;
    double sum = 0;
    for (std::size_t i = first; i < last; ++i) {
      const double x = (y - value_[i]) * scale;
      sum += mass_[i] * std::exp(-0.5 * x * x);
    }
    mass[j] = grid.weight[j] * sum * scale * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
    if (symmetric) mass[size - 1 - j] = mass[j];
  }
  value_ = std::move(grid.node);
  mass_ = std::move(mass);
  time_ = t;
  ++look_;
}

}  // namespace descant::stats
