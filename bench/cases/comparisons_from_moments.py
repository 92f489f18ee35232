# SPDX-License-Identifier: Apache-2.0
"""A thousand metrics in a hundred segments, compared by Welch's test from their moments alone.

The peer compares every hundredth pair; its time is multiplied by a hundred.
"""
import json
import sys

from comparison import assert_same
from engine import Engine, take_turns
from setting import BENCH, Row, Setting

NAME = "comparisons_from_moments"
PEER = "tea-tasting, the same moments"


def measure(setting: Setting) -> list[Row]:
    with setting.descant() as ours, Engine([sys.executable, BENCH / "tea_tasting_process.py"]) as peer:
        expected = ours.run(NAME)
        shown = expected["shown"]
        question = json.dumps({"pairs": [[pair["control"], pair["treatment"]] for pair in shown]})
        for pair, answer in zip(shown, peer.ask(question)["answers"], strict=True):
            assert_same(pair["answer"], answer, PEER)
        scale = expected["comparisons"] / len(shown)

        def scaled() -> dict:
            answer = peer.ask(question)
            return answer | {"seconds": answer["seconds"] * scale}

        timings = take_turns(setting.rounds, {"ours": lambda: ours.run(NAME), PEER: scaled})
    return [Row(NAME, timings["ours"], PEER, timings[PEER])]
