// SPDX-License-Identifier: Apache-2.0
#include "experiment/unit_stream.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <limits>

#include <fmt/format.h>
#include <xxhash.h>

#include "base/arrow_stream.h"
#include "base/text.h"
#include "experiment/label_codes.h"
#include "experiment/unit_labels.h"

namespace descant::experiment {

namespace {

// Batches are gathered until so many rows are there: few enough to stay small, enough for threads.
constexpr std::size_t kRowsAtATime = 1'000'000;
constexpr std::size_t kRowsForThreads = 50'000;
constexpr std::size_t kUnitsMax = std::numeric_limits<std::uint32_t>::max();

struct NumberColumn {
  std::size_t place;  // in the stream
  const UnitMetric* metric;
  std::vector<double>* out;
};

struct LabelColumn {
  std::size_t place;
  LabelCodes codes;
  std::vector<std::uint32_t> values;
};

// Takes out the entries at the given places, all at or after `begin`, in ascending order.
template <class T>
void remove_at(std::vector<T>& values, std::size_t begin, const std::vector<std::size_t>& places) {
  if (places.empty()) return;
  std::size_t next = 0;
  std::size_t write = begin + places[0];
  for (std::size_t read = write; read < values.size(); ++read) {
    if (next < places.size() && read == begin + places[next]) {
      ++next;
      continue;
    }
    values[write++] = values[read];
  }
  values.resize(write);
}

class UnitReader {
 public:
  UnitReader(const UnitFileRequest& request, ArrowStream stream, const Watch& watch)
      : request_(request),
        stream_(std::move(stream)),
        watch_(watch),
        threads_(thread_count(request.threads)),
        variant_(request.variant, "") {}

  Result<UnitRows> read() {
    DESCANT_CHECK(find_columns());
    std::vector<ArrowBatch> batches;
    std::size_t waiting = 0;
    for (;;) {
      if (watch_.stopped()) return cancelled();
      DESCANT_ASSIGN(auto batch, stream_.next());
      if (batch) {
        waiting += batch->rows();
        batches.push_back(std::move(*batch));
      }
      if (waiting >= kRowsAtATime || (!batch && waiting > 0)) {
        DESCANT_CHECK(add(batches));
        batches.clear();
        waiting = 0;
      }
      if (!batch) break;
    }
    return finish();
  }

 private:
  Result<std::size_t> number_place(const std::string& name, const std::string& where) {
    DESCANT_ASSIGN(const std::size_t place, stream_.column(name, where));
    const ArrowType& type = stream_.fields()[place].type;
    if (type.is_number()) return place;
    return invalid_data(fmt::format("'{}' is of type {}, not a number", name, type.name), where,
                        type.decoded().name == "text"
                            ? "Does it hold text, or missing values written as words such as NA? "
                              "Make those null, or name another column."
                            : "Name a column of numbers or of true and false.");
  }

  Result<std::size_t> label_place(const std::string& name, const std::string& where) {
    DESCANT_ASSIGN(const std::size_t place, stream_.column(name, where));
    const ArrowType& type = stream_.fields()[place].type;
    if (type.is_label()) return place;
    return invalid_data(fmt::format("'{}' is of type {}, which names nothing", name, type.name),
                        where, "Name a column of text, whole numbers or true and false.");
  }

  Result<void> find_columns() {
    has_variant_ = !request_.variant.empty();
    if (has_variant_) {
      DESCANT_ASSIGN(variant_place_, label_place(request_.variant, "variant"));
    }
    if (!request_.unit.empty()) {
      DESCANT_ASSIGN(unit_place_, label_place(request_.unit, "unit"));
    }
    rows_.table.metrics.resize(request_.metrics.size());  // its columns stay where they are
    for (std::size_t i = 0; i < request_.metrics.size(); ++i) {
      const UnitMetric& metric = request_.metrics[i];
      auto& values = rows_.table.metrics[i];
      values.name = metric.name;
      values.numerator.resize(1);
      DESCANT_CHECK(add_number(metric, metric.numerator, values.numerator.front()));
      if (!metric.denominator.empty()) {
        values.denominator.resize(1);
        DESCANT_CHECK(add_number(metric, metric.denominator, values.denominator.front()));
      }
      if (!metric.covariate.empty())
        DESCANT_CHECK(add_number(metric, metric.covariate, values.covariate_numerator));
    }
    for (const auto& segment : request_.segments) {
      DESCANT_ASSIGN(const std::size_t place, label_place(segment, "segment " + segment));
      segments_.push_back({place, LabelCodes(segment, kNoSegment), {}});
    }
    return {};
  }

  Result<void> add_number(const UnitMetric& metric, const std::string& column,
                          std::vector<double>& out) {
    DESCANT_ASSIGN(const std::size_t place, number_place(column, "metric " + metric.name));
    numbers_.push_back({place, &metric, &out});
    return {};
  }

