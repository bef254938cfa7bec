"""Event files of TensorBoard: a folder for each run, with its curves, metrics, hyperparameters and a text about it.

Only what reads and writes the files is imported from tensorboard, never TensorFlow.
"""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.formats.markdown_text import plain
from deepnet_tui.common.paths import user_path
from deepnet_tui.common.text import printable
from deepnet_tui.trackers.tracker import RunAbout, RunEnd, curves_of, flat_metrics, setting_text

if TYPE_CHECKING:
    from engine.training.events import Progress

EVENTS = "events.out.tfevents."
FLUSH_EVERY = 1.0  # seconds for which events wait to be written together


class EventFolder:
    """A folder that TensorBoard is pointed to. Raises InputError where it can't be written."""

    def __init__(self, place: str) -> None:
        self.folder = user_path(place, "output")
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise InputError(f"can't write to {place}: {(error.strerror or str(error)).lower()}") from None
        if not os.access(self.folder, os.W_OK | os.X_OK):
            raise InputError(f"can't write to {place}: permission denied")

    @property
    def hint(self) -> str:
        """The command that shows it."""
        return f"tensorboard --logdir {printable(str(self.folder))}"

    def begin(self, about: RunAbout, *, overwrite: bool = False) -> EventLog:
        """Begin a run in a folder of its own. Raises InputError and OSError."""
        folder = self.folder / about.id
        earlier = list(folder.glob(f"{EVENTS}*"))
        if earlier and not overwrite:
            raise InputError(f"{folder} has events already; allow them to be replaced (--overwrite)")
        folder.mkdir(exist_ok=True)
        for path in earlier:
            path.unlink()
        return EventLog(folder, about)


class EventLog:
    """The event file of one run."""

    def __init__(self, folder: Path, about: RunAbout) -> None:
        from tensorboard.summary.writer.record_writer import RecordWriter

        self._started = about.started
        self._next_flush = 0.0
        name = f"{EVENTS}{int(about.started):010d}.{socket.gethostname()}.{os.getpid()}"
        self._records = RecordWriter((folder / name).open("wb"))
        self._write(about.started, 0, file_version="brain.Event:2")
        self._write(about.started, 0, summary=_hyperparameters(about))
        self._write(about.started, 0, summary=_text("run", _about_table(about)))
        self._records.flush()

    def report(self, progress: Progress) -> None:
        """Write the curves at one iteration."""
        self._scalars(progress.seconds, progress.iteration, curves_of(progress))
        if time.monotonic() >= self._next_flush:
            self._records.flush()
            self._next_flush = time.monotonic() + FLUSH_EVERY

    def finish(self, end: RunEnd) -> None:
        """Write the metrics and how it ended."""
        self._scalars(end.seconds, end.iteration, flat_metrics(end.metrics))
        ending = {"state": end.state, "reason": end.reason, "iteration": end.iteration}
        at = self._started + end.seconds
        self._write(at, end.iteration, summary=_text("end", _table(ending)))
        self._write(at, end.iteration, summary=_session_end(end, at))
        self._records.close()

    def _scalars(self, seconds: float, iteration: int, values: dict[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        if values:
            found = [Summary.Value(tag=printable(name), simple_value=value) for name, value in values.items()]
            self._write(self._started + seconds, iteration, summary=Summary(value=found))

    def _write(self, moment: float, iteration: int, **what: Any) -> None:
        from tensorboard.compat.proto.event_pb2 import Event

        self._records.write(Event(wall_time=moment, step=iteration, **what).SerializeToString())


def _hyperparameters(about: RunAbout) -> Any:
    from tensorboard.plugins.hparams.summary_v2 import hparams_pb

    values = {name: value for name, value in about.settings.items() if value is not None}
    plain = {
        printable(name): value if isinstance(value, bool | int | float) else printable(setting_text(value))
        for name, value in {"data.source": about.source, **values}.items()
    }
    return hparams_pb(plain, trial_id=about.id, start_time_secs=about.started)


def _session_end(end: RunEnd, moment: float) -> Any:
    """As tensorboard.plugins.hparams.summary.session_end_pb, which needs TensorFlow."""
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.hparams import metadata
    from tensorboard.plugins.hparams.api_pb2 import Status
    from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionEndInfo

    states = {"completed": "STATUS_SUCCESS", "diverged": "STATUS_FAILURE"}
    status = Status.Value(states.get(end.state, "STATUS_UNKNOWN"))
    data = HParamsPluginData(session_end_info=SessionEndInfo(status=status, end_time_secs=moment))
    found = metadata.create_summary_metadata(data)
    value = Summary.Value(tag=metadata.SESSION_END_INFO_TAG, metadata=found, tensor=metadata.NULL_TENSOR)
    return Summary(value=[value])


def _text(tag: str, markdown: str) -> Any:
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.plugins.text.metadata import create_summary_metadata
    from tensorboard.util.tensor_util import make_tensor_proto

    found = create_summary_metadata(tag, "")
    tensor = make_tensor_proto(markdown.encode())
    return Summary(value=[Summary.Value(tag=f"{tag}/text_summary", metadata=found, tensor=tensor)])


def _about_table(about: RunAbout) -> str:
    labels = about.labels
    return _table(
        {
            "run": about.id,
            "name": labels.name,
            "note": labels.note,
            "tags": ", ".join(labels.tags),
            "star": "yes" if labels.star else "",
            "source": about.source,
            "task": about.task,
            "network": "-".join(map(str, about.network)),
        }
    )


def _table(facts: dict[str, Any]) -> str:
    """A table in Markdown, in which nothing of what people wrote is markup."""
    rows = ((plain(name), plain(str(value))) for name, value in facts.items())
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows if value)])
