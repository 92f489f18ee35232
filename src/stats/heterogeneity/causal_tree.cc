// SPDX-License-Identifier: Apache-2.0
#include "stats/heterogeneity/causal_tree.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include <fmt/format.h>

#include "base/parallel.h"
#include "base/random.h"
#include "stats/causal/random_purpose.h"
#include "stats/causal/single_effect.h"
#include "stats/comparison/compare.h"
#include "stats/distributions.h"

namespace descant::stats {
namespace {

constexpr double kMinimumForTest = 20;  // units of each arm behind an effect that enters Q
constexpr std::uint16_t kNoSlot = 0xFFFF;

struct Sums {
  double n = 0;
  double sum = 0;
  double square = 0;

  void merge(const Sums& other) {
    n += other.n;
    sum += other.sum;
    square += other.square;
  }
  Sums without(const Sums& other) const {
    return {n - other.n, sum - other.sum, square - other.square};
  }
  double mean() const { return sum / n; }
  double variance() const { return n > 1 ? std::max(0.0, square - sum * sum / n) / (n - 1) : 0.0; }
};

// Control and treatment of the growing half, then of the estimating half.
using Cell = std::array<Sums, 4>;

void merge(Cell& into, const Cell& from) {
  for (std::size_t i = 0; i < into.size(); ++i) into[i].merge(from[i]);
}

double effect_of(const Cell& cell) { return cell[1].mean() - cell[0].mean(); }
double fewest_growing(const Cell& cell) { return std::min(cell[0].n, cell[1].n); }
double fewest(const Cell& cell) {
  return std::min(fewest_growing(cell), std::min(cell[2].n, cell[3].n));
}

struct Split {
  double gain = 0;
  std::size_t dimension = 0;
  std::vector<bool> left;  // by code
};

// Units as the passes over them read them.
struct Units {
  std::span<const TreeDimension> dimensions;
  std::span<const double> outcome;
  std::vector<std::uint8_t> part;   // place in a Cell
  std::vector<std::uint16_t> slot;  // among the nodes of the level that may still be cut
  double centre = 0;                // subtracted from outcomes, so that squares lose nothing
};

class TreeGrower {
 public:
  TreeGrower(Units units, const CausalTreeOptions& options, std::size_t threads)
      : units_(std::move(units)), options_(options), threads_(thread_count(threads)) {}

  Result<CausalTree> grow();

 private:
  // By slot and code of one dimension.
  std::vector<Cell> cells_of(const TreeDimension& dimension, std::size_t slots) const;
  std::vector<Cell> totals(std::size_t slots) const;
  Split best_cut(std::size_t dimension, std::span<const Cell> cells, const Cell& total) const;
  bool effects_differ(std::span<const Cell> cells) const;
  double criterion(const Cell& cell) const;
  Result<std::vector<Split>> best_splits(const std::vector<Cell>& totals) const;
  TreeNode node_of(const Cell& total) const;
  std::vector<std::size_t> cut(const std::vector<std::size_t>& level,
                               const std::vector<Split>& splits, CausalTree& tree);

