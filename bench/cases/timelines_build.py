# SPDX-License-Identifier: Apache-2.0
"""Timelines built from Parquet, against tables sorted the same way; every round in new processes."""
from engine import BenchError, DuckDB, take_turns
from setting import Row, Setting, read_forms

NAME = "timelines_build"


def build_ours(setting: Setting, key: str) -> dict:
    with setting.descant(key) as engine:
        return engine.run(NAME)


def build_peer(setting: Setting, key: str, place: str, form: str) -> dict:
    """`place`: file or memory."""
    database = setting.scratch_database() if place == "file" else ":memory:"
    with DuckDB(database) as engine:
        answer = engine.run(read_forms(NAME)[form].format(data=setting.data(key) / "data"))
        count = engine.run("SELECT count(*) FROM plays")["rows"][0][0]
    if count != setting.events(key):
        raise BenchError(f"the peer sorted {count} of {setting.events(key)} plays")
    setting.scratch_database()
    return answer


# Where the peer's sorted table goes, and how a row of the result calls it.
PLACES = {"file": "DuckDB, CREATE TABLE in a database file", "memory": "DuckDB, CREATE TABLE in memory"}
# The columns as they are. Enumerations would need their values known beforehand, which nobody tells
# the timelines either; that form is only timed, for comparison.
FORM = "text"


def measure(setting: Setting, name: str = NAME, key: str = "integer") -> list[Row]:
    rows = build_ours(setting, key)["rows"]
    if rows["plays"] != setting.events(key):
        raise BenchError(f"the timelines hold {rows['plays']} of {setting.events(key)} plays")
    runs = {"ours": lambda: build_ours(setting, key)}
    runs |= {place: lambda p=place: build_peer(setting, key, p, FORM) for place in PLACES}
    timings = take_turns(setting.rounds, runs)
    if key == "integer":
        for place in PLACES:
            seconds = build_peer(setting, key, place, "enumerated")["seconds"]
            setting.say(f"{name}, with enumerations in {place}: {seconds:.3f} s")
    return [Row(name, timings["ours"], peer, timings[place], setting.events(key))
            for place, peer in PLACES.items()]
