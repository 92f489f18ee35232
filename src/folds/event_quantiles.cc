// SPDX-License-Identifier: Apache-2.0
#include "folds/event_quantiles.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <type_traits>

#include <fmt/format.h>

#include "base/parallel.h"

namespace descant::folds {
namespace {

using timelines::Column;

constexpr std::size_t kUnitsPerMorsel = 4096;
constexpr unsigned kDigitBitsMin = 4;
constexpr unsigned kDigitBitsMax = 11;
constexpr std::size_t kCountersPerThread = std::size_t{1} << 21U;  // 16 MB

// ---- values as unsigned integers of the same order ----

template <class T>
struct Keys {
  static constexpr unsigned kBits = 8 * sizeof(T);
  static constexpr std::uint64_t kOffset =
      std::is_signed_v<T> ? std::uint64_t{1} << (kBits - 1) : std::uint64_t{0};
  static constexpr std::uint64_t kMask = ~std::uint64_t{0} >> (64 - kBits);

  static bool counts(T) { return true; }
  static std::uint64_t of(T value) { return (static_cast<std::uint64_t>(value) + kOffset) & kMask; }
  static double value(std::uint64_t key) {
    return static_cast<double>(static_cast<T>(key - kOffset));
  }
};

// Both zeros are the same.
template <>
struct Keys<double> {
  static constexpr unsigned kBits = 64;
  static constexpr std::uint64_t kSign = std::uint64_t{1} << 63U;

  static bool counts(double value) { return std::isfinite(value); }
  static std::uint64_t of(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
    return (bits & kSign) != 0 ? ~bits : bits | kSign;
  }
  static double value(std::uint64_t key) {
    return std::bit_cast<double>((key & kSign) != 0 ? key & ~kSign : ~key);
  }
};

// Calls use(value) for every event of a unit that counts.
template <class T, class Use>
void for_each_event(const EventRows& rows, const T* values, std::size_t unit, const Use& use) {
  const auto* filter =
      rows.filter == nullptr ? nullptr : static_cast<const std::uint8_t*>(rows.filter->data);
  const std::uint8_t* valid = rows.measure->valid;
  if (filter == nullptr) std::swap(filter, valid);
  const std::uint64_t begin = rows.begin[unit];
  const std::uint64_t end = rows.end[unit];
  if (filter == nullptr) {
    for (std::uint64_t row = begin; row < end; ++row)
      if (Keys<T>::counts(values[row])) use(values[row]);
    return;
  }
  for (std::uint64_t row = begin; row < end; ++row)
    if (filter[row] != 0 && (valid == nullptr || valid[row] != 0) && Keys<T>::counts(values[row]))
      use(values[row]);
}

std::size_t morsel_count(std::size_t units) {
  return (units + kUnitsPerMorsel - 1) / kUnitsPerMorsel;
}

// ---- selection by digits ----

// A rank on its way down: the digits of its value so far, and its place among the events that share
// them.
struct Cursor {
  std::uint64_t prefix = 0;
  std::size_t rank = 0;
};

struct CellCursors {
  std::vector<Cursor> cursors;  // as the ranks were asked for
  std::size_t first_open = 0;   // of the prefixes its cursors share, in DigitSelection::open_
  std::size_t end_open = 0;
};

template <class T>
class DigitSelection {
 public:
  DigitSelection(const EventRows& rows, const T* values, std::span<const EventCells> splits,
                 std::size_t threads)
      : rows_(rows), values_(values), splits_(splits), threads_(threads) {
    std::size_t ranks = 0;
    for (const auto& split : splits) {
      auto& cells = cells_.emplace_back(split.ranks.size());
      for (std::size_t c = 0; c < cells.size(); ++c)
        for (const std::size_t rank : split.ranks[c]) {
          cells[c].cursors.push_back({0, rank});
          ++ranks;
        }
    }
    const std::size_t room = kCountersPerThread / std::max<std::size_t>(ranks, 1);
    const unsigned widest = std::clamp<unsigned>(static_cast<unsigned>(std::bit_width(room)) - 1U,
                                                 kDigitBitsMin, kDigitBitsMax);
    rounds_ = (Keys<T>::kBits + widest - 1) / widest;
    bits_ = (Keys<T>::kBits + rounds_ - 1) / rounds_;
  }

  Result<CellValues> run() {
    for (unsigned round = 0; round < rounds_; ++round) {
      const unsigned shift = (rounds_ - 1 - round) * bits_;
      open_prefixes();
      DESCANT_ASSIGN(const auto counts, count_digits(shift));
      DESCANT_CHECK(descend(counts));
    }
    CellValues found;
    for (const auto& cells : cells_) {
      auto& by_cell = found.emplace_back(cells.size());
      for (std::size_t c = 0; c < cells.size(); ++c)
        for (const Cursor& cursor : cells[c].cursors)
          by_cell[c].push_back(Keys<T>::value(cursor.prefix) / rows_.measure->divisor);
    }
    return found;
  }

 private:
  std::size_t digits() const { return std::size_t{1} << bits_; }

  void open_prefixes() {
    open_.clear();
    for (auto& cells : cells_)
      for (auto& cell : cells) {
        cell.first_open = open_.size();
        for (const Cursor& cursor : cell.cursors) {
          const auto first = open_.begin() + static_cast<std::ptrdiff_t>(cell.first_open);
          if (std::find(first, open_.end(), cursor.prefix) == open_.end())
            open_.push_back(cursor.prefix);
        }
        cell.end_open = open_.size();
      }
    if (open_.empty()) return;
    const auto [lowest, highest] = std::minmax_element(open_.begin(), open_.end());
    lowest_open_ = *lowest;
    highest_open_ = *highest;
  }

