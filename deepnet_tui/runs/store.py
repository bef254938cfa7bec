"""All runs of a user, one folder each."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.paths import HOME_WANTED, NO_HOME, is_there, runs_folder
from deepnet_tui.common.version import __version__
from deepnet_tui.runs.index import Entry, Index, mark_of
from deepnet_tui.runs.labels import FILE as LABELS
from deepnet_tui.runs.labels import NONE, Labels, change_labels, read_labels
from deepnet_tui.runs.metrics import known_settings
from deepnet_tui.runs.record import StoredRun as StoredRun
from deepnet_tui.runs.record import read_about, read_run, record_of
from deepnet_tui.runs.trash import Trash, tidy
from deepnet_tui.runs.writer import ABOUT, FORMAT_OF_THIS, RunWriter
from engine.storage.atomic import sync_folder

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment


class Store:
    """The runs in `folder`, by default in the user's data folder or where DEEPNET_TUI_HOME says."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = runs_folder() if folder is None else folder
        self.trash = Trash(self.folder)

    def begin(self, experiment: Experiment, **about: Any) -> RunWriter:
        """Start to write a run. It never fails: a run that can't be written has a `warning`.

        `about` is plain data that joins what is known about the run.
        """
        experiment = absolute(experiment).model_copy(update={"search": {}})  # a run has no ranges
        started = time.time()
        source = experiment.data.source
        stem = time.strftime("%Y%m%d-%H%M%S", time.gmtime(started)) + f"-{_folder_word(source)}"
        about = {**FORMAT_OF_THIS, "source": source, "started": started, **about}
        while True:
            name = f"{stem}-{os.urandom(1).hex()}"
            folder = self.folder / name
            if self.trash.holds(name):
                continue
            try:
                folder.mkdir(parents=True)
                sync_folder(self.folder)
            except FileExistsError as error:
                if not self.folder.is_dir():
                    return RunWriter.not_written(name, folder, f"{self.folder}: {error.strerror}")
                if folder.exists():
                    continue
            except OSError as error:
                why = HOME_WANTED if self.folder.is_relative_to(NO_HOME) else f"{self.folder}: {error.strerror}"
                return RunWriter.not_written(name, folder, why)
            return RunWriter.create(name, folder, experiment, about)

    def resume(self, record: StoredRun) -> RunWriter:
        """Open a run for writing again; then `rewind` it to its checkpoint. Raises InputError where it is in use."""
        return RunWriter.reopen(record.id, record.folder, dict(record.about))

    def list(self) -> list[StoredRun]:
        """Every run that can be read, newest first."""
        return sorted(self._records(), key=lambda record: (record.started, record.id), reverse=True)

    def open(self, name: str) -> StoredRun:
        """The run called `name`, by the name it was given, any beginning that only one run has, or `last`.

        Raises InputError.
        """
        records = self.list()
        damaged = [] if name == "last" else [each for each in self.damaged(records) if name and each.startswith(name)]
        if len(damaged) == 1 and not any(record.id.startswith(name) for record in records):
            raise InputError(f"run {damaged[0]} can't be read: its {ABOUT} is damaged", "run")
        if not records:
            there = f"there are no runs in {self.folder} yet"
            raise InputError(HOME_WANTED if self.folder.is_relative_to(NO_HOME) else there, "run")
        if name == "last":
            return records[0]
        found = [record for record in records if record.id == name]
        found = found or [record for record in records if name and record.labels.name == name]
        found = found or [record for record in records if name and record.id.startswith(name)]
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(record.id for record in found[:3]) + (", ..." if len(found) > 3 else "")
            said = "the name" if found[0].labels.name == name else "the beginning"
            raise InputError(f"{name!r} is {said} of {len(found)} runs: {shown}", "run")
        raise InputError(f"there is no run {name!r}; deepnet-tui runs lists them", "run")

    def damaged(self, records: Iterable[StoredRun]) -> tuple[str, ...]:
        """The names of the runs that are not among `records`, all that can be read: their run.json is damaged."""
        known = {record.id for record in records}
        return tuple(name for name in self.names() if name not in known and is_there(self.folder / name / ABOUT))

    def label(self, record: StoredRun, change: Callable[[Labels], Labels]) -> StoredRun:
        """Change what is said about a run, and give it as it is then. Raises InputError where it can't be written."""
        change_labels(record.folder, change)
        return read_run(record.folder) or record

    def delete(self, records: Iterable[StoredRun]) -> None:
        """Move runs to the trash, none of them where one is being trained. Raises InputError."""
        records = list(records)
        for record in records:
            if record.state == "running":
                raise InputError(f"run {record.id} is being trained; stop it first", "run")
        for record in records:
            self.trash.put(record)

    def prune(self, keep: int) -> tuple[str, ...]:
        """Delete all but the `keep` newest runs for good, never one that is being trained; gives the names deleted.

        What processes that died have left behind is removed, too.
        """
        rest = [record for record in self.list()[keep:] if record.state != "running"]
        gone = tuple(record.id for record in rest if self.trash.remove(record))
        tidy(self.folder / name for name in self.names())
        return gone

    def settings(self, records: Iterable[StoredRun]) -> dict[str, dict[str, Any]]:
        """The settings of runs by their ids, flat as `settings_of_run` gives them; {} where they can't be read.

        Those of thousands of runs are kept in the index, too: to read and check one takes a millisecond.
        """
        records = list(records)
        index = Index(self.folder, "settings")
        known = index.read() if records else {}
        changed: dict[str, Entry] = {}
        found: dict[str, dict[str, Any]] = {}
        for record in records:
            mark = mark_of(str(record.folder), "experiment.toml")
            mark = mark and f"{mark}{__version__}"  # what an older file lacks is added by this version
            mark_known, content = known.get(record.id, ("", None))
            if not mark or mark != mark_known or not isinstance(content, dict):
                content = json_ready(known_settings(record))
                if mark and content:
                    changed[record.id] = (mark, content)
            found[record.id] = content
        index.update(changed, known.keys() - set(self.names()))
        return found

    def _records(self) -> Iterator[StoredRun]:
        """Every run that can be read: from the index where its files are as they were, else from its folder."""
        names = self.names()
        if not names:
            return
        index = Index(self.folder, "runs")
        known = index.read()
        changed: dict[str, Entry] = {}
        base = os.fspath(self.folder)
        for name in names:
            mark = mark_of(f"{base}/{name}", "run.json", LABELS)
            folder = self.folder / name
            mark_known, content = known.get(name, ("", None))
            if not mark or mark != mark_known:
                content = _content(folder)
                if mark and content is not None:
                    changed[name] = (mark, content)
            if content is not None and (record := _record(folder, content)) is not None:
                yield record
        index.update(changed, known.keys() - set(names))

    def names(self) -> tuple[str, ...]:
        """The folders that may be runs: some may not have begun, or be damaged."""
        try:
            with os.scandir(self.folder) as entries:
                return tuple(entry.name for entry in entries if not entry.name.startswith(".") and entry.is_dir())
        except OSError:
            return ()


def _content(folder: Path) -> Any:
    """What the index keeps of a run, None if its run.json can't be used."""
    try:
        about = read_about(folder)
    except (OSError, ValueError, RecursionError):
        return None
    labels = read_labels(folder)
    return [about, None if labels is NONE else labels.plain()]


def _record(folder: Path, content: Any) -> StoredRun | None:
    try:
        about, labels = content
    except (TypeError, ValueError):
        return None
    return record_of(folder, about, NONE if labels is None else Labels.of(labels))


def _folder_word(source: str) -> str:
    """A source as a word for a folder's name."""
    return re.sub(r"[^A-Za-z0-9_]+", "_", Path(source).stem).strip("_")[:16] or "data"


def absolute(experiment: Experiment) -> Experiment:
    """The same experiment with absolute paths, so that it can be read from any folder."""
    from deepnet_tui.data.builtin import BUILTIN

    paths = {"source": experiment.data.source, "test": experiment.data.test}
    absolute = {name: str(Path(value).absolute()) for name, value in paths.items() if value and value not in BUILTIN}
    return experiment.replace("data", **absolute) if absolute else experiment
