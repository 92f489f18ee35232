// SPDX-License-Identifier: Apache-2.0
#include "simulator/tables.h"

#include <array>
#include <tuple>

#include <fmt/format.h>

namespace descant::simulator {
namespace {

using warehouse::TableWriter;
using warehouse::WriteColumn;
using warehouse::WriteType;
using warehouse::WriteValues;

constexpr std::size_t kBlockRows = 65'536;
constexpr std::size_t kBatchRows = 1'048'576;

std::string plays_file(Date date) {
  return fmt::format("data/plays/plays-{}.parquet", format_date(date).substr(0, 7));
}
constexpr const char* kListenersFile = "data/listeners.parquet";
constexpr const char* kAssignmentsFile = "data/assignments.parquet";

// Keys of a batch in the memory type that the key's column wants.
struct KeyValues {
  explicit KeyValues(const KeyColumn& column) : keys(column) {}
  void resize(std::size_t rows) {
    numbers.resize(keys.is_label() ? 0 : rows);
    labels.resize(keys.is_label() ? rows : 0);
  }
  void set(std::size_t row, std::uint32_t listener) {
    const std::int64_t code = keys.code(listener);
    if (keys.is_label()) {
      labels[row] = static_cast<std::int32_t>(code);
    } else {
      numbers[row] = code;
    }
  }
  WriteValues values() const {
    if (keys.is_label()) return std::span<const std::int32_t>(labels);
    return std::span<const std::int64_t>(numbers);
  }

  const KeyColumn& keys;
  std::vector<std::int64_t> numbers;
  std::vector<std::int32_t> labels;
};

// The columns of plays for a batch of them.
struct PlayColumns {
  PlayColumns(const KeyColumn& keys, std::size_t rows) : listener_id(keys) {
    listener_id.resize(rows);
    for (auto* column : {&play_id, &played_at, &track_id, &artist_id, &session_id})
      column->resize(rows);
    for (auto* column :
         {&genre, &surface, &platform, &ms_played, &duration_ms, &start_reason, &end_reason})
      column->resize(rows);
    is_organic.resize(rows);
    skipped.resize(rows);
  }

  void set(std::size_t row, const World& world, std::uint64_t id, const Play& play) {
    const Track& track = world.catalogue.tracks[play.track];
    play_id[row] = static_cast<std::int64_t>(id);
    listener_id.set(row, play.listener);
    played_at[row] = world.instant_of(play.second);
    track_id[row] = std::int64_t{play.track} + 1;
    artist_id[row] = std::int64_t{track.artist} + 1;
    genre[row] = track.genre;
    surface[row] = play.surface;
    is_organic[row] = play.is_organic;
    platform[row] = play.platform;
    session_id[row] =
        std::int64_t{play.listener} * world.period.days * kSessionsPerDayMax + play.session + 1;
    ms_played[row] = static_cast<std::int32_t>(play.ms_played);
    duration_ms[row] = static_cast<std::int32_t>(track.duration_ms);
    skipped[row] = play.is_skipped;
    start_reason[row] = play.start_reason;
    end_reason[row] = play.end_reason;
  }

  std::array<WriteValues, 15> values() const {
    using Small = std::span<const std::int32_t>;
    using Large = std::span<const std::int64_t>;
    using Flag = std::span<const std::uint8_t>;
    return {Large(play_id),   listener_id.values(), Large(played_at), Large(track_id),
            Large(artist_id), Small(genre),         Small(surface),   Flag(is_organic),
            Small(platform),  Large(session_id),    Small(ms_played), Small(duration_ms),
            Flag(skipped),    Small(start_reason),  Small(end_reason)};
  }