  // Events by open prefix and next digit.
  Result<std::vector<std::uint64_t>> count_digits(unsigned shift) const {
    const std::size_t units = rows_.begin.size();
    std::vector<std::vector<std::uint64_t>> counts(threads_);
    std::vector<std::vector<std::uint64_t>> keys(threads_);
    DESCANT_CHECK(for_each_morsel(
        morsel_count(units), threads_, [&](std::size_t m, std::size_t t) -> Result<void> {
          counts[t].resize(open_.size() << bits_);
          const std::size_t end = std::min(units, (m + 1) * kUnitsPerMorsel);
          for (std::size_t unit = m * kUnitsPerMorsel; unit < end; ++unit)
            count_unit(unit, shift, keys[t], counts[t]);
          return {};
        }));
    std::vector<std::uint64_t> total(open_.size() << bits_);
    for (const auto& part : counts)
      for (std::size_t i = 0; i < part.size(); ++i) total[i] += part[i];
    return total;
  }

  void count_unit(std::size_t unit, unsigned shift, std::vector<std::uint64_t>& keys,
                  std::vector<std::uint64_t>& counts) const {
    keys.resize(std::max<std::size_t>(keys.size(), rows_.end[unit] - rows_.begin[unit]));
    std::size_t kept = 0;
    // Most events are outside what is still open anywhere. Written before it is known, so that
    // nothing has to be predicted.
    for_each_event(rows_, values_, unit, [&](T value) {
      keys[kept] = Keys<T>::of(value);
      const std::uint64_t prefix = keys[kept] >> shift >> bits_;
      kept += prefix >= lowest_open_ && prefix <= highest_open_ ? 1 : 0;
    });
    const std::uint64_t mask = digits() - 1;
    for (std::size_t s = 0; s < splits_.size(); ++s) {
      const std::uint32_t code = splits_[s].cell[unit];
      if (code == kNoCell) continue;
      const CellCursors& cell = cells_[s][code];
      for (std::size_t p = cell.first_open; p < cell.end_open; ++p) {
        const std::uint64_t prefix = open_[p];
        std::uint64_t* const into = counts.data() + (p << bits_);
        for (const std::uint64_t key : std::span(keys).first(kept)) {
          const std::uint64_t upper = key >> shift;
          if (upper >> bits_ == prefix) ++into[upper & mask];
        }
      }
    }
  }

  Result<void> descend(const std::vector<std::uint64_t>& counts) {
    for (auto& cells : cells_)
      for (auto& cell : cells)
        for (Cursor& cursor : cell.cursors) {
          std::size_t p = cell.first_open;
          while (open_[p] != cursor.prefix) ++p;
          const std::uint64_t* const of_prefix = counts.data() + (p << bits_);
          std::uint64_t digit = 0;
          while (digit < digits() && of_prefix[digit] <= cursor.rank)
            cursor.rank -= of_prefix[digit++];
          if (digit == digits()) return internal_error("a cell has no such rank", "events");
          cursor.prefix = cursor.prefix << bits_ | digit;
        }
    return {};
  }

  const EventRows& rows_;
  const T* values_;
  std::span<const EventCells> splits_;
  std::size_t threads_;
  unsigned rounds_ = 0;
  unsigned bits_ = 0;
  std::vector<std::vector<CellCursors>> cells_;  // [split][cell]
  std::vector<std::uint64_t> open_;
  std::uint64_t lowest_open_ = 0;
  std::uint64_t highest_open_ = 0;
};

Result<void> check_cells(const EventRows& rows, std::span<const std::uint32_t> cell,
                         std::size_t cells) {
  if (cell.size() != rows.begin.size() || rows.end.size() != rows.begin.size())
    return internal_error("the cells are not by unit", "events");
  const bool known =
      std::all_of(cell.begin(), cell.end(), [&](auto c) { return c < cells || c == kNoCell; });
  return known ? Result<void>() : internal_error("a unit has an unknown cell", "events");
}

}  // namespace

Result<CellValues> event_order_statistics(const EventRows& rows, std::span<const EventCells> splits,
                                          std::size_t threads) {
  for (const auto& split : splits) DESCANT_CHECK(check_cells(rows, split.cell, split.ranks.size()));
  threads = thread_count(threads);
  return timelines::with_values(rows.measure->dtype, rows.measure->data, [&](const auto* values) {
    return DigitSelection(rows, values, splits, threads).run();
  });
}

Result<void> count_at_most(const EventRows& rows, std::span<const std::uint32_t> cell,
                           std::span<const double> thresholds, std::span<double> out,
                           std::size_t threads) {
  DESCANT_CHECK(check_cells(rows, cell, thresholds.size()));
  return timelines::with_values(rows.measure->dtype, rows.measure->data, [&](const auto* values) {
    return for_each_morsel(
        morsel_count(out.size()), thread_count(threads),
        [&](std::size_t m, std::size_t) -> Result<void> {
          const std::size_t end = std::min(out.size(), (m + 1) * kUnitsPerMorsel);
          for (std::size_t unit = m * kUnitsPerMorsel; unit < end; ++unit) {
            std::uint64_t count = 0;
            const double divisor = rows.measure->divisor;
            if (cell[unit] != kNoCell)
              for_each_event(rows, values, unit,
                             [&, threshold = thresholds[cell[unit]]](auto value) {
                               count += static_cast<double>(value) / divisor <= threshold ? 1 : 0;
                             });
            out[unit] = static_cast<double>(count);
          }
          return {};
        });
  });
}

}  // namespace descant::folds
