# SPDX-License-Identifier: Apache-2.0
"""The Poisson bootstrap of a difference of ratios, a thousand replicates."""
from resampling import ALL, expect_close, in_turns
from setting import Row, Setting

NAME = "poisson_bootstrap"
PEER = f"NumPy, {ALL} replicates"


def check(ours: dict, theirs: dict) -> None:
    expect_close("estimate", ours["estimate"], theirs[PEER]["estimate"], 1e-9)
    # A thousand replicates tell the standard error to 2% of itself; the delta method's is exact.
    expect_close("standard_error", ours["standard_error"], theirs[PEER]["standard_error"], 0.1)


def measure(setting: Setting) -> list[Row]:
    timings = in_turns(setting, NAME, {PEER: lambda numpy: numpy.scaled("poisson_bootstrap")}, check)
    return [Row(NAME, timings["ours"], PEER, timings[PEER])]
