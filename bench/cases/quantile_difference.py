# SPDX-License-Identifier: Apache-2.0
"""A quantile difference with its interval, against a bootstrap and against merely sorting both arms."""
from resampling import ALL, expect_close, in_turns
from setting import Row, Setting

NAME = "quantile_difference"
BOOTSTRAP = f"NumPy, {ALL} bootstrap replicates"
SORT = "NumPy, one sort of each arm"


def check(ours: dict, theirs: dict) -> None:
    for field in ("estimate", "standard_error"):
        expect_close(field, ours[field], theirs[SORT][field], 1e-9)
    # Twenty replicates tell the standard error to a sixth of itself.
    expect_close("standard_error", theirs[BOOTSTRAP]["bootstrap_standard_error"], ours["standard_error"], 0.8)


def measure(setting: Setting) -> list[Row]:
    timings = in_turns(setting, NAME, {BOOTSTRAP: lambda numpy: numpy.scaled("quantile_bootstrap"),
                                       SORT: lambda numpy: numpy.run("quantile_sort")}, check)
    return [Row(NAME, timings["ours"], peer, timings[peer]) for peer in (BOOTSTRAP, SORT)]
