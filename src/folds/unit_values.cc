// SPDX-License-Identifier: Apache-2.0
#include "folds/unit_values.h"

#include <algorithm>
#include <cmath>

#include "base/parallel.h"
#include "folds/distinct.h"
#include "folds/extremes.h"
#include "folds/kernels/kernels.h"

namespace descant::folds {
namespace {

using definitions::Aggregate;
using timelines::Column;
using timelines::ColumnKind;
using timelines::Dtype;
using timelines::TableView;

constexpr std::size_t kUnitsPerMorsel = 8192;

std::size_t morsel_count(std::size_t units) {
  return (units + kUnitsPerMorsel - 1) / kUnitsPerMorsel;
}

std::int64_t ceiling_quotient(std::int64_t a, std::int64_t b) {
  return a / b + (a % b > 0 ? 1 : 0);
}

// One thread's working memory.
struct Scratch {
  std::vector<std::uint64_t> low = std::vector<std::uint64_t>(kUnitsPerBlock);
  std::vector<std::uint64_t> high = std::vector<std::uint64_t>(kUnitsPerBlock);
  std::vector<std::uint64_t> window_end = std::vector<std::uint64_t>(kUnitsPerBlock);
  std::vector<std::int64_t> exposure = std::vector<std::int64_t>(kUnitsPerBlock);
  std::vector<std::int64_t> thresholds;  // kUnitsPerBlock by boundary
  std::vector<std::uint64_t> positions;  // likewise
  std::vector<double> counts = std::vector<double>(kUnitsPerBlock);
  DistinctCounter distinct;
};

class UnitFold {
 public:
  UnitFold(const TableView& table, const Exposures& exposures, std::span<const ValuePart> values,
           std::span<const LabelPart> labels, const RowsPart* rows = nullptr)
      : table_(table), exposures_(exposures), values_(values), labels_(labels), rows_(rows) {
    for (const ValuePart& part : values) {
      low_.push_back(boundary_index(part.low));
      high_.push_back(boundary_index(part.high));
    }
    if (rows != nullptr) {
      low_.push_back(boundary_index(rows->low));
      high_.push_back(boundary_index(rows->high));
    }
    if (!labels.empty()) at_exposure_ = boundary_index(Boundary{});
  }

  void run(std::size_t first, std::size_t last, Scratch& scratch) const {
    scratch.thresholds.resize(boundaries_.size() * kUnitsPerBlock);
    scratch.positions.resize(boundaries_.size() * kUnitsPerBlock);
    std::size_t at = first < last ? table_.lower_bound(exposures_.entity[first]) : 0;
    for (std::size_t begin = first; begin < last; begin += kUnitsPerBlock) {
      const std::size_t units = std::min(kUnitsPerBlock, last - begin);
      find_rows(begin, units, at, scratch);
      find_positions(begin, units, scratch);
      for (std::size_t p = 0; p < values_.size(); ++p) fill_value(p, begin, units, scratch);
      for (const LabelPart& part : labels_) fill_label(part, begin, units, scratch);
      if (rows_ != nullptr) fill_rows(begin, units, scratch);
    }
  }

 private:
  std::size_t boundary_index(const Boundary& boundary) {
    const auto found = std::find(boundaries_.begin(), boundaries_.end(), boundary);
    if (found != boundaries_.end()) return static_cast<std::size_t>(found - boundaries_.begin());
    boundaries_.push_back(boundary);
    return boundaries_.size() - 1;
  }

  // Rows of each unit: both lists ascend, so one walk joins them.
  void find_rows(std::size_t begin, std::size_t units, std::size_t& at, Scratch& scratch) const {
    const std::size_t count = table_.entities.size();
    for (std::size_t u = 0; u < units; ++u) {
      const std::uint32_t entity = exposures_.entity[begin + u];
      while (at < count && table_.entities[at] < entity) ++at;
      const bool present = at < count && table_.entities[at] == entity;
      scratch.low[u] = present ? table_.offsets[at] : 0;
      scratch.high[u] = present ? table_.offsets[at + 1] : 0;
    }
  }