  Result<ArrowColumn> column(const ArrowBatch& batch, std::size_t place) const {
    return ArrowColumn::of(batch, place, stream_.fields()[place]);
  }

  // A task is a column over all these batches, so that each output grows on one thread.
  Result<void> add(const std::vector<ArrowBatch>& batches) {
    std::size_t rows = 0;
    for (const auto& batch : batches) rows += batch.rows();
    if (units_ + rows > kUnitsMax)
      return invalid_data(fmt::format("there are more than {} units", format_count(kUnitsMax)),
                          request_.file, "Analyse a sample of them.");
    const std::size_t threads = rows < kRowsForThreads ? 1 : threads_;
    const std::size_t begin = units_;
    DESCANT_CHECK(for_each_morsel(numbers_.size() + segments_.size() + 2, threads,
                                  [&](std::size_t task, std::size_t) -> Result<void> {
                                    if (watch_.stopped()) return cancelled();
                                    if (task == 0) return add_variants(batches);
                                    if (task == 1) return add_units(batches);
                                    task -= 2;
                                    if (task < segments_.size())
                                      return add_labels(batches, segments_[task]);
                                    return add_numbers(batches, numbers_[task - segments_.size()]);
                                  }));
    if (has_variant_)
      DESCANT_CHECK(check_variant_count(variant_.labels().size(), request_.variant));
    seen_ += rows;
    DESCANT_CHECK(leave_out(begin, rows, threads));
    units_ = begin + rows - left_out_.size();
    if (watch_.report) watch_.report({"read units", seen_, 0});
    return {};
  }

  Result<void> add_variants(const std::vector<ArrowBatch>& batches) {
    if (!has_variant_) return {};
    for (const auto& batch : batches) {
      DESCANT_ASSIGN(const auto values, column(batch, variant_place_));
      DESCANT_CHECK(variant_.append(values, arms_, kVariantsMax));
    }
    return {};
  }

  // What tells one unit from another: 128 bits of hash of the key, or zeros where it is missing.
  Result<void> add_units(const std::vector<ArrowBatch>& batches) {
    if (request_.unit.empty()) return {};
    for (const auto& batch : batches) {
      DESCANT_ASSIGN(const auto values, column(batch, unit_place_));
      for (std::size_t row = 0; row < values.size(); ++row) keys_.push_back(unit_key(values, row));
    }
    return {};
  }

  static std::array<std::uint64_t, 2> unit_key(const ArrowColumn& values, std::size_t row) {
    if (values.missing(row)) return {0, 0};
    const ArrowColumn* source = &values;
    if (values.has_dictionary()) {
      source = &values.dictionary();
      row = values.code(row);
      if (row >= source->size() || source->missing(row)) return {0, 0};
    }
    std::uint64_t scratch = 0;
    const std::string_view key = source->key(row, scratch);
    const XXH128_hash_t hash = XXH3_128bits(key.data(), key.size());
    return {hash.low64 | 1U, hash.high64};  // never the zeros of a missing one
  }

  Result<void> add_labels(const std::vector<ArrowBatch>& batches, LabelColumn& labels) {
    for (const auto& batch : batches) {
      DESCANT_ASSIGN(const auto values, column(batch, labels.place));
      DESCANT_CHECK(labels.codes.append(values, labels.values));
    }
    return {};
  }

  Result<void> add_numbers(const std::vector<ArrowBatch>& batches, const NumberColumn& number) {
    for (const auto& batch : batches) {
      DESCANT_ASSIGN(const auto values, column(batch, number.place));
      values.append_doubles(*number.out);
    }
    return {};
  }

  // Rows without a variant or a unit.
  Result<void> leave_out(std::size_t begin, std::size_t rows, std::size_t threads) {
    left_out_.clear();
    for (std::size_t row = 0; row < rows; ++row) {
      const bool no_variant = has_variant_ && arms_[begin + row] == kNoCode;
      const bool no_unit = !keys_.empty() && keys_[begin + row] == std::array<std::uint64_t, 2>{};
      if (!no_variant && !no_unit) continue;
      ++(no_variant ? rows_.without_variant : rows_.without_unit);
      left_out_.push_back(row);
    }
    if (left_out_.empty()) return {};
    remove_at(arms_, begin, left_out_);
    remove_at(keys_, begin, left_out_);
    return for_each_morsel(numbers_.size() + segments_.size(), threads,
                           [&](std::size_t task, std::size_t) -> Result<void> {
                             if (task < segments_.size())
                               remove_at(segments_[task].values, begin, left_out_);
                             else
                               remove_at(*numbers_[task - segments_.size()].out, begin, left_out_);
                             return {};
                           });
  }

