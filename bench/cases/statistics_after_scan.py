# SPDX-License-Identifier: Apache-2.0
"""The analysis of an experiment's unit table, once the plays have been scanned; ours alone."""
from engine import take_turns
from setting import Row, Setting

NAME = "statistics_after_scan"


def measure(setting: Setting) -> list[Row]:
    with setting.descant() as engine:
        steps = engine.run(NAME)
        timings = take_turns(setting.rounds, {"ours": lambda: engine.run(NAME)})
    setting.say(f"of a read-out of {steps['units']:,} units the exposures take "
                f"{steps['exposure_seconds']:.4f} s and the scan {steps['scan_seconds']:.4f} s")
    return [Row(NAME, timings["ours"])]