  // Boundaries as stored times: t >= exposure + shift is the same as stored >= threshold. One
  // division a unit serves every shift that is a whole number of units.
  void find_thresholds(std::size_t begin, std::size_t units, Scratch& scratch) const {
    const Column& time = table_.columns[0];
    for (std::size_t u = 0; u < units; ++u)
      scratch.exposure[u] = ceiling_quotient(exposures_.at[begin + u] - time.base, time.unit);
    for (std::size_t b = 0; b < boundaries_.size(); ++b) {
      const Boundary& boundary = boundaries_[b];
      std::int64_t* thresholds = scratch.thresholds.data() + b * kUnitsPerBlock;
      if (!boundary.from_exposure) {
        std::fill_n(thresholds, units, time.stored_threshold(boundary.microseconds));
      } else if (boundary.microseconds % time.unit == 0) {
        const std::int64_t shift = boundary.microseconds / time.unit;
        for (std::size_t u = 0; u < units; ++u)
          thresholds[u] = std::max<std::int64_t>(scratch.exposure[u] + shift, 0);
      } else {
        for (std::size_t u = 0; u < units; ++u)
          thresholds[u] = time.stored_threshold(exposures_.at[begin + u] + boundary.microseconds);
      }
    }
  }

  void find_positions(std::size_t begin, std::size_t units, Scratch& scratch) const {
    find_thresholds(begin, units, scratch);
    const Column& time = table_.columns[0];
    const auto kernel =
        time.dtype == Dtype::kUint32 ? kernels().positions_uint32 : kernels().positions_int64;
    kernel({time.data, scratch.low.data(), scratch.high.data(), scratch.thresholds.data(),
            boundaries_.size(), units, scratch.positions.data()});
  }

  void fill_value(std::size_t index, std::size_t begin, std::size_t units, Scratch& scratch) const {
    const ValuePart& part = values_[index];
    const std::uint64_t* low = scratch.positions.data() + low_[index] * kUnitsPerBlock;
    const std::uint64_t* window = scratch.positions.data() + high_[index] * kUnitsPerBlock;
    std::uint64_t* high = scratch.window_end.data();
    // A window that ends before it begins (an as-of before the exposure) is empty.
    for (std::size_t u = 0; u < units; ++u) high[u] = std::max(window[u], low[u]);
    double* out = part.out.data() + begin;
    Slices slices{nullptr, nullptr, low, high, units};
    if (part.filter != nullptr) slices.filter = static_cast<const std::uint8_t*>(part.filter->data);
    switch (part.aggregate) {
      case Aggregate::kSum:
        return sum(*part.measure, slices, out);
      case Aggregate::kCount:
        return count(part, slices, out);
      case Aggregate::kAny:
        count_nonzero(part, slices, out);
        for (std::size_t u = 0; u < units; ++u) out[u] = out[u] > 0 ? 1 : 0;
        return;
      case Aggregate::kDistinct:
        for (std::size_t u = 0; u < units; ++u)
          out[u] = static_cast<double>(
              scratch.distinct.count(*part.measure, slices.filter, low[u], high[u]));
        return;
      case Aggregate::kMean:
        sum(*part.measure, slices, out);
        count(part, slices, scratch.counts.data());
        for (std::size_t u = 0; u < units; ++u) out[u] /= scratch.counts[u];  // of none: NaN
        return;
      case Aggregate::kMin:
      case Aggregate::kMax:
        for (std::size_t u = 0; u < units; ++u)
          out[u] =
              extreme_of(*part.measure, slices.filter, low[u], high[u],
                         part.aggregate == Aggregate::kMin ? Extreme::kMinimum : Extreme::kMaximum);
        return;
    }
  }

  static void sum(const Column& measure, Slices slices, double* out) {
    slices.values = measure.data;
    kernels().sum[static_cast<std::size_t>(measure.dtype)](slices, out);
    if (measure.divisor == 1) return;
    for (std::size_t u = 0; u < slices.units; ++u) out[u] /= measure.divisor;
  }

  // Events, or non-null values of a measure.
  static void count(const ValuePart& part, Slices slices, double* out) {
    const bool label = part.measure != nullptr && part.measure->kind == ColumnKind::kLabel;
    if (label) {  // null is code 0
      slices.values = part.measure->data;
      return kernels().count_nonzero[static_cast<std::size_t>(part.measure->dtype)](slices, out);
    }
    const std::uint8_t* valid = part.measure == nullptr ? nullptr : part.measure->valid;
    if (valid == nullptr) std::swap(valid, slices.filter);
    if (valid == nullptr) {
      for (std::size_t u = 0; u < slices.units; ++u)
        out[u] = static_cast<double>(slices.high[u] - slices.low[u]);
      return;
    }
    slices.values = valid;
    kernels().count_nonzero[static_cast<std::size_t>(Dtype::kUint8)](slices, out);
  }

