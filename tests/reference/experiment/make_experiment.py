# SPDX-License-Identifier: Apache-2.0
"""Makes the listening data of this folder, and the expected read-out of its two experiments.

python make_experiment.py data FOLDER [--ids string|int64]   the project and its data, for a test to analyse
python make_experiment.py expected                           rewrites expected.json beside this script
python make_experiment.py check                              unit totals once more, as DuckDB SQL over the written files
python make_experiment.py units EXPERIMENT METRIC            one line a unit, to find where a number differs
"""

import argparse
import json
import os
import platform
import shutil
import tempfile
from importlib import metadata

import listening

HERE = os.path.dirname(os.path.abspath(__file__))


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, list):
        return [plain(v) for v in x]
    if hasattr(x, "item"):
        x = x.item()
    assert not isinstance(x, float) or abs(x) < float("inf"), x
    return x


def write_data(folder, kind):
    os.makedirs(folder, exist_ok=True)
    log = listening.make()
    with open(os.path.join(HERE, "expected.json")) as f:
        if json.load(f)["data_digest"] != listening.digest(log):
            raise SystemExit(
                "the data made here are not those of expected.json: run `make_experiment.py expected` and look at the change"
            )
    listening.write(log, folder, kind)
    shutil.copy(os.path.join(HERE, "descant.yaml"), os.path.join(folder, "descant.yaml"))


def write_expected():
    import readout

    log = listening.make()
    results = [
        readout.analyse(log, "ranker", listening.RANKER_WATERMARK, None),
        readout.analyse(log, "radio", listening.RADIO_AS_OF, "2026-03-28T12:34:56Z"),
    ]
    made_with = {"python": platform.python_version(), **{p: metadata.version(p) for p in ("numpy", "scipy", "pyarrow")}}
    with open(os.path.join(HERE, "expected.json"), "w") as f:
        f.write(
            '{"made_with": %s,\n "data_digest": "%s",\n "relative_tolerance": 1e-8,\n "experiments": [\n'
            % (json.dumps(made_with), listening.digest(log))
        )
        for i, r in enumerate(plain(results)):
            head = {k: v for k, v in r.items() if k != "metrics"}
            f.write(json.dumps(head, allow_nan=False)[:-1] + ', "metrics": [\n')
            f.write(",\n".join(json.dumps(m, allow_nan=False) for m in r["metrics"]))
            f.write("\n]}" + (",\n" if i == 0 else "\n"))
        f.write("]}\n")


MINUTES = "coalesce(sum(ms_played / 60000.0), 0)"
SQL = {
    "minutes_played": MINUTES,
    "capped_minutes": MINUTES,
    "minutes_so_far": MINUTES,
    "radio_plays": "count(*) FILTER (WHERE surface IN ('radio', 'discover'))",
    "skip_rate": "coalesce(sum(CAST(skipped AS INTEGER)), 0)",
    "stream_rate": "coalesce(sum(CAST(ms_played >= 30000 AS INTEGER)), 0)",
    "week2_retention": "CAST(count(played_at) > 0 AS INTEGER)",
    "listened": "CAST(count(*) FILTER (WHERE ms_played >= 30000) > 0 AS INTEGER)",
    "distinct_tracks": "count(DISTINCT track_id)",
}

EXPOSED = """
    CREATE OR REPLACE TEMP TABLE exposed AS
    SELECT listener_id, min(variant) AS variant, min(assigned_at) AS t FROM assignments
    WHERE experiment = '{name}' AND variant IN ({declared}) AND assigned_at < make_timestamp({as_of})
      AND assigned_at AT TIME ZONE 'UTC' >= CAST('{start}' AS TIMESTAMP) AT TIME ZONE 'America/New_York'
      AND assigned_at AT TIME ZONE 'UTC' < (CAST('{end}' AS TIMESTAMP) + INTERVAL 1 DAY) AT TIME ZONE 'America/New_York'
    GROUP BY listener_id HAVING count(DISTINCT variant) = 1"""

