// SPDX-License-Identifier: Apache-2.0
#include "stats/resampling/rerandomise.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>

#include <fmt/format.h>

#include "base/random.h"
#include "stats/random_purpose.h"
#include "stats/resampling/kernels/kernels.h"

namespace descant::stats {
namespace {

using Layout = RerandomisedMoments::Layout;

constexpr std::size_t kReplicatesPerMorsel = 256;
constexpr std::size_t kMostUnitRanges = 8;
constexpr std::size_t kLeastUnitsPerRange = 1U << 16U;
constexpr std::size_t kWordsPerBlock = 32;  // of a stream: the bits of a share

std::size_t blocks_of(std::size_t units) { return (units + kBlockUnits - 1) / kBlockUnits; }

// A bit per member of a block, 1 with the probability of a treatment share: each bit of the share,
// from the top, decides about half of those not yet decided.
std::uint64_t chosen_bits(const Random& stream, std::uint64_t block, std::uint64_t share) {
  std::uint64_t undecided = ~std::uint64_t{0};
  std::uint64_t chosen = 0;
  for (std::uint64_t k = 0; k < kWordsPerBlock && undecided != 0 && (share << (32 + k)) != 0; ++k) {
    const std::uint64_t word = stream.at(block * kWordsPerBlock + k);
    if (((share >> (kWordsPerBlock - 1 - k)) & 1U) != 0) {
      chosen |= undecided & ~word;
      undecided &= word;
    } else {
      undecided &= ~word;
    }
  }
  return chosen;
}

// Draws the treatment of one replicate, block by block.
class Assigner {
 public:
  Assigner(const Rerandomisation& options, std::size_t units, std::size_t replicate)
      : cluster_(options.cluster),
        units_(units),
        stream_(options.seed, RandomPurpose::kAssignment, replicate),
        share_(static_cast<std::uint64_t>(std::llround(options.treatment_share * 0x1p32))) {
    if (cluster_.empty()) return;
    const std::size_t clusters = *std::max_element(cluster_.begin(), cluster_.end()) + 1U;
    for (std::size_t block = 0; block < blocks_of(clusters); ++block)
      by_cluster_.push_back(chosen_bits(stream_, block, share_));
  }

  std::uint64_t block(std::size_t block) const {
    if (cluster_.empty()) return chosen_bits(stream_, block, share_);
    std::uint64_t bits = 0;
    const std::size_t first = block * kBlockUnits;
    for (std::size_t u = first; u < std::min(units_, first + kBlockUnits); ++u) {
      const std::uint32_t c = cluster_[u];
      bits |= ((by_cluster_[c / kBlockUnits] >> (c % kBlockUnits)) & 1U) << (u - first);
    }
    return bits;
  }

 private:
  std::span<const std::uint32_t> cluster_;
  std::size_t units_;
  Random stream_;
  std::uint64_t share_;  // of 2^32
  std::vector<std::uint64_t> by_cluster_;
};

bool includes(const MetricColumns& metric, std::size_t unit) {
  return metric.included.empty() || metric.included[unit] != 0;
}

// The mean of each column over the units a metric includes.
Result<std::vector<double>> centre_of(const MetricColumns& metric, std::size_t units,
                                      std::size_t number) {
  const auto wrong = [&](std::string what) {
    return invalid_request(std::move(what), fmt::format("metrics[{}]", number));
  };
  if (!metric.included.empty() && metric.included.size() != units)
    return wrong("the units included are not as many as the units");
  std::vector<double> centre;
  for (const auto& column : metric.columns) {
    if (column.size() != units) return wrong("a column has not one value per unit");
    double sum = 0;
    double count = 0;
    for (std::size_t u = 0; u < units; ++u) {
      if (!includes(metric, u)) continue;
      if (!std::isfinite(column[u])) return wrong("a value is not finite");
      sum += column[u];
      count += 1;
    }
    centre.push_back(count > 0 ? sum / count : 0.0);
  }
  return centre;
}

// Where everything stands in a replicate's row; metrics with the same units share their count.
Result<std::vector<Layout>> lay_out(std::span<const MetricColumns> metrics, std::size_t units,
                                    std::size_t& width) {
  std::vector<Layout> layouts;
  std::map<const std::uint8_t*, std::size_t> counts;
  width = 0;
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    Layout layout;
    DESCANT_ASSIGN(layout.centre, centre_of(metrics[m], units, m));
    const auto [found, is_new] = counts.try_emplace(metrics[m].included.data(), width);
    if (is_new) ++width;
    layout.count = found->second;
    const std::size_t k = layout.centre.size();
    layout.first_sum = width;
    layout.first_product = width + k;
    width += k + k * (k + 1) / 2;
    layouts.push_back(std::move(layout));
  }
  return layouts;
}

// The rows of a block of units, in panels of kPanelColumns: [panel][unit][column].
class BlockRows {
 public:
  BlockRows(std::span<const MetricColumns> metrics, std::span<const Layout> layouts,
            std::size_t units, std::size_t width)
      : metrics_(metrics), layouts_(layouts), units_(units) {
    panels_ = (width + kPanelColumns - 1) / kPanelColumns;
    rows_.resize(panels_ * kBlockUnits * kPanelColumns);
  }

