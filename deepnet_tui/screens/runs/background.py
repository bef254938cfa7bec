"""What the Runs screen does in threads: listing, asking, looking at what others change, and changing runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from deepnet_tui.common.background import LatestJob
from deepnet_tui.common.errors import InputError
from deepnet_tui.runs.follow import CostsFile, RunChanges, RunCurve, RunsWatch
from deepnet_tui.runs.labels import Labels
from deepnet_tui.runs.metrics import metrics_of_run
from deepnet_tui.runs.query import SORTS, Query
from deepnet_tui.runs.store import Store, StoredRun

Records = dict[str, StoredRun]  # by id


@dataclass(frozen=True)
class Listing:
    """All runs, those that are listed in their order, and the names of the metrics that there are."""

    records: Records
    listed: list[StoredRun]
    metrics: tuple[str, ...]


def listing(records: Records, query: Query) -> Listing:
    """The runs that fit; a metric that no run has any more sorts as nothing does."""
    names = sorted({name for record in records.values() for name in metrics_of_run(record) if "targets" not in name})
    if query.sort not in SORTS and query.sort not in names:
        query = Query(query.words, query.source, query.state, query.tags, query.star, begun=query.begun)
    return Listing(records, query.of(records.values()), tuple(names))


def all_runs(store: Store) -> Records:
    """Every run of the store."""
    return {record.id: record for record in store.list()}


@dataclass(frozen=True)
class Look:
    """What a look at the store has found: what has changed, and the curves that were asked for."""

    changes: RunChanges
    curves: Mapping[str, RunCurve]


class StoreObserver:
    """Looks again and again; to be used from one thread at a time."""

    def __init__(self, store: Store) -> None:
        self._watch = RunsWatch(store)
        self._files: dict[str, CostsFile] = {}

    def look(self, known: Records, watched: Iterable[str], drawn: Iterable[StoredRun]) -> Look:
        """What is no longer as `known`, and the curves of the runs that are `drawn`."""
        folders = {record.id: record.folder for record in drawn}
        self._files = {name: self._files.get(name) or CostsFile(folder) for name, folder in folders.items()}
        curves = {name: file.curve() for name, file in self._files.items()}
        return Look(self._watch.changes(known, watched), curves)


@dataclass(frozen=True)
class RunEdit:
    """What came of a change: runs as they are now, the ids of those that are gone, and a sentence for people.

    `chosen` is the id of a run that the cursor shall go to.
    """

    changed: tuple[StoredRun, ...] = ()
    gone: tuple[str, ...] = ()
    said: str = ""
    chosen: str = ""


class EditQueue:
    """Changes runs one after the other in a thread; `done` gets what came of each, or the InputError."""

    def __init__(
        self, hand_over: Callable[[Callable[[], None]], object], done: Callable[[RunEdit | Exception], object]
    ) -> None:
        self._waiting: deque[Callable[[], RunEdit]] = deque()
        self._job: LatestJob[RunEdit] = LatestJob("edit of a run", hand_over)
        self._done = done

    def add(self, work: Callable[[], RunEdit]) -> None:
        """Do this after all that was added before."""
        self._waiting.append(work)
        if not self._job.running:
            self._begin()

    def _begin(self) -> None:
        work = self._waiting.popleft()
        self._job.start(lambda _: work(), self._take_in)

    def _take_in(self, answer: RunEdit | Exception) -> None:
        if self._waiting:
            self._begin()
        self._done(answer)


def labelled(store: Store, record: StoredRun, field: str, text: str) -> RunEdit:
    """Give a run the `name`, the `note` or the `tags` that were typed. Raises InputError."""
    return RunEdit((store.label(record, lambda labels: checked(labels, field, text)),))


def checked(labels: Labels, field: str, text: str) -> Labels:
    """The labels with what was typed. Raises InputError for what is not allowed."""
    if field == "tags":
        return labels.untagged(labels.tags).tagged(text.replace(",", " ").split())
    return labels.noted(text) if field == "note" else labels.named(text)


def starred(store: Store, record: StoredRun) -> RunEdit:
    """Give a run a star, or take it away. Raises InputError."""
    return RunEdit((store.label(record, lambda labels: labels.starred(not record.labels.star)),))


def deleted(store: Store, record: StoredRun, name: str, key: str) -> RunEdit:
    """Move a run to the trash; `key` brings it back. Raises InputError."""
    store.delete([record])
    return RunEdit(gone=(record.id,), said=f"Deleted {name}; {key} brings it back")


def restored(store: Store, names: list[str]) -> RunEdit:
    """Bring back the run that was deleted last here, the last of `names`, else by anybody. Raises InputError."""
    record = store.trash.restore(names[-1] if names else "last")
    return RunEdit(changed=(record,), said=f"Restored {record.labels.name or record.id}", chosen=record.id)


def refusal(error: Exception) -> str:
    """What is said about an edit that failed."""
    text = str(error) if isinstance(error, InputError) else f"This failed: {error}"
    return text[:1].upper() + text[1:]