  Units units_;
  CausalTreeOptions options_;
  std::size_t threads_;
  Cell all_{};
};

std::vector<Cell> TreeGrower::cells_of(const TreeDimension& dimension, std::size_t slots) const {
  const std::size_t values = dimension.labels.size();
  std::vector<Cell> cells((slots + 1) * values);  // the last slot is for finished nodes
  for (std::size_t i = 0; i < units_.outcome.size(); ++i) {
    const std::size_t slot = std::min<std::size_t>(units_.slot[i], slots);
    Sums& sums = cells[slot * values + dimension.codes[i]][units_.part[i]];
    const double y = units_.outcome[i] - units_.centre;
    sums.n += 1;
    sums.sum += y;
    sums.square += y * y;
  }
  return cells;
}

std::vector<Cell> TreeGrower::totals(std::size_t slots) const {
  std::vector<Cell> cells(slots + 1);
  for (std::size_t i = 0; i < units_.outcome.size(); ++i) {
    Sums& sums = cells[std::min<std::size_t>(units_.slot[i], slots)][units_.part[i]];
    const double y = units_.outcome[i] - units_.centre;
    sums.n += 1;
    sums.sum += y;
    sums.square += y * y;
  }
  cells.pop_back();
  return cells;
}

// What a leaf adds to the honest criterion, times the growing units.
double TreeGrower::criterion(const Cell& cell) const {
  const double grow = all_[0].n + all_[1].n;
  const double estimate = all_[2].n + all_[3].n;
  const double share = all_[1].n / grow;
  const double effect = effect_of(cell);
  return (cell[0].n + cell[1].n) * effect * effect -
         (1 + grow / estimate) * (cell[1].variance() / share + cell[0].variance() / (1 - share));
}

bool TreeGrower::effects_differ(std::span<const Cell> cells) const {
  double weights = 0, sum = 0, square = 0, values = 0;
  Cell pooled{};
  const auto add = [&](const Cell& cell) {
    if (fewest_growing(cell) < kMinimumForTest) return;
    const double variance = cell[0].variance() / cell[0].n + cell[1].variance() / cell[1].n;
    if (!(variance > 0)) return;
    const double effect = effect_of(cell);
    values += 1;
    weights += 1 / variance;
    sum += effect / variance;
    square += effect * effect / variance;
  };
  for (const Cell& cell : cells) {
    if (fewest_growing(cell) < kMinimumForTest)
      merge(pooled, cell);
    else
      add(cell);
  }
  add(pooled);
  if (values < 2) return false;
  const double q = std::max(0.0, square - sum * sum / weights);
  return chi_squared_upper_tail(q, values - 1) * static_cast<double>(units_.dimensions.size()) <=
         options_.alpha;
}

Split TreeGrower::best_cut(std::size_t dimension, std::span<const Cell> cells,
                           const Cell& total) const {
  std::vector<std::size_t> order;
  std::vector<double> effects(cells.size(), effect_of(total));
  for (std::size_t v = 0; v < cells.size(); ++v) {
    if (fewest_growing(cells[v]) > 0) effects[v] = effect_of(cells[v]);
    order.push_back(v);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return effects[a] < effects[b]; });
  Split best{0, dimension, {}};
  std::size_t best_count = 0;
  const double minimum = static_cast<double>(options_.minimum_leaf);
  const double before = criterion(total);
  Cell left{};
  for (std::size_t count = 1; count < order.size(); ++count) {
    merge(left, cells[order[count - 1]]);
    Cell right{};
    for (std::size_t i = 0; i < right.size(); ++i) right[i] = total[i].without(left[i]);
    if (fewest(left) < minimum || fewest(right) < minimum) continue;
    const double gain = criterion(left) + criterion(right) - before;
    if (!(gain > best.gain)) continue;
    best.gain = gain;
    best_count = count;
  }
  best.left.assign(cells.size(), false);
  for (std::size_t i = 0; i < best_count; ++i) best.left[order[i]] = true;
  return best;
}

Result<std::vector<Split>> TreeGrower::best_splits(const std::vector<Cell>& totals) const {
  const std::size_t slots = totals.size();
  std::vector<std::vector<Split>> found(units_.dimensions.size());
  const auto search = [&](std::size_t d, std::size_t) -> Result<void> {
    const auto cells = cells_of(units_.dimensions[d], slots);
    const std::size_t values = units_.dimensions[d].labels.size();
    for (std::size_t slot = 0; slot < slots; ++slot) {
      const std::span<const Cell> of_slot(cells.data() + slot * values, values);
      found[d].push_back(effects_differ(of_slot) ? best_cut(d, of_slot, totals[slot]) : Split{});
    }
    return {};
  };
  DESCANT_CHECK(for_each_morsel(found.size(), threads_, search));
  std::vector<Split> best(slots);
  for (auto& of_dimension : found)
    for (std::size_t slot = 0; slot < slots; ++slot)
      if (of_dimension[slot].gain > best[slot].gain) best[slot] = std::move(of_dimension[slot]);
  return best;
}

TreeNode TreeGrower::node_of(const Cell& total) const {
  const Sums& control = total[2];
  const Sums& treatment = total[3];
  TreeNode node;
  node.n_control = static_cast<std::int64_t>(control.n);
  node.n_treatment = static_cast<std::int64_t>(treatment.n);
  if (control.n < 1 || treatment.n < 1) return node;
  node.effect.estimate = treatment.mean() - control.mean();
  if (control.n < 2 || treatment.n < 2) return node;
  const ReferenceDistribution welch{
      ReferenceDistribution::Kind::kWelch, control.variance() / control.n,
      treatment.variance() / treatment.n, control.n - 1, treatment.n - 1};
  const double se = std::sqrt(welch.control_variance + welch.treatment_variance);
  const double degrees = welch.degrees_of_freedom();
  node.effect = two_sided_interval(node.effect.estimate, se, degrees, options_.confidence_level);
  if (se > 0) node.p_value = p_value_of(node.effect.estimate / se, degrees, "two_sided");
  return node;
}

void narrow(std::vector<TreeCondition>& conditions, const TreeDimension& dimension,
            const Split& split, bool left) {
  std::vector<std::string> values;
  for (std::size_t v = 0; v < split.left.size(); ++v)
    if (split.left[v] == left) values.push_back(dimension.labels[v]);
  for (auto& condition : conditions) {
    if (condition.dimension != dimension.name) continue;
    std::erase_if(condition.values, [&](const std::string& value) {
      return std::find(values.begin(), values.end(), value) == values.end();
    });
    return;
  }
  conditions.push_back({dimension.name, std::move(values)});
}

// Makes the children of the cut nodes and moves their units; returns the children.
std::vector<std::size_t> TreeGrower::cut(const std::vector<std::size_t>& level,
                                         const std::vector<Split>& splits, CausalTree& tree) {
  std::vector<std::size_t> next;
  std::vector<std::uint16_t> first_child(level.size(), kNoSlot);
  for (std::size_t slot = 0; slot < level.size(); ++slot) {
    if (!(splits[slot].gain > 0)) continue;
    first_child[slot] = static_cast<std::uint16_t>(next.size());
    tree.nodes[level[slot]].leaf = false;
    for (const bool left : {true, false}) {
      TreeNode child;
      child.parent = static_cast<std::int64_t>(level[slot]);
      child.depth = tree.nodes[level[slot]].depth + 1;
      child.conditions = tree.nodes[level[slot]].conditions;
      narrow(child.conditions, units_.dimensions[splits[slot].dimension], splits[slot], left);
      next.push_back(tree.nodes.size());
      tree.nodes.push_back(std::move(child));
    }
  }
  for (std::size_t i = 0; i < units_.slot.size(); ++i) {
    const std::uint16_t slot = units_.slot[i];
    if (slot == kNoSlot) continue;
    const std::uint16_t child = first_child[slot];
    if (child == kNoSlot) {
      units_.slot[i] = kNoSlot;
      continue;
    }
    const Split& split = splits[slot];
    const bool left = split.left[units_.dimensions[split.dimension].codes[i]];
    units_.slot[i] = static_cast<std::uint16_t>(child + (left ? 0 : 1));
  }
  return next;
}

DimensionFinding compare_leaves(const std::vector<TreeNode>& nodes) {
  std::vector<SegmentEffect> leaves;
  for (const auto& node : nodes)
    if (node.leaf)
      leaves.push_back({"leaves", {}, node.effect.estimate, node.effect.standard_error, 1.0});
  const auto found = segment_findings(leaves, {});
  return found ? found->dimensions.front() : DimensionFinding{};
}

Result<CausalTree> TreeGrower::grow() {
  CausalTree tree;
  tree.nodes.emplace_back();
  std::vector<std::size_t> level = {0};
  for (std::int64_t depth = 0; !level.empty(); ++depth) {
    const auto cells = totals(level.size());
    if (depth == 0) all_ = cells.front();
    for (std::size_t slot = 0; slot < level.size(); ++slot) {
      TreeNode estimated = node_of(cells[slot]);
      TreeNode& node = tree.nodes[level[slot]];
      estimated.parent = node.parent;
      estimated.depth = node.depth;
      estimated.conditions = std::move(node.conditions);
      node = std::move(estimated);
    }
    if (depth >= options_.maximum_depth || fewest(all_) < 1) break;
    DESCANT_ASSIGN(const auto splits, best_splits(cells));
    level = cut(level, splits, tree);
  }
  tree.leaves = compare_leaves(tree.nodes);
  return tree;
}

Result<void> check(std::span<const TreeDimension> dimensions, std::span<const std::uint8_t> arms,
                   std::size_t n) {
  if (arms.size() != n) return invalid_request("arms and outcome differ in length", "arm");
  for (const auto arm : arms)
    if (arm > 1) return invalid_request("an arm is 0 or 1", "arm");
  for (const auto& dimension : dimensions) {
    if (dimension.codes.size() != n)
      return invalid_request("the dimension and outcome differ in length", dimension.name);
    for (const auto code : dimension.codes)
      if (code >= dimension.labels.size())
        return invalid_request("a code has no label", dimension.name);
  }
  return {};
}

}  // namespace

