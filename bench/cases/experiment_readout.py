# SPDX-License-Identifier: Apache-2.0
"""One experiment read out, exposure join and CUPED included, over data that stand ready."""
import json
from contextlib import ExitStack

import duckdb

from comparison import answer_of, assert_same
from engine import DuckDB, take_turns
from setting import PARQUET, TABLE, Row, Setting, experiment_dates, fastest, read_forms

NAME = "experiment_readout"


def source(peer: str, setting: Setting) -> dict[str, str]:
    """What the SQL reads: the simulated files, or the tables made from them."""
    if peer == TABLE:
        return {"plays": "plays", "assignments": "assignments", "minutes": "p.minutes"}
    data = setting.data() / "data"
    return {"plays": f"read_parquet('{data}/plays/*.parquet')",
            "assignments": f"read_parquet('{data}/assignments.parquet')",
            "minutes": "p.ms_played / 60000.0"}


def queries(peer: str, setting: Setting, as_of: str) -> dict[str, str]:
    values = source(peer, setting) | experiment_dates(as_of)
    return {name: form.format(**values) for name, form in read_forms(NAME).items()}


def sorted_database(setting: Setting) -> str:
    """A database file with the sorted tables, made once for a version of DuckDB and of the data."""
    data = setting.data()
    path = setting.folder / f"sorted-{setting.size}-{duckdb.__version__}.duckdb"
    stamp = path.with_suffix(".json")
    truth = json.loads((data / "truth.json").read_text())
    if not (path.exists() and stamp.exists() and json.loads(stamp.read_text()) == truth):
        setting.say("sorting the plays into a database file for the peer")
        stamp.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
        with DuckDB(path) as engine:
            engine.run(read_forms("timelines_build")["text"].format(data=data / "data"))
            engine.run("CHECKPOINT")
        stamp.write_text(json.dumps(truth))
    return str(path)


def measure(setting: Setting) -> list[Row]:
    with setting.descant() as engine:
        engine.run("timelines_build")
    with ExitStack() as stack:
        ours = stack.enter_context(setting.descant())
        engines = {PARQUET: stack.enter_context(DuckDB()),
                   TABLE: stack.enter_context(DuckDB(sorted_database(setting)))}
        expected = ours.run(NAME)
        runs = {"ours": lambda: ours.run(NAME)}
        for peer, engine in engines.items():
            forms = queries(peer, setting, expected["as_of"])
            for sql in forms.values():
                assert_same(expected["answer"], answer_of(engine.run(sql)["rows"]), peer)
            chosen = fastest(setting, f"{NAME}, {peer}",
                             {name: lambda e=engine, s=sql: e.run(s) for name, sql in forms.items()})
            runs[peer] = lambda e=engine, s=forms[chosen]: e.run(s)
        timings = take_turns(setting.rounds, runs)
    return [Row(NAME, timings["ours"], peer, timings[peer], setting.events()) for peer in engines]
