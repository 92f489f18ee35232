# SPDX-License-Identifier: Apache-2.0
"""A streaming log in which every experiment design has its subjects: 2,000 listeners, 8 markets, 39 days, a fixed seed.

Times are integers, microseconds UTC. Only random.random() is drawn from, which Python promises never to change.
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
LISTENERS = 2000
COUNTRIES = ["BR", "DE", "SE", "US"]
MARKETS = ["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"]
GENRES = ["folk", "jazz", "pop", "rock"]


def utc(text):
    return int(dt.datetime.fromisoformat(text).replace(tzinfo=dt.timezone.utc).timestamp()) * SECOND


FIRST, LATEST = utc("2026-02-10T00:00:00"), utc("2026-03-21T00:00:00")
AS_OF = LATEST - 6 * HOUR  # the watermark: the last play less six hours
START, STOP = utc("2026-03-01T23:00:00"), utc("2026-03-11T23:00:00")  # local midnights of Stockholm

# Experiments of two variants that listeners were dealt to at random; those of one line were dealt alike.
RANDOMISED = {
    "values": ["aggregates", "covariates", "strata", "strata_adjusted"],
    "nudge": ["nudge", "nudge_relative"],
    "volume": ["volume"],
    "tempo": ["tempo"],
}
SEVERAL = ["bonferroni", "holm", "dunnett"]


class Draws:
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
        self.draws = Draws(20260311)
        self.listeners = {}  # listener: {country, plan, household}; some listeners are not there
        self.plays = []  # (play_id, listener, market, time, ms, skipped, surface, genre, track)
        self.picks = []  # (pick_id, listener, time, ranker)
        self.assignments = []  # (listener, experiment, variant, time)
        self.schedule = []  # (market, experiment, variant, time)


def whole_second(time):
    return time - time % SECOND


def people(log):
    """Households of one to four listeners of one country; plans differ within them."""
    g = log.draws
    members, left, country = [], 0, None
    for who in range(LISTENERS):
        if left == 0:
            left = g.choice([1, 2, 3, 4], [0.35, 0.35, 0.2, 0.1])
            country = g.choice(COUNTRIES, [0.15, 0.25, 0.2, 0.4])
            members.append([])
        left -= 1
        members[-1].append(who)
        household = f"h{len(members):04d}"
        kind = g.random()
        if kind < 0.03:
            continue  # no row at all
        plan = "premium" if g.random() < 0.35 else "free"
        log.listeners[who] = {
            "country": None if kind < 0.05 else country,
            "plan": plan,
            "household": None if 0.05 <= kind < 0.1 else household,
        }
    return members


def deal(log, members):
    """Assignments, and for each listener the (time, factor) by which exposures change the number of plays."""
    g = log.draws
    changes = {who: [] for who in range(LISTENERS)}

    def assign(who, names, variant, time, factor):
        for name in names:
            log.assignments.append((who, name, variant, time))
        changes[who].append((time, factor))

    for who in range(LISTENERS):
        for first, names in RANDOMISED.items():
            if g.random() < 0.85:
                treated = g.random() < 0.5
                time = whole_second(g.integer(START, STOP))
                assign(who, names, "treatment" if treated else "control", time, 1.1 if treated else 1.0)
        if g.random() < 0.9:
            variant = g.choice(["control", "large", "small"], [0.4, 0.3, 0.3])
            factor = {"control": 1.0, "large": 1.25, "small": 1.1}[variant]
            assign(who, SEVERAL, variant, whole_second(g.integer(START, STOP)), factor)
        premium = log.listeners.get(who, {}).get("plan") == "premium"
        if g.random() < 0.8:  # not at random: premium listeners got it first
            treated = g.random() < (0.6 if premium else 0.35)
            time = whole_second(g.integer(START, STOP))
            assign(who, ["rollout"], "launched" if treated else "waiting", time, 1.2 if treated else 1.0)
    for household in members:
        treated = g.random() < 0.5
        for who in household:
            if g.random() < 0.06:
                continue
            mistaken = g.random() < 0.02
            variant = "treatment" if treated != mistaken else "control"
            time = whole_second(g.integer(START, STOP))
            assign(who, ["households"], variant, time, 1.15 if variant == "treatment" else 1.0)
    for who in range(LISTENERS):
        if g.random() < 0.4:
            log.assignments.append((who, "blend", "blended", whole_second(g.integer(START, STOP))))
    return changes


def markets(log):
    """Variants that take turns of 6 to 18 hours; some switches fall inside a bucket of six hours."""
    g = log.draws
    for market in MARKETS:
        time, variant = START - 12 * HOUR, g.integer(0, 2)  # the first row lies before the start
        while time < STOP + DAY:
            log.schedule.append((market, "turns", ["control", "treatment"][variant], time))
            if g.random() < 0.15:  # the same variant once more: no switch
                log.schedule.append((market, "turns", ["control", "treatment"][variant], time + 3 * HOUR))
            time += g.integer(1, 4) * 6 * HOUR
            if g.random() < 0.2:
                time += g.integer(1, 6) * HOUR
            variant = 1 - variant if g.random() < 0.8 else variant


def variant_of(schedule, market, time):
    last = None
    for m, _, variant, at in schedule:
        if m == market and at <= time:
            last = variant
    return last


def listen(log, changes):
    g = log.draws
    nudged = {who: (v, t) for who, name, v, t in log.assignments if name == "nudge"}
    plays = []
    for who in range(LISTENERS):
        rate = 0.03 + 0.6 * g.exponential()
        rate *= 10 if g.random() < 0.01 else 1
        rate *= 1.8 if log.listeners.get(who, {}).get("plan") == "premium" else 1
        skip_share, favourite = min(g.random(), g.random()), GENRES[g.integer(0, 4)]
        market = MARKETS[who % 8]
        eager = g.random()  # how little it takes to try the feature
        for _ in range(g.poisson(2 * rate * (LATEST - FIRST) / DAY)):  # half of them are kept where nothing changes
            time = whole_second(g.integer(FIRST, LATEST))
            keep = 0.5
            for since, factor in changes[who]:
                keep *= factor if time >= since else 1
            if time > START:
                keep *= 1.1  # everybody listens more in spring
            if g.random() >= keep:
                continue
            skipped = g.random() < skip_share
            ms = g.integer(500, 30_000) if skipped else g.integer(30_000, 330_000)
            ms = None if g.random() < 0.02 else ms
            surface = g.choice(["home", "radio", "search", None], [0.5, 0.25, 0.2, 0.05])
            variant, since = nudged.get(who, (None, 0))
            if variant and time >= since and eager > (0.4 if variant == "treatment" else 0.8):
                surface = "feature" if g.random() < 0.5 else surface
            genre = favourite if g.random() < 0.7 else GENRES[g.integer(0, 4)]
            track = None if g.random() < 0.02 else f"t{min(int(6 * g.random() ** 2 / (1.002 - g.random())), 900):03d}"
            plays.append((who, market, time, ms, skipped, surface, genre, track))
    plays.append((0, MARKETS[0], LATEST, 60_000, False, "home", "pop", "t000"))
    ids = g.shuffled(range(len(plays)))
    log.plays = [(i, *play) for i, play in zip(ids, plays)]


def pick(log):
    g = log.draws
    for who, name, _, time in log.assignments:
        if name == "blend":
            taste = 0.35 + 0.4 * g.random()
            for _ in range(g.poisson(3.0)):
                at = whole_second(g.integer(time - DAY, time + 8 * DAY))
                ranker = "new" if g.random() < taste else "old"
                ranker = "both" if g.random() < 0.1 else ranker
                log.picks.append((len(log.picks), who, at, ranker))


def make():
    log = Log()
    members = people(log)
    changes = deal(log, members)
    markets(log)
    listen(log, changes)
    pick(log)
    return log


def digest(log):
    return hashlib.sha256(
        repr((log.plays, log.picks, log.assignments, log.schedule, sorted(log.listeners.items()))).encode()
    ).hexdigest()


def timestamp_text(time):
    return (dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=time)).strftime("%Y-%m-%d %H:%M:%S")


def key(who):
    return f"listener-{who * 37 % 2003:04d}"


def table(rows, columns):
    """Column name: type, a tuple of rows: an Arrow table."""
    values = list(zip(*rows))
    arrays = []
    for type_, column in zip(columns.values(), values):
        whole = pa.int64() if pa.types.is_timestamp(type_) else type_
        arrays.append(pa.array(column, whole).cast(type_))
    return pa.table(dict(zip(columns, arrays)))


def write_assignments(path, entity, rows):
    with open(path, "w", newline="", encoding="utf-8") as f:
        out = csv.writer(f)
        out.writerow([entity, "experiment", "variant", "assigned_at"])
        out.writerows(rows)


def write(log, folder):
    data = os.path.join(folder, "data")
    os.makedirs(data, exist_ok=True)
    text, whole, time = pa.string(), pa.int64(), pa.timestamp("us")
    plays = [(i, key(who), *rest) for i, who, *rest in log.plays]
    columns = {"play_id": whole, "listener_id": text, "market": text, "played_at": time, "ms_played": whole}
    columns |= {"skipped": pa.bool_(), "surface": text, "genre": text, "track_id": text}
    pq.write_table(table(plays, columns), os.path.join(data, "plays.parquet"))
    picks = [(i, key(who), *rest) for i, who, *rest in log.picks]
    columns = {"pick_id": whole, "listener_id": text, "picked_at": time, "ranker": text}
    pq.write_table(table(picks, columns), os.path.join(data, "picks.parquet"))
    listeners = [(key(who), *row.values()) for who, row in log.listeners.items()]
    columns = {"listener_id": text, "country": text, "plan": text, "household": text}
    pq.write_table(table(listeners, columns), os.path.join(data, "listeners.parquet"))
    rows = [(key(who), name, variant, timestamp_text(at)) for who, name, variant, at in log.assignments]
    write_assignments(os.path.join(data, "assignments.csv"), "listener_id", rows)
    rows = [(market, name, variant, timestamp_text(at)) for market, name, variant, at in log.schedule]
    write_assignments(os.path.join(data, "schedule.csv"), "market", rows)
