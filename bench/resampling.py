# SPDX-License-Identifier: Apache-2.0
"""What the cases that resample share: the units, NumPy beside ours, and checks of what both found.

NumPy takes minutes for a thousand replicates, so that it does REPLICATES of them, and the part of
its time that grows with them is scaled to ALL; each costs it the same.
"""
import json
import sys
from collections.abc import Callable
from pathlib import Path

from engine import BenchError, Engine, Timing, take_turns
from setting import LISTENERS, Setting

ALL = 1000  # replicates
REPLICATES = 20


class NumPy(Engine):
    def __init__(self, setting: Setting):
        self.units = setting.folder / f"units-{setting.size}.f64"
        super().__init__([sys.executable, Path(__file__).parent / "numpy_process.py", self.units,
                          LISTENERS[setting.size]])

    def run(self, case: str, replicates: int = REPLICATES) -> dict:
        return self.ask(json.dumps({"run": case, "replicates": replicates}))

    def scaled(self, case: str) -> dict:
        answer = self.run(case)
        return answer | {"seconds": answer["seconds"] + answer["replicate_seconds"] * (ALL / REPLICATES - 1)}


def expect_close(what: str, ours: float, theirs: float, tolerance: float) -> None:
    if not abs(ours - theirs) <= tolerance * abs(theirs):
        raise BenchError(f"answers differ: {what} is {ours}, NumPy says {theirs}")


def in_turns(setting: Setting, name: str, peers: dict[str, Callable[[NumPy], dict]],
             check: Callable[[dict, dict], None]) -> dict[str, Timing]:
    """Ours and each peer's way in turns; `check` gets our answer and those of the peers by name."""
    with NumPy(setting) as numpy, setting.descant() as engine:
        answers = {peer: run(numpy) for peer, run in peers.items()}
        check(engine.run(f"{name} {numpy.units}"), answers)
        runs = {"ours": lambda: engine.run(f"{name} {numpy.units}")}
        runs |= {peer: lambda r=run: r(numpy) for peer, run in peers.items()}
        return take_turns(setting.rounds, runs)
