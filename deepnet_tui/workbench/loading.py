"""Data for the workbench, loaded in a thread: the newest request wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from deepnet_tui.common.background import Job, LatestJob, Superseded
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.text import in_app

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment

Restore: TypeAlias = "Callable[[], tuple[Dataset, Mapping[str, Any]]]"
"""Gives a dataset and the parameters to start from; called in the thread that loads."""


@dataclass(frozen=True)
class LoadRequest:
    """What to load: a built-in data set, a file, or an experiment.

    `target` names the column of a data file to predict. `chosen` names the settings that the user chose, so that
    the data do not replace them by defaults of their own; None for all. `restore` loads in place of the source.
    """

    source: str | Experiment
    target: str | None = None
    chosen: tuple[str, ...] | None = None
    restore: Restore | None = None

    def experiment(self) -> Experiment:
        """The experiment that the source names. Raises InputError."""
        from deepnet_tui.experiment import Experiment

        if isinstance(self.source, Experiment):
            return self.source
        if self.source.endswith(".toml"):
            return Experiment.read(self.source)
        return Experiment.default(self.source, self.target)

    def settings_chosen(self) -> tuple[str, ...] | None:
        """The settings that the data leave alone, None for all."""
        from deepnet_tui.experiment import settings_in_file

        if isinstance(self.source, str) and self.source.endswith(".toml"):
            return settings_in_file(self.source)
        return self.chosen


@dataclass(frozen=True)
class LoadProgress:
    """The fraction of the data that has been read, from 0 to 1, and what is being done."""

    experiment: Experiment
    fraction: float
    what: str


@dataclass(frozen=True)
class Loaded:
    """The data are ready. `parameters` are those to start from, None for the initializer's."""

    experiment: Experiment
    dataset: Dataset
    parameters: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class LoadFailed:
    """The data can't be used, in one sentence; `field` is the setting to blame, or "".

    `experiment` is what was asked for, None if even that could not be read.
    """

    message: str
    field: str
    experiment: Experiment | None


LoadEvent: TypeAlias = LoadProgress | Loaded | LoadFailed


class Loader:
    """Loads one request at a time; `deliver` gets its progress and its end.

    `hand_over` is that of `LatestJob`: it decides in which thread `deliver` is called.
    """

    def __init__(
        self, deliver: Callable[[LoadEvent], object], hand_over: Callable[[Callable[[], None]], object]
    ) -> None:
        self._deliver = deliver
        self._job: LatestJob[LoadEvent] = LatestJob("loading", hand_over)

    @property
    def running(self) -> bool:
        """Whether data are on their way."""
        return self._job.running

    def start(self, request: LoadRequest) -> None:
        """Load this, and forget what was asked for before."""
        self._job.start(partial(_load, request), self._answered)

    def cancel(self) -> None:
        """Forget what was asked for."""
        self._job.cancel()

    def _answered(self, answer: LoadEvent | Exception) -> None:
        if isinstance(answer, Exception):  # `_load` catches them all
            raise answer
        self._deliver(answer)


def _load(request: LoadRequest, job: Job[LoadEvent]) -> LoadEvent:
    """In a thread: importing what reads data takes long, reading them too."""
    experiment: Experiment | None = None
    shown = 0.0

    def progress(fraction: float, what: str) -> None:
        nonlocal shown
        if abs(fraction - shown) >= 0.01 and experiment is not None:
            shown = fraction
            job.report(LoadProgress(experiment, fraction, what))

    try:
        from deepnet_tui.data.load import load

        experiment = request.experiment()
        chosen = request.settings_chosen()
        if request.restore is None:
            dataset, parameters = load(experiment.data, progress, dtype=experiment.dtype_of_inputs(chosen)), None
        else:
            dataset, parameters = request.restore()
        adapted = experiment.with_data_defaults(dataset, chosen)
        return Loaded(adapted, adapted.fitted(dataset), parameters)
    except Superseded:
        raise
    except InputError as error:
        return LoadFailed(in_app(str(error)), error.field, experiment)
    except Exception as error:  # the app lives on and says so
        return LoadFailed(f"The data can't be used: {error or type(error).__name__}", "", experiment)
