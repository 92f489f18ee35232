# SPDX-License-Identifier: Apache-2.0
"""Makes the streaming log of this folder, and the expected read-out of its experiments.

python make_designs.py data FOLDER    the project and its data, for a test to analyse
python make_designs.py expected       rewrites expected.json beside this script
python make_designs.py check          the totals of some metrics once more, as SQL over the written files
"""

import argparse
import json
import platform
import shutil
import tempfile
from importlib import metadata
from pathlib import Path

import streaming

HERE = Path(__file__).parent


def plain(x):
    if isinstance(x, dict):
        return {k: plain(v) for k, v in x.items()}
    if isinstance(x, (list, tuple)):
        return [plain(v) for v in x]
    if hasattr(x, "item"):
        x = x.item()
    assert not isinstance(x, float) or abs(x) < float("inf"), x
    return x


def write_data(folder):
    folder.mkdir(parents=True, exist_ok=True)
    log = streaming.make()
    if json.loads((HERE / "expected.json").read_text())["data_digest"] != streaming.digest(log):
        raise SystemExit(
            "the data made here are not those of expected.json: run `make_designs.py expected` and look at the change"
        )
    streaming.write(log, folder)
    shutil.copy(HERE / "descant.yaml", folder / "descant.yaml")


def write_expected():
    import designs
    import readout
    import special

    log = readout.Log(streaming.make())
    results = [designs.randomised(log, name) for name in designs.EXPERIMENTS]
    for result in results:
        if result["experiment"] in ("nudge", "nudge_relative"):
            special.add_complier_effects(log, result)
    results += [special.switchback(log), special.interleaving(log)]
    versions = {p: metadata.version(p) for p in ("numpy", "scipy", "pyarrow")}
    with open(HERE / "expected.json", "w") as f:
        f.write('{"made_with": %s,\n' % json.dumps({"python": platform.python_version(), **versions}))
        f.write(' "data_digest": "%s",\n "experiments": [\n' % streaming.digest(log.log))
        for i, result in enumerate(plain(results)):
            head = {k: v for k, v in result.items() if k != "metrics"}
            f.write(json.dumps(head, allow_nan=False)[:-1] + ', "metrics": [\n')
            f.write(",\n".join(json.dumps(m, allow_nan=False) for m in result["metrics"]))
            f.write("\n]}" + (",\n" if i + 1 < len(results) else "],\n"))
        pair = special.interaction(log, "volume", "tempo", ["minutes", "skip_rate", "mean_play"])
        f.write(' "interaction": %s}\n' % json.dumps(plain(pair), allow_nan=False))


SQL = {
    "minutes": "coalesce(sum(ms_played / 60000.0), 0)",
    "tracks": "count(DISTINCT track_id)",
    "longest_play": "max(ms_played / 60000.0)",
    "mean_play": "avg(ms_played / 60000.0)",
    "active": "CAST(count(played_at) > 0 AS INTEGER)",
}

TOTALS = """
    WITH exposed AS (
      SELECT listener_id, min(variant) AS variant, min(assigned_at) AS t FROM assignments
      WHERE experiment = 'aggregates' AND assigned_at >= '2026-03-01 23:00:00' AND assigned_at < '2026-03-11 23:00:00'
      GROUP BY listener_id HAVING count(DISTINCT variant) = 1)
    SELECT variant, count(v), sum(v) FROM (
      SELECT e.listener_id, variant, {value} AS v
      FROM exposed e LEFT JOIN plays p
        ON p.listener_id = e.listener_id AND played_at >= t AND played_at < t + INTERVAL 5 DAY
      GROUP BY e.listener_id, variant) GROUP BY variant"""


def check():
    import duckdb
    import numpy as np
    import readout

    log = readout.Log(streaming.make())
    exposed, _ = log.exposures("aggregates", streaming.AS_OF)
    with tempfile.TemporaryDirectory() as folder:
        streaming.write(log.log, folder)
        db = duckdb.connect()
        db.execute(f"CREATE VIEW plays AS SELECT * FROM '{folder}/data/plays.parquet'")
        db.execute(f"CREATE VIEW assignments AS SELECT * FROM read_csv('{folder}/data/assignments.csv')")
        for metric, value in SQL.items():
            table = readout.Table(log, metric, readout.alone(exposed), streaming.AS_OF)
            for variant, n, total in db.execute(TOTALS.format(value=value)).fetchall():
                y = table.y[table.arms == variant, 0]
                assert n == len(y) and np.isclose(float(total), y.sum(), rtol=1e-12), (metric, variant, n, total)
    print("SQL agrees")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("data").add_argument("folder", type=Path)
    commands.add_parser("expected"), commands.add_parser("check")
    arguments = parser.parse_args()
    if arguments.command == "data":
        write_data(arguments.folder)
    elif arguments.command == "expected":
        write_expected()
    else:
        check()


if __name__ == "__main__":
    main()
