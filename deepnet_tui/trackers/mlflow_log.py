"""Runs in MLflow: settings as parameters, curves and metrics, labels as tags, the model and the experiment as files.

MLflow is told never to send anything about its use, so nothing but the place that was named is ever called.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import one_line, printable
from deepnet_tui.trackers.tracker import RunAbout, RunEnd, curves_of, flat_metrics, setting_text

if TYPE_CHECKING:
    from engine.training.events import Progress

EXPERIMENT = "deepnet-tui"  # unless MLFLOW_EXPERIMENT_NAME says another
RUN = "deepnet.run"  # the tag with the id of the run in our store
SEND_EVERY = 1.0  # seconds for which metrics wait to be sent together
MOST_METRICS, MOST_PARAMETERS, LONGEST_VALUE = 1000, 100, 6000  # in one call, as MLflow allows
STATUS = {"completed": "FINISHED", "diverged": "FAILED", "running": "RUNNING"}  # all others are KILLED
DATABASES = (".db", ".sqlite", ".sqlite3")
NOT_IN_NAMES = re.compile(r"[^\w\-. /]", re.ASCII)


class MlflowStore:
    """The runs behind a tracking URI, or in an SQLite file. Raises InputError where that can't be used."""

    hint = ""

    def __init__(self, place: str) -> None:
        uri = _uri_of(place)
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"  # stdout belongs to results
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")  # its seven take four minutes
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "15")
        try:
            from mlflow.tracking import MlflowClient

            logging.getLogger("mlflow").setLevel(logging.ERROR)
            logging.getLogger("alembic").setLevel(logging.ERROR)
            self.client: Any = MlflowClient(tracking_uri=uri, registry_uri=uri)
            self.experiment = self._experiment(uri)
        except Exception as error:
            raise InputError(f"can't use {printable(place)} with MLflow: {_gist(error)}") from None

    def begin(self, about: RunAbout, *, overwrite: bool = False) -> MlflowLog:
        """Begin a run. Raises InputError, and what MLflow raises."""
        earlier = self.client.search_runs([self.experiment], f"tags.`{RUN}` = '{about.id}'")
        if earlier and not overwrite:
            raise InputError(f"run {about.id} is there already; allow it to be replaced (--overwrite)")
        for run in earlier:
            self.client.delete_run(run.info.run_id)
        started, name = int(1000 * about.started), printable(about.title)
        run = self.client.create_run(self.experiment, start_time=started, tags=_tags(about), run_name=name)
        log = MlflowLog(self.client, run.info.run_id, about.started)
        log.write_settings({"data.source": about.source, **about.settings})
        return log

    def _experiment(self, uri: str) -> str:
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or EXPERIMENT
        found = self.client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(self.client.create_experiment(name, artifact_location=_files_of(uri)))


class MlflowLog:
    """One run. Metrics are sent by a thread, so that training never waits for a server."""

    def __init__(self, client: Any, run: str, started: float) -> None:
        self._client, self._run, self._started = client, run, started
        self._waiting: list[Any] = []
        self._sender: threading.Thread | None = None
        self._next = 0.0
        self._failure: InputError | None = None

    def write_settings(self, settings: dict[str, Any]) -> None:
        """Write the settings, those that have a value."""
        from mlflow.entities import Param

        known = {name: setting_text(value) for name, value in settings.items() if value is not None}
        texts = [Param(_name(name), printable(text)[:LONGEST_VALUE]) for name, text in known.items()]
        for start in range(0, len(texts), MOST_PARAMETERS):
            self._client.log_batch(self._run, params=texts[start : start + MOST_PARAMETERS])

    def report(self, progress: Progress) -> None:
        """Add one report to what will be sent. Raises what has gone wrong in sending earlier ones."""
        self._add(curves_of(progress), progress.iteration, progress.seconds)
        if self._failure is not None:
            raise self._failure
        if time.monotonic() >= self._next and (self._sender is None or not self._sender.is_alive()):
            waiting, self._waiting = self._waiting, []
            self._sender = threading.Thread(target=self._try_to_send, args=(waiting,), daemon=True)
            self._sender.start()
            self._next = time.monotonic() + SEND_EVERY

    def finish(self, end: RunEnd) -> None:
        """Send what is left, the files, and how it ended."""
        if self._sender is not None:
            self._sender.join()
        if self._failure is not None:
            raise self._failure
        self._add(flat_metrics(end.metrics), end.iteration, end.seconds)
        self._send(self._waiting)
        for name, value in (("deepnet.state", end.state), ("deepnet.reason", end.reason)):
            self._client.set_tag(self._run, name, value)
        for path in end.files:
            self._client.log_artifact(self._run, str(path))
        if (status := STATUS.get(end.state, "KILLED")) != "RUNNING":
            moment = int(1000 * (self._started + end.seconds))
            self._client.set_terminated(self._run, status, end_time=moment)

    def _add(self, values: dict[str, float], iteration: int, seconds: float) -> None:
        from mlflow.entities import Metric

        moment = int(1000 * (self._started + seconds))
        self._waiting += [Metric(_name(name), value, moment, iteration) for name, value in values.items()]

    def _try_to_send(self, metrics: list[Any]) -> None:
        try:
            self._send(metrics)
        except Exception as error:  # told by the next report, in the thread that trains
            self._failure = InputError(_gist(error))

    def _send(self, metrics: list[Any]) -> None:
        for start in range(0, len(metrics), MOST_METRICS):
            self._client.log_batch(self._run, metrics=metrics[start : start + MOST_METRICS])


def _uri_of(place: str) -> str:
    """The tracking URI of a URI or the name of an SQLite file. Raises InputError for a folder, which MLflow refuses."""
    scheme = place.partition(":")[0] if ":" in place else ""
    if not scheme and place.lower().endswith(DATABASES):
        return f"sqlite:///{Path(place).expanduser().absolute().as_posix()}"
    folder = scheme == "file" or (not scheme and not place.startswith("databricks"))
    if folder and os.environ.get("MLFLOW_ALLOW_FILE_STORE", "").lower() not in ("true", "1"):
        form = "an SQLite file such as runs.db, or a URI such as http://localhost:5000"
        raise InputError(f"MLflow no longer writes to a folder of files like {printable(place)}; give {form}")
    return place


def _files_of(uri: str) -> str | None:
    """Where files of runs in an SQLite file go: beside it; None where MLflow knows."""
    if not uri.startswith("sqlite:///"):
        return None
    return (Path(uri.removeprefix("sqlite:///")).absolute().parent / "mlartifacts").as_uri()


def _tags(about: RunAbout) -> dict[str, str]:
    labels = about.labels
    tags = {
        RUN: about.id,
        "deepnet.source": about.source,
        "deepnet.task": about.task,
        "deepnet.network": "-".join(map(str, about.network)),
        "mlflow.note.content": labels.note,
        "tags": ", ".join(labels.tags),
        "star": "yes" if labels.star else "",
    }
    return {name: printable(value) for name, value in tags.items() if value}


def _name(name: str) -> str:
    """A name with the characters that MLflow allows in one."""
    return NOT_IN_NAMES.sub("_", name)[:250]


def _gist(error: Exception) -> str:
    """What MLflow says, without the names inside a library that it ends with where a server can't be reached."""
    said, failed, _ = str(error).partition(" failed with exception ")
    return one_line(f"{said} failed" if failed else said)
