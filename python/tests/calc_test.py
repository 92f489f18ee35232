# SPDX-License-Identifier: Apache-2.0
"""ds.calc: every operation with its arguments, and the numbers of SciPy and statsmodels."""
import inspect
import math

import descant as ds
import numpy
import pandas
import polars
import pyarrow
import pytest
from descant import _catalogue
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats as scipy_stats
from statsmodels.stats import multitest, power as statsmodels_power
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from statsmodels.stats.weightstats import CompareMeans, DescrStatsW

ONE = {"n": 100, "mean": 10, "variance": 4}
OTHER = {"n": 90, "mean": 11, "variance": 5}


def test_every_operation_documents_its_arguments() -> None:
    assert len(_catalogue.names("operations")) >= 10
    for name in _catalogue.names("operations"):
        function = getattr(ds.calc, name)
        entry = _catalogue.entry(name)
        assert set(inspect.signature(function).parameters) == {
            one + "_" if one == "lambda" else one for one in entry.request.members}
        for member in entry.request.members.values():
            assert member.doc and member.doc in function.__doc__, (name, member.name)
        assert name in dir(ds.calc)


def test_samples_come_in_any_form() -> None:
    control, treatment = numpy.arange(2_000) % 13 * 1.0, numpy.arange(2_100) % 17 * 1.0
    expected = ds.calc.mean_difference(control=control.tolist()[:900], treatment=treatment.tolist()[:900])
    short = ds.calc.mean_difference(control=tuple(control[:900]), treatment={"values": treatment[:900]})
    assert short == expected
    whole = ds.calc.mean_difference(control=list(control), treatment=list(treatment))
    for form in (lambda a: a, lambda a: {"values": a}, pandas.Series, polars.Series, pyarrow.array,
                 lambda a: polars.DataFrame({"values": a}), lambda a: pyarrow.chunked_array([a[:7], a[7:]]),
                 lambda a: pandas.DataFrame({"values": a}), lambda a: a.astype(int)):
        assert ds.calc.mean_difference(control=form(control), treatment=form(treatment)) == whole


def test_long_covariates_cross_as_arrow_too() -> None:
    random = numpy.random.default_rng(1)
    def arm(n):
        x = random.normal(size=n)
        return {"values": x + random.normal(size=n), "covariates": {"x": x}}
    control, treatment = arm(1_500), arm(1_600)
    lists = [{"values": one["values"].tolist(), "covariates": {"x": one["covariates"]["x"].tolist()}}
             for one in (control, treatment)]
    found = ds.calc.adjusted_difference(control=control, treatment=treatment, covariates=["x"])
    assert found == ds.calc.run("adjusted_difference", control=lists[0], treatment=lists[1], covariates=["x"])
    assert 0.3 < found.variance_reduction < 0.7


def test_a_result_is_typed_and_reads_well() -> None:
    found = ds.calc.mean_difference(control=ONE, treatment=OTHER)
    assert type(found).__name__ == "MeanDifferenceResult" and isinstance(found, ds.Record)
    assert isinstance(found, ds.calc.MeanDifferenceResult)
    assert found.absolute.estimate == 1.0 == found["absolute"]["estimate"]
    assert "p_value" in repr(found) and "<table>" in found._repr_html_() and "degrees_of_freedom" in found.explain()
    assert "absolute" in dir(found)
    with pytest.raises(AttributeError, match="Did you mean 'absolute'"):
        _ = found.absolut
    one_sided = ds.calc.mean_difference(control=ONE, treatment=OTHER, alternative="greater")
    assert math.isnan(one_sided.absolute.upper) and '"upper": null' in one_sided.to_json()


def test_remarks_are_warnings() -> None:
    with pytest.warns(ds.DescantWarning) as caught:
        nothing = ds.calc.mean_difference(control=[1.0, 1.0], treatment=[1.0, 1.0])
    assert math.isnan(nothing.p_value)
    assert caught[0].filename == __file__


def test_a_python_keyword_has_an_underscore() -> None:
    found = ds.calc.adjust_p_values(p_values=[0.01, 0.2, 0.9], method="storey", lambda_=0.4)
    assert len(found.adjusted) == 3


