# SPDX-License-Identifier: Apache-2.0
"""Whatever is wrong with the input is a Python exception that says what and where."""
import datetime

import descant as ds
import numpy
import pandas
import polars
import pyarrow
import pytest


def fails(kind, match, data, **request):
    request = {"variant": "group", "metrics": ["minutes"]} | request
    with pytest.raises(kind, match=match) as caught:
        ds.analyze(data, **request)
    assert isinstance(caught.value, ds.DescantError) and caught.value.message
    return caught.value


@pytest.mark.parametrize("make", [lambda f: f, polars.from_pandas, pyarrow.Table.from_pandas])
def test_a_wrong_column_names_the_nearest(make, frame) -> None:
    data = make(frame)
    assert "'group'" in fails(ds.NotFound, "no column 'grop'", data, variant="grop").hint
    wrong = fails(ds.NotFound, "no column 'minuts'", data, metrics={"m": ds.Mean("minuts")})
    assert "'minutes'" in wrong.hint
    fails(ds.NotFound, "no column 'plattform'", data, segments=["plattform"])
    assert "A, B" in fails(ds.NotFound, "control", data, control="a").hint


def test_object_columns_of_mixed_types(frame) -> None:
    mixed = frame.assign(minutes=[1, "two", 3.5, None, b"x"] * (len(frame) // 5))
    wrong = fails(ds.InvalidData, "'minutes' of type object", mixed)
    assert wrong.where == "minutes" and "str" in wrong.message
    text = frame.assign(minutes=frame.minutes.astype(str))
    assert "text" in fails(ds.InvalidData, "of type text, not a number", text).hint


def test_times_are_no_numbers(frame) -> None:
    moments = pandas.date_range("2026-03-01", periods=len(frame), freq="min")
    fails(ds.InvalidData, r"of type timestamp\[[nu]s\]", frame.assign(minutes=moments))
    fails(ds.InvalidData, r"of type timestamp\[[nu]s, UTC\]", frame.assign(minutes=moments.tz_localize("UTC")))
    fails(ds.InvalidData, "of type duration", frame.assign(minutes=moments - moments[0]))
    fails(ds.InvalidData, "more than 20 different values", frame.assign(group=moments))
    days = frame.assign(day=moments.date)
    assert ds.analyze(days, variant="group", metrics=["minutes"], segments="day").metrics[0].segments[0].value == \
        str(datetime.date(2026, 3, 1))


def test_nested_and_binary_columns(frame) -> None:
    fails(ds.InvalidData, "of type list", frame.assign(minutes=[[1, 2]] * len(frame)))
    fails(ds.InvalidData, "of type binary", frame.assign(group=[b"a", b"b"] * (len(frame) // 2)))
    offsets = pyarrow.array(range(101), pyarrow.int32()).buffers()[1]
    bytes_as_text = pyarrow.StringArray.from_buffers(100, offsets, pyarrow.py_buffer(b"\xffb" * 50))
    table = pyarrow.table({"group": bytes_as_text, "minutes": numpy.arange(100.0)})
    fails(ds.InvalidData, "not UTF-8", table)


def test_empty_frames_and_missing_arms(frame) -> None:
    for empty in (frame[:0], polars.from_pandas(frame[:0]), pyarrow.Table.from_pandas(frame[:0])):
        fails(ds.InvalidData, "no rows", empty)
    fails(ds.InvalidData, "only value of 'group'", frame[frame.group == "A"])
    fails(ds.InvalidData, "no row of", frame.assign(group=pandas.Series([None] * len(frame), dtype=object)))
    fails(ds.InvalidRequest, "no metric", frame, metrics={})
    fails(ds.InvalidData, "more than 20", frame.assign(group=range(len(frame))))


def test_a_stream_that_was_used_before(frame) -> None:
    reader = pyarrow.Table.from_pandas(frame).to_reader()
    ds.analyze(reader, variant="group", metrics=["minutes"])
    with pytest.raises((ds.DescantError, ValueError, OSError)):
        ds.analyze(reader, variant="group", metrics=["minutes"])
    capsule = pyarrow.Table.from_pandas(frame).__arrow_c_stream__()

    class Same:
        def __arrow_c_stream__(self, requested_schema=None):
            return capsule

    ds.analyze(Same(), variant="group", metrics=["minutes"])
    fails(ds.InvalidRequest, "used before", Same())


def test_a_stream_that_fails_half_way() -> None:
    schema = pyarrow.schema([("group", pyarrow.string()), ("minutes", pyarrow.float64())])

    def batches():
        yield pyarrow.record_batch([["A", "B"], [1.0, 2.0]], schema=schema)
        raise RuntimeError("the disk is gone")

    fails(ds.InvalidData, "the disk is gone", pyarrow.RecordBatchReader.from_batches(schema, batches()))


def test_duplicate_names_and_no_table(frame) -> None:
    twice = pyarrow.table([["A", "B"], [1.0, 2.0], [3.0, 4.0]], names=["group", "minutes", "minutes"])
    fails(ds.InvalidData, "two columns are named 'minutes'", twice)
    doubled = pandas.concat([frame, frame[["minutes"]]], axis=1)
    fails(ds.InvalidData, "two columns are named 'minutes'", doubled)
    with pytest.raises(TypeError, match="no table"):
        ds.analyze(3, variant="group", metrics=["minutes"])
    with pytest.raises(ds.NotFound, match="does not exist"):
        ds.analyze("nowhere.parquet", variant="group", metrics=["minutes"])


def test_values_outside_their_domain(frame) -> None:
    fails(ds.InvalidData, "neither 0 nor 1", frame, metrics={"m": ds.Proportion("minutes")})
    fails(ds.InvalidRequest, "alpha must be", frame, alpha=1.5)
    fails(ds.InvalidRequest, "has no margin", frame, metrics={"m": ds.Mean("minutes", role="guardrail")})
    assert "increase" in fails(ds.InvalidRequest, "unknown direction", frame,
                               metrics={"m": ds.Mean("minutes", direction="up")}).hint
    fails(ds.InvalidDefinition, "belongs to a metric of a project", frame,
          metrics={"m": ds.Mean("minutes", window="7d")})
    with pytest.raises(ds.InvalidRequest, match="is a str"):
        ds.analyze(frame, variant="group", metrics={"m": "minutes"})


def test_operations_name_the_field() -> None:
    with pytest.raises(ds.InvalidRequest) as caught:
        ds.calc.mean_difference(control={"n": 3, "mean": 1, "varaince": 1}, treatment=[1, 2, 3])
    assert (caught.value.where, caught.value.hint) == ("control.varaince", "Did you mean 'variance'?")
    with pytest.raises(ds.InvalidRequest) as caught:
        ds.calc.mean_difference(control=[1.0, float("nan"), 2.0], treatment=[1, 2, 3])
    assert caught.value.where == "control.values[1]"
    with pytest.raises(ds.InvalidRequest) as caught:
        ds.calc.mean_difference(control=numpy.full(5_000, numpy.nan), treatment=[1, 2, 3])
    assert caught.value.where == "control.values[0]"
    with pytest.raises(AttributeError, match="mean_difference"):
        _ = ds.calc.mean_diference
    with pytest.raises(TypeError):
        ds.calc.power(object())
    with pytest.raises(TypeError, match="no form in a request"):
        ds.calc.power(baseline=object(), n_total=3)


def test_a_project_that_changes_while_open(project) -> None:
    definitions = project.folder / "descant.yaml"
    text = definitions.read_text()
    definitions.write_text(text.replace("type: mean", "type: meen"))
    with pytest.raises(ds.InvalidDefinition) as caught:
        _ = project.metrics
    assert "descant.yaml:" in caught.value.where
    assert project.check().errors[0].where == caught.value.where
    definitions.write_text(text)
    name = next(iter(project.experiments))
    first = project.experiment(name).analyze()
    plays = project.folder / "plays.csv"
    plays.write_text("".join(plays.read_text().splitlines(keepends=True)[:-20]))
    assert project.experiment(name).analyze() == first  # the timelines are as they were
    assert {one.state for one in project.status().tables if one.table == "plays"} == {"stale"}
    for file in project.folder.glob(".descant/**/*.npy"):
        file.write_bytes(b"")
    with pytest.raises(ds.DescantError):
        project.experiment(name).analyze()
    definitions.unlink()
    with pytest.raises(ds.DescantError):
        project.status()
    with pytest.raises(ds.DescantError):
        ds.open(project.folder / "nowhere")


@pytest.mark.parametrize(("metrics", "match"), [
    ({}, "no metric is named"), (None, "no metric is named"), (7, "no metric is named"),
    ({"m": ds.Quantile("minutes")}, "Quantile is of events"), ({"m": ds.Mean()}, "names no column"),
    ({"m": ds.Mean(0)}, "0 is no name"), ({"m": ds.Mean}, "Mean without its column"), ([None], "is a NoneType")])
def test_metrics_that_name_nothing(metrics, match, frame) -> None:
    for ask in (ds.analyze, ds.distributions):
        with pytest.raises(ds.DescantError, match=match):
            ask(frame, variant="group", metrics=metrics)


def test_arguments_of_a_wrong_kind(frame) -> None:
    assert "no name" in fails(ds.InvalidRequest, "variant names a column", frame, variant=3).message
    fails(ds.InvalidRequest, "segments names a column", frame, segments=5)
    fails(ds.InvalidRequest, "by variant", frame, shares="50/50")
    assert fails(ds.NotFound, "no column", pandas.DataFrame()).hint == "It has no columns."


def test_a_design_that_cannot_be(frame) -> None:
    def refuses(match, data=frame, **request):
        with pytest.raises(ds.DescantError, match=match):
            ds.design(data, **{"metrics": ["minutes"]} | request).n_total
    refuses("both n_total and minimum", n_total=100, minimum_detectable_effect=0.01)
    refuses("'much' is no effect", minimum_detectable_effect="much")
    refuses("two or more", frame.iloc[:1], minimum_detectable_effect=0.01)
    refuses("no number of units", frame.assign(minutes=0), minimum_detectable_effect=0.01)
    refuses("the baseline of 'm' is 5", None, metrics={"m": 5}, minimum_detectable_effect=0.01)


def test_cut_and_sparse_columns_are_read(frame) -> None:
    cut = frame.assign(age=pandas.cut(frame.before, [0, 10, 30, 1_000]),
                       minutes=pandas.arrays.SparseArray(frame.minutes))
    plain = cut.assign(age=cut.age.astype(str), minutes=frame.minutes)
    one, other = (ds.analyze(data, variant="group", metrics=["minutes"], segments="age") for data in (cut, plain))
    assert one.to_rows("segments") == other.to_rows("segments")
    assert "(10, 30]" in [row["value"] for row in one.to_rows("segments")]


def test_numbers_of_other_layouts_are_read(frame, tmp_path) -> None:
    import pyarrow.dataset
    import pyarrow.parquet
    expected = ds.analyze(frame, variant="group", metrics=["minutes"]).metrics[0].comparison.p_value
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(frame), tmp_path / "units.parquet")
    files = pyarrow.dataset.dataset(tmp_path / "units.parquet")
    for data in (frame.assign(minutes=frame.minutes.to_numpy().astype(">f8")),
                 frame.assign(minutes=frame.minutes.to_numpy().astype(numpy.longdouble)), files, files.scanner()):
        found = ds.analyze(data, variant="group", metrics=["minutes"]).metrics[0].comparison.p_value
        assert found == pytest.approx(expected, rel=1e-12)
    fails(ds.NotFound, "no column 'grup'", files, variant="grup")


def test_samples_of_true_and_false_and_of_infinity() -> None:
    outcomes = [True, False, True, True]
    means = [ds.calc.mean_difference(control=one, treatment=one).control.estimate
             for one in (outcomes, numpy.array(outcomes), pandas.Series(outcomes), tuple(outcomes),
                         outcomes * 1_000, numpy.array(outcomes * 1_000))]
    assert means == pytest.approx([0.75] * 6)
    with pytest.raises(ds.InvalidRequest, match="got null"):
        ds.calc.mean_difference(control=pandas.array([True, None], dtype="boolean"), treatment=[1, 2])
    with pytest.raises(ds.InvalidRequest, match="infinite"):
        ds.calc.mean_difference(control=[1.0, float("inf")], treatment=[1, 2])
    with pytest.raises(ds.InvalidData, match="no column of numbers"):
        ds.calc.mean_difference(control=[10**30] * 2_000, treatment=[1, 2])
