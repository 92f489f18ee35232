# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run at their smallest, agree with the other engine, and notice when one does not."""
import copy
import json
import math
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parent.parent / "bench"
sys.path.insert(0, str(BENCH))
from comparison import answer_of, assert_same, two_sided_p_value  # noqa: E402
from engine import BenchError  # noqa: E402

FIELDS = {"name", "ours_seconds", "peer", "peer_seconds", "ratio", "ns_per_event_core", "peak_rss_bytes"}
UNTIMED = ["aa_factory", "build_and_first_readout", "comparisons_from_moments", "group_sequential_bounds_112",
           "poisson_bootstrap", "quantile_difference"]  # by event
NAMES = ["experiment_readout", "experiment_readout", "quantile_difference"] + UNTIMED
NAMES += [name for name in ("timelines_build", "timelines_build_sparse_keys", "timelines_build_string_keys")
          for _ in ("file", "memory")]
MOMENTS = [["new_ranker", 40, 12.0, 9.0, 30.0, 25.0, 20.0], ["control", 50, 11.0, 9.5, 28.0, 24.0, 19.0]]


def test_the_smallest_size_runs_and_every_engine_agrees(tmp_path):
    output = tmp_path / "bench.json"
    command = [sys.executable, BENCH / "run", "--size", "tiny", "--rounds", "1", "--output", output,
               "--folder", tmp_path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Every engine gave the same answers" in done.stdout
    assert "statistics_after_scan" in done.stdout
    rows = json.loads(output.read_text())
    assert sorted(row["name"] for row in rows if row["name"] != "python_analyze") == sorted(NAMES)
    assert sum(row["name"] == "python_analyze" for row in rows) >= 2  # a peer that tests have, and the C call
    assert len({row["peer"] for row in rows if row["name"] == "experiment_readout"}) == 2
    for row in rows:
        assert row.keys() == FIELDS
        assert row["ratio"] == pytest.approx(row["peer_seconds"] / row["ours_seconds"])
        assert row["ours_seconds"] > 0 and row["peak_rss_bytes"] > 1e6
        assert (row["ns_per_event_core"] is None) == (row["name"] in {*UNTIMED, "python_analyze"})


def test_a_number_that_differs_is_named():
    answer = answer_of(MOMENTS)
    assert_same(answer, answer_of(MOMENTS), "peer")
    other = copy.deepcopy(answer)
    other["adjusted"]["absolute"] *= 1 + 1e-8
    with pytest.raises(BenchError, match="answers differ: adjusted.absolute is .* peer says"):
        assert_same(answer, other, "peer")
    del other["adjusted"]
    with pytest.raises(BenchError, match="peer answers"):
        assert_same(answer, other, "peer")


@pytest.mark.parametrize("t", [0.3, 1.0, 1.9, 5.0, 12.0])
def test_p_values_have_their_closed_forms(t):
    assert two_sided_p_value(t, 1) == pytest.approx(2 / math.pi * math.atan(1 / t), rel=1e-12)
    assert two_sided_p_value(t, 2) == pytest.approx(2 / (2 + t * t + t * math.sqrt(2 + t * t)), rel=1e-12)


@pytest.mark.parametrize("t", [0.3, 1.9, 5.0])
def test_p_values_of_many_degrees_are_nearly_normal(t):
    degrees = 1e8
    density = math.exp(-t * t / 2) / math.sqrt(2 * math.pi)
    expected = math.erfc(t / math.sqrt(2)) + density * (t**3 + t) / (2 * degrees)
    assert two_sided_p_value(t, degrees) == pytest.approx(expected, rel=1e-12)


def test_every_target_is_of_a_case_and_a_field():
    for target in json.loads((BENCH / "targets.json").read_text()):
        assert (BENCH / "cases" / f"{target['name']}.py").exists()
        assert target["field"] in FIELDS
        assert ("at_least" in target) != ("at_most" in target)
