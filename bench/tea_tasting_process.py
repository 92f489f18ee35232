# SPDX-License-Identifier: Apache-2.0
"""tea-tasting as a process that answers line by line, as descant_bench does.

A line is {"pairs": [[control, treatment], ...]}, an arm is [n, mean, variance].
"""
import json
import sys
import time

from duckdb_process import peak_rss_bytes
from tea_tasting.aggr import Aggregates
from tea_tasting.metrics import Mean

COLUMN = "value"


def aggregates(arm: list) -> Aggregates:
    n, mean, variance = arm
    return Aggregates(count_=n, mean_={COLUMN: mean}, var_={COLUMN: variance}, cov_={})


def main() -> None:
    metric = Mean(COLUMN)
    for line in sys.stdin:
        pairs = [(aggregates(control), aggregates(treatment))
                 for control, treatment in json.loads(line)["pairs"]]
        start = time.perf_counter()
        results = [metric.analyze_aggregates(control, treatment) for control, treatment in pairs]
        seconds = time.perf_counter() - start
        answers = [{"absolute": result.effect_size, "lower": result.effect_size_ci_lower,
                    "upper": result.effect_size_ci_upper, "relative": result.rel_effect_size,
                    "statistic": result.statistic, "p_value": result.pvalue} for result in results]
        print(json.dumps({"seconds": seconds, "answers": answers, "rss": peak_rss_bytes()}), flush=True)


if __name__ == "__main__":
    main()
