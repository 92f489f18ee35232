# SPDX-License-Identifier: Apache-2.0
"""ds.analyze gives one answer, whatever holds the table and however its columns are laid out."""
import decimal

import descant as ds
import duckdb
import numpy
import pandas
import polars
import pyarrow
import pyarrow.parquet
import pytest

SEGMENTS = ["platform", "country"]


def analyzed(data, metrics, **options):
    return ds.analyze(data, variant="group", control="A", metrics=metrics, segments=SEGMENTS, **options)


def numbers(value, path=""):
    """Every number of a result by its path."""
    if isinstance(value, dict):
        return {k: v for name, one in value.items() for k, v in numbers(one, f"{path}.{name}").items()}
    if isinstance(value, list):
        return {k: v for place, one in enumerate(value) for k, v in numbers(one, f"{path}[{place}]").items()}
    return {path: value} if isinstance(value, (int, float)) else {}


def assert_close(ours, theirs, tolerance=1e-11, without=None):
    ours, theirs = ({path: value for path, value in numbers(result.to_dict()).items()
                     if without is None or without not in path} for result in (ours, theirs))
    assert ours.keys() == theirs.keys()
    for path, value in ours.items():
        assert value == pytest.approx(theirs[path], rel=tolerance, abs=1e-14), path


FRAMES = {
    "polars": polars.from_pandas,
    "lazy polars": lambda frame: polars.from_pandas(frame).lazy(),
    "polars in chunks": lambda frame: polars.concat(
        [polars.from_pandas(frame[:1234]), polars.from_pandas(frame[1234:])], rechunk=False),
    "arrow table": pyarrow.Table.from_pandas,
    "arrow batches": lambda frame: pyarrow.Table.from_pandas(frame).to_reader(max_chunksize=777),
    "arrow slice": lambda frame: pyarrow.concat_tables(
        [pyarrow.Table.from_pandas(frame[:99])] + [pyarrow.Table.from_pandas(frame)]).slice(99),
    "record batch slice": lambda frame: pyarrow.Table.from_pandas(
        pandas.concat([frame[:13], frame])).combine_chunks().to_batches()[0].slice(13),
    "dict of columns": lambda frame: {name: frame[name] for name in frame},
    "reversed index": lambda frame: frame.set_index(numpy.arange(len(frame))[::-1]),
    "duplicate index": lambda frame: frame.set_index(numpy.zeros(len(frame), dtype=int)),
    "duckdb relation": lambda frame: duckdb.from_arrow(pyarrow.Table.from_pandas(frame)),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_every_kind_of_frame_gives_the_same(kind, frame, metrics, result) -> None:
    assert_close(analyzed(FRAMES[kind](frame), metrics), result, 0 if kind != "duckdb relation" else 1e-11)


def test_a_file_gives_the_same(frame, metrics, result, tmp_path) -> None:
    pyarrow.parquet.write_table(pyarrow.Table.from_pandas(frame), tmp_path / "table.parquet")
    assert_close(analyzed(tmp_path / "table.parquet", metrics), result)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_threads_do_not_change_a_bit(threads, frame, metrics, result) -> None:
    assert analyzed(frame, metrics, threads=threads).to_json() == result.to_json()


LAYOUTS = {
    "int8": pyarrow.int8(), "uint16": pyarrow.uint16(), "int64": pyarrow.int64(), "uint64": pyarrow.uint64(),
    "float16": pyarrow.float16(), "float32": pyarrow.float32(), "decimal128": pyarrow.decimal128(12, 2),
    "decimal256": pyarrow.decimal256(40, 3), "decimal32": pyarrow.decimal32(7, 2)}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_numbers_of_every_width(layout) -> None:
    values = [0, 3, 7, 1, 9, 4, None, 12] * 40
    arms = pyarrow.array((["A"] * 4 + ["B"] * 4) * 40)
    expected = ds.analyze({"g": arms, "x": pyarrow.array(values, pyarrow.float64())}, variant="g", metrics=["x"])
    exact = [None if one is None else decimal.Decimal(one) for one in values]
    column = (pyarrow.array(exact, LAYOUTS[layout]) if layout.startswith("decimal")
              else pyarrow.array(values, pyarrow.int64()).cast(LAYOUTS[layout]))
    assert ds.analyze({"g": arms, "x": column}, variant="g", metrics=["x"]).metrics == expected.metrics
    if layout == "decimal32":  # pyarrow makes no dictionary of these
        return
    table = pyarrow.table({"g": arms, "x": column.dictionary_encode()})
    assert ds.analyze(table, variant="g", metrics=["x"]).metrics == expected.metrics


def test_negative_decimals() -> None:
    values = [decimal.Decimal(one) / 100 for one in (-12345, -1, 0, 250, 99999, -500)] * 10
    table = {"g": ["A", "B"] * 30, "x": values}
    means = [arm.mean for arm in ds.distributions(table, metrics=["x"], variant="g").metrics[0].arms]
    assert means == pytest.approx([float(sum(values[arm::2])) / 30 for arm in (0, 1)], rel=1e-14)


@pytest.mark.parametrize("kind", ["string", "large_string", "string_view", "dictionary", "bool", "int", "float",
                                  "date", "timestamp", "zoned timestamp"])
def test_labels_of_every_type(kind) -> None:
    codes = numpy.arange(600) % 2
    words = pyarrow.array(["no arm", "an arm whose name is longer than twelve bytes"]).take(pyarrow.array(codes))
    days = pyarrow.array(codes.astype("int32")).cast(pyarrow.date32())
    columns = {"string": words, "large_string": words.cast(pyarrow.large_string()),
               "string_view": words.cast(pyarrow.string_view()), "dictionary": words.dictionary_encode(),
               "bool": pyarrow.array(codes == 1), "int": pyarrow.array(codes), "float": pyarrow.array(codes * 1.0),
               "date": days, "timestamp": days.cast(pyarrow.timestamp("ns")),
               "zoned timestamp": days.cast(pyarrow.timestamp("ms", "Europe/Berlin"))}
    table = pyarrow.table({"g": columns[kind], "x": pyarrow.array(codes * 1.0 + numpy.arange(600) % 7)})
    arms = [arm.variant for arm in ds.analyze(table, variant="g", metrics=["x"]).experiment.arms]
    expected = {"bool": ["false", "true"], "int": ["0", "1"], "float": ["0", "1"],
                "date": ["1970-01-01", "1970-01-02"],
                "timestamp": ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"],
                "zoned timestamp": ["1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z"]}
    assert arms == expected.get(kind, ["an arm whose name is longer than twelve bytes", "no arm"])
    controls = {"bool": True, "int": 1, "float": 1.0}
    if kind in controls:
        turned = ds.analyze(table, variant="g", control=controls[kind], metrics=["x"])
        assert turned.experiment.control == arms[1]


def test_nullable_pandas_types(frame, metrics, result) -> None:
    assert_close(analyzed(frame.convert_dtypes(), metrics), result, 0)
    assert_close(analyzed(frame.convert_dtypes(dtype_backend="pyarrow"), metrics), result, 0)


def test_what_is_missing_is_left_out_and_counted(frame) -> None:
    spoilt = frame.copy()
    spoilt.loc[:9, "group"] = None
    spoilt.loc[10:29, "minutes"] = numpy.nan
    spoilt.loc[30:34, "minutes"] = numpy.inf
    spoilt["country"] = spoilt["country"].where(spoilt.index != 40, None)
    found = ds.analyze(spoilt, variant="group", metrics=["minutes"], segments="country")
    assert [(one.reason, one.count) for one in found.experiment.left_out] == [("null_variant", 10)]
    assert found.metrics[0].missing_units == 25
    assert "unknown" in {one.value for one in found.metrics[0].segments}
    kept = spoilt.dropna(subset=["group"])
    kept = kept[numpy.isfinite(kept["minutes"])]
    welch = ds.calc.mean_difference(control=kept[kept.group == "A"].minutes, treatment=kept[kept.group == "B"].minutes)
    assert found.metrics[0].comparison.p_value == pytest.approx(welch.p_value, rel=1e-9)


def test_units_must_differ(frame) -> None:
    identified = frame.assign(unit=numpy.arange(len(frame)))
    whole = ds.analyze(identified, variant="group", unit="unit", metrics=["minutes"])
    assert sum(arm.units for arm in whole.experiment.arms) == len(frame)
    identified.loc[5:6, "unit"] = 3
    identified.loc[8, "unit"] = 9
    with pytest.raises(ds.InvalidData, match=r"2 values of 'unit' stand in more than one row \(5 rows"):
        ds.analyze(identified, variant="group", unit="unit", metrics=["minutes"])
    texts = frame.assign(unit=["u" + str(one) for one in range(len(frame))])
    texts.loc[0, "unit"] = None
    found = ds.analyze(texts, variant="group", unit="unit", metrics=["minutes"])
    assert [(one.reason, one.count) for one in found.experiment.left_out] == [("null_key", 1)]


def test_shares_and_several_treatments(frame) -> None:
    three = frame.assign(group=numpy.array(["A", "B", "C"])[numpy.arange(len(frame)) % 3])
    found = ds.analyze(three, variant="group", metrics=["minutes"], shares={"A": 1, "B": 1, "C": 2})
    assert [one.treatment for one in found.decisions] == ["B", "C"]
    assert not next(one for one in found.checks if one.name == "sample_ratio").passed
    assert found.metric("minutes", "C").treatment == "C"
    with pytest.raises(ds.InvalidRequest):
        found.metric("minutes")
    with pytest.raises(ds.InvalidRequest):
        _ = found.decision


def test_it_reads_a_stream_batch_by_batch() -> None:
    schema = pyarrow.schema([("g", pyarrow.string()), ("x", pyarrow.float64()), ("wide", pyarrow.string())])
    alive = []

    def batches():
        for place in range(40):
            alive.append(pyarrow.total_allocated_bytes())
            n = 100_000
            yield pyarrow.record_batch([pyarrow.array(["A", "B"] * (n // 2)),
                                        pyarrow.array(numpy.arange(n) % 11 + place * 0.01),
                                        pyarrow.array(["x" * 200] * n)], schema=schema)

    found = ds.analyze(pyarrow.RecordBatchReader.from_batches(schema, batches()), variant="g", metrics=["x"])
    assert sum(arm.units for arm in found.experiment.arms) == 4_000_000
    assert max(alive) < 600e6  # of 900 MB in all
