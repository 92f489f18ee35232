# SPDX-License-Identifier: Apache-2.0
"""A thousand A/A runs of twenty metrics by re-randomisation, with a test of each."""
from engine import BenchError
from resampling import ALL, in_turns
from setting import Row, Setting

NAME = "aa_factory"
PEER = f"NumPy, {ALL} re-randomisations by matrix product"


def check(ours: dict, theirs: dict) -> None:
    """Assignments differ between the two, so rates agree only as far as chance lets them."""
    for rate in (sum(ours["rates"]) / len(ours["rates"]), theirs[PEER]["rate"]):
        if not 0.02 < rate < 0.09:
            raise BenchError(f"Welch's test rejects {rate} of true nulls, not 0.05")
    if max(ours["distances"]) > 0.08:
        raise BenchError(f"p-values are not uniform: a distance of {max(ours['distances'])}")


def measure(setting: Setting) -> list[Row]:
    timings = in_turns(setting, NAME, {PEER: lambda numpy: numpy.scaled("aa_factory")}, check)
    return [Row(NAME, timings["ours"], PEER, timings[PEER])]
