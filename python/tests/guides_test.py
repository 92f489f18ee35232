# SPDX-License-Identifier: Apache-2.0
"""Every guide runs from top to bottom, and prints what it says it prints.

A block ```python is run; a block ```text right after it is what it printed. ```python needs=NAME is
left out where that package is not installed. DESCANT_UPDATE=1 writes the printed text anew.
"""
import contextlib
import importlib.util
import io
import os
import re
import shutil
import warnings
from pathlib import Path

import matplotlib
import pytest

matplotlib.use("Agg")
ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
BLOCK = re.compile(r"^```python(?: needs=(\w+))?\n(.*?)^```\n(?:\n?^```text\n(.*?)^```\n)?", re.S | re.M)


def run(guide: Path, text: str) -> str:
    """The guide's text with what its blocks print."""
    names: dict[str, object] = {}
    skipped = []

    def replaced(match: re.Match[str]) -> str:
        needed, code, expected = match.groups()
        if needed and importlib.util.find_spec(needed) is None:
            skipped.append(needed)
            return match[0]
        printed = io.StringIO()
        line = text[:match.start()].count("\n") + 1
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * line + code, str(guide), "exec"), names)
        if expected is None:
            assert not printed.getvalue(), f"{guide.name}:{line} prints, but shows nothing"
            return match[0]
        return match[0].replace(f"```text\n{expected}```", f"```text\n{printed.getvalue()}```")

    written = BLOCK.sub(replaced, text)
    if skipped:
        warnings.warn(f"{guide.name}: blocks that need {sorted(set(skipped))} were left out", stacklevel=1)
    return written


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.stem)
def test_the_guide_says_what_happens(guide: Path, tmp_path, monkeypatch) -> None:
    shutil.copytree(ROOT / "examples" / "own_table", tmp_path / "own_table")
    monkeypatch.chdir(tmp_path)
    text = guide.read_text(encoding="utf-8")
    written = run(guide, text)
    if os.environ.get("DESCANT_UPDATE"):
        guide.write_text(written, encoding="utf-8")
    else:
        assert written == text


def test_there_is_a_guide_for_each_start() -> None:
    assert {"first_experiment", "own_data", "designing_a_test", "sequential_monitoring", "metric_definitions",
            "coming_from_other_tools"} <= {guide.stem for guide in GUIDES}
