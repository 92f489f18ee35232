# SPDX-License-Identifier: Apache-2.0
"""The package in a process: fast to import, beside other libraries, in threads and forks, stoppable."""
import concurrent.futures
import gc
import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import descant as ds
import pyarrow
import pytest

REQUEST = {"control": {"n": 100, "mean": 10, "variance": 4}, "treatment": {"n": 90, "mean": 11, "variance": 5}}


def run(code: str, timeout: float = 120) -> str:
    done = subprocess.run([sys.executable, "-c", code], text=True, capture_output=True, check=False, timeout=timeout)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_is_fast() -> None:
    # Processor time: how long it takes on a machine that does nothing else.
    code = ("import time; begin = time.process_time(); import descant; took = time.process_time() - begin; import sys;"
            "heavy = {'pandas', 'numpy', 'pyarrow', 'matplotlib', 'polars', 'tqdm'} & set(sys.modules);"
            "assert not heavy, heavy; print(took)")
    assert min(float(run(code)) for _ in range(5)) < 0.1


@pytest.mark.parametrize("order", list(itertools.permutations(["descant", "duckdb", "pyarrow", "polars"]))[::3])
def test_it_lives_beside_others_in_any_order(order, tmp_path) -> None:
    (tmp_path / "t.csv").write_text("g,x\n" + "A,1\nB,2\nA,2\nB,4\n" * 20)
    run(f"""
for name in {order!r}: __import__(name)
import descant as ds, duckdb, pyarrow, polars, warnings
warnings.simplefilter("ignore")
file = {str(tmp_path / 't.csv')!r}
first = ds.analyze(file, variant="g", metrics=["x"])
relation = duckdb.sql(f"SELECT * FROM '{{file}}'")
assert relation.aggregate("count(*)").fetchall() == [(80,)]
for table in (relation, polars.read_csv(file), relation.to_arrow_table()):
    again = ds.analyze(table, variant="g", metrics=["x"])
    assert abs(again.metrics[0].comparison.p_value - first.metrics[0].comparison.p_value) < 1e-12
""")


def test_threads_share_everything(project, frame, metrics, result) -> None:
    name = next(iter(project.experiments))
    whole = project.experiment(name).analyze()

    def ask(place: int) -> bool:
        if place % 3 == 0:
            return ds.calc.mean_difference(**REQUEST).absolute.estimate == 1
        if place % 3 == 1:
            return project.experiment(name).analyze() == whole
        return ds.analyze(frame, variant="group", control="A", metrics=metrics,
                          segments=["platform", "country"]) == result

    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        assert all(pool.map(ask, range(60)))


def test_the_interpreter_lock_is_given_up() -> None:
    def counts_while_working() -> int:
        done, seen = [], 0
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            work = pool.submit(ds.calc.proportion_difference, control={"n": 400, "successes": 150},
                               treatment={"n": 420, "successes": 190}, method="boschloo")
            while not work.done():
                seen += 1
                done.append(seen)
                time.sleep(0.0005)
            work.result()
        return seen
    assert counts_while_working() > 5


def test_a_fork_can_ask(project) -> None:
    name = next(iter(project.experiments))
    whole = project.experiment(name).analyze().to_json()
    context = multiprocessing.get_context("fork")
    with context.Pool(2) as pool:
        found = pool.map(_ask_in_fork, [(project, name)] * 4)
    assert found == [whole] * 4


def _ask_in_fork(what) -> str:
    project, name = what
    return project.experiment(name).analyze().to_json()


def _rss_kilobytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE") // 1024


def test_ten_thousand_calls_leak_nothing() -> None:
    table = pyarrow.table({"g": ["A", "B"] * 20, "x": [float(one) for one in range(40)]})
    big = {"values": pyarrow.array([1.0, 2.0] * 1_000)}

    def calls(n: int) -> None:
        for place in range(n):
            ds.calc.mean_difference(**REQUEST)
            if place % 10 == 0:
                ds.analyze(table, variant="g", metrics=["x"])
                ds.calc.mean_difference(control=big, treatment=big)
                try:
                    ds.calc.power(n_total=-1)
                except ds.DescantError:
                    pass

    calls(1_000)
    gc.collect()
    before = _rss_kilobytes()
    calls(9_000)
    gc.collect()
    assert _rss_kilobytes() - before < 8_000  # under a kilobyte a call


def test_ctrl_c_stops_long_work(tmp_path) -> None:
    code = f"""
import descant as ds, sys
print("ready", flush=True)
try:
    ds._ask.ask("simulate", {{"folder": {str(tmp_path / 'big')!r}, "listeners": 3_000_000}}, progress=False)
except KeyboardInterrupt:
    print("stopped", flush=True)
    assert ds.calc.sample_ratio_test(counts=[5, 5], expected=[1, 1]).p_value == 1
"""
    with subprocess.Popen([sys.executable, "-c", "import descant._ask\n" + code], stdout=subprocess.PIPE,
                          text=True) as process:
        assert process.stdout.readline() == "ready\n"
        time.sleep(1.5)
        asked = time.monotonic()
        process.send_signal(signal.SIGINT)
        assert process.stdout.readline() == "stopped\n"
        assert time.monotonic() - asked < 10
        assert process.wait(30) == 0


def test_progress_is_reported_and_its_errors_stop_the_work(tmp_path) -> None:
    from descant import _core
    seen = []
    request = '{"folder": "%s", "listeners": 60000}' % (tmp_path / "world")
    _core.call("simulate", request, None, {}, lambda *one: seen.append(one))
    assert seen and seen[-1][0] and {type(one) for one in seen[-1]} == {str, int}

    def broken(*_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        _core.call("simulate", request.replace("world", "other"), None, {}, broken)


def test_a_progress_bar_is_drawn_when_asked_for(tmp_path, capsys) -> None:
    from descant._ask import ProgressBar
    bar = ProgressBar(True)
    bar._PATIENCE_SECONDS = 0
    bar("reading", 10, 100, "rows")
    bar("reading", 60, 100, "rows")
    bar.close()
    assert "reading" in capsys.readouterr().err
    assert ProgressBar(False).disabled
