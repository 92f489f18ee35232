# SPDX-License-Identifier: Apache-2.0
"""tools/setup refuses a changed file, and tells a user without privileges the one line to run."""
import importlib.util
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

SETUP = Path(__file__).parent.parent / "tools" / "setup"


@pytest.fixture(name="setup")
def load_setup(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    loader = SourceFileLoader("setup_tool", str(SETUP))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader("setup_tool", loader))
    loader.exec_module(module)
    monkeypatch.setattr(module, "DEPS", tmp_path)
    return module


def test_a_changed_tarball_is_refused(setup, tmp_path):
    tarball = tmp_path / "x.tgz"
    tarball.write_bytes(b"hello")
    sha512 = ("sha512-m3HSJL1i83hdltRq0+o9czGb+8KJDKra4t/3JRlnPKcjI8PZm6XBHXx6zG4UuMXaDEZjR1wuXDre9G9zvN7AQw==")
    setup.check_integrity("x@1", tarball, sha512)
    tarball.write_bytes(b"hellp")
    with pytest.raises(setup.SetupError, match="x@1: the checksum is .* do not use it"):
        setup.check_integrity("x@1", tarball, sha512)


def test_without_privileges_the_missing_line_is_shown(setup, monkeypatch):
    monkeypatch.setattr(setup, "installed", lambda packages: set(packages) - {"ccache"})
    monkeypatch.setattr(setup, "privilege", lambda: None)
    with pytest.raises(setup.SetupError) as caught:
        setup.bring_debian_packages(["build"])
    line = str(caught.value).splitlines()[-1].strip()
    assert line == "sudo apt-get update && sudo apt-get install --yes --no-install-recommends ccache"


def test_nothing_is_installed_when_nothing_is_missing(setup, monkeypatch):
    monkeypatch.setattr(setup, "installed", set)
    monkeypatch.setattr(setup, "privilege", lambda: pytest.fail("asked for privileges"))
    setup.bring_debian_packages(["build", "test"])


def test_a_stamp_counts_only_with_its_files_and_its_version(setup, tmp_path):
    file = tmp_path / "library"
    setup.write_stamp("library", "1")
    assert not setup.stamp_is("library", "1", [file])
    file.touch()
    assert setup.stamp_is("library", "1", [file])
    assert not setup.stamp_is("library", "2", [file])


def test_every_locked_package_has_version_checksum_and_files(setup):
    for name, entry in setup.LOCK["npm"].items():
        assert entry["version"][0].isdigit(), name
        assert entry["integrity"].startswith("sha512-") and len(entry["integrity"]) == 95, name
        assert entry["files"], name