values = st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=60)
counts = st.integers(5, 5_000)


@settings(deadline=None, max_examples=60)
@given(values, values, st.sampled_from(["two_sided", "greater", "less"]))
def test_means_agree_with_scipy_and_statsmodels(control, treatment, alternative) -> None:
    for one in (control, treatment):
        assume(numpy.std(one) > 1e-6 * (1 + abs(numpy.mean(one))))
    welch = ds.calc.mean_difference(control=control, treatment=treatment, alternative=alternative)
    theirs = scipy_stats.ttest_ind(treatment, control, equal_var=False, alternative=alternative.replace("_", "-"))
    assert welch.p_value == pytest.approx(theirs.pvalue, rel=1e-7, abs=1e-300)
    assert welch.statistic == pytest.approx(theirs.statistic, rel=1e-7, abs=1e-12)
    assert welch.degrees_of_freedom == pytest.approx(theirs.df, rel=1e-7)
    student = ds.calc.mean_difference(control=control, treatment=treatment, method="student")
    compared = CompareMeans(DescrStatsW(treatment), DescrStatsW(control))
    low, high = compared.tconfint_diff(usevar="pooled")
    scale = abs(low) + abs(high) + 1e-9
    assert abs(student.absolute.lower - low) < 1e-7 * scale and abs(student.absolute.upper - high) < 1e-7 * scale


@settings(deadline=None, max_examples=60)
@given(counts, counts, st.floats(0.02, 0.98), st.floats(0.02, 0.98))
def test_shares_agree_with_statsmodels(n, m, p, q) -> None:
    ours = {"control": {"n": n, "successes": round(n * p)}, "treatment": {"n": m, "successes": round(m * q)}}
    assume(all(0 < one["successes"] < one["n"] for one in ours.values()))
    pooled = ds.calc.proportion_difference(**ours, method="z_pooled")
    statistic, p_value = proportions_ztest([ours["treatment"]["successes"], ours["control"]["successes"]], [m, n])
    assert pooled.statistic == pytest.approx(statistic, rel=1e-9, abs=1e-12)
    assert pooled.p_value == pytest.approx(p_value, rel=1e-7, abs=1e-300)
    newcombe = ds.calc.proportion_difference(**ours, method="newcombe")
    low, high = confint_proportions_2indep(ours["treatment"]["successes"], m, ours["control"]["successes"], n,
                                           method="newcomb", compare="diff")
    assert newcombe.absolute.lower == pytest.approx(low, rel=1e-7, abs=1e-10)
    assert newcombe.absolute.upper == pytest.approx(high, rel=1e-7, abs=1e-10)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=40),
       st.sampled_from([("holm", "holm"), ("hochberg", "simes-hochberg"), ("bonferroni", "bonferroni"),
                        ("benjamini_hochberg", "fdr_bh"), ("benjamini_yekutieli", "fdr_by")]))
def test_adjusted_p_values_agree_with_statsmodels(p_values, names) -> None:
    ours = ds.calc.adjust_p_values(p_values=p_values, method=names[0])
    assert ours.adjusted == pytest.approx(multitest.multipletests(p_values, method=names[1])[1], rel=1e-9, abs=1e-300)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 0.5), st.floats(0.6, 0.95))
def test_sample_sizes_agree_with_statsmodels(effect, power) -> None:
    ours = ds.calc.sample_size(baseline={"mean": 1.0, "variance": 1.0}, minimum_detectable_effect=effect, power=power,
                               alternative="two_sided")
    theirs = statsmodels_power.NormalIndPower().solve_power(effect, alpha=0.05, power=power)
    assert ours.n_control == math.ceil(theirs - 1e-6)


@settings(deadline=None, max_examples=40)
@given(st.lists(st.integers(1, 10_000), min_size=2, max_size=6))
def test_sample_ratio_agrees_with_scipy(observed) -> None:
    ours = ds.calc.sample_ratio_test(counts=observed, expected=[1 / len(observed)] * len(observed))
    theirs = scipy_stats.chisquare(observed)
    assert ours.p_value == pytest.approx(theirs.pvalue, rel=1e-8, abs=1e-300)
