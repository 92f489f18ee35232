// SPDX-License-Identifier: Apache-2.0
#pragma once

// Files as the project needs them: whole reads, atomic replacement, read-only maps and positioned
// writes. Errors carry the path in `where` and the system's reason in the message.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace descant {

Result<std::string> read_file(const std::string& path);

// Writes a neighbour, flushes it to the disk and renames it over `path`: readers see the old or the
// new content, never a part.
Result<void> write_file_atomically(const std::string& path, std::string_view content);

Result<void> make_folders(const std::string& path);

// A file mapped for reading; it stays readable when its name is removed meanwhile.
class MappedFile {
 public:
  static Result<MappedFile> open(const std::string& path);
  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return {data_, size_}; }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// A new file written at positions, from several threads at once.
class PositionedFile {
 public:
  static Result<PositionedFile> create(const std::string& path);
  PositionedFile(PositionedFile&& other) noexcept;
  PositionedFile& operator=(PositionedFile&& other) noexcept;
  ~PositionedFile();

  Result<void> write(std::span<const std::byte> bytes, std::uint64_t position) const;
  Result<void> flush() const;  // to the disk

 private:
  PositionedFile(int descriptor, std::string path);
  int descriptor_ = -1;
  std::string path_;
};

// A lock that dies with its process. Held by another: kLocked, with that process's id.
class FileLock {
 public:
  static Result<FileLock> take(const std::string& path);
  FileLock(FileLock&& other) noexcept;
  FileLock& operator=(FileLock&& other) noexcept;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

}  // namespace descant
