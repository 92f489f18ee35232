# SPDX-License-Identifier: Apache-2.0
"""Opens reports made by the program in headless Chromium and looks at what a reader gets."""
import json
import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
PROGRAM = Path(os.environ.get("DESCANT_PROGRAM") or ROOT / "build" / "descant").resolve()
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


def descant(*arguments, cwd=None) -> str:
    done = subprocess.run([PROGRAM, *arguments], text=True, capture_output=True, timeout=300,
                          check=False, cwd=cwd)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    folder = tmp_path_factory.mktemp("demo")
    descant("demo", "project", "--listeners", "20000", cwd=folder)
    return folder / "project"


@pytest.fixture(scope="module")
def results(demo):
    listed = json.loads(descant("experiment", "list", "--project", demo, "--format", "json"))
    return [json.loads(descant("experiment", "analyze", one["name"], "--project", demo,
                               "--format", "json")) for one in listed]


class Opened:
    """A page after its charts are drawn, with all that it said and asked for."""

    def __init__(self, chromium, path, viewport, **options):
        self.messages, self.requests = [], []
        self.page = chromium.new_page(viewport=viewport, **options)
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.url = Path(path).as_uri()
        self.page.goto(self.url)
        self.page.wait_for_function(
            "document.querySelectorAll('figure[data-drawn]').length"
            " === document.querySelectorAll('figure[data-chart]').length", timeout=60_000)

    def text(self) -> str:
        return self.page.inner_text("body")


@pytest.fixture(scope="module")
def desktop(chromium, demo):
    opened = Opened(chromium, demo / "report.html", DESKTOP)
    yield opened
    opened.page.close()


def test_loads_nothing_and_complains_about_nothing(desktop):
    assert desktop.requests == [desktop.url]
    assert desktop.messages == []


def test_verdicts_come_first_with_their_reasons(desktop, results):
    rows = desktop.page.locator(".verdicts tbody tr")
    assert rows.count() == sum(len(result["decisions"]) for result in results)
    assert len(results) == 3
    for result in results:
        article = desktop.page.locator("article", has=desktop.page.get_by_role(
            "heading", name=result["experiment"]["name"], exact=True))
        for decision in result["decisions"]:
            sentence = decision["explanation"].split(": ", 1)[1]
            assert article.locator(".verdict .explanation").inner_text() == sentence
            assert decision["action"].upper() in article.locator(".verdict .headline").inner_text()


def test_every_metric_is_told_and_drawn(desktop, results):
    for result in results:
        article = desktop.page.locator("article", has=desktop.page.get_by_role(
            "heading", name=result["experiment"]["name"], exact=True))
        effects = article.locator("figure.effects svg")
        for metric in result["metrics"]:
            assert metric["name"] in effects.inner_html()
            row = article.locator("table.metrics tbody tr", has_text=metric["name"])
            effect = metric["comparison"]["relative"]["estimate"]
            assert f"{abs(effect) * 100:.2f}%" in row.first.inner_text()
        points = effects.locator("g.mark-symbol path").count()
        assert points == len(result["metrics"])
        guardrails = [metric for metric in result["metrics"] if "margin" in metric]
        margins = article.locator("figure.effects svg g.mark-rect.layer_3_marks path").count()
        assert margins == len(guardrails) > 0
        assert article.locator("figure.days svg g.mark-area path").count() >= len(guardrails)
        assert article.locator("figure.segments svg").count() > 0


def test_what_is_left_out_checked_and_unknown_is_said(desktop, results):
    text = desktop.text()
    for result in results:
        for check in result["checks"]:
            assert check["message"] in text
        for left_out in result["experiment"]["left_out"]:
            assert left_out["count"] == 0 or left_out["message"] in text
    for heading in ("What was tested", "What is not known", "How to read this page"):
        assert heading in text
    assert "nan" not in text.lower().split()


def test_charts_have_words_for_those_who_cannot_see_them(desktop):
    labels = desktop.page.eval_on_selector_all(
        "figure .chart", "places => places.map(place => place.getAttribute('aria-label'))")
    assert labels and all(label and "%" in label for label in labels)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_fits_a_phone(chromium, demo, scheme):
    opened = Opened(chromium, demo / "report.html", PHONE, color_scheme=scheme)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    wide = opened.page.evaluate(
        "[...document.querySelectorAll('p, li, h1, h2, h3, svg')].filter(element =>"
        " !element.closest('.unseen, .skip, .scroll') &&"
        " element.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML)")
    assert wide == []
    assert opened.messages == []
    opened.page.close()


def test_names_cannot_run_as_code(chromium, tmp_path):
    hostile = "</script><script>window.broken = true</script>"
    table = tmp_path / "table.csv"
    lines = [f'"{hostile}",arm,"{{{{x}}}}"']
    lines += [f"{'<b>' if i % 3 else 'plain'},{'AB'[i % 2]},{i % 7}" for i in range(60)]
    table.write_text("\n".join(lines) + "\n")
    report = tmp_path / "report.html"
    descant("analyze", table, "--variant", "arm", "--control", "A", "--metric", "{{x}}:mean",
            "--segment", hostile, "--format", "html", "--output", report)
    opened = Opened(chromium, report, DESKTOP)
    assert opened.page.evaluate("window.broken") is None
    assert opened.page.locator("article").count() == 1
    assert "{{x}}" in opened.text() and hostile in opened.text()
    assert opened.messages == []
    opened.page.close()
