// SPDX-License-Identifier: Apache-2.0
#include "timelines/npy.h"

#include <cstring>

#include <fmt/format.h>

namespace descant::timelines {
namespace {

std::size_t bytes_of(std::string_view dtype) {
  return static_cast<std::size_t>(dtype.back() - '0');
}

}  // namespace

std::string npy_header(std::string_view dtype, std::uint64_t rows) {
  std::string header("\x93NUMPY\x01\x00", 8);
  constexpr std::size_t kDictionaryBytes = kNpyHeaderBytes - 10;
  header += static_cast<char>(kDictionaryBytes & 0xFFU);
  header += static_cast<char>(kDictionaryBytes >> 8U);
  header += fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({},), }}", dtype, rows);
  header.resize(kNpyHeaderBytes - 1, ' ');
  return header + '\n';
}

Result<PositionedFile> create_npy(const std::string& path, std::string_view dtype,
                                  std::uint64_t rows) {
  DESCANT_ASSIGN(PositionedFile file, PositionedFile::create(path));
  const std::string header = npy_header(dtype, rows);
  DESCANT_CHECK(file.write(std::as_bytes(std::span(header)), 0));
  return file;
}

Result<void> check_npy(const MappedFile& file, const std::string& path, std::string_view dtype,
                       std::uint64_t rows) {
  const auto bytes = file.bytes();
  const std::string header = npy_header(dtype, rows);
  // Divided, not multiplied: a length that lies must not wrap round to one that fits.
  const bool fits = bytes.size() >= kNpyHeaderBytes &&
                    (bytes.size() - kNpyHeaderBytes) % bytes_of(dtype) == 0 &&
                    (bytes.size() - kNpyHeaderBytes) / bytes_of(dtype) == rows;
  if (!fits)
    return corrupt(fmt::format("the file has {} bytes, the manifest says {} values of type {}",
                               bytes.size(), rows, dtype),
                   path, "Run `descant refresh --force`.");
  if (std::memcmp(bytes.data(), header.data(), header.size()) != 0)
    return corrupt("the file's header does not fit the manifest", path,
                   "Run `descant refresh --force`.");
  return {};
}

Result<MappedFile> map_npy(const std::string& path, std::string_view dtype, std::uint64_t rows) {
  auto opened = MappedFile::open(path);
  if (!opened && opened.error().code == ErrorCode::kNotFound)
    return corrupt("a file of the timelines is missing", path, "Run `descant refresh --force`.");
  if (!opened) {
    opened.error().hint = "Make the file readable, or run `descant refresh --force`.";
    return std::move(opened.error());
  }
  DESCANT_CHECK(check_npy(*opened, path, dtype, rows));
  return opened;
}

}  // namespace descant::timelines
