# SPDX-License-Identifier: Apache-2.0
"""Gives the program what it must not trust, as a user would, and looks at what comes back: a message
that says what, where and what to do, or a result that says what was left out."""

import json
import os
import random
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("DESCANT_PROGRAM") or ROOT / "build" / "descant").resolve()

PLAYS = (
    "SELECT i % 40 AS listener_id, TIMESTAMP '2026-03-01' + to_seconds(i * 1801) AS played_at, "
    "'p' || (i % 3) AS platform, 60000 * (1 + i % 7) AS ms_played, i % 5 = 0 AS skipped "
    "FROM range(1500) t(i)"
)
ASSIGNMENTS = (
    "SELECT i AS listener_id, 'e' AS experiment, CASE WHEN i % 2 = 0 THEN 'a' ELSE 'b' END AS variant, "
    "TIMESTAMP '2026-03-05' AS assigned_at FROM range(40) t(i)"
)
LISTENERS = "SELECT i AS listener_id, 'c' || (i % 4) AS country FROM range(40) t(i)"
DEFINITIONS = f"""name: small
timezone: Europe/Berlin
entities:
  listener: {{key: listener_id}}
fact_tables:
  plays:
    sql: |
      {PLAYS}
    entity: listener
    timestamp: played_at
    dimensions: [platform]
    measures: {{minutes: ms_played / 60000.0, skip: skipped}}
assignment_tables:
  assignments: {{sql: "{ASSIGNMENTS}", entity: listener, experiment: experiment, variant: variant, timestamp: assigned_at}}
dimension_tables:
  listeners: {{sql: "{LISTENERS}", entity: listener, dimensions: [country]}}
metrics:
  minutes_played: {{type: mean, fact_table: plays, measure: minutes, aggregate: sum, window: 7d, direction: increase}}
  skip_rate: {{type: ratio, fact_table: plays, numerator: {{measure: skip, aggregate: sum}}, denominator: {{aggregate: count}}, window: 7d, direction: decrease}}
  ever: {{type: proportion, fact_table: plays, aggregate: any, direction: increase}}
experiments:
  e:
    hypothesis: H
    assignment_table: assignments
    control: a
    variants: {{a: 0.5, b: 0.5}}
    start: 2026-03-02
    end: 2026-03-20
    segments: [platform, country]
    metrics:
      - {{metric: minutes_played, role: success}}
      - {{metric: skip_rate, role: guardrail, non_inferiority_margin: 5%}}
      - {{metric: ever, role: exploratory}}
"""


