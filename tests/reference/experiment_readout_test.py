# SPDX-License-Identifier: Apache-2.0
"""The program's read-out of a small log full of edges against an independent computation of it.

The data, the project and the expected numbers come from tests/reference/experiment, which shares no
code with the program. Every number of expected.json is looked up in the program's JSON.
"""

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "experiment"
PROGRAM = os.environ["DESCANT_PROGRAM"]
TOLERANCE = 1e-8


def experiments() -> list[dict[str, Any]]:
    return json.loads((HERE / "expected.json").read_text())["experiments"]


COUNTS = {
    "undeclared_variant_rows": "undeclared_variant",
    "outside_dates_rows": "outside_dates",
    "several_variants_listeners": "several_variants",
}


@pytest.fixture(scope="module", params=["string", "int64"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edges") / request.param
    make = [sys.executable, HERE / "make_experiment.py", "data", folder, "--ids", request.param]
    subprocess.run(make, check=True)
    subprocess.run([PROGRAM, "refresh", folder], check=True, capture_output=True)
    return folder


def read_out(project: Path, expected: dict[str, Any], *extra: str) -> dict[str, Any]:
    command = [PROGRAM, "experiment", "analyze", expected["experiment"], "--project", project]
    command += ["--format", "json", *extra]
    if expected["as_of_argument"]:
        command += ["--as-of", expected["as_of_argument"]]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def differences(path: str, expected: Any, actual: Any, found: list[str]) -> None:
    """Appends a line for each number of `expected` that `actual` does not have."""
    if isinstance(expected, dict):
        for key, value in expected.items():
            there = actual.get(key) if isinstance(actual, dict) else None
            differences(f"{path}.{key}", value, there, found)
    elif isinstance(expected, float) and isinstance(actual, (int, float)):
        if not math.isclose(expected, actual, rel_tol=TOLERANCE, abs_tol=1e-12):
            found.append(f"{path}: expected {expected!r}, got {actual!r}")
    elif expected != actual:
        found.append(f"{path}: expected {expected!r}, got {actual!r}")


def by_key(rows: list[dict[str, Any]], *keys: str) -> dict[tuple[Any, ...], dict[str, Any]]:
    return {tuple(row[key] for key in keys): row for row in rows}


@pytest.mark.parametrize("expected", experiments(), ids=lambda e: e["experiment"])
def test_comparisons(project: Path, expected: dict[str, Any]) -> None:
    result = read_out(project, expected)
    metrics = by_key(result["metrics"], "name", "treatment")
    found: list[str] = []
    checked = 0
    for metric in expected["metrics"]:
        actual = metrics[metric["name"], metric["treatment"]]
        place = f"{metric['name']}/{metric['treatment']}"
        # One-sided here, two-sided (or of the margin) in the comparison itself.
        comparison = {k: v for k, v in metric["comparison"].items() if k != "p_value"}
        p_value = metric["comparison"].get("p_value")
        if metric["role"] in ("success", "guardrail"):
            differences(f"{place}.p", p_value, actual["p_value_one_sided"], found)
        differences(f"{place}.comparison", comparison, actual["comparison"], found)
        differences(f"{place}.unadjusted", metric["unadjusted"], actual["unadjusted"], found)
        segments = by_key(actual["segments"], "dimension", "value")
        for segment in metric["segments"]:
            key = (segment["dimension"], segment["value"])
            row = segments.get(key, {}).get("comparison")
            differences(f"{place}{key}", segment["comparison"], row, found)
            checked += 1
        days = by_key(actual["days"], "day")
        for day in metric["days"]:
            row = days.get((day["day"],), {}).get("comparison")
            differences(f"{place}/{day['day']}", day["comparison"], row, found)
            checked += 1
    assert not found, f"{len(found)} differences, such as\n" + "\n".join(found[:20])
    assert checked > 100


@pytest.mark.parametrize("expected", experiments(), ids=lambda e: e["experiment"])
def test_decisions(project: Path, expected: dict[str, Any]) -> None:
    result = read_out(project, expected)
    metrics = by_key(result["metrics"], "name", "treatment")
    found: list[str] = []
    for decision in expected["decisions"]:
        actual = by_key(result["decisions"], "treatment")[decision["treatment"],]
        differences(decision["treatment"], decision["action"], actual["action"], found)
        for metric in decision["metrics"]:
            row = metrics[metric["name"], decision["treatment"]]
            place = f"{decision['treatment']}/{metric['name']}"
            # Deterioration shares its level with the quality tests, of which the program also
            # counts those before exposure.
            if metric["role"] != "deterioration":
                differences(f"{place}.alpha_used", metric["alpha_used"], row["alpha_used"], found)
            differences(
                f"{place}.deterioration_p_value",
                metric["deterioration_p_value"],
                row["deterioration_p_value"],
                found,
            )
    assert not found, "\n".join(found[:20])


@pytest.mark.parametrize("expected", experiments(), ids=lambda e: e["experiment"])
def test_who_took_part(project: Path, expected: dict[str, Any]) -> None:
    result = read_out(project, expected)
    checks = expected["checks"]
    arms = {arm["variant"]: arm["units"] for arm in result["experiment"]["arms"]}
    assert arms == checks["sample_ratio"]["counts"]
    ratio = next(check for check in result["checks"] if check["name"] == "sample_ratio")
    assert math.isclose(ratio["p_value"], checks["sample_ratio"]["p_value"], rel_tol=TOLERANCE)
    left_out = {row["reason"]: row["count"] for row in result["experiment"]["left_out"]}
    for theirs, ours in COUNTS.items():
        assert left_out.get(ours, 0) == checks["left_out"].get(theirs, 0), ours
    for row in result["metrics"]:  # of two arms here, of all arms there
        all_arms = checks["immature"][row["name"]]
        assert row["immature_units"] == all_arms or len(arms) > 2 and row["immature_units"] <= all_arms


def test_threads_do_not_change_a_byte(project: Path) -> None:
    expected = experiments()[0]
    one = read_out(project, expected, "--threads", "1")
    assert one == read_out(project, expected, "--threads", "3")
