"""Reports of stored runs: whole, of one file, harmless whatever the names are; without the data they say so."""

from __future__ import annotations

import csv
import shutil
import subprocess
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from tests.deepnet_tui.cli.runner import Runner

SCRIPT, IMAGE, CONTROL = "<script>alert(1)</script>", '"><img src=http://x onerror=alert(1)>', "a\x1b[31m|`b`\u202e"
HARMLESS = "html head meta title style body main header h1 h2 p dl div dt dd section ul li table thead tbody tr th td"
HARMLESS += " figure figcaption svg g line path rect circle text pre"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Runner:
    monkeypatch.setenv("DEEPNET_TUI_HOME", str(tmp_path / "home"))
    return Runner(tmp_path / "home", capsys)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    """A table whose names and words are markup."""
    path, random = tmp_path / "hostile.csv", np.random.RandomState(0)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([SCRIPT, CONTROL, IMAGE, "constant"])
        for _ in range(60):
            x = random.randn()
            writer.writerow([f"{x:.4f}", random.choice(["<b>", "&amp;"]), "<i>yes" if x > 0 else "no|", 1])
    return path


class Page(HTMLParser):
    """The tags, the attributes and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_a_report_with_hostile_names_is_whole_and_harmless(run: Runner, table: Path, tmp_path: Path) -> None:
    options = [
        "--target",
        IMAGE,
        "--iterations",
        "20",
        "--ensemble",
        "2",
        "--hidden",
        "4",
        "--batch-size",
        "full",
        "--quiet",
    ]
    assert run("train", table, *options).code == 0
    assert run("report", "last", "--output", tmp_path / "r.html", "--folds", "2").code == 0
    text = (tmp_path / "r.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.tags <= set(HARMLESS.split())
    assert not [name for name, _ in page.attributes if name.startswith("on") or name in ("src", "href")]
    assert "url(" not in text
    assert "default-src 'none'" in text
    said = " ".join(page.words)
    for word in (SCRIPT, IMAGE, "<i>yes", "over 2 folds", "logistic regression", "log-loss", "Cost", "experiment.toml"):
        assert word in said or word in text, word
    assert "\x1b" not in text
    assert "\u202e" not in text
    for title in ("Data", "Network", "Training", "Metrics", "Classes", "Calibration", "What matters", "Settings"):
        assert f"<h2>{title}</h2>" in text, title
    pictures = [part.split("</svg>")[0] + "</svg>" for part in text.split("<svg")[1:]]
    assert len(pictures) == 4
    for picture in pictures:
        ET.fromstring("<svg" + picture)  # noqa: S314  our own text

    assert run("report", "last", "--output", tmp_path / "r.md").code == 0
    markdown = (tmp_path / "r.md").read_text(encoding="utf-8")
    prose = markdown.split("```")[0]
    assert "&lt;script&gt;" in prose
    assert "<script" not in prose
    assert "\x1b" not in markdown
    assert "data:image/svg+xml;base64," in markdown


@pytest.mark.skipif(shutil.which("chromium") is None, reason="needs Chromium")
def test_a_browser_opens_it_without_a_complaint(run: Runner, tmp_path: Path) -> None:
    assert run("train", "moons", "--iterations", "20", "--quiet").code == 0
    assert run("report", "last", "--output", tmp_path / "r.html").code == 0
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    ended = subprocess.run(
        ["chromium", *options, f"--user-data-dir={tmp_path / 'browser'}", (tmp_path / "r.html").as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "<h2>Metrics</h2>" in ended.stdout
    assert "CONSOLE" not in ended.stderr


def test_without_its_data_a_report_says_so_and_keeps_the_rest(run: Runner, tmp_path: Path) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("a,y\n" + "\n".join(f"{k}.5,{3 * k + k % 3}" for k in range(40)) + "\n")
    assert run("train", path, "--target", "y", "--iterations", "10", "--ensemble", "1", "--quiet").code == 0
    assert run("report", "last", "--output", tmp_path / "whole.html").code == 0
    whole = (tmp_path / "whole.html").read_text()
    assert "linear model" in whole
    assert "R² (" in whole
    path.unlink()
    assert run("report", "last", "--output", tmp_path / "r.html").code == 0
    text = (tmp_path / "r.html").read_text()
    assert "The data can&#x27;t be read any more" in text
    assert "<h2>What matters</h2>" not in text
    assert "<h2>Metrics</h2>" in text
    assert "Cost over the iterations" in text


def test_what_cannot_be_written_is_refused(run: Runner, tmp_path: Path) -> None:
    assert "there are no runs" in run.refused("report", "last", "--output", tmp_path / "r.html")
    assert run.refused("report", "last", "--output", tmp_path / "r.pdf") == (
        "--output: a report is written as .html or .md, not .pdf"
    )
