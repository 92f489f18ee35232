# SPDX-License-Identifier: Apache-2.0
"""Bounds for a look every day of sixteen weeks, through the operation as users call it."""
import json
import math
import re
import time
from pathlib import Path

from engine import BenchError, Engine, take_turns
from setting import BENCH, PROGRAM, Row, Setting

NAME = "group_sequential_bounds_112"
PEER = "spotify-confidence"
ALPHA, EXPONENT, TRUNCATED_AT = 0.05, 2, 8
INFORMATION = [look / 112 for look in range(1, 113)]
# In probability: the peer solves each look to 1e-7, and its grid does not follow the narrowing
# increments, so that its last bounds drift by 5e-5.
TOLERANCE = 3e-6
# The last bound by this recursion with half as wide panels, to within 1e-10.
LAST_BOUND, LAST_BOUND_TOLERANCE = 2.2885828845, 1e-6
MOST_ROUNDS = 3  # the peer takes ten seconds each


class Operation(Engine):
    """`descant calc`, which stays open and answers a line with a line."""

    def __init__(self):
        super().__init__([PROGRAM, "calc", "group_sequential_bounds"])

    def run(self, request: str) -> dict:
        start = time.perf_counter()
        answer = self.ask(request)
        answer["seconds"] = time.perf_counter() - start
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        answer["rss"] = int(re.search(r"VmHWM:\s+(\d+)", status).group(1)) * 1024
        return answer


class SpotifyConfidence(Engine):
    """Its solver in the peers' environment."""

    def __init__(self, folder: Path):
        python = folder / "bin" / "python"
        if not python.exists():
            raise BenchError(f"{python} is missing: run tools/setup build test")
        super().__init__([python, BENCH / "spotify_confidence_process.py"])


def upper_tail(z: float) -> float:
    return math.erfc(z / math.sqrt(2)) / 2


def check(ours: list[float], theirs: list[float]) -> None:
    if abs(ours[-1] - LAST_BOUND) > LAST_BOUND_TOLERANCE:
        raise BenchError(f"the last of 112 bounds is {ours[-1]!r}, not {LAST_BOUND}")
    for look, (mine, other) in enumerate(zip(ours, theirs, strict=True), start=1):
        if abs(upper_tail(mine) - upper_tail(other)) > TOLERANCE:
            raise BenchError(f"answers differ: bound {look} is {mine!r}, {PEER} says {other!r}")


def measure(setting: Setting) -> list[Row]:
    spending = {"function": "power", "parameter": EXPONENT}
    request = json.dumps({"information": INFORMATION, "alpha": ALPHA, "spending": spending})
    arguments = json.dumps({"t": INFORMATION, "alpha": ALPHA, "rho": EXPONENT, "ztrun": TRUNCATED_AT, "sides": 2})
    answers = {}

    def run(name: str, ask) -> dict:
        answers[name] = ask()
        return answers[name]

    with Operation() as ours, SpotifyConfidence(setting.peers) as theirs:
        ours.run(request)
        timings = take_turns(min(setting.rounds, MOST_ROUNDS), {
            "ours": lambda: run("ours", lambda: ours.run(request)),
            "theirs": lambda: run("theirs", lambda: theirs.ask(arguments))})
    check(answers["ours"]["upper"], answers["theirs"]["upper"])
    return [Row(NAME, timings["ours"], PEER, timings["theirs"])]
