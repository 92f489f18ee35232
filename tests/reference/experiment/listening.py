# SPDX-License-Identifier: Apache-2.0
"""A small listening log full of edges, from a fixed seed: about 400 listeners and 25,000 plays over 60 days.

Times are integers, microseconds UTC. Every edge is planted on listeners of its own, so that none hides another.
"""

import csv
import datetime as dt
import hashlib
import math
import os
import random

import pyarrow as pa
import pyarrow.parquet as pq

SECOND = 1_000_000
HOUR = 3600 * SECOND
DAY = 24 * HOUR
SEED = 20260308


def utc(text):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc).timestamp()) * SECOND


FIRST = utc("2026-01-31T00:00:00")
LATEST = utc("2026-04-01T00:00:00")  # the last play, exactly: the watermark is six hours earlier
RANKER_WATERMARK = LATEST - 6 * HOUR
RADIO_AS_OF = utc("2026-03-28T12:34:56")
RANKER_START, RANKER_STOP = utc("2026-02-24T05:00:00"), utc("2026-03-21T04:00:00")  # local midnights, EST and EDT
RADIO_START = utc("2026-03-05T05:00:00")

PLATFORMS = ["ios", "android", "web", "speaker"]
SURFACES = ["home", "search", "radio", "discover", "playlist"]
COUNTRIES = ["US", "DE", "BR", "SE"]
ORDINARY, SILENT, NEVER_ASSIGNED = 400, 12, 15


class Draws:
    """Draws from the one stream that Python promises never to change, random.random()."""

    def __init__(self, seed):
        self.random = random.Random(seed).random

    def integer(self, low, high):
        return low + int(self.random() * (high - low))

    def exponential(self):
        return -math.log(1 - self.random())

    def choice(self, values, shares):
        u = self.random()
        for value, share in zip(values, shares):
            u -= share
            if u < 0:
                return value
        return values[-1]

    def poisson(self, mean):
        count, passed = 0, self.exponential()
        while passed < mean:
            count, passed = count + 1, passed + self.exponential()
        return count

    def shuffled(self, values):
        return [v for _, _, v in sorted((self.random(), i, v) for i, v in enumerate(values))]


class Log:
    def __init__(self):
        self.draws = Draws(SEED)
        self.plays = []  # (listener, time, ms_played, skipped, surface, platform, track)
        self.assignments = []  # (listener, experiment, variant, time)
        self.listeners = []  # (listener, country)
        self.count = 0

    def listener(self, country="?"):
        i = self.count
        self.count += 1
        if country == "?":
            country = self.draws.choice(COUNTRIES, [0.5, 0.25, 0.15, 0.1])
        if country != "missing":
            self.listeners.append((i, country))
        return i

    def play(self, listener, time, platform="ios", ms=200_000, skipped=False, surface="home", track="t0001"):
        self.plays.append((listener, time, ms, skipped, surface, platform, track))

    def assign(self, listener, experiment, variant, time):
        self.assignments.append((listener, experiment, variant, time))

    def random_play(self, listener, time, favourite, skip_share):
        g = self.draws
        platform = favourite if g.random() < 0.8 else PLATFORMS[g.integer(0, 4)]
        platform = None if g.random() < 0.03 else platform
        surface = None if g.random() < 0.08 else g.choice(SURFACES, [0.35, 0.1, 0.15, 0.15, 0.25])
        skipped = g.random() < skip_share
        ms = g.integer(500, 30_000) if skipped else g.integer(30_000, 330_000)
        ms = 30_000 if g.random() < 0.01 else ms  # exactly the threshold of a stream
        ms = None if g.random() < 0.02 else ms  # a null measure
        skipped = None if g.random() < 0.02 else skipped
        track = None if g.random() < 0.02 else f"t{min(int(20 * g.random() ** 3 / (1.001 - g.random())), 3000):04d}"
        self.play(listener, time, platform, ms, skipped, surface, track)


def whole_second(time):
    return time - time % SECOND