Result<CausalTree> causal_tree(std::span<const TreeDimension> dimensions,
                               std::span<const std::uint8_t> arms, std::span<const double> outcome,
                               const CausalTreeOptions& options, std::size_t threads) {
  DESCANT_CHECK(check(dimensions, arms, outcome.size()));
  Units units{dimensions, outcome, {}, std::vector<std::uint16_t>(outcome.size(), 0), 0};
  const Random halves(options.seed, CausalPurpose::kHonestHalves);
  units.part.reserve(outcome.size());
  for (std::size_t i = 0; i < outcome.size(); ++i) {
    units.part.push_back(static_cast<std::uint8_t>(arms[i] + ((halves.at(i) >> 63) != 0 ? 2 : 0)));
    units.centre += outcome[i] / static_cast<double>(outcome.size());
  }
  return TreeGrower(std::move(units), options, threads).grow();
}

void describe(Describer& d, CausalTreeOptions& options) {
  d.field(options.maximum_depth,
          {.name = "maximum_depth", .doc = "cuts from root to leaf", .minimum = 0, .maximum = 8});
  d.field(options.minimum_leaf, {.name = "minimum_leaf",
                                 .doc = "units of each arm in each half of a leaf",
                                 .unit = "units",
                                 .minimum = 2});
  d.field(options.alpha, {.name = "alpha",
                          .doc = "of the test that a node's effects differ before it is cut",
                          .minimum = 0,
                          .maximum = 1,
                          .open_interval = true});
  d.field(options.seed, {.name = "seed", .doc = "of the honest halves"});
}

void describe(Describer& d, TreeCondition& condition) {
  d.field(condition.dimension, {.name = "dimension", .doc = "a segment column"});
  d.field(condition.values, {.name = "values", .doc = "its values in the node"});
}

void describe(Describer& d, TreeNode& node) {
  d.field(node.parent, {.name = "parent", .doc = "its place in the list; null for the root"});
  d.field(node.depth, {.name = "depth", .doc = "cuts from the root"});
  d.field(node.leaf, {.name = "leaf", .doc = "it was not cut further"});
  d.field(node.conditions, {.name = "conditions", .doc = "all hold for the node's units"});
  d.field(node.n_control, {.name = "n_control", .doc = "of the estimating half"});
  d.field(node.n_treatment, {.name = "n_treatment", .doc = "of the estimating half"});
  d.field(node.effect, {.name = "absolute", .doc = "treatment minus control, honest"});
  d.field(node.p_value, {.name = "p_value", .doc = "of no effect in the node"});
}

void describe(Describer& d, CausalTree& tree) {
  d.field(tree.nodes, {.name = "nodes", .doc = "level by level, the root first"});
  d.field(tree.leaves, {.name = "leaves", .doc = "do the leaves' effects differ?"});
}

}  // namespace descant::stats
