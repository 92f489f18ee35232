# SPDX-License-Identifier: Apache-2.0
"""Definitions as objects and as YAML say the same."""
import shutil
from pathlib import Path

import descant as ds
import pytest
from descant import _catalogue

EXAMPLE = Path(__file__).parents[2] / "examples" / "listening"


def definitions() -> ds.Definitions:
    return ds.Definitions(
        "music", timezone="Europe/Stockholm", entities={"listener": {"key": "listener_id"}},
        fact_tables={"plays": {"from": "plays.csv", "entity": "listener", "timestamp": "played_at",
                               "dimensions": ["platform"],
                               "measures": {"minutes": "ms_played / 60000.0", "skip": "skipped"}}},
        assignment_tables={"assignments": {"from": "assignments.csv", "entity": "listener",
                                           "experiment": "experiment", "variant": "variant",
                                           "timestamp": "assigned_at"}},
        metrics={
            "minutes_played": ds.Mean("minutes", fact_table="plays", aggregate="sum", window="14d", unit="min",
                                      cap="p99.9", description='Minutes: "all" of them, # included'),
            "active": ds.Proportion(fact_table="plays", aggregate="any", window="7d"),
            "skip_rate": ds.Ratio("skip", {"aggregate": "count"}, fact_table="plays", window="7d",
                                  direction="decrease"),
            "back": ds.Retention(fact_table="plays", **{"from": "7d", "to": "14d"}),
            "median_minutes": ds.Quantile("minutes", quantile=0.5, fact_table="plays", window="7d")},
        experiments={"bigger": ds.Experiment(
            assignment_table="assignments", control="no", variants={"no": 0.5, "yes": 0.5},
            start="2026-03-02", end="2026-03-22", segments=["platform"],
            metrics=[ds.ExperimentMetric("minutes_played", "success", minimum_detectable_effect="1%"),
                     ds.ExperimentMetric("skip_rate", "guardrail", non_inferiority_margin="2%")])})


def test_objects_become_yaml_and_come_back() -> None:
    written = definitions()
    read = written.check()
    assert read.check() == read
    assert ds.Definitions.from_yaml(read.to_yaml()) == read
    assert read.to_yaml() == ds.Definitions.from_yaml(read.to_yaml()).to_yaml()
    assert read.metrics["minutes_played"].window == "14d" and read.metrics["minutes_played"].cap == {"percentile": 99.9}
    assert type(read.metrics["back"]) is ds.Retention and read.metrics["back"].to == "14d"
    assert read.metrics["minutes_played"].description == 'Minutes: "all" of them, # included'
    assert read.experiments["bigger"].variants == {"no": 0.5, "yes": 0.5}


def test_the_demo_project_round_trips(tmp_path) -> None:
    shutil.copytree(EXAMPLE, tmp_path / "copy")
    first = ds.open(tmp_path / "copy").definitions
    for file in (tmp_path / "copy").rglob("*.yaml"):
        file.unlink()
    (tmp_path / "copy" / "descant.yaml").write_text(first.to_yaml())
    assert ds.open(tmp_path / "copy").definitions == first


def test_every_word_of_the_grammar_goes_through() -> None:
    grammar = _catalogue.entry("read_yaml").result.members["metrics"].value.items.shape
    assert {"type", "measure", "window", "cap", "direction"} <= set(grammar.members)
    for kind in grammar.members["type"].value.choices:
        assert kind in ds.definitions.KINDS, f"a metric of type {kind} has no class"
    metric = ds.Mean("x", **{name: "y" for name in grammar.members if name not in ("type", "measure")})
    assert set(metric.to_dict()) == set(grammar.members)


def test_what_is_wrong_names_its_place() -> None:
    with pytest.raises(ds.InvalidDefinition) as caught:
        ds.Definitions("music", entities={"listener": {"key": "id"}},
                       metrics={"m": ds.Mean("x", fact_table="plays", windw="7d")}).check()
    assert "descant.yaml:" in caught.value.where
    with pytest.raises(AttributeError, match="does not state"):
        _ = ds.Mean("x").window
    assert ds.Mean("x") != ds.Proportion("x") and "measure='x'" in repr(ds.Mean("x"))