  Result<void> check_units_distinct() {
    std::sort(keys_.begin(), keys_.end());
    std::uint64_t values = 0, rows = 0;
    for (std::size_t i = 0; i < keys_.size();) {
      std::size_t end = i + 1;
      while (end < keys_.size() && keys_[end] == keys_[i]) ++end;
      if (end - i > 1) ++values, rows += end - i;
      i = end;
    }
    if (values == 0) return {};
    return repeated_units(values, rows, request_.unit);
  }

  Result<UnitRows> finish() {
    if (units_ == 0)
      return invalid_data(
          seen_ == 0 ? fmt::format("'{}' has no rows", request_.file)
                     : fmt::format("no row of '{}' has a variant and a unit", request_.file),
          "table", "There is nothing to analyse.");
    DESCANT_CHECK(check_units_distinct());
    auto& table = rows_.table;
    table.unit_count = units_;
    table.days.resize(1);
    rows_.rows = seen_;
    if (has_variant_) {
      DESCANT_ASSIGN(table.variants,
                     order_variants(variant_.labels(), request_.variant, request_.control));
    } else {
      table.variants = {"all"};
    }
    for (std::size_t i = 0; i < segments_.size(); ++i)
      table.segments.push_back({request_.segments[i], {}, segments_[i].codes.labels()});
    std::vector<std::uint64_t> hashes(numbers_.size() + segments_.size() + 1);
    DESCANT_CHECK(for_each_morsel(hashes.size(), units_ < kRowsForThreads ? 1 : threads_,
                                  [&](std::size_t task, std::size_t) -> Result<void> {
                                    if (task == 0) return finish_arms(hashes[0]);
                                    const std::size_t part = task - 1;
                                    if (part < segments_.size())
                                      return finish_segment(part, hashes[task]);
                                    return finish_numbers(numbers_[part - segments_.size()],
                                                          hashes[task]);
                                  }));
    rows_.fingerprint =
        fmt::format("{:016x}", XXH3_64bits(hashes.data(), hashes.size() * sizeof(std::uint64_t)));
    return std::move(rows_);
  }

  Result<void> finish_arms(std::uint64_t& hash) {
    auto& arm = rows_.table.arm;
    arm.resize(units_);
    if (has_variant_) {
      const auto places = places_in(variant_.labels(), rows_.table.variants);
      for (std::size_t unit = 0; unit < units_; ++unit)
        arm[unit] = static_cast<std::uint8_t>(places[arms_[unit]]);
    }
    hash = XXH3_64bits(arm.data(), arm.size());
    return {};
  }

  Result<void> finish_segment(std::size_t place, std::uint64_t& hash) {
    auto& segment = rows_.table.segments[place];
    const auto found = segment.labels;
    std::sort(segment.labels.begin(), segment.labels.end());
    const auto places = places_in(found, segment.labels);
    segment.codes = std::move(segments_[place].values);
    for (auto& code : segment.codes) code = places[code];
    hash = XXH3_64bits(segment.codes.data(), segment.codes.size() * sizeof(std::uint32_t));
    return {};
  }

  Result<void> finish_numbers(const NumberColumn& number, std::uint64_t& hash) {
    const bool is_value =
        number.out ==
        &rows_.table.metrics[static_cast<std::size_t>(number.metric - request_.metrics.data())]
             .numerator.front();
    hash = XXH3_64bits(number.out->data(), number.out->size() * sizeof(double));
    return is_value ? check_proportion(*number.metric, *number.out) : Result<void>();
  }

  const UnitFileRequest& request_;
  ArrowStream stream_;
  const Watch& watch_;
  std::size_t threads_;
  bool has_variant_ = false;
  std::size_t variant_place_ = 0;
  std::size_t unit_place_ = 0;
  LabelCodes variant_;
  std::vector<std::uint32_t> arms_;
  std::vector<std::array<std::uint64_t, 2>> keys_;
  std::vector<NumberColumn> numbers_;
  std::vector<LabelColumn> segments_;
  std::vector<std::size_t> left_out_;  // of the rows just added
  std::size_t units_ = 0;
  std::size_t seen_ = 0;
  UnitRows rows_;
};

}  // namespace

Result<UnitRows> read_unit_stream(const UnitFileRequest& request, ArrowArrayStream& stream,
                                  const Watch& watch) {
  DESCANT_ASSIGN(auto source, ArrowStream::take(stream, request.file));
  return UnitReader(request, std::move(source), watch).read();
}

Result<ExperimentResult> analyze_unit_stream(const UnitFileRequest& request,
                                             ArrowArrayStream& stream, const Watch& watch) {
  DESCANT_ASSIGN(auto source, ArrowStream::take(stream, request.file));
  DESCANT_ASSIGN(auto plan, plan_units(request));
  DESCANT_ASSIGN(const auto rows, UnitReader(request, std::move(source), watch).read());
  return analyze_unit_rows(std::move(plan), request, rows);
}

}  // namespace descant::experiment
