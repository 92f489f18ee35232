// SPDX-License-Identifier: Apache-2.0
#pragma once

// Work split over threads so that results never depend on how many there are: a task is a fixed
// morsel with an index, threads take morsels as they become free, and whatever a morsel produced is
// kept under its index and combined in index order by the caller.

#include <atomic>
#include <cstddef>
#include <functional>

#include "base/result.h"

namespace descant {

// Threads to use: `requested`, or all the processors this process may use when it is 0.
std::size_t thread_count(std::size_t requested = 0);

// Calls task(morsel, thread) for every morsel in [0, morsels). `thread` is below thread_count and
// names the caller's scratch space. The first error stops the rest and is returned (of several, the
// one of the lowest morsel); a throw becomes an internal error.
Result<void> for_each_morsel(std::size_t morsels, std::size_t threads,
                             const std::function<Result<void>(std::size_t, std::size_t)>& task);

// How far a long step has come; given to callers that can show it. `total` is 0 when unknown.
struct Progress {
  std::string_view step;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
  std::string_view unit = "rows";
};

// Watching and stopping from outside. Both members may be empty. `report` may be called from any
// thread, one at a time.
struct Watch {
  std::function<void(const Progress&)> report;
  const std::atomic<bool>* stop = nullptr;

  bool stopped() const { return stop != nullptr && stop->load(std::memory_order_relaxed); }
};

// While it lives, work that this thread splits with for_each_morsel also stops, with a cancelled
// error, once `stop` is set: for calls from outside into code that no Watch is handed to.
class StopScope {
 public:
  explicit StopScope(const std::atomic<bool>* stop);
  ~StopScope();
  StopScope(const StopScope&) = delete;
  StopScope& operator=(const StopScope&) = delete;

 private:
  const std::atomic<bool>* outer_;
};

}  // namespace descant