  std::size_t panels() const { return panels_; }
  const double* panel(std::size_t p) const { return &rows_[p * kBlockUnits * kPanelColumns]; }

  void fill(std::size_t block) {
    const std::size_t first = block * kBlockUnits;
    const std::size_t used = std::min(kBlockUnits, units_ - first);
    for (std::size_t m = 0; m < metrics_.size(); ++m) fill_metric(m, first, used);
    if (used == kBlockUnits) return;
    for (std::size_t p = 0; p < panels_; ++p)
      std::fill_n(&rows_[(p * kBlockUnits + used) * kPanelColumns],
                  (kBlockUnits - used) * kPanelColumns, 0.0);
  }

 private:
  double* column(std::size_t c) {
    return &rows_[c / kPanelColumns * kBlockUnits * kPanelColumns + c % kPanelColumns];
  }

  void fill_metric(std::size_t m, std::size_t first, std::size_t used) {
    const MetricColumns& metric = metrics_[m];
    const Layout& layout = layouts_[m];
    const std::size_t k = layout.centre.size();
    centred_.resize(k * kBlockUnits);
    double* const count = column(layout.count);
    for (std::size_t u = 0; u < used; ++u)
      count[u * kPanelColumns] = includes(metric, first + u) ? 1.0 : 0.0;
    for (std::size_t i = 0; i < k; ++i) {
      double* const values = &centred_[i * kBlockUnits];
      double* const out = column(layout.first_sum + i);
      for (std::size_t u = 0; u < used; ++u) {
        values[u] =
            includes(metric, first + u) ? metric.columns[i][first + u] - layout.centre[i] : 0.0;
        out[u * kPanelColumns] = values[u];
      }
    }
    std::size_t product = layout.first_product;
    for (std::size_t i = 0; i < k; ++i)
      for (std::size_t j = i; j < k; ++j) {
        const double* const a = &centred_[i * kBlockUnits];
        const double* const b = &centred_[j * kBlockUnits];
        double* const out = column(product++);
        for (std::size_t u = 0; u < used; ++u) out[u * kPanelColumns] = a[u] * b[u];
      }
  }

  std::span<const MetricColumns> metrics_;
  std::span<const Layout> layouts_;
  std::size_t units_;
  std::size_t panels_;
  std::vector<double> rows_;
  std::vector<double> centred_;
};

// Some replicates over a range of blocks.
struct Piece {
  std::size_t first_replicate = 0;
  std::size_t replicates = 0;
  std::size_t first_block = 0;
  std::size_t end_block = 0;
};

// The treatment's sums of a piece, [panel][replicate][column]; the totals too, as one replicate
// more that has all units.
std::vector<double> sums_of(const Piece& piece, const Rerandomisation& options, std::size_t units,
                            BlockRows& rows, const Watch& watch) {
  std::vector<Assigner> assigners;
  for (std::size_t r = 0; r < piece.replicates; ++r)
    assigners.emplace_back(options, units, piece.first_replicate + r);
  const std::size_t subsets = piece.replicates + 1;
  std::vector<std::uint64_t> chosen(subsets, ~std::uint64_t{0});
  std::vector<double> sums(rows.panels() * subsets * kPanelColumns, 0.0);
  for (std::size_t block = piece.first_block; block < piece.end_block && !watch.stopped();
       ++block) {
    rows.fill(block);
    for (std::size_t r = 0; r < piece.replicates; ++r) chosen[r] = assigners[r].block(block);
    for (std::size_t p = 0; p < rows.panels(); ++p)
      kernels().subset_sums(
          {rows.panel(p), chosen.data(), subsets, &sums[p * subsets * kPanelColumns]});
  }
  return sums;
}

// Adds a piece's sums into rows of `width` columns; its totals only once for each range of units.
void add_piece(const std::vector<double>& sums, const Piece& piece, std::size_t width,
               std::vector<double>& totals, std::vector<double>& all) {
  const std::size_t subsets = piece.replicates + 1;
  for (std::size_t c = 0; c < width; ++c) {
    const double* const column =
        &sums[c / kPanelColumns * subsets * kPanelColumns + c % kPanelColumns];
    for (std::size_t r = 0; r < piece.replicates; ++r)
      all[(piece.first_replicate + r) * width + c] += column[r * kPanelColumns];
    if (piece.first_replicate == 0) totals[c] += column[piece.replicates * kPanelColumns];
  }
}

Moments moments_from(const Layout& layout, std::span<const double> sums) {
  const std::size_t k = layout.centre.size();
  Moments moments(k);
  moments.n = std::llround(sums[layout.count]);
  if (moments.n <= 0) return moments;
  const auto n = static_cast<double>(moments.n);
  std::size_t product = layout.first_product;
  for (std::size_t i = 0; i < k; ++i) {
    const double sum = sums[layout.first_sum + i];
    moments.mean[i] = layout.centre[i] + sum / n;
    for (std::size_t j = i; j < k; ++j) {
      const double cross = sums[product++] - sum * sums[layout.first_sum + j] / n;
      moments.cross[i * k + j] = moments.cross[j * k + i] = i == j ? std::max(cross, 0.0) : cross;
    }
  }
  return moments;
}

Result<void> check(const Rerandomisation& options, std::size_t units) {
  if (!(options.treatment_share >= 1e-6 && options.treatment_share <= 1 - 1e-6))
    return invalid_request("the treatment's share must be between 0 and 1", "treatment_share");
  if (options.cluster.empty()) return {};
  if (options.cluster.size() != units)
    return invalid_request("there is not one cluster per unit", "cluster");
  for (const std::uint32_t c : options.cluster)
    if (c >= units) return invalid_request("clusters are numbered from 0, without gaps", "cluster");
  return {};
}

std::vector<Piece> pieces_of(std::size_t units, std::size_t replicates) {
  const std::size_t blocks = blocks_of(units);
  const std::size_t ranges =
      std::clamp<std::size_t>(units / kLeastUnitsPerRange, 1, kMostUnitRanges);
  std::vector<Piece> pieces;
  for (std::size_t range = 0; range < ranges; ++range)
    for (std::size_t first = 0; first < replicates; first += kReplicatesPerMorsel)
      pieces.push_back({first, std::min(kReplicatesPerMorsel, replicates - first),
                        blocks * range / ranges, blocks * (range + 1) / ranges});
  return pieces;
}

}  // namespace