TOTALS = """
    SELECT variant, count(*), sum(v) FROM (
      SELECT e.listener_id, variant, {value} AS v
      FROM exposed e LEFT JOIN plays p
        ON p.listener_id = e.listener_id AND played_at >= t + INTERVAL {start} HOUR AND played_at < {stop}
      WHERE {stop} <= make_timestamp({as_of}) GROUP BY e.listener_id, variant)
    GROUP BY variant"""


def check_experiment(db, log, name, as_of):
    import numpy as np
    import readout

    design = readout.EXPERIMENTS[name]
    db.execute(
        EXPOSED.format(
            name=name,
            as_of=as_of,
            start=design["start"],
            end=design["end"],
            declared=", ".join(f"'{v}'" for v in design["variants"]),
        )
    )
    exposed, _ = readout.exposures(log, name, as_of)
    lines = readout.timelines(log)
    assert db.execute("SELECT count(*) FROM exposed").fetchone()[0] == len(exposed)
    for metric, _, _ in design["metrics"]:
        m = readout.METRICS[metric]
        stop = f"make_timestamp({as_of})" if m["to"] is None else f"t + INTERVAL {m['to'] * 24} HOUR"
        rows = db.execute(
            TOTALS.format(value=SQL[metric], start=m.get("start", 0) * 24, stop=stop, as_of=as_of)
        ).fetchall()
        uncapped = {k: v for k, v in m.items() if k not in ("percentile", "value")}
        names, y, _ = readout.units(uncapped, exposed, lines, 7, as_of)
        assert len(rows) == len(design["variants"])
        for variant, n, total in rows:
            mask = readout.arms(names, exposed, variant)
            assert n == mask.sum() and np.isclose(float(total), y[mask, 0].sum(), rtol=1e-12), (name, metric, variant)


def check():
    """The uncapped totals of every metric and variant, by SQL from the written files, against the loop over listeners."""
    import duckdb

    log = listening.make()
    for kind in ("string", "int64"):
        with tempfile.TemporaryDirectory() as folder:
            listening.write(log, folder, kind)
            db = duckdb.connect()
            db.execute("SET TimeZone = 'UTC'")
            db.execute(
                f"CREATE VIEW plays AS SELECT * REPLACE (CAST(played_at AS TIMESTAMP) AS played_at) "
                f"FROM '{folder}/data/plays/*.parquet'"
            )
            db.execute(f"CREATE VIEW assignments AS SELECT * FROM read_csv('{folder}/data/assignments.csv')")
            check_experiment(db, log, "ranker", listening.RANKER_WATERMARK)
            check_experiment(db, log, "radio", listening.RADIO_AS_OF)
            print(kind, "ids: SQL agrees")


def print_units(experiment, metric, kind):
    """One line a mature unit, capped totals: what to compare when a number differs."""
    import readout

    as_of = listening.RADIO_AS_OF if experiment == "radio" else listening.RANKER_WATERMARK
    log = listening.make()
    exposed, _ = readout.exposures(log, experiment, as_of)
    design = readout.EXPERIMENTS[experiment]
    lines = readout.timelines(log)
    names, y, x = readout.units(readout.METRICS[metric], exposed, lines, design["lookback"], as_of)
    places = readout.segments_of(log, exposed, lines)
    print("listener_id,variant,exposed_at,platform,country,outcome,outcome_denominator,covariate,covariate_denominator")
    for who, a, b in zip(names, y, x):
        variant, time = exposed[who]
        print(
            listening.key(who, kind),
            variant,
            listening.timestamp_text(time),
            places[who]["platform"],
            places[who]["country"],
            *(repr(float(v)) for v in (*a, *b)),
            sep=",",
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    data = commands.add_parser("data")
    data.add_argument("folder")
    data.add_argument("--ids", choices=("string", "int64"), default="string")
    commands.add_parser("expected"), commands.add_parser("check")
    units = commands.add_parser("units")
    units.add_argument("experiment", choices=("ranker", "radio"))
    units.add_argument("metric")
    units.add_argument("--ids", choices=("string", "int64"), default="string")
    arguments = parser.parse_args()
    if arguments.command == "data":
        write_data(arguments.folder, arguments.ids)
    elif arguments.command == "expected":
        write_expected()
    elif arguments.command == "units":
        print_units(arguments.experiment, arguments.metric, arguments.ids)
    else:
        check()


if __name__ == "__main__":
    main()
