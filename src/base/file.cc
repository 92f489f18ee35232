// SPDX-License-Identifier: Apache-2.0
#include "base/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace descant {
namespace {

Error system_error(std::string_view what, const std::string& path) {
  return io_error(fmt::format("cannot {}: {}", what, std::strerror(errno)), path);
}

// A descriptor closed at the end of its scope.
struct Descriptor {
  int value = -1;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

Result<void> write_all(int descriptor, std::span<const std::byte> bytes, std::uint64_t position,
                       const std::string& path) {
  while (!bytes.empty()) {
    const ssize_t written =
        ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(position));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    position += static_cast<std::uint64_t>(written);
  }
  return {};
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) {
    const bool missing = errno == ENOENT;
    Error error = system_error("read", path);
    if (missing) error.code = ErrorCode::kNotFound;
    return error;
  }
  std::string content;
  char buffer[65536];
  for (;;) {
    const ssize_t got = ::read(file.value, buffer, sizeof(buffer));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error("read", path);
    if (got == 0) return content;
    content.append(buffer, static_cast<std::size_t>(got));
  }
}

Result<void> write_file_atomically(const std::string& path, std::string_view content) {
  const std::string temporary = fmt::format("{}.{}.tmp", path, ::getpid());
  {
    const Descriptor file{
        ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.value < 0) return system_error("write", path);
    auto written = write_all(file.value, std::as_bytes(std::span(content)), 0, path);
    if (written && ::fsync(file.value) != 0) written = system_error("flush", path);
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    Error error = system_error("write", path);
    ::unlink(temporary.c_str());
    return error;
  }
  const std::string folder = std::filesystem::path(path).parent_path().string();
  const Descriptor parent{::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC)};
  if (parent.value >= 0) ::fsync(parent.value);  // the rename itself
  return {};
}

Result<void> make_folders(const std::string& path) {
  std::error_code failure;
  std::filesystem::create_directories(path, failure);
  if (failure) return io_error(fmt::format("cannot make the folder: {}", failure.message()), path);
  return {};
}

Result<MappedFile> MappedFile::open(const std::string& path) {
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.value < 0) {
    const bool missing = errno == ENOENT;
    Error error = system_error("open", path);
    if (missing) error.code = ErrorCode::kNotFound;
    return error;
  }
  struct stat status {};
  if (::fstat(file.value, &status) != 0) return system_error("open", path);
  MappedFile mapped;
  mapped.size_ = static_cast<std::size_t>(status.st_size);
  if (mapped.size_ == 0) return mapped;
  void* data = ::mmap(nullptr, mapped.size_, PROT_READ, MAP_SHARED, file.value, 0);
  if (data == MAP_FAILED) {
    mapped.size_ = 0;
    return system_error("map", path);
  }
  mapped.data_ = static_cast<const std::byte*>(data);
  return mapped;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(data_, other.data_);
  std::swap(size_, other.size_);
  return *this;
}
MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

PositionedFile::PositionedFile(int descriptor, std::string path)
    : descriptor_(descriptor), path_(std::move(path)) {}
Result<PositionedFile> PositionedFile::create(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
  if (descriptor < 0) return system_error("create", path);
  return PositionedFile(descriptor, path);
}
PositionedFile::PositionedFile(PositionedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), path_(std::move(other.path_)) {}
PositionedFile& PositionedFile::operator=(PositionedFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(path_, other.path_);
  return *this;
}
PositionedFile::~PositionedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}
Result<void> PositionedFile::write(std::span<const std::byte> bytes, std::uint64_t position) const {
  return write_all(descriptor_, bytes, position, path_);
}
Result<void> PositionedFile::flush() const {
  if (::fdatasync(descriptor_) != 0) return system_error("flush", path_);
  return {};
}

Result<FileLock> FileLock::take(const std::string& path) {
  FileLock lock(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644));
  if (lock.descriptor_ < 0) return system_error("lock", path);
  if (::flock(lock.descriptor_, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const ssize_t got = ::pread(lock.descriptor_, holder, sizeof(holder) - 1, 0);
    const std::string who = got > 0 ? fmt::format(" (process {})", holder) : "";
    return locked("another refresh is running" + who, path, "Wait until it ends, then try again.");
  }
  const std::string id = std::to_string(::getpid());
  if (::ftruncate(lock.descriptor_, 0) != 0) return system_error("lock", path);
  DESCANT_CHECK(write_all(lock.descriptor_, std::as_bytes(std::span(id)), 0, path));
  return lock;
}
FileLock::FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
FileLock& FileLock::operator=(FileLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}
FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace descant
