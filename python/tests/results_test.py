# SPDX-License-Identifier: Apache-2.0
"""What comes back: tables, text, pages, pickles; and the questions a project answers."""
import json
import pickle

import descant as ds
import pytest


def test_tables_of_an_analysis(result) -> None:
    table = result.to_pandas()
    assert list(table["name"]) == ["minutes", "skip_rate", "kept"]
    assert table["comparison_relative_estimate"][0] == result.metrics[0].comparison.relative.estimate
    segments = result.to_polars("segments")
    assert segments.height == 18 and set(segments["dimension"]) == {"platform", "country"}
    assert result.to_arrow("arms").column("variant").to_pylist() == ["A", "B"]
    assert len(result.to_pandas("checks")) == len(result.checks)
    with pytest.raises(ds.NotFound, match="no table 'x'"):
        result.to_pandas("x")
    assert ds.calc.mean_difference(control=[1, 2, 4], treatment=[1, 5, 6]).to_polars().height == 1


def test_text_page_and_explanation(result, tmp_path) -> None:
    assert repr(result).startswith(result.decision.action.upper())
    assert result.to_html().lower().startswith("<!doctype html>")
    result.save(tmp_path / "report.html")
    assert (tmp_path / "report.html").read_text(encoding="utf-8") == result.to_html()
    told = result.explain()
    assert "raw difference" in told and "after adjustment" in told and "covariate removed" in told
    assert f"<b>B: {result.decision.action}</b>" in result._repr_html_()
    assert json.loads(result.to_json()) == result.to_dict()


def test_results_survive_pickling(result) -> None:
    comparison = result.metrics[0].comparison
    power = ds.calc.power(baseline={"mean": 1, "variance": 1}, n_total=100, minimum_detectable_effect=0.5)
    for one in (result, comparison, result.decision, power):
        back = pickle.loads(pickle.dumps(one))
        assert back == one and type(back).__name__ == type(one).__name__
    assert pickle.loads(pickle.dumps(comparison)).absolute.estimate == comparison.absolute.estimate
    error = pickle.loads(pickle.dumps(ds.NotFound("what", "do", "where")))
    assert (error.message, error.hint, error.where) == ("what", "do", "where")


def test_a_project_by_attribute(project) -> None:
    assert project.name == "small" and "plays" in dir(project.tables)
    assert project.tables.plays["kind"] == "fact_table"
    name = next(iter(project.experiments))
    handle = getattr(project.experiments, name)
    assert handle.definition.control in handle.definition.variants
    assert project.metrics["skip_rate"].direction == "decrease"
    with pytest.raises(ds.NotFound, match="Did you mean 'skip_rate'"):
        _ = project.metrics["skip_rat"]
    found = handle.analyze()
    assert found.experiment.name == name and found.metrics[0].days
    assert handle.analyze(by_day=False).metrics[0].days == []
    assert pickle.loads(pickle.dumps(project)).name == "small"
    assert "small" in repr(project)


def test_an_experiment_tells_more(project) -> None:
    handle = next(iter(project.experiments.values()))
    aa = handle.aa(replicates=200, seed=3)
    assert aa == handle.aa(replicates=200, seed=3, threads=1) and aa.replicates == 200
    assert aa.pictures()[0] == "false_positives" and aa.plot().get_title(loc="left") == "200 random assignments"
    assert aa.chart()["layer"]
    steps = handle.explain().metrics[0].steps
    final = handle.analyze().metrics[0].comparison
    assert steps[-1].absolute.estimate == pytest.approx(final.absolute.estimate, nan_ok=True)
    arms = handle.distributions().metrics[0].arms
    assert [arm.variant for arm in arms][0] == handle.definition.control


def test_a_project_answers_sql(project) -> None:
    rows = project.sql("SELECT count(*) AS n, 'x' AS word FROM plays")
    assert rows.to_polars()["word"].to_list() == ["x"] and rows.to_pandas()["n"][0] > 0
    assert "word" in repr(rows) and "<table>" in rows._repr_html_() and len(rows) == 1
    import polars
    assert polars.DataFrame(project.sql("SELECT 1 AS one"))["one"].to_list() == [1]
    assert project.sql("SELECT 1 AS one WHERE false").to_arrow().num_rows == 0
    with pytest.raises(ds.DescantError, match="nothing"):
        project.sql("SELECT nothing FROM plays")
    with pytest.raises(ds.DescantError):
        project.sql("")


