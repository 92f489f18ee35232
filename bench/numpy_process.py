# SPDX-License-Identifier: Apache-2.0
"""NumPy as a process that answers line by line: `numpy_process.py FILE UNITS`.

A line is {"run": a function of CASES, "replicates": how many}; the answer has the seconds it took,
those of them that grow with the replicates, what it found, and the process's peak memory. FILE holds the units: METRICS columns of doubles, one
after the other; it is made when it is not there. Reading it is not timed.
"""
import json
import sys
import time
from pathlib import Path

import numpy as np
from duckdb_process import peak_rss_bytes

METRICS = 20
QUANTILE = 0.9
TWO_SIDED_Z = 1.959963984540054


def make_units(path: Path, units: int) -> None:
    """Skewed outcomes of many scales."""
    draw = np.random.default_rng(7)
    columns = [draw.lognormal(0.1 * metric, 0.8, units) for metric in range(METRICS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.concatenate(columns).tofile(path)


def quantile_bootstrap(columns: np.ndarray, replicates: int) -> dict:
    start = time.perf_counter()
    draw = np.random.default_rng(1)
    effects = []
    for _ in range(replicates):
        control, treatment = (np.quantile(arm[draw.integers(0, arm.size, arm.size)], QUANTILE)
                              for arm in columns[:2])
        effects.append(treatment - control)
    return {"replicate_seconds": time.perf_counter() - start,
            "bootstrap_standard_error": np.std(effects, ddof=1)}


def quantile_sort(columns: np.ndarray, replicates: int) -> dict:
    """One sort of both arms' values, and what follows from it."""
    size = columns[0].size
    half = TWO_SIDED_Z * np.sqrt(QUANTILE * (1 - QUANTILE) * size)
    ranks = (int(np.floor(size * QUANTILE - half)) - 1, int(np.ceil(size * QUANTILE + half)) - 1)
    control, treatment = (np.sort(arm) for arm in columns[:2])
    errors = [(arm[ranks[1]] - arm[ranks[0]]) / (2 * TWO_SIDED_Z) for arm in (control, treatment)]
    return {"estimate": np.quantile(treatment, QUANTILE) - np.quantile(control, QUANTILE),
            "standard_error": np.hypot(*errors)}


def poisson_bootstrap(columns: np.ndarray, replicates: int) -> dict:
    draw = np.random.default_rng(1)
    half = columns.shape[1] // 2
    arms = [columns[:2, :half], columns[:2, half:2 * half]]
    effects = []
    start = time.perf_counter()
    for _ in range(replicates):
        ratios = []
        for numerator, denominator in arms:
            weights = draw.poisson(1.0, half).astype(np.float64)
            ratios.append(weights @ numerator / (weights @ denominator))
        effects.append(ratios[1] - ratios[0])
    replicate_seconds = time.perf_counter() - start
    means = [arm.sum(axis=1) for arm in arms]
    ratio = [numerator / denominator for numerator, denominator in means]
    errors = [np.std(arm[0] - r * arm[1]) / np.mean(arm[1]) / np.sqrt(half) for arm, r in zip(arms, ratio)]
    return {"replicate_seconds": replicate_seconds, "estimate": ratio[1] - ratio[0], "standard_error": np.hypot(*errors),
            "bootstrap_standard_error": np.std(effects, ddof=1)}


def aa_factory(columns: np.ndarray, replicates: int) -> dict:
    """The treatment's sums as a product of matrices, which is NumPy's fastest way: 0 and 1 times values."""
    draw = np.random.default_rng(1)
    size = columns.shape[1]
    values = np.concatenate([columns, columns * columns]).T
    totals = values.sum(axis=0)
    start = time.perf_counter()
    treated = np.unpackbits(draw.integers(0, 256, (replicates, (size + 7) // 8), dtype=np.uint8),
                            axis=1, count=size).astype(np.float64)
    n = treated.sum(axis=1)[:, None]
    sums = treated @ values
    statistics = []
    for count, part in ((n, sums), (size - n, totals - sums)):
        mean = part[:, :METRICS] / count
        statistics.append((mean, (part[:, METRICS:] / count - mean * mean) / (count - 1)))
    (mean_t, variance_t), (mean_c, variance_c) = statistics
    z = (mean_t - mean_c) / np.sqrt(variance_t + variance_c)
    return {"replicate_seconds": time.perf_counter() - start,
            "rate": float(np.mean(np.abs(z) > TWO_SIDED_Z))}


CASES = {case.__name__: case for case in (quantile_bootstrap, quantile_sort, poisson_bootstrap, aa_factory)}


def main() -> None:
    path, units = Path(sys.argv[1]), int(sys.argv[2])
    if not path.exists() or path.stat().st_size != METRICS * units * 8:
        make_units(path, units)
    columns = np.fromfile(path).reshape(METRICS, units)
    for line in sys.stdin:
        asked = json.loads(line)
        start = time.perf_counter()
        answer = CASES[asked["run"]](columns, asked["replicates"])
        seconds = time.perf_counter() - start
        print(json.dumps(answer | {"seconds": seconds, "rss": peak_rss_bytes()}), flush=True)


if __name__ == "__main__":
    main()
