# SPDX-License-Identifier: Apache-2.0
"""What the cases measure on: simulated data, the bench project over them, and the peer's SQL."""
import json
import os
import re
import string
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

from engine import THREADS, BenchError, Descant, Timing

BENCH = Path(__file__).resolve().parent
PROGRAM = Path(os.environ.get("DESCANT_PROGRAM", BENCH.parent / "build" / "descant")).resolve()
LISTENERS = {"tiny": 1_000, "small": 20_000, "full": 1_000_000}
SEED = 7

# Those of project/descant.yaml.
TIMEZONE = ZoneInfo("America/New_York")
FIRST_DAY, LAST_DAY = date(2026, 3, 2), date(2026, 3, 22)

PARQUET = "DuckDB, Parquet files"
TABLE = "DuckDB, table by listener and time"


@dataclass
class Row:
    """One line of the result: ours against one peer, or alone."""

    name: str
    ours: Timing
    peer: str | None = None
    theirs: Timing | None = None
    events: int | None = None  # where time per event makes sense

    def figures(self) -> dict:
        """As bench.json has it."""
        ours = self.ours.median
        theirs = self.theirs.median if self.theirs else None
        return {"name": self.name, "ours_seconds": ours, "peer": self.peer, "peer_seconds": theirs,
                "ratio": theirs / ours if theirs else None,
                "ns_per_event_core": ours * THREADS / self.events * 1e9 if self.events else None,
                "peak_rss_bytes": self.ours.rss}


@dataclass
class Setting:
    """One run of the benchmarks: its size, its folder, and what cases have found for later ones."""

    size: str
    folder: Path
    rounds: int
    say: Callable[[str], None] = print
    forms: dict[str, str] = field(default_factory=dict)  # by what is asked: the fastest SQL

    @property
    def peers(self) -> Path:
        """The Python environment of the peers, as tools/setup makes it."""
        return Path(os.environ.get("DESCANT_DEPS", PROGRAM.parent / "deps")) / "peers"

    def place(self, what: str, key: str) -> Path:
        return self.folder / f"{what}-{self.size}{'' if key == 'integer' else '-' + key}"

    def data(self, key: str = "integer") -> Path:
        """A simulated project; made once. truth.json is written last, so it says that all is there."""
        folder = self.place("data", key)
        options = {"listeners": LISTENERS[self.size], "seed": SEED, "listener_key": key}
        truth = folder / "truth.json"
        made = json.loads(truth.read_text())["options"] if truth.exists() else {}
        if options.items() <= made.items():
            return folder
        self.say(f"simulating {LISTENERS[self.size]:,} listeners, {key} keys")
        command = [PROGRAM, "simulate", folder]
        for name, value in options.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        done = subprocess.run(command, text=True, capture_output=True, check=False)
        if done.returncode:
            raise BenchError(done.stderr)
        return folder

    def events(self, key: str = "integer") -> int:
        return json.loads((self.data(key) / "truth.json").read_text())["plays"]

    def project(self, key: str = "integer") -> Path:
        folder = self.place("project", key)
        folder.mkdir(parents=True, exist_ok=True)
        template = string.Template((BENCH / "project" / "descant.yaml").read_text())
        (folder / "descant.yaml").write_text(template.substitute(data=self.data(key)))
        return folder

    def descant(self, key: str = "integer") -> Descant:
        return Descant(PROGRAM.parent / "bin" / "descant_bench", self.project(key))

    def scratch_database(self) -> Path:
        """A database file that does not exist yet."""
        path = self.folder / "scratch.duckdb"
        path.unlink(missing_ok=True)
        return path


def read_forms(case: str) -> dict[str, str]:
    """The forms of a case's SQL, each with the text before the first put in front."""
    text = (BENCH / "cases" / f"{case}.sql").read_text()
    shared, *rest = re.split(r"^-- form: (\w+)\n", text, flags=re.M)
    return {name: shared + sql for name, sql in zip(rest[::2], rest[1::2])}


def experiment_dates(as_of: str) -> dict[str, str]:
    """The instants that bound the experiment, as the project's time zone has them."""
    def start_of(day: date) -> str:
        return datetime.combine(day, time(), TIMEZONE).astimezone(timezone.utc).isoformat(" ")
    return {"begin": start_of(FIRST_DAY), "end": start_of(LAST_DAY + timedelta(days=1)), "as_of": as_of}


def fastest(setting: Setting, asked: str, runs: dict[str, Callable[[], dict]]) -> str:
    """The quickest of several ways, by the better of two runs of each; found once, then kept."""
    if asked not in setting.forms:
        seconds = {name: min(run()["seconds"] for _ in range(2)) for name, run in runs.items()}
        setting.forms[asked] = min(seconds, key=seconds.get)
        ordered = sorted(seconds.items(), key=lambda item: item[1])
        setting.say(f"{asked}: " + ", ".join(f"{name} {took:.3f} s" for name, took in ordered))
    return setting.forms[asked]
