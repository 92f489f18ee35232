# SPDX-License-Identifier: Apache-2.0
"""Writes listeners.csv: one row per listener of an imaginary test of a new home page."""

import csv
import random
from pathlib import Path

ROWS = 4000

draw = random.Random(20260302)
with (Path(__file__).parent / "listeners.csv").open("w", newline="") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(
        ["listener_id", "variant", "country", "minutes_before", "minutes", "plays", "skips", "retained"]
    )
    for listener in range(1, ROWS + 1):
        variant = draw.choice(["today", "new_home"])
        habit = draw.lognormvariate(4.0, 0.8)
        lift = 1.09 if variant == "new_home" else 1.0
        minutes = habit * lift * draw.lognormvariate(0, 0.35)
        plays = max(1, round(minutes / 2.7))
        skips = sum(draw.random() < (0.24 if variant == "new_home" else 0.25) for _ in range(plays))
        retained = int(draw.random() < 0.55 + 0.1 * (minutes > 60))
        before = habit * draw.lognormvariate(0, 0.35)
        rows.writerow(
            [listener, variant, draw.choice(["SE", "US", "BR"]), f"{before:.1f}", f"{minutes:.1f}",
             plays, skips, retained]
        )
