// SPDX-License-Identifier: Apache-2.0
#include "simulator/sessions.h"

#include <array>

namespace descant::simulator {
namespace {

constexpr unsigned kDrawnSessionsMax = kSessionsPerDayMax / 2;
constexpr double kUsualPlatformShare = 0.8;
constexpr double kMoveShare = 0.08;      // to another surface before the next play
constexpr unsigned kAutoplayAfter = 10;  // plays; then the queue may have run out
constexpr double kAutoplayShare = 0.12;
constexpr double kFavouriteGenreShare = 0.8;
constexpr unsigned kLibraryTracks = 50;
constexpr double kPauseShare = 0.05;
constexpr double kPauseSecondsMax = 12 * 60;
constexpr double kEarlySkipShare = 0.7;
constexpr double kEarlySkipMeanMs = 9'000;
constexpr double kSkipMax = 0.95;
// How taste changes the chance of a skip.
constexpr double kFamiliarSkip = 0.6, kFavouriteSkip = 1.0, kStrangeSkip = 1.4;

const AliasTable& start_surfaces() {
  static const AliasTable kTable(weights_of(kSurfaces, &SurfaceTraits::starts));
  return kTable;
}

const AliasTable& platforms() {
  static const AliasTable kTable(weights_of(kPlatforms, &Share::share));
  return kTable;
}

struct Choice {
  std::uint32_t track = 0;
  double skip_factor = 1;
};

// A session being played.
class Session {
 public:
  Session(const World& world, std::uint32_t number, std::uint32_t session,
          const Influence& influence)
      : world_(world),
        listener_(world.population.listeners[number]),
        number_(number),
        session_(session),
        influence_(influence),
        random_(world.seed, Purpose::kSession, number, session) {}

  // Appends plays from `second` on, not beyond `end`; returns when the last one ended.
  std::uint32_t play(std::uint32_t second, std::uint32_t end, std::vector<Play>& plays);

 private:
  std::uint32_t favourite_genre(Random& random) const;
  Choice choose_track();
  void listen(Play& play, const Choice& choice, bool is_last);
  StartReason first_reason();
  static StartReason reason_after(std::uint8_t end_reason);

