"""The searches of a run store, one folder each in `.searches`.

search.json       source, ranges, sampler, seed, number of trials, and what came of it, replaced whole
experiment.toml   the experiment that the search begins with, with absolute paths
study.journal     the trials, written as soon as each is known
lock              held by the process that leads the search
"""

from __future__ import annotations

import json
import secrets
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.json_values import json_ready
from deepnet_tui.common.paths import HOME_WANTED, NO_HOME
from deepnet_tui.runs.lock import ASKING, Busy, Lock
from deepnet_tui.runs.store import Store, absolute
from deepnet_tui.search.ranges.range import Range, parse
from deepnet_tui.search.settings import values_of
from deepnet_tui.search.study import SAMPLERS, Study
from engine.storage.atomic import write_text_atomically

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

FOLDER = ".searches"


@dataclass(frozen=True)
class StoredSearch:
    """A search as it is kept. `data` is the fingerprint of its data, `about` what is known beside: the run, the check.

    The study is drawn by `sampler` with `seed`, and there are to be `trials`, those of the defaults included.
    """

    id: str
    folder: Path
    source: str
    started: float
    ranges: tuple[Range, ...]
    sampler: str
    seed: int
    trials: int
    data: str
    about: Mapping[str, Any]

    def experiment(self) -> Experiment:
        """The experiment with the defaults. Raises InputError."""
        from deepnet_tui.experiment import Experiment

        return Experiment.read(self.folder / "experiment.toml")

    def study(self, experiment: Experiment) -> Study:
        """The trials; the lock must be held. Raises InputError for a journal that is damaged."""
        defaults = values_of(experiment, (entry.name for entry in self.ranges))
        journal = self.folder / "study.journal"
        try:
            study = Study(journal, self.ranges, defaults, self.sampler, self.seed)
            study.trials()
        except OSError as error:
            raise InputError(f"search {self.id} can't be continued: {error.strerror}", "resume") from None
        except Exception:  # Optuna believes whatever is in the file, and stumbles over it somewhere
            raise InputError(f"search {self.id} can't be continued: {journal} is damaged", "resume") from None
        return study

    def lock(self) -> Lock:
        """Take the lead of the search. Raises InputError where another process has it."""
        try:
            return Lock(self.folder / "lock", ASKING)
        except Busy:
            raise InputError(f"search {self.id} is still led by another process", "resume") from None
        except OSError as error:
            raise InputError(f"search {self.id} can't be continued: {error.strerror}", "resume") from None

    def updated(self, trials: int | None = None, **about: Any) -> StoredSearch:
        """The same with more known about it, written. Raises InputError where it can't be."""
        changed = replace(self, trials=trials or self.trials, about={**self.about, **about})
        text = json.dumps(json_ready(changed._plain()), indent=1, allow_nan=False) + "\n"
        try:
            write_text_atomically(self.folder / "search.json", text)
        except OSError as error:
            raise InputError(f"search {self.id} can't be kept in {self.folder.parent}: {error.strerror}") from None
        return changed

    def forget(self) -> None:
        """Delete it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _plain(self) -> dict[str, Any]:
        names = ("source", "started", "sampler", "seed", "trials", "data")
        ranges = {entry.name: entry.text for entry in self.ranges}
        return {**self.about, **{name: getattr(self, name) for name in names}, "ranges": ranges}


def begin(
    store: Store, experiment: Experiment, ranges: Sequence[Range], sampler: str, trials: int, data: str
) -> StoredSearch:
    """Keep a new search. Raises InputError where that can't be done."""
    started = time.time()
    word = "".join(c if c.isalnum() else "_" for c in Path(experiment.data.source).stem)[:16] or "data"
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime(started))
    name = f"{stamp}-{word}-{secrets.token_hex(1)}"
    folder = store.folder / FOLDER / name
    experiment = absolute(experiment)
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        why = HOME_WANTED if folder.is_relative_to(NO_HOME) else f"{folder.parent}: {error.strerror}"
        raise InputError(f"a search can't be kept: {why}") from None
    seed, source = experiment.training.seed, experiment.data.source
    search = StoredSearch(name, folder, source, started, tuple(ranges), sampler, seed, trials, data, {})
    try:
        experiment.write(folder / "experiment.toml")
        return search.updated()
    except InputError:
        search.forget()
        raise


def open_search(store: Store, name: str) -> StoredSearch:
    """The search called `name`, by any beginning that only one has, or `last`. Raises InputError."""
    found = searches(store)
    if not found:
        raise InputError(f"there are no searches in {store.folder} yet", "resume")
    if name == "last":
        return found[0]
    named = [each for each in found if each.id == name] or [each for each in found if name and each.id.startswith(name)]
    if len(named) == 1:
        return named[0]
    shown = ", ".join(each.id for each in (named or found)[:3]) + (", ..." if len(named or found) > 3 else "")
    said = f"is the beginning of {len(named)} searches" if named else "is none of the searches"
    raise InputError(f"{name!r} {said}: {shown}", "resume")


def searches(store: Store) -> list[StoredSearch]:
    """All searches that can be read, newest first."""
    try:
        folders = [path for path in (store.folder / FOLDER).iterdir() if path.is_dir()]
    except OSError:
        return []
    found = [search for folder in folders if (search := _read(folder)) is not None]
    return sorted(found, key=lambda search: (search.started, search.id), reverse=True)


def _read(folder: Path) -> StoredSearch | None:
    try:
        about = json.loads((folder / "search.json").read_text(encoding="utf-8"))
        ranges = tuple(parse(name, text) for name, text in about.pop("ranges").items())
        kinds: dict[str, Any] = {
            "source": str,
            "started": (int, float),
            "sampler": str,
            "seed": int,
            "trials": int,
            "data": str,
        }
        known = {name: about.pop(name) for name in kinds}
        if not all(isinstance(known[name], kind) for name, kind in kinds.items()) or known["sampler"] not in SAMPLERS:
            return None
    except (OSError, ValueError, KeyError, AttributeError, TypeError, RecursionError, InputError):
        return None
    return StoredSearch(folder.name, folder, ranges=ranges, about=about, **known)