def ordinary_listener(log):
    g = log.draws
    who = log.listener()
    rate = 0.05 + 0.95 * g.exponential()  # plays a day
    rate *= 12 if g.random() < 0.01 else 1  # heavy users, whom the caps touch
    skip_share = min(g.random(), g.random())
    favourite = g.choice(PLATFORMS, [0.45, 0.3, 0.15, 0.1])
    variant = g.choice(["control", "large", "small"], [0.5, 0.25, 0.25])
    exposed = whole_second(g.integer(RANKER_START, RANKER_STOP))
    if g.random() < 0.3:
        exposed += g.integer(1, SECOND)
    log.assign(who, "ranker", variant, exposed)
    if g.random() < 0.08:  # the same variant again, later or (out of order in the file) earlier
        log.assign(who, "ranker", variant, exposed + g.integer(-2 * DAY, 2 * DAY))
    radio = None
    if g.random() < 0.75:
        radio = ["control", "treatment"][g.integer(0, 2)]
        log.assign(who, "radio", radio, whole_second(g.integer(RADIO_START, RADIO_AS_OF + DAY)))
    start = whole_second(g.integer(FIRST, FIRST + 20 * DAY)) if g.random() < 0.3 else FIRST
    for _ in range(g.poisson(rate * (LATEST - start) / DAY)):
        time = whole_second(g.integer(start, LATEST))
        if time >= exposed and variant == "control" and g.random() < 0.3:
            continue
        if g.random() < 0.05:
            time += g.integer(1, SECOND)
        log.random_play(who, time, favourite, skip_share)
        if g.random() < 0.02:  # a tie: the same instant, another play
            log.random_play(who, time, favourite, skip_share)


EDGE = utc("2026-03-03T12:00:00")
RANKER_VARIANTS = ["control", "large", "small"]


def exposed_listener(log, variant, time, country="US"):
    who = log.listener(country)
    log.assign(who, "ranker", variant, time)
    return who


def edges_of_timelines(log):
    """One listener or two for each edge of windows, segments and measures."""
    at, variants = EDGE, RANKER_VARIANTS
    for i in range(SILENT):  # assigned, never a play
        exposed_listener(log, variants[i % 3], at + i * HOUR, ["US", "DE", "missing", None][i % 4])
    for i in range(NEVER_ASSIGNED):
        who = log.listener()
        for k in range(10):
            log.random_play(who, at + (i * 40 + k) * HOUR, "web", 0.3)
    for i, variant in enumerate(variants * 2):  # plays on every edge of every window
        time = at + i * DAY + i
        who = exposed_listener(log, variant, time, ["US", "missing"][i % 2])
        for offset in (
            -14 * DAY,
            -14 * DAY - 1,
            -7 * DAY,
            -1,
            0,
            1,
            7 * DAY - 1,
            7 * DAY,
            7 * DAY + 1,
            14 * DAY - 1,
            14 * DAY,
        ):
            log.play(who, time + offset, PLATFORMS[i % 4], ms=60_000 * (2 + i), surface="radio", track=f"e{offset % 5}")
    for i, variant in enumerate(variants):  # only the play at the exposure itself: in the window, not before it
        log.play(exposed_listener(log, variant, at + i), at + i, "speaker")
    for i, variant in enumerate(variants):  # a tie just before exposure: order_by says which play was last
        who = exposed_listener(log, variant, at + 2 * HOUR)
        for platform in ("ios", "web", "android"):
            log.play(who, at, platform)
    for i, variant in enumerate(variants):  # the last play before exposure has no platform
        who = exposed_listener(log, variant, at + HOUR)
        log.play(who, at - DAY, "ios")
        log.play(who, at, None)
    for i, variant in enumerate(variants):  # only null measures
        who = exposed_listener(log, variant, at + 3 * HOUR)
        for k in range(-3, 4):
            log.play(who, at + k * DAY, "web", None, None, None, None)