  // Nulls are stored as 0 and so never count.
  static void count_nonzero(const ValuePart& part, Slices slices, double* out) {
    if (part.measure == nullptr) return count(part, slices, out);
    slices.values = part.measure->data;
    kernels().count_nonzero[static_cast<std::size_t>(part.measure->dtype)](slices, out);
  }

  void fill_label(const LabelPart& part, std::size_t begin, std::size_t units,
                  Scratch& scratch) const {
    const std::uint64_t* before = scratch.positions.data() + at_exposure_ * kUnitsPerBlock;
    const auto largest = static_cast<std::int64_t>(part.column->labels.size());
    for (std::size_t u = 0; u < units; ++u) {
      const bool any = before[u] > scratch.low[u];
      const std::int64_t code = any ? part.column->stored_at(before[u] - 1) : 0;
      part.out[begin + u] = static_cast<std::uint32_t>(code >= 0 && code <= largest ? code : 0);
    }
  }

  void fill_rows(std::size_t begin, std::size_t units, const Scratch& scratch) const {
    const std::uint64_t* low = scratch.positions.data() + low_.back() * kUnitsPerBlock;
    const std::uint64_t* high = scratch.positions.data() + high_.back() * kUnitsPerBlock;
    for (std::size_t u = 0; u < units; ++u) {
      rows_->begin[begin + u] = low[u];
      rows_->end[begin + u] = std::max(high[u], low[u]);
    }
  }

  const TableView& table_;
  const Exposures& exposures_;
  std::span<const ValuePart> values_;
  std::span<const LabelPart> labels_;
  const RowsPart* rows_;
  std::vector<Boundary> boundaries_;
  std::vector<std::size_t> low_;
  std::vector<std::size_t> high_;
  std::size_t at_exposure_ = 0;
};

Result<void> run_fold(const UnitFold& fold, std::size_t units, std::size_t threads) {
  std::vector<Scratch> scratch(threads);
  return for_each_morsel(
      morsel_count(units), threads, [&](std::size_t m, std::size_t t) -> Result<void> {
        fold.run(m * kUnitsPerMorsel, std::min(units, (m + 1) * kUnitsPerMorsel), scratch[t]);
        return {};
      });
}

}  // namespace

Result<void> fill_unit_values(const TableView& table, const Exposures& exposures,
                              std::span<const ValuePart> values, std::span<const LabelPart> labels,
                              std::size_t threads) {
  return run_fold(UnitFold(table, exposures, values, labels), exposures.size(), threads);
}

Result<void> fill_unit_rows(const TableView& table, const Exposures& exposures,
                            const RowsPart& part, std::size_t threads) {
  return run_fold(UnitFold(table, exposures, {}, {}, &part), exposures.size(), threads);
}

Result<void> fill_dimension(const TableView& table, const Column& column,
                            const Exposures& exposures, std::span<std::uint32_t> out,
                            std::size_t threads) {
  const std::size_t units = exposures.size();
  const auto largest = static_cast<std::int64_t>(column.labels.size());
  return for_each_morsel(
      morsel_count(units), threads, [&](std::size_t m, std::size_t) -> Result<void> {
        const std::size_t end = std::min(units, (m + 1) * kUnitsPerMorsel);
        std::size_t at = table.lower_bound(exposures.entity[m * kUnitsPerMorsel]);
        for (std::size_t u = m * kUnitsPerMorsel; u < end; ++u) {
          while (at < table.entities.size() && table.entities[at] < exposures.entity[u]) ++at;
          const bool present =
              at < table.entities.size() && table.entities[at] == exposures.entity[u];
          const std::int64_t code = present ? column.stored_at(table.offsets[at]) : 0;
          out[u] = static_cast<std::uint32_t>(code >= 0 && code <= largest ? code : 0);
        }
        return {};
      });
}

}  // namespace descant::folds
