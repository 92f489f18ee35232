# SPDX-License-Identifier: Apache-2.0
"""One pandas frame of units analysed from Python: five metrics with CUPED, three segments.

Ours against tea-tasting and spotify-confidence, and against the bare C call on the same Arrow stream.
"""
import json
import os
import sys
from pathlib import Path

from engine import BenchError, Engine, take_turns
from setting import PROGRAM, Row, Setting

NAME = "python_analyze"
UNITS = {"tiny": 20_000, "small": 500_000, "full": 10_000_000}
PEERS = {"tea_tasting": "tea-tasting, pandas", "spotify_confidence": "spotify-confidence, pandas"}
C_CALL = "the C call on the same stream"
TOLERANCE = 1e-6  # of effects and p-values without a covariate, where all conventions agree
# With one, a peer may take CUPED's slope over both arms together, or over all segments: that moves an
# effect by a small part of its standard error, and hardly the standard error.
EFFECT_TOLERANCE = 0.1
ERROR_TOLERANCE = 5e-3


class Analyst(Engine):
    """A Python process with the package, a peer, or both."""

    def __init__(self, setting: Setting, units: int):
        environment = os.environ | {"PYTHONPATH": str(PROGRAM.parent / "python")}
        python = setting.peers / "bin" / "python"
        super().__init__([python if python.exists() else sys.executable,
                          Path(__file__).parent / "python_analyze_process.py", units], environment)

    def run(self, tool: str) -> dict:
        return self.ask(json.dumps({"tool": tool}))


def assert_agree(ours: dict, theirs: dict, peer: str, units: int) -> None:
    """Effects of every metric, over everyone and in every segment.

    Peers take the covariate's slope from other units than we do in a segment: what that moves shrinks with their number.
    """
    fewer = max(1.0, (UNITS["full"] / units) ** 0.5)
    if ours.keys() != theirs.keys():
        raise BenchError(f"{peer} answers {sorted(theirs)[:5]} for {sorted(ours)[:5]}")
    for name, (effect, error, plain_effect, plain_p) in ours.items():
        their_effect, their_error, their_plain_effect, their_plain_p = theirs[name]
        for what, mine, other, scale, tolerance in (
                ("effect", effect, their_effect, error, EFFECT_TOLERANCE * fewer),
                ("standard error", error, their_error, error, ERROR_TOLERANCE * fewer),
                ("unadjusted effect", plain_effect, their_plain_effect, error, TOLERANCE),
                ("unadjusted p-value", plain_p, their_plain_p, 1.0, TOLERANCE)):
            if other is not None and mine is not None and abs(mine - other) > tolerance * scale:
                raise BenchError(f"answers differ: {what} of {name} is {mine!r}, {peer} says {other!r}")


def measure(setting: Setting) -> list[Row]:
    units = UNITS[setting.size]
    with Analyst(setting, units) as analyst:
        there = analyst.run("installed")["tools"]
        missing = [peer for tool, peer in PEERS.items() if tool not in there]
        if missing:
            setting.say(f"{NAME}: not installed, so not compared: {', '.join(missing)}")
        expected = analyst.run("descant")
        runs = {"ours": lambda: analyst.run("descant"), C_CALL: lambda: analyst.run("c_call")}
        for tool, peer in PEERS.items():
            if tool in there:
                assert_agree(expected["answer"], analyst.run(tool)["answer"], peer, units)
                runs[peer] = lambda tool=tool: analyst.run(tool)
        inner = take_turns(setting.rounds * 3, {"through Python": lambda: analyst.run("descant_stream"),
                                                C_CALL: lambda: analyst.run("c_call")})
        timings = take_turns(setting.rounds, {name: run for name, run in runs.items() if name != C_CALL})
    overhead = inner["through Python"].median / inner[C_CALL].median - 1
    setting.say(f"{NAME}: {units:,} units; the package adds {100 * overhead:.1f} % to the C call on the same Arrow "
                f"stream ({inner[C_CALL].median:.4f} s)")
    rows = [Row(NAME, timings["ours"], peer, timings[peer]) for tool, peer in PEERS.items() if tool in there]
    return [*rows, Row(NAME, inner["through Python"], C_CALL, inner[C_CALL])]
