"""Writes runs of the store to a tracker."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line
from deepnet_tui.runs.record import StoredRun
from deepnet_tui.runs.writer import MODEL
from deepnet_tui.trackers.tracker import Destination, RunAbout, RunEnd

FILES = (MODEL, "experiment.toml")


def files_of(folder: Path) -> list[Path]:
    """The files of a run's folder that a tracker may want: the model and the experiment, where they are there."""
    return [folder / name for name in FILES if (folder / name).exists()]


def write_runs(
    records: Iterable[StoredRun], settings: Mapping[str, Mapping[str, Any]], to: Destination, *, overwrite: bool
) -> None:
    """Write each of the runs; `settings` are those of each id. Raises InputError, with those before written."""
    for record in records:
        try:
            _write(record, settings[record.id], to, overwrite)
        except InputError:
            raise
        except Exception as error:  # of a library or the disk
            raise InputError(f"run {record.id} can't be written: {one_line(error)}", "output") from None


def _write(record: StoredRun, settings: Mapping[str, Any], to: Destination, overwrite: bool) -> None:
    about = record.about
    network = about.get("network")
    begun = RunAbout(
        record.id,
        record.started,
        record.source,
        settings,
        str(about.get("task") or ""),
        network if isinstance(network, list) else (),
        record.labels,
    )
    log = to.begin(begun, overwrite=overwrite)
    seconds = 0.0
    for progress in record.costs():
        log.report(progress)
        seconds = progress.seconds
    metrics = about.get("metrics")
    end = RunEnd(
        record.state,
        str(about.get("reason") or ""),
        record.iteration,
        seconds,
        metrics if isinstance(metrics, dict) else None,
        files_of(record.folder),
    )
    log.finish(end)
