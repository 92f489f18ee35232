// SPDX-License-Identifier: Apache-2.0
#pragma once

// NumPy's .npy format, version 1.0, for one-dimensional little-endian arrays: what every file of
// the store is, so that numpy.load(..., mmap_mode="r") opens it anywhere. Format: NumPy Enhancement
// Proposal 1. The header is padded so that data start at kNpyHeaderBytes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/result.h"

namespace descant::timelines {

constexpr std::size_t kNpyHeaderBytes = 128;

// `dtype` as NumPy writes it, such as "<u4".
std::string npy_header(std::string_view dtype, std::uint64_t rows);

// Creates the file with its header; data are written at kNpyHeaderBytes on.
Result<PositionedFile> create_npy(const std::string& path, std::string_view dtype,
                                  std::uint64_t rows);

template <class T>
Result<void> write_npy(const std::string& path, std::string_view dtype, std::span<const T> values) {
  DESCANT_ASSIGN(const PositionedFile file, create_npy(path, dtype, values.size()));
  return file.write(std::as_bytes(values), kNpyHeaderBytes);
}

// Header and size; a mismatch is kCorrupt and names the file.
Result<void> check_npy(const MappedFile& file, const std::string& path, std::string_view dtype,
                       std::uint64_t rows);

// Opens and checks.
Result<MappedFile> map_npy(const std::string& path, std::string_view dtype, std::uint64_t rows);

inline const void* npy_data(const MappedFile& file) {
  return file.bytes().data() + kNpyHeaderBytes;
}

}  // namespace descant::timelines
