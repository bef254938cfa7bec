"""From a run to its report."""

from __future__ import annotations

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import counted
from deepnet_tui.common.version import __version__
from deepnet_tui.report.case import ReportCase
from deepnet_tui.report.data_section import data_section, network_section
from deepnet_tui.report.document import Block, CodeBlock, Paragraph, Report, Section, TableBlock
from deepnet_tui.report.result_sections import (
    Parts,
    calibration_section,
    classes_section,
    details,
    importance_section,
    metrics_of,
    metrics_section,
    training_section,
)
from deepnet_tui.report.words import METRICS, metric, moment, setting
from deepnet_tui.runs.metrics import known_settings

PACKAGES = ("numpy", "pandas", "scikit-learn")


def build(case: ReportCase) -> Report:
    """The whole report; what can't be made of what is there is left out, and the section on the data says why."""
    metrics = metrics_of(case)
    found = details(case)
    try:
        matters = importance_section(case)
    except InputError as error:
        matters = Section("What matters", (Paragraph(f"Importance could not be measured: {error}."),))
    record = case.record
    title = record.labels.name or f"Run {record.id}"
    name = case.dataset.name if case.dataset is not None else record.source
    target = f", predicting {', '.join(case.dataset.targets)}" if case.dataset is not None else ""
    subtitle = f"{name}{target}. Trained {moment(record.started)}, {record.state}. Run {record.id}."
    about = tuple(Paragraph(text) for text in (record.labels.note,) if text)
    sections = (
        Section("Note", about),
        data_section(case),
        network_section(case),
        training_section(case),
        metrics_section(case, metrics),
        classes_section(found),
        calibration_section(found),
        matters,
        Section("Settings", _settings(case)),
        Section("How to reproduce it", _reproduce(case)),
    )
    return Report(title, subtitle, _highlights(case, metrics), sections)


def _highlights(case: ReportCase, metrics: Parts) -> tuple[tuple[str, str], ...]:
    found: list[tuple[str, str]] = []
    for part in ("test", "validation", "train"):
        if values := metrics.get(part):
            found += [
                (f"{METRICS.get(name, name)}, {part}", metric(value))
                for name, value in values.items()
                if name in METRICS
            ]
            break
    if case.model is not None:
        size = sum(value.size for value in case.model.parameters.values())
        found.append(("parameters", f"{size:,}"))
    if case.dataset is not None:
        found.append(("training examples", f"{case.dataset.train.m:,}"))
    return tuple(found)


def _settings(case: ReportCase) -> list[Block]:
    rows = tuple((name, setting(value)) for name, value in known_settings(case.record).items())
    return [TableBlock(("setting", "value"), rows, numbers=2)] if rows else []


def _reproduce(case: ReportCase) -> list[Block]:
    versions = [("deepnet-tui", case.model.version if case.model is not None else __version__)]
    versions += [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            versions.append((package, version(package)))
        except PackageNotFoundError:
            continue
    versions.append(("system", f"{platform.system()} {platform.machine()}, {sys.byteorder} endian"))
    files = case.experiment.data.files
    needs = f" It needs {counted(len(files), 'file')}: {', '.join(map(str, files))}." if files else ""
    try:
        toml = (case.record.folder / "experiment.toml").read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        toml = ""
    blocks: list[Block] = [
        Paragraph(f"Write what stands below to experiment.toml and train it; the seeds are in it.{needs}"),
        CodeBlock("deepnet-tui train experiment.toml --export model.npz", "sh"),
        CodeBlock(toml, "toml"),
        Paragraph("Versions at the time of this report; that of deepnet-tui wrote the model:"),
        TableBlock(("package", "version"), tuple(versions), numbers=2),
    ]
    return [block for block in blocks if not (isinstance(block, CodeBlock) and not block.text)]
