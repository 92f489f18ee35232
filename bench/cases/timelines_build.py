# SPDX-License-Identifier: Apache-2.0
"""Timelines built from Parquet, against tables sorted the same way; every round in new processes."""
from engine import BenchError, DuckDB, take_turns
from setting import Row, Setting, fastest, read_forms

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


def ways(setting: Setting, key: str) -> dict:
    return {f"{form} in {place}": lambda p=place, f=form: build_peer(setting, key, p, f)
            for place in ("file", "memory") for form in read_forms(NAME)}


def measure(setting: Setting, name: str = NAME, key: str = "integer") -> list[Row]:
    rows = build_ours(setting, key)["rows"]
    if rows["plays"] != setting.events(key):
        raise BenchError(f"the timelines hold {rows['plays']} of {setting.events(key)} plays")
    peer = ways(setting, key)
    chosen = fastest(setting, f"{NAME}, DuckDB", peer)
    timings = take_turns(setting.rounds, {"ours": lambda: build_ours(setting, key), "peer": peer[chosen]})
    return [Row(name, timings["ours"], f"DuckDB, CREATE TABLE, {chosen}", timings["peer"],
                setting.events(key))]