  KeyValues listener_id;
  std::vector<std::int64_t> play_id, played_at, track_id, artist_id, session_id;
  std::vector<std::int32_t> genre, surface, platform, ms_played, duration_ms, start_reason,
      end_reason;
  std::vector<std::uint8_t> is_organic, skipped;
};

std::vector<WriteColumn> play_table_columns(const World& world, const KeyColumn& keys) {
  return {{"play_id", WriteType::kInt64, {}},
          keys.column(),
          {"played_at", WriteType::kInstant, {}},
          {"track_id", WriteType::kInt64, {}},
          {"artist_id", WriteType::kInt64, {}},
          {"genre", WriteType::kLabel, world.catalogue.genres},
          {"surface", WriteType::kLabel, names_of(kSurfaces)},
          {"is_organic", WriteType::kBool, {}},
          {"platform", WriteType::kLabel, names_of(kPlatforms)},
          {"session_id", WriteType::kInt64, {}},
          {"ms_played", WriteType::kInt32, {}},
          {"track_duration_ms", WriteType::kInt32, {}},
          {"skipped", WriteType::kBool, {}},
          {"start_reason", WriteType::kLabel, {kStartReasons.begin(), kStartReasons.end()}},
          {"end_reason", WriteType::kLabel, {kEndReasons.begin(), kEndReasons.end()}}};
}

}  // namespace

Result<KeyKind> parse_key_kind(std::string_view name) {
  if (name == "integer") return KeyKind::kInteger;
  if (name == "sparse") return KeyKind::kSparse;
  if (name == "string") return KeyKind::kString;
  return invalid_request(fmt::format("'{}' is not a kind of listener key", name), "listener_key",
                         "Known: integer, sparse, string.");
}

KeyColumn::KeyColumn(KeyKind kind, std::uint64_t seed, std::size_t listeners)
    : kind_(kind), seed_(seed), listeners_(listeners) {}

WriteColumn KeyColumn::column() const {
  WriteColumn column{"listener_id", is_label() ? WriteType::kLabel : WriteType::kInt64, {}};
  for (std::uint32_t i = 0; is_label() && i < listeners_; ++i)
    column.labels.push_back(string_key(seed_, i));
  return column;
}

std::int64_t KeyColumn::code(std::uint32_t listener) const {
  if (kind_ == KeyKind::kInteger) return dense_key(listener);
  return kind_ == KeyKind::kSparse ? sparse_key(seed_, listener) : std::int64_t{listener};
}

std::vector<std::string> table_files(Period period) {
  std::vector<std::string> files{kListenersFile, kAssignmentsFile};
  for (std::uint32_t day = 0; day < period.days; ++day) {
    std::string file = plays_file(period.first + static_cast<Date>(day));
    if (file != files.back()) files.push_back(std::move(file));
  }
  return files;
}

PlayTable::PlayTable(const World& world, std::string folder, KeyColumn keys, std::size_t threads)
    : world_(world), folder_(std::move(folder)), keys_(keys), threads_(threads) {}

Result<void> PlayTable::open(const std::string& path) {
  if (path == path_) return {};
  DESCANT_CHECK(finish());
  DESCANT_ASSIGN(writer_, TableWriter::open(path, play_table_columns(world_, keys_)));
  path_ = path;
  return {};
}

Result<void> PlayTable::append_day(std::uint32_t day, std::span<const Play> plays) {
  DESCANT_CHECK(open(folder_ + "/" + plays_file(world_.period.first + static_cast<Date>(day))));
  while (!plays.empty()) {
    const std::size_t rows = std::min(plays.size(), kBatchRows);
    PlayColumns columns(keys_, rows);
    DESCANT_CHECK(for_each_morsel(
        (rows + kBlockRows - 1) / kBlockRows, threads_, [&](std::size_t block, std::size_t) {
          const std::size_t end = std::min(rows, (block + 1) * kBlockRows);
          for (std::size_t row = block * kBlockRows; row < end; ++row)
            columns.set(row, world_, rows_ + row + 1, plays[row]);
          return Result<void>();
        }));
    DESCANT_CHECK(writer_->append(columns.values()));
    rows_ += rows;
    plays = plays.subspan(rows);
  }
  return {};
}

Result<void> PlayTable::finish() {
  if (!writer_) return {};
  DESCANT_CHECK(writer_->finish());
  writer_.reset();
  return {};
}

Result<void> write_listeners(const World& world, const std::string& folder, const KeyColumn& keys) {
  // Countries in the order in which the markets first name them.
  std::vector<std::string> countries;
  std::vector<std::int32_t> country_of_market;
  for (const Market& market : markets()) {
    const auto found = std::find(countries.begin(), countries.end(), market.country);
    country_of_market.push_back(static_cast<std::int32_t>(found - countries.begin()));
    if (found == countries.end()) countries.push_back(market.country);
  }
  DESCANT_ASSIGN(TableWriter writer,
                 TableWriter::open(folder + "/" + kListenersFile,
                                   {keys.column(),
                                    {"signup_date", WriteType::kDate, {}},
                                    {"country", WriteType::kLabel, countries},
                                    {"plan", WriteType::kLabel, names_of(kPlans)},
                                    {"age_band", WriteType::kLabel, names_of(kAgeBands)}}));
  const auto& listeners = world.population.listeners;
  for (std::size_t begin = 0; begin < listeners.size(); begin += kBatchRows) {
    const std::size_t rows = std::min(kBatchRows, listeners.size() - begin);
    KeyValues key(keys);
    key.resize(rows);
    std::vector<std::int32_t> signup(rows), country(rows), plan(rows), age_band(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      const Listener& listener = listeners[begin + row];
      key.set(row, static_cast<std::uint32_t>(begin + row));
      signup[row] = world.period.first + listener.signup_day;
      country[row] = listener.country_known ? country_of_market[listener.market] : -1;
      plan[row] = listener.plan;
      age_band[row] = listener.age_band;
    }
    using Values = std::span<const std::int32_t>;
    const std::array<WriteValues, 5> values{key.values(), Values(signup), Values(country),
                                            Values(plan), Values(age_band)};
    DESCANT_CHECK(writer.append(values));
  }
  return writer.finish();
}

Result<std::uint64_t> write_assignments(const World& world, const PlantedList& planted,
                                        const std::string& folder, const KeyColumn& keys) {
  std::vector<Assignment> rows;
  std::vector<std::string> names, variants;
  std::vector<std::size_t> first_variant;  // by planted thing, into variants
  for (const auto& thing : planted) {
    const std::size_t begin = rows.size();
    const std::vector<Assignment> more = thing->assignments();
    rows.insert(rows.end(), more.begin(), more.end());
    for (std::size_t i = begin; i < rows.size(); ++i)
      rows[i].experiment = static_cast<std::uint8_t>(names.size());
    names.emplace_back(thing->name());
    first_variant.push_back(variants.size());
    for (std::string& variant : thing->variant_names()) variants.push_back(std::move(variant));
  }
  const auto order = [](const Assignment& a) {
    return std::tuple(a.second, a.listener, a.experiment, a.variant);
  };
  std::sort(rows.begin(), rows.end(),
            [&](const Assignment& a, const Assignment& b) { return order(a) < order(b); });

  KeyValues key(keys);
  key.resize(rows.size());
  std::vector<std::int32_t> experiment(rows.size()), variant(rows.size());
  std::vector<std::int64_t> assigned_at(rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    key.set(row, rows[row].listener);
    experiment[row] = rows[row].experiment;
    variant[row] =
        static_cast<std::int32_t>(first_variant[rows[row].experiment] + rows[row].variant);
    assigned_at[row] = world.instant_of(rows[row].second);
  }
  DESCANT_ASSIGN(TableWriter writer, TableWriter::open(folder + "/" + kAssignmentsFile,
                                                       {keys.column(),
                                                        {"experiment", WriteType::kLabel, names},
                                                        {"variant", WriteType::kLabel, variants},
                                                        {"assigned_at", WriteType::kInstant, {}}}));
  const std::array<WriteValues, 4> values{key.values(), std::span<const std::int32_t>(experiment),
                                          std::span<const std::int32_t>(variant),
                                          std::span<const std::int64_t>(assigned_at)};
  DESCANT_CHECK(writer.append(values));
  DESCANT_CHECK(writer.finish());
  return rows.size();
}

}  // namespace descant::simulator