def test_checks_and_refreshes_report(project) -> None:
    assert project.check().in_order and project.check(deep=True).errors == []
    assert not any(table.rebuilt for table in project.refresh().tables)
    assert all(table.rebuilt for table in project.refresh(force=True).tables)
    assert project.status().tables[0].rows > 0


def test_demo_makes_a_project_once(tmp_path) -> None:
    project = ds.demo(tmp_path / "demo", listeners=300, days=30)
    made = (tmp_path / "demo" / "truth.json").stat().st_mtime_ns
    assert ds.demo(tmp_path / "demo", listeners=300, days=30).name == project.name
    assert (tmp_path / "demo" / "truth.json").stat().st_mtime_ns == made


def test_a_design_names_what_binds(frame, metrics) -> None:
    sizes = ds.design(frame, metrics=metrics, minimum_detectable_effect=0.02)
    assert sizes.n_total == max(one.n_total for one in sizes.metrics.values())
    assert sizes.metrics[sizes.binding_metric].n_total == sizes.n_total
    without = ds.design(frame, metrics={"minutes": ds.Mean("minutes")}, minimum_detectable_effect=0.02)
    covaried = ds.design(frame, metrics={"minutes": ds.Mean("minutes", covariate="before")},
                         minimum_detectable_effect=0.02)
    assert covaried.n_total < 0.5 * without.n_total
    moments = {"minutes": {"mean": frame.minutes.mean(), "variance": frame.minutes.var()}}
    assert ds.design(metrics=moments, minimum_detectable_effect=0.02).n_total == without.n_total
    assert json.loads(sizes.to_json()) == sizes.to_dict()
    assert ds.design(frame, metrics=metrics, minimum_detectable_effect="2%").n_total == sizes.n_total
    effects = ds.design(frame, metrics=metrics, n_total=10_000)
    assert effects.binding_metric is None and effects.metrics["kept"].power > 0.5
    with pytest.raises(ds.InvalidRequest, match="no minimum detectable effect"):
        ds.design(frame, metrics=metrics)
    with pytest.raises(ds.InvalidRequest, match="no table"):
        ds.design(metrics=metrics, minimum_detectable_effect=0.01)


def test_distributions_are_shown_as_a_table(frame, metrics) -> None:
    found = ds.distributions(frame, metrics=metrics, variant="group")
    lines = repr(found).splitlines()
    assert len(lines) == 1 + len(found.to_rows()) and lines[0].split()[:3] == ["metric", "variant", "n"]
    assert found._repr_html_().count("<tr>") == len(lines)


def test_the_notebooks_p_value_is_the_one_decided_on(result) -> None:
    for metric in result.metrics:
        assert f"{metric.p_value_one_sided:.6g}</td>" in result._repr_html_()


def test_distributions_are_numpys(frame, metrics) -> None:
    import numpy
    found = ds.distributions(frame, metrics=metrics, variant="group", bins=25)
    minutes = found.metrics[0]
    for arm in minutes.arms:
        own = frame[frame.group == arm.variant]
        assert arm.mean == pytest.approx(own.minutes.mean(), rel=1e-12)
        assert arm.variance == pytest.approx(own.minutes.var(), rel=1e-12)
        assert arm.quantiles == pytest.approx(numpy.quantile(own.minutes, found.levels), rel=1e-12)
        assert arm.covariate_correlation == pytest.approx(own.minutes.corr(own.before), rel=1e-12)
        inside = own.minutes[own.minutes < minutes.borders[-1]]
        expected, _ = numpy.histogram(inside, minutes.borders)
        assert arm.counts[:-1] == list(expected[:-1]) and sum(arm.counts) == arm.n
    ratio = found.metrics[1].arms[0]
    own = frame[frame.group == "A"]
    assert ratio.denominator_covariance == pytest.approx(own.skips.cov(own.plays), rel=1e-12)
