// SPDX-License-Identifier: Apache-2.0
#include "base/parallel.h"

#include <algorithm>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include <sched.h>

namespace descant {

std::size_t thread_count(std::size_t requested) {
  if (requested > 0) return requested;
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof(set), &set) == 0)
    return static_cast<std::size_t>(std::max(1, CPU_COUNT(&set)));
  return std::max(1U, std::thread::hardware_concurrency());
}

namespace {

thread_local const std::atomic<bool>* stop_of_thread = nullptr;

bool is_stopped() {
  return stop_of_thread != nullptr && stop_of_thread->load(std::memory_order_relaxed);
}

Result<void> run_guarded(const std::function<Result<void>(std::size_t, std::size_t)>& task,
                         std::size_t morsel, std::size_t thread) {
  if (is_stopped()) return cancelled();
  try {
    return task(morsel, thread);
  } catch (const std::bad_alloc&) {
    return io_error("out of memory", {}, "Use fewer threads, or split the data.");
  } catch (const std::exception& failure) {
    return internal_error(failure.what());
  }
}

}  // namespace

StopScope::StopScope(const std::atomic<bool>* stop) : outer_(stop_of_thread) {
  stop_of_thread = stop;
}

StopScope::~StopScope() { stop_of_thread = outer_; }

Result<void> for_each_morsel(std::size_t morsels, std::size_t threads,
                             const std::function<Result<void>(std::size_t, std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::atomic<bool> failed{false};
  std::mutex mutex;
  std::optional<Error> first_error;
  std::size_t first_morsel = morsels;
  const auto work = [&, stop = stop_of_thread](std::size_t thread) {
    const StopScope scope(stop);
    for (std::size_t morsel;
         !failed.load(std::memory_order_relaxed) && (morsel = next.fetch_add(1)) < morsels;) {
      auto done = run_guarded(task, morsel, thread);
      if (done) continue;
      failed.store(true, std::memory_order_relaxed);
      const std::lock_guard lock(mutex);
      if (morsel < first_morsel) {
        first_morsel = morsel;
        first_error = std::move(done.error());
      }
    }
  };
  std::vector<std::thread> pool;
  const std::size_t used = std::min(threads, std::max<std::size_t>(morsels, 1));
  for (std::size_t thread = 1; thread < used; ++thread) pool.emplace_back(work, thread);
  work(0);
  for (auto& thread : pool) thread.join();
  if (first_error) return std::move(*first_error);
  return {};
}

}  // namespace descant