def edges_of_exposure(log):
    """One listener or two for each edge of dates, maturity and variants."""
    at, variants = EDGE, RANKER_VARIANTS
    for i, (time, variant) in enumerate(
        (
            (RANKER_START, "control"),
            (RANKER_START - 1, "control"),
            (RANKER_STOP - 1, "large"),
            (RANKER_STOP, "small"),
            (RANKER_START, "small"),
            (RANKER_STOP - 1, "control"),
        )
    ):
        who = exposed_listener(log, variant, time)  # on and beside the dates
        log.play(who, time - HOUR, "android"), log.play(who, time + HOUR, "android")
    for i in range(6):  # mature to the microsecond, and one microsecond short of it
        time = RANKER_WATERMARK - 14 * DAY + i // 3
        who = exposed_listener(log, variants[i % 3], time)
        log.play(who, time + DAY, "ios", ms=240_000), log.play(who, time - DAY, "ios")
    for i in range(4):
        time = RADIO_AS_OF - 14 * DAY + i // 2
        who = log.listener("SE")
        log.assign(who, "radio", ["control", "treatment"][i % 2], time)
        (
            log.play(who, time + DAY, "web"),
            log.play(who, RADIO_AS_OF - 1, "web"),
            log.play(who, RADIO_AS_OF, "web", ms=10_000_000),
        )
    for i in range(7):  # in two variants: left out
        who = exposed_listener(log, variants[i % 3], at + i * HOUR)
        log.assign(who, "ranker", variants[(i + 1) % 3], at + (i + 5) * HOUR)
        log.play(who, at + 3 * DAY, "ios", ms=9_000_000)
    for i in range(5):  # in two variants, one of them outside the dates: kept
        who = exposed_listener(log, variants[i % 3], at + i * HOUR)
        log.assign(who, "ranker", variants[(i + 1) % 3], RANKER_START - DAY if i % 2 else RANKER_STOP + DAY)
        log.play(who, at + 3 * DAY, "ios")
    for i in range(4):  # a variant nobody declared, alone; and beside a declared one: kept
        who = log.listener("DE")
        log.assign(who, "ranker", "beta", at)
        if i % 2:
            log.assign(who, "ranker", "large", at + HOUR)
        log.play(who, at + DAY, "ios")
    for i in range(5):  # outside the dates only
        exposed_listener(log, variants[i % 3], [RANKER_START - 9 * DAY, RANKER_STOP + 3 * DAY][i % 2])
    for i in range(3):  # the second variant comes after the explicit as-of: not yet known then
        who = log.listener("BR")
        log.assign(who, "radio", "control", RADIO_START + i * DAY)
        log.assign(who, "radio", "treatment", RADIO_AS_OF + i)
        log.play(who, RADIO_START + 3 * DAY, "ios")
    for i in range(3):  # around the change to summer time, 2026-03-08 02:00 local = 07:00 UTC
        time = utc("2026-03-08T06:59:59") + (i - 1) * 2 * HOUR
        who = exposed_listener(log, variants[i], time)
        log.play(who, utc("2026-03-09T03:59:59"), "web"), log.play(who, utc("2026-03-09T04:00:00"), "web")
    log.play(log.listener(), LATEST, "ios")


def make():
    log = Log()
    for _ in range(ORDINARY):
        ordinary_listener(log)
    edges_of_timelines(log)
    edges_of_exposure(log)
    for i in range(5):  # in the dimension table, nowhere else
        log.listener("SE")
    g = log.draws
    ids = g.shuffled(range(len(log.plays)))
    log.plays = g.shuffled([(i, *play) for i, play in zip(ids, log.plays)])
    log.assignments = g.shuffled(log.assignments)
    return log


def digest(log):
    return hashlib.sha256(repr((log.plays, log.assignments, log.listeners)).encode()).hexdigest()


def key(i, kind):
    if kind == "int64":
        return (i * 7919) % 1_000_003 - 500
    return {7: "7", 8: "007", 9: "Zoë B.", 10: "null?"}.get(i, f"listener-{i * 37 % 1009:04d}")


def timestamp_text(time):
    return (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=time)).strftime("%Y-%m-%d %H:%M:%S.%f")


def write(log, folder, kind):
    """Parquet plays in two files (timestamps with a zone in the int64 variant), CSV assignments, a Parquet dimension table."""
    data = os.path.join(folder, "data")
    os.makedirs(os.path.join(data, "plays"), exist_ok=True)
    identifier = pa.int64() if kind == "int64" else pa.string()
    time_type = pa.timestamp("us", tz="UTC") if kind == "int64" else pa.timestamp("us")
    half = len(log.plays) // 2
    for part, rows in enumerate((log.plays[:half], log.plays[half:])):
        play, who, time, ms, skipped, surface, platform, track = zip(*rows)
        pq.write_table(
            pa.table(
                {
                    "play_id": pa.array(play, pa.int64()),
                    "listener_id": pa.array([key(i, kind) for i in who], identifier),
                    "played_at": pa.array(time, pa.int64()).cast(time_type),
                    "ms_played": pa.array(ms, pa.int64()),
                    "skipped": pa.array(skipped, pa.bool_()),
                    "surface": pa.array(surface, pa.string()),
                    "platform": pa.array(platform, pa.string()),
                    "track_id": pa.array(track, pa.string()),
                }
            ),
            os.path.join(data, "plays", f"part-{part}.parquet"),
        )
    with open(os.path.join(data, "assignments.csv"), "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow(["listener_id", "experiment", "variant", "assigned_at"])
        for who, experiment, variant, time in log.assignments:
            out.writerow([key(who, kind), experiment, variant, timestamp_text(time)])
    who, country = zip(*log.listeners)
    pq.write_table(
        pa.table(
            {
                "listener_id": pa.array([key(i, kind) for i in who], identifier),
                "country": pa.array(country, pa.string()),
            }
        ),
        os.path.join(data, "listeners.parquet"),
    )