RerandomisedMoments::RerandomisedMoments(std::vector<Layout> metrics, std::vector<double> totals,
                                         std::vector<double> sums)
    : metrics_(std::move(metrics)), totals_(std::move(totals)), sums_(std::move(sums)) {}

ArmMoments RerandomisedMoments::arms(std::size_t replicate, std::size_t metric) const {
  const std::size_t width = totals_.size();
  const std::span<const double> treated(&sums_[replicate * width], width);
  std::vector<double> rest(width);
  for (std::size_t c = 0; c < width; ++c) rest[c] = totals_[c] - treated[c];
  return {moments_from(metrics_[metric], rest), moments_from(metrics_[metric], treated)};
}

Result<RerandomisedMoments> rerandomise(std::span<const MetricColumns> metrics, std::size_t units,
                                        const Rerandomisation& options, const Watch& watch) {
  DESCANT_CHECK(check(options, units));
  std::size_t width = 0;
  DESCANT_ASSIGN(auto layouts, lay_out(metrics, units, width));
  const auto pieces = pieces_of(units, options.replicates);
  std::vector<double> totals(width, 0.0);
  std::vector<double> all(options.replicates * width, 0.0);
  std::vector<std::vector<double>> waiting(pieces.size());
  std::size_t added = 0;
  std::mutex mutex;
  const auto work = [&](std::size_t i, std::size_t) -> Result<void> {
    BlockRows rows(metrics, layouts, units, width);
    auto sums = sums_of(pieces[i], options, units, rows, watch);
    if (watch.stopped()) return cancelled();
    const std::lock_guard lock(mutex);
    waiting[i] = std::move(sums);
    // In index order, whichever thread was first.
    for (; added < pieces.size() && !waiting[added].empty(); ++added) {
      add_piece(waiting[added], pieces[added], width, totals, all);
      waiting[added] = {};
    }
    if (watch.report) watch.report({"re-randomising", added, pieces.size(), "pieces"});
    return {};
  };
  if (width > 0) DESCANT_CHECK(for_each_morsel(pieces.size(), thread_count(options.threads), work));
  return RerandomisedMoments(std::move(layouts), std::move(totals), std::move(all));
}

std::vector<std::uint8_t> assignment(std::size_t units, const Rerandomisation& options,
                                     std::size_t replicate) {
  const Assigner assigner(options, units, replicate);
  std::vector<std::uint8_t> treated(units);
  for (std::size_t block = 0; block < blocks_of(units); ++block) {
    const std::uint64_t bits = assigner.block(block);
    const std::size_t first = block * kBlockUnits;
    for (std::size_t u = first; u < std::min(units, first + kBlockUnits); ++u)
      treated[u] = static_cast<std::uint8_t>((bits >> (u - first)) & 1U);
  }
  return treated;
}

}  // namespace descant::stats
