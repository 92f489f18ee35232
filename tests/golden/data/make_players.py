#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes players.csv: one made-up row per player of a game that moved a gate from level 30 to 40."""
import random
from pathlib import Path

draw = random.Random(30)
rows = ["player,version,platform,rounds_before,rounds,retention_7"]
for player in range(1, 401):
    version = "gate_40" if draw.random() < 0.5 else "gate_30"
    before = int(draw.expovariate(1 / 20))
    rounds = int(0.8 * before + draw.expovariate(1 / 15) * (0.9 if version == "gate_40" else 1))
    stays = int(draw.random() < (0.19 if version == "gate_30" else 0.17))
    rows.append(f"{player},{version},{draw.choice(['ios', 'android'])},{before},{rounds},{stays}")
rows[7] = rows[7].rsplit(",", 2)[0] + ",,0"  # one player without rounds
(Path(__file__).parent / "table" / "players.csv").write_text("\n".join(rows) + "\n")
