// SPDX-License-Identifier: Apache-2.0
#include "capi/watched.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace descant::capi {

namespace {

constexpr std::chrono::milliseconds kLookEvery{50};

struct Step {
  std::string name;
  std::string unit;
  std::uint64_t done = 0;
  std::uint64_t total = 0;
};

// What the working thread tells the calling one.
struct Shared {
  std::mutex mutex;
  std::condition_variable changed;
  std::optional<Step> latest;
  bool finished = false;
  std::atomic<bool> stop{false};
};

void tell(const descant_watch& watch, const Step& step) {
  if (watch.progress != nullptr)
    watch.progress(watch.context, step.name.c_str(), step.done, step.total, step.unit.c_str());
}

void look_until_finished(const descant_watch& watch, Shared& shared) {
  std::unique_lock lock(shared.mutex);
  while (!shared.changed.wait_for(lock, kLookEvery, [&] { return shared.finished; })) {
    const std::optional<Step> step = std::exchange(shared.latest, std::nullopt);
    lock.unlock();
    if (step) tell(watch, *step);
    if (watch.cancelled != nullptr && watch.cancelled(watch.context) != 0) shared.stop.store(true);
    lock.lock();
  }
  if (shared.latest) tell(watch, *shared.latest);  // the last one, so that a bar ends full
}

}  // namespace

void run_watched(const descant_watch* watch, const std::function<void(const Watch&)>& work) {
  if (watch == nullptr || (watch->progress == nullptr && watch->cancelled == nullptr)) {
    work({});
    return;
  }
  Shared shared;
  Watch inner;
  inner.stop = &shared.stop;
  if (watch->progress != nullptr)
    inner.report = [&](const Progress& progress) {
      const std::lock_guard lock(shared.mutex);
      shared.latest = Step{std::string(progress.step), std::string(progress.unit), progress.done,
                           progress.total};
    };
  std::thread worker([&] {
    const StopScope scope(&shared.stop);
    work(inner);
    const std::lock_guard lock(shared.mutex);
    shared.finished = true;
    shared.changed.notify_one();
  });
  look_until_finished(*watch, shared);
  worker.join();
}

}  // namespace descant::capi
