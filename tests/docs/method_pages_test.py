# SPDX-License-Identifier: Apache-2.0
"""Runs the examples of the pages of methods: every console block, command by command, at the root."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = Path(os.environ["DESCANT_PROGRAM"])
PAGES = sorted((ROOT / "docs" / "methods").glob("*.md"))


def examples(page: Path) -> list[tuple[str, str]]:
    """Commands and what the page says they print."""
    found = []
    for block in re.findall(r"^```console\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, printed = part.partition("\n")
            found.append((command, printed))
    return found


def to_nine_digits(text: str) -> str:
    """The last digits of a double differ between machines."""
    return re.sub(r"-?\d+\.\d{9,}(?:e[-+]?\d+)?", lambda n: f"{float(n[0]):.9g}", text.strip())


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_print_what_the_page_says(page: Path) -> None:
    commands = examples(page)
    assert commands, "no example"
    path = f"{PROGRAM.parent}:{os.environ['PATH']}"
    for command, printed in commands:
        done = subprocess.run(["bash", "-c", command], cwd=ROOT, text=True, capture_output=True,
                              check=False, env={**os.environ, "PATH": path})
        assert done.returncode == 0, done.stderr
        assert to_nine_digits(done.stdout) == to_nine_digits(printed), command
