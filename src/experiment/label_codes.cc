// SPDX-License-Identifier: Apache-2.0
#include "experiment/label_codes.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <xxhash.h>

namespace descant::experiment {

namespace {

constexpr std::size_t kFirstPlaces = 64;  // a power of two
constexpr std::uint32_t kNotLookedUp = kNoCode - 1;

// Whether bytes are UTF-8, by the table of the Unicode Standard (3-7).
bool is_utf8(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  for (std::size_t i = 0; i < text.size();) {
    const unsigned char lead = byte(i);
    std::size_t length = 1;
    unsigned low = 0x80, high = 0xBF;
    if (lead < 0x80) {
      ++i;
      continue;
    }
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    if (length == 1 || i + length > text.size()) return false;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
    if (byte(i + 1) < low || byte(i + 1) > high) return false;
    for (std::size_t k = 2; k < length; ++k)
      if ((byte(i + k) & 0xC0U) != 0x80U) return false;
    i += length;
  }
  return true;
}

}  // namespace

std::uint32_t LabelCodes::add(std::string label) {
  // Values of different batches that read the same, such as 1 and "1", are one label.
  const auto known = std::find(labels_.begin(), labels_.end(), label);
  if (known != labels_.end() && labels_.size() < kFirstPlaces)
    return static_cast<std::uint32_t>(known - labels_.begin());
  labels_.push_back(std::move(label));
  return static_cast<std::uint32_t>(labels_.size() - 1);
}

std::uint32_t LabelCodes::code_of_missing() {
  if (missing_label_.empty()) return kNoCode;
  if (missing_code_ == kNoCode) missing_code_ = add(missing_label_);
  return missing_code_;
}

void LabelCodes::grow() {
  std::vector<Place> larger(std::max(kFirstPlaces, places_.size() * 2));
  for (auto& place : places_) {
    if (place.code == kNoCode) continue;
    std::size_t at = place.hash & (larger.size() - 1);
    while (larger[at].code != kNoCode) at = (at + 1) & (larger.size() - 1);
    larger[at] = std::move(place);
  }
  places_ = std::move(larger);
}

Result<std::uint32_t> LabelCodes::code_of(const ArrowColumn& values, std::size_t row) {
  if (values.missing(row)) return code_of_missing();
  if ((used_ + 1) * 2 > places_.size()) grow();
  std::uint64_t scratch = 0;
  const std::string_view key = values.key(row, scratch);
  const std::uint64_t hash = XXH3_64bits(key.data(), key.size());
  std::size_t at = hash & (places_.size() - 1);
  for (; places_[at].code != kNoCode; at = (at + 1) & (places_.size() - 1))
    if (places_[at].hash == hash && places_[at].key == key) return places_[at].code;
  std::string label = values.label(key);
  if (!is_utf8(label))
    return invalid_data(fmt::format("the column '{}' holds text that is not UTF-8", column_),
                        column_, "Decode it before the call.");
  places_[at] = {hash, add(std::move(label)), std::string(key)};
  ++used_;
  return places_[at].code;
}

Result<void> LabelCodes::append(const ArrowColumn& values, std::vector<std::uint32_t>& codes,
                                std::size_t labels_max) {
  codes.reserve(codes.size() + values.size());
  if (!values.has_dictionary()) {
    for (std::size_t row = 0; row < values.size() && labels_.size() <= labels_max; ++row) {
      DESCANT_ASSIGN(const std::uint32_t code, code_of(values, row));
      codes.push_back(code);
    }
    return {};
  }
  const ArrowColumn& dictionary = values.dictionary();
  std::vector<std::uint32_t> known(dictionary.size(), kNotLookedUp);  // only values that occur
  for (std::size_t row = 0; row < values.size() && labels_.size() <= labels_max; ++row) {
    const std::size_t place = values.valid(row) ? values.code(row) : known.size();
    if (place >= known.size()) {
      codes.push_back(code_of_missing());
      continue;
    }
    if (known[place] == kNotLookedUp) {
      DESCANT_ASSIGN(known[place], code_of(dictionary, place));
    }
    codes.push_back(known[place]);
  }
  return {};
}

}  // namespace descant::experiment