  const World& world_;
  const Listener& listener_;
  std::uint32_t number_, session_;
  const Influence& influence_;
  Random random_;
  std::uint8_t surface_ = kHome;
};

// 60 % the first favourite, 25 % the second, 15 % the third.
std::uint32_t Session::favourite_genre(Random& random) const {
  const double which = random.uniform();
  return listener_.genres[which < 0.6 ? 0 : which < 0.85 ? 1 : 2];
}

Choice Session::choose_track() {
  const Catalogue& catalogue = world_.catalogue;
  if (random_.chance(kSurfaces[surface_].familiar)) {
    // A place in the listener's library always holds the same track; the first are played most.
    const double place = random_.uniform();
    const auto slot = static_cast<std::uint64_t>(kLibraryTracks * place * place);
    Random library(world_.seed, Purpose::kLibrary, number_, slot);
    const std::uint32_t genre = favourite_genre(library);
    return {catalogue.pick(genre, library.next()), kFamiliarSkip};
  }
  if (random_.chance(kFavouriteGenreShare)) {
    const std::uint32_t genre = favourite_genre(random_);
    return {catalogue.pick(genre, random_.next()), kFavouriteSkip};
  }
  const std::uint32_t genre = catalogue.genre_popularity.pick(random_);
  return {catalogue.pick(genre, random_.next()), kStrangeSkip};
}

void Session::listen(Play& play, const Choice& choice, bool is_last) {
  const std::uint32_t duration_ms = world_.catalogue.tracks[choice.track].duration_ms;
  const double skip = kSurfaces[surface_].skip * listener_.skip_tendency * choice.skip_factor *
                      influence_.skip[surface_];
  const auto part = [&](double share) { return static_cast<std::uint32_t>(share * duration_ms); };
  play.is_skipped = random_.chance(std::min(skip, kSkipMax));
  const double share = random_.uniform();
  const double kind = random_.uniform();
  const double early_ms = 400 + random_.exponential(kEarlySkipMeanMs);
  if (play.is_skipped) {
    const bool early = kind < kEarlySkipShare;
    play.ms_played = early ? static_cast<std::uint32_t>(std::min(early_ms, 0.9 * duration_ms))
                           : part(0.05 + 0.9 * share);
    play.end_reason = random_.chance(0.93) ? kEndForward : kEndBack;
  } else if (is_last && kind < 0.55) {
    play.ms_played = part(0.15 + 0.84 * share);
    play.end_reason = random_.chance(0.92) ? kEndPlay : kLogout;
  } else {
    play.ms_played = duration_ms;
    play.end_reason = kEndTrackDone;
  }
}

StartReason Session::first_reason() {
  const double which = random_.uniform();
  return which < 0.55   ? kClickRow
         : which < 0.75 ? kPlayButton
         : which < 0.95 ? kAppLoad
                        : kStartRemote;
}

StartReason Session::reason_after(std::uint8_t end_reason) {
  if (end_reason == kEndForward) return kStartForward;
  return end_reason == kEndBack ? kStartBack : kStartTrackDone;
}

std::uint32_t Session::play(std::uint32_t second, std::uint32_t end, std::vector<Play>& plays) {
  const std::uint8_t platform = random_.chance(kUsualPlatformShare)
                                    ? listener_.platform
                                    : static_cast<std::uint8_t>(platforms().pick(random_));
  surface_ = static_cast<std::uint8_t>(start_surfaces().pick(random_));
  const double length = listener_.session_length * influence_.session_length;
  const unsigned count = std::min(
      kSessionPlaysMax, 1 + static_cast<unsigned>(std::min(random_.exponential(length), 1e6)));
  StartReason reason = first_reason();
  std::uint32_t busy_until = second;
  for (unsigned i = 0; i < count && second < end; ++i) {
    Play& play =
        plays.emplace_back(Play{.second = second, .listener = number_, .session = session_});
    const Choice choice = choose_track();
    play.track = choice.track;
    play.surface = surface_;
    play.platform = platform;
    play.start_reason = reason;
    play.is_organic = random_.chance(kSurfaces[surface_].organic);
    listen(play, choice, i + 1 == count);

    busy_until = second + (play.ms_played + 999) / 1000;
    const double pause =
        random_.chance(kPauseShare) ? kPauseSecondsMax * random_.uniform() : 2 * random_.uniform();
    second = std::max(second + 1, busy_until) + static_cast<std::uint32_t>(pause);
    reason = reason_after(play.end_reason);
    if (i >= kAutoplayAfter && reason == kStartTrackDone && random_.chance(kAutoplayShare)) {
      surface_ = kAutoplay;
    } else if (random_.chance(kMoveShare)) {
      surface_ = static_cast<std::uint8_t>(start_surfaces().pick(random_));
      reason = kClickRow;
    }
  }
  return busy_until;
}

// A session that is to begin, with what acts on it.
struct Start {
  std::uint32_t second = 0;
  std::uint32_t session = 0;
  Influence influence;
};

// The day's sessions in order of their start. Twice the usual number is drawn; without influence
// the first half is kept, and an influence keeps fewer of these or some of the others. So the kept
// ones are again a Poisson process, and the sessions of any two influences overlap as far as they
// can (thinning: Lewis and Shedler 1979).
std::vector<Start> draw_starts(const World& world, const InfluenceAt& influence,
                               std::uint32_t number, std::uint32_t day) {
  const Listener& listener = world.population.listeners[number];
  const double mean = listener.sessions_per_day * world.rhythm.weight(listener.market, day);
  Random random(world.seed, Purpose::kDay, number, day);
  const std::array<unsigned, 2> drawn{random.poisson(mean, kDrawnSessionsMax),
                                      random.poisson(mean, kDrawnSessionsMax)};
  std::vector<Start> starts;
  for (unsigned half = 0; half < 2; ++half) {
    for (unsigned i = 0; i < drawn[half]; ++i) {
      const std::uint32_t second =
          day * kSecondsPerDay + world.rhythm.pick_second(listener.market, day, random);
      const double draw = half + random.uniform();
      Influence acting;
      influence(number, second, acting);
      if (draw < acting.sessions)
        starts.push_back({second, day * kSessionsPerDayMax + half * kDrawnSessionsMax + i, acting});
    }
  }
  std::sort(starts.begin(), starts.end(), [](const Start& a, const Start& b) {
    return std::pair(a.second, a.session) < std::pair(b.second, b.session);
  });
  return starts;
}

}  // namespace

void simulate_day(const World& world, const InfluenceAt& influence, std::uint32_t number,
                  std::uint32_t day, std::uint32_t& busy_until, std::vector<Play>& plays) {
  const Listener& listener = world.population.listeners[number];
  const auto day_number = static_cast<std::int64_t>(day);
  if (day_number < listener.signup_day || day_number >= listener.churn_day) return;
  const std::uint32_t end = (day + 2) * kSecondsPerDay;
  for (const Start& start : draw_starts(world, influence, number, day)) {
    std::uint32_t second = start.second;
    if (busy_until > 0) second = std::max(second, busy_until + kSessionGapSeconds + 60);
    if (second >= end) continue;
    Session session(world, number, start.session, start.influence);
    busy_until = session.play(second, end, plays);
  }
}

}  // namespace descant::simulator