def run(*arguments: object, stdin: str | None = None) -> subprocess.CompletedProcess:
    return subprocess.run(
        [PROGRAM, "-q", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


def project(folder: Path, *changes: tuple[str, str]) -> Path:
    text = DEFINITIONS
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    folder.mkdir(exist_ok=True)
    (folder / "descant.yaml").write_text(text)
    return folder


def analyze(folder: Path, *flags: str) -> subprocess.CompletedProcess:
    return run("experiment", "analyze", "e", "--project", folder, "--format", "json", *flags)


def result_of(done: subprocess.CompletedProcess) -> dict:
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} in the result"))


def assert_error(done: subprocess.CompletedProcess, status: int, *words: str) -> None:
    assert done.returncode == status, done.stdout + done.stderr
    for word in ("error: ", "  where: ", "  hint:  ", *words):
        assert word in done.stderr, done.stderr


MISTAKES = {
    "missing file": ((f"sql: |\n      {PLAYS}", "from: data/nowhere/*.parquet"), 2, "data/nowhere"),
    "missing column": (("timestamp: played_at", "timestamp: heard_at"), 2, "heard_at"),
    "missing measure column": (("minutes: ms_played", "minutes: ms_plaid"), 2, "ms_plaid"),
    "number as timestamp": (("TIMESTAMP '2026-03-01' + to_seconds(i * 1801)", "i"), 2, "BIGINT"),
    "fractional key": (("SELECT i % 40 AS", "SELECT i % 40 + 0.5 AS"), 2, "listener_id"),
    "keys of two types": (("SELECT i AS listener_id, 'c'", "SELECT 'k' || i AS listener_id, 'c'"), 2, "integer"),
    "text summed": (("minutes: ms_played / 60000.0", "minutes: platform"), 2, "minutes"),
    "value out of range": (("ms_played / 60000.0", "(1e30 * listener_id)::HUGEINT"), 3, "plays"),
    "unknown key": (("timezone:", "timezon:"), 2, "timezone"),
    "unknown measure": (("measure: minutes,", "measure: minuts,"), 2, "minutes"),
    "condition that is none": (("aggregate: sum, window", "aggregate: sum, where: platform, window"), 2, "VARCHAR"),
    "statement as measure": (("skip: skipped", 'skip: "1) FROM x; DROP TABLE plays; --"'), 2, "skip"),
    "date out of range": (("start: 2026-03-02", "start: 0001-01-01"), 2, "1970"),
    "too many variants": (
        ("{a: 0.5, b: 0.5}", "{a: 0.5, " + ", ".join(f"v{i}: {0.5 / 299!r}" for i in range(299)) + "}"),
        2,
        "250",
    ),
    "long name": (("minutes_played", "m" * 300), 2, "100"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_its_place_and_remedy(name: str, tmp_path: Path) -> None:
    change, status, word = MISTAKES[name]
    assert_error(run("refresh", project(tmp_path, change)), status, word)


SHORTAGES = {
    "no events": ((PLAYS, PLAYS.replace("1500", "0")), "empty_table"),
    "no assignments": ((ASSIGNMENTS, ASSIGNMENTS.replace("range(40)", "range(0)")), "no_assignments"),
    "no dimension rows": ((LISTENERS, LISTENERS.replace("range(40)", "range(0)")), ""),
    "one listener": ((ASSIGNMENTS, ASSIGNMENTS.replace("range(40)", "range(1)")), "needs two or more"),
    "zero variance": (("minutes: ms_played / 60000.0", "minutes: 0"), "does not vary"),
    "experiment that nobody is in": (("'e' AS", "'f' AS"), "no_assignments"),
    "variant nobody declared": (("THEN 'a'", "THEN 'z'"), "20 rows of a variant"),
    "start after the data": (("start: 2026-03-02\n    end: 2026-03-20", "start: 2027-03-02\n    end: 2027-03-20"), "outside_dates"),
    "nobody mature": (("'2026-03-05'", "'2026-03-30'"), "immature"),
    "ratio over nothing": (("{aggregate: count}", "{measure: minutes, aggregate: sum, where: \"platform = 'none'\"}"), "undefined_estimate"),
    "huge integers": (("ms_played / 60000.0", "4611686018427387904"), ""),
    "variant of quotes and markup": (("'b' END", "'<script>&é' END"), "20 rows of a variant"),
}


@pytest.mark.parametrize("name", SHORTAGES)
def test_a_shortage_is_a_result_with_its_reason(name: str, tmp_path: Path) -> None:
    change, reason = SHORTAGES[name]
    folder = project(tmp_path, change)
    assert run("refresh", folder).returncode == 0
    done = analyze(folder)
    result_of(done)
    assert reason in done.stdout, done.stdout[:4000]
    for form in ("text", "html"):
        shown = run("experiment", "analyze", "e", "--project", folder, "--format", form)
        assert shown.returncode == 0
        assert form == "html" or "nan" not in shown.stdout.lower().split()
    assert run("status", folder).returncode == 0


LEFT_OUT = {
    "null keys": ("SELECT i % 40 AS", "SELECT CASE WHEN i < 30 THEN NULL ELSE i % 40 END AS", "without a key"),
    "null times": ("TIMESTAMP '2026-03-01' +", "CASE WHEN i < 30 THEN NULL ELSE TIMESTAMP '2026-03-01' END +", "without a timestamp"),
    "before 1970": ("TIMESTAMP '2026-03-01' +", "CASE WHEN i < 30 THEN TIMESTAMP '1950-01-01' ELSE TIMESTAMP '2026-03-01' END +", "before 1970"),
    "after 2100": ("TIMESTAMP '2026-03-01' +", "CASE WHEN i < 30 THEN TIMESTAMP '2200-01-01' ELSE TIMESTAMP '2026-03-01' END +", "from 2100 on"),
    "NaN": ("ms_played / 60000.0", "CASE WHEN ms_played > 400000 THEN 'NaN'::DOUBLE ELSE 1 END", "NaN or infinite"),
    "infinite": ("ms_played / 60000.0", "CASE WHEN ms_played > 400000 THEN '-inf'::DOUBLE ELSE 1 END", "NaN or infinite"),
    "duplicate rows": ("FROM range(1500) t(i)", "FROM (SELECT i // 2 AS i FROM range(1500) t(i))", "equal another"),
    "duplicate listeners": ("range(40) t(i)\", entity: listener, dimensions", "range(80) u(j), LATERAL (SELECT j % 40 AS i)\", entity: listener, dimensions", "repeat a key"),
}  # fmt: skip


@pytest.mark.parametrize("name", LEFT_OUT)
def test_rows_that_cannot_count_are_left_out_and_counted(name: str, tmp_path: Path) -> None:
    old, new, reason = LEFT_OUT[name]
    folder = project(tmp_path, (old, new))
    refreshed = run("refresh", folder)
    assert refreshed.returncode == 0, refreshed.stderr
    assert reason in refreshed.stdout
    result_of(analyze(folder))


def test_a_segment_of_a_million_values(tmp_path: Path) -> None:
    folder = project(
        tmp_path, (LISTENERS, LISTENERS.replace("i % 4", "i").replace("range(40)", "range(1000000)"))
    )
    assert run("refresh", folder).returncode == 0
    done = analyze(folder, "--no-days")
    result_of(done)
    assert len(done.stdout) < 1_000_000


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = project(tmp_path_factory.mktemp("built"))
    assert run("refresh", folder).returncode == 0
    return folder


@pytest.fixture
def copy(built: Path, tmp_path: Path) -> Path:
    return shutil.copytree(built, tmp_path / "project")


@pytest.mark.parametrize("threads", ["0", "1", "64", "4096"])
def test_any_number_of_threads(threads: str, copy: Path) -> None:
    assert run("--threads", threads, "refresh", copy, "--force").returncode == 0


@pytest.mark.parametrize(
    "flags",
    [["--threads", "5000"], ["--threads", "-1"], ["--as-of", "9999-12-31"], ["--as-of", "soon"], ["--format", "x"]],
)
def test_flags_out_of_range(flags: list[str], built: Path) -> None:
    done = analyze(built, *flags)
    assert done.returncode == 2
    assert "error: " in done.stderr and "hint: " in done.stderr


@pytest.mark.parametrize("as_of", ["1970-01-01", "2026-03-08T02:30:00Z", "2026-03-29T01:30:00Z", "2099-12-31"])
def test_any_as_of_within_the_years_of_the_store(as_of: str, built: Path) -> None:
    done = analyze(built, "--as-of", as_of)
    result_of(done)
    assert len(done.stdout) < 2_000_000, "days after the last event repeat the last row"


def damage(path: Path, how: str, dice: random.Random) -> None:
    content = bytearray(path.read_bytes())
    if how == "flipped":
        content[dice.randrange(len(content))] ^= 1 << dice.randrange(8)
    if how == "random":
        content[128:] = dice.randbytes(len(content) - 128)
    if how == "truncated":
        del content[dice.randrange(len(content)) :]
    if how == "removed":
        return path.unlink()
    path.write_bytes(content)
    return None


@pytest.mark.parametrize("how", ["flipped", "random", "truncated", "removed"])
def test_damaged_files_are_noticed_and_never_crash(how: str, copy: Path) -> None:
    dice = random.Random(7)
    files = sorted((copy / ".descant").rglob("*.npy"))
    for path in dice.sample(files, 12):
        whole = path.read_bytes()
        damage(path, how, dice)
        if not path.exists() or path.read_bytes() != whole:
            assert_error(run("check", "--deep", copy), 3, "refresh --force")
            assert analyze(copy, "--no-days").returncode in (0, 3)
        path.write_bytes(whole)
    assert run("check", "--deep", copy).returncode == 0


def leaves(value: object, path: tuple = ()) -> list[tuple]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else []
    return [path, *(leaf for key, below in inside for leaf in leaves(below, (*path, key)))]


def test_a_manifest_that_lies_never_crashes(copy: Path) -> None:
    manifest = copy / ".descant" / "manifest.json"
    sound = manifest.read_text()
    dice = random.Random(11)
    lies = [0, 1, -1, 2**31, 2**63 - 1, -(2**63), 2**64 - 1, 1e300, "", "<f8", "<u4", "|u1", "label",
            "instant", "../../x", "v000001/plays/skip.npy", None, [], {}]  # fmt: skip
    for _ in range(150):
        changed = json.loads(sound)
        *way, last = dice.choice(leaves(changed)[1:])
        at = changed
        for key in way:
            at = at[key]
        if dice.random() < 0.2:
            del at[last]
        else:
            at[last] = dice.choice(lies)
        manifest.write_text(json.dumps(changed))
        done = analyze(copy, "--no-days")
        assert done.returncode in (0, 2, 3), (way, last, done.stderr)
        if done.returncode:
            assert_error(done, done.returncode, "refresh")
    manifest.write_text("{")
    assert_error(run("status", copy), 3, "refresh --force")
    assert run("refresh", copy, "--force").returncode == 0
    result_of(analyze(copy))


@pytest.fixture
def larger(tmp_path: Path) -> Path:
    folder = project(
        tmp_path / "larger", (PLAYS, PLAYS.replace("1500", "400000").replace("* 1801", "* 5"))
    )
    assert run("refresh", folder).returncode == 0
    return folder


def test_a_killed_refresh_leaves_the_last_version(larger: Path) -> None:
    start = time.monotonic()
    assert run("refresh", larger, "--force").returncode == 0
    whole = time.monotonic() - start
    killed = 0
    for part in range(10):
        refresh = subprocess.Popen(
            [PROGRAM, "-q", "refresh", "--force", larger], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        time.sleep(whole * part / 10)
        refresh.kill()
        refresh.communicate()
        killed += refresh.returncode == -signal.SIGKILL
        assert run("check", "--deep", larger).returncode == 0
    assert killed > 0


def test_a_disk_without_room_leaves_the_last_version(larger: Path) -> None:
    """A limit on the size of files, as a full disk is not at hand everywhere."""
    limited = f'trap "" XFSZ; ulimit -f 100; exec "{PROGRAM}" -q refresh --force "{larger}"'
    done = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)
    assert_error(done, 3, ".descant")
    assert run("check", "--deep", larger).returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
def test_a_folder_that_must_not_be_written(copy: Path) -> None:
    for folder in (copy, *list(copy.parents)[:-1]):
        if not folder.stat().st_mode & 0o005 == 0o005:
            pytest.skip("the temporary folder is closed to other users")
    done = subprocess.run(
        [PROGRAM, "refresh", "--force", copy], capture_output=True, text=True, check=False, user=65534
    )
    assert_error(done, 3, "lock")


def test_an_interrupted_refresh_says_so(larger: Path) -> None:
    refresh = subprocess.Popen(
        [PROGRAM, "refresh", "--force", larger], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    time.sleep(0.1)
    refresh.send_signal(signal.SIGINT)
    _, errors = refresh.communicate(timeout=30)
    assert refresh.returncode in (0, 130, -signal.SIGINT), errors
    assert run("check", "--deep", larger).returncode == 0


def test_two_refreshes_at_once_and_readers_meanwhile(larger: Path) -> None:
    for _ in range(4):
        writers = [
            subprocess.Popen(
                [PROGRAM, "-q", "refresh", "--force", larger],
                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        for _ in range(4):
            result_of(analyze(larger, "--no-days", "--no-segments"))
        outcomes = sorted((writer.communicate()[1], writer.returncode) for writer in writers)
        statuses = [status for _, status in outcomes]
        assert statuses[0] == 0 and statuses[1] in (0, 3), outcomes
        if statuses[1] == 3:
            assert "another refresh is running" in outcomes[1][0]
            assert "hint: " in outcomes[1][0]
    assert run("check", "--deep", larger).returncode == 0


UNITS = "v,m\n" + "".join(f"{'ab'[i % 2]},{i % 7}\n" for i in range(100))
TABLES = {
    "empty": ("", 3, "no rows"),
    "header only": ("v,m\n", 3, "no rows"),
    "one arm": ("v,m\na,1\na,2\n", 3, "only value"),
    "text among numbers": (UNITS + "a,hello\n", 3, "not a number"),
    "text far down": (UNITS + "a,1\n" * 60000 + "a,hello\n", 3, "hello"),
    "ragged": (UNITS + "a,1,2,3\n", 2, "no column"),
    "a line of a megabyte": (UNITS + "a," + "9" * 3_000_000 + "\n", 3, "Line"),
    "identifiers as variants": ("v,m\n" + "".join(f"x{i},1\n" for i in range(3000)), 3, "more than 20"),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_that_is_no_experiment(name: str, tmp_path: Path) -> None:
    text, status, word = TABLES[name]
    table = tmp_path / "it's a table.csv"
    table.write_text(text)
    done = run("analyze", table, "--variant", "v", "--metric", "m:mean")
    assert_error(done, status, word)
    assert len(done.stderr) < 3000


def test_paths_that_are_no_file(tmp_path: Path) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "loop.csv").symlink_to(tmp_path / "loop.csv")
    for name in ("folder.csv", "loop.csv", "missing.csv"):
        assert_error(run("analyze", tmp_path / name, "--variant", "v", "--metric", "m:mean"), 2, name)
    assert "no descant.yaml" in run("status", tmp_path).stderr


@pytest.mark.parametrize(
    "request_text",
    ["[" * 100_000, '{"a":' * 100_000, '{"control":', '{"control":{"values":[NaN]}}', '{"control":{"values":[1e999]}}',
     '{"control":5}', "null", "[]", '{"control":1,"control":2}', "\x00"],
)  # fmt: skip
def test_requests_that_are_none(request_text: str) -> None:
    done = run("calc", "mean_difference", "-", stdin=request_text + "\n")
    assert done.returncode == 2
    assert json.loads(done.stdout)["error"]["message"]


def test_outputs_that_cannot_be_written(built: Path) -> None:
    for shell in (f'"{PROGRAM}" status "{built}" >&-', f'"{PROGRAM}" status "{built}" >/dev/full'):
        done = subprocess.run(["bash", "-c", shell], capture_output=True, text=True, check=False)
        assert_error(done, 3)
    gone = f'"{PROGRAM}" status "{built}" | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}'
    assert subprocess.run(["bash", "-c", gone], capture_output=True, check=False).returncode == 0
    assert_error(analyze(built, "--output", str(built)), 2)
    assert_error(analyze(built, "--output", str(built / "descant.yaml" / "x")), 3)
