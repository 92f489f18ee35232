# SPDX-License-Identifier: Apache-2.0
"""Runs the README: its commands over the example table, and its project over simulated listening."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = os.environ["DESCANT_PROGRAM"]
README = (ROOT / "README.md").read_text()


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def shell(script: str, folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        text=True,
        capture_output=True,
        check=False,
        env={**os.environ, "PATH": f"{Path(PROGRAM).parent}:{os.environ['PATH']}"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_commands_run_as_written() -> None:
    outputs = [shell(block.replace("build/descant", PROGRAM), ROOT) for block in blocks("sh run")]
    assert outputs[0].startswith("SHIP")
    assert "0.00775308" in outputs[1]


def test_the_project_runs_on_simulated_listening(tmp_path: Path) -> None:
    shell(f"{PROGRAM} simulate simulated --listeners 3000", tmp_path)
    project = tmp_path / "music"
    project.mkdir()
    (project / "data").symlink_to(tmp_path / "simulated" / "data")
    (project / "descant.yaml").write_text(blocks("yaml project")[0])
    output = shell(blocks("sh project")[0], project)
    assert "minutes_played" in output
    assert "skip_rate" in output


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)]+)\)", README))
def test_links_lead_somewhere(link: str) -> None:
    assert (ROOT / link).exists()
