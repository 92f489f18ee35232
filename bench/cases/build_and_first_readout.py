# SPDX-License-Identifier: Apache-2.0
"""From Parquet to the first answer, in new processes: what somebody with one question pays.

The peer may read the files directly or sort them first, with the SQL of experiment_readout and
timelines_build; the faster counts.
"""
from cases import experiment_readout, timelines_build
from comparison import answer_of, assert_same
from engine import DuckDB, take_turns
from setting import PARQUET, TABLE, Row, Setting, fastest, read_forms

NAME = "build_and_first_readout"


def cold_ours(setting: Setting) -> dict:
    with setting.descant() as engine:
        build = engine.run(timelines_build.NAME)
        readout = engine.run(experiment_readout.NAME)
    return readout | {"seconds": build["seconds"] + readout["seconds"]}


def cold_peer(setting: Setting, expected: dict, peer: str) -> dict:
    form = setting.forms[f"{experiment_readout.NAME}, {peer}"]
    sql = experiment_readout.queries(peer, setting, expected["as_of"])[form]
    seconds, database = 0.0, ":memory:"
    with DuckDB(database) as engine:
        if peer == TABLE:
            build = read_forms(timelines_build.NAME)[timelines_build.FORM].format(data=setting.data() / "data")
            seconds = engine.run(build)["seconds"]
        answer = engine.run(sql)
    assert_same(expected["answer"], answer_of(answer["rows"]), peer)
    return answer | {"seconds": answer["seconds"] + seconds}


def measure(setting: Setting) -> list[Row]:
    expected = cold_ours(setting)
    peers = {peer: lambda p=peer: cold_peer(setting, expected, p) for peer in (PARQUET, TABLE)}
    chosen = fastest(setting, f"{NAME}, DuckDB", peers)
    timings = take_turns(setting.rounds, {"ours": lambda: cold_ours(setting), "peer": peers[chosen]})
    return [Row(NAME, timings["ours"], chosen, timings["peer"])]
