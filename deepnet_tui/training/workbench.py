"""What the app is doing now, without a widget in it: the experiment, its run, and every edit with its way back.

All methods belong to one thread, that of the screen; the thread that trains is reached through `TrainingThread`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.training.history import Snapshot
from deepnet_tui.training.messages import Ended, Failed, FromWorker, Noted
from deepnet_tui.training.run import TrainingRun
from deepnet_tui.training.thread import TrainingThread
from deepnet_tui.training.undo import EditState, UndoHistory, leave

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.model import Model
    from deepnet_tui.runs.store import Store
    from engine.arrays import Array
    from engine.spec import NetworkSpec

LIVE = ("learning_rate", "l2", "iterations")  # training settings that need no new start
OVER = {  # what can be done when a run has ended, by how it ended
    "completed": "This run is finished; raise the iterations to go on, or re-initialise",
    "diverged": "It diverged; lower the learning rate to go on from the last good parameters, or re-initialise",
    "early_stopping": "It stopped early and brought the best parameters back; re-initialise to train again",
    "tolerance": "It gets no better; re-initialise to train again",
}
RATE_WINDOW = 1.0  # seconds of training that the speed is averaged over


class State(StrEnum):
    """What the workbench is doing."""

    EMPTY = "empty"  # no data yet
    IDLE = "ready"
    TRAINING = "training"
    PAUSING = "pausing"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"


class Workbench:
    """One experiment on the bench.

    `notify` is called from the training thread with every message of it; runs are kept in `store`, if there is one.
    """

    def __init__(self, notify: Callable[[FromWorker], object], store: Store | None = None) -> None:
        self._notify = notify
        self.store = store
        self._now: EditState | None = None
        self._undo_history = UndoHistory()
        self._thread: TrainingThread | None = None
        self._threads: list[TrainingThread] = []
        self._segment = 0
        self._training = False
        self._failure: str | None = None
        self._chosen: Snapshot | None = None
        self._pulses: list[tuple[int, float]] = []
        self._edits = 0

    # What is on the bench

    @property
    def ready(self) -> bool:
        """Whether there are data."""
        return self._now is not None

    @property
    def _edit_state(self) -> EditState:
        if self._now is None:
            raise InputError("There are no data yet; choose some first", "source")
        return self._now

    @property
    def experiment(self) -> Experiment:
        """The experiment as it stands, edits included. InputError before the first data."""
        return self._edit_state.experiment

    @property
    def dataset(self) -> Dataset:
        """The data made ready. InputError before the first data."""
        return self._edit_state.dataset

    @property
    def training_run(self) -> TrainingRun:
        """The run: history, snapshots, trainer. InputError before the first data."""
        return self._edit_state.training_run

    @property
    def network(self) -> NetworkSpec:
        """The network as the engine describes it."""
        return self.experiment.network_spec(self.dataset)

    @property
    def state(self) -> State:
        """What is going on."""
        if self._now is None:
            return State.EMPTY
        if self._training:
            return State.PAUSING if self._thread is not None and self._thread.pausing else State.TRAINING
        if self._failure is not None:
            return State.FAILED
        training_run = self.training_run
        if training_run.finished is not None:
            return State.DIVERGED if training_run.finished.reason == "diverged" else State.FINISHED
        return State.PAUSED if training_run.trained else State.IDLE

    @property
    def message(self) -> str:
        """How the run ended or why it failed, in one sentence; "" when there is nothing to say."""
        if self._failure is not None:
            return self._failure
        finished = self.training_run.finished if self._now else None
        return finished.message if finished else ""

    @property
    def iteration(self) -> int:
        """Updates done so far."""
        return self.training_run.pulse[0]

    @property
    def shown(self) -> Snapshot | None:
        """The parameters to look at: the snapshot chosen in the time machine, else the newest."""
        return self._chosen or self.training_run.latest

    @property
    def cursor(self) -> int | None:
        """The iteration that the time machine stands at, None in the present."""
        return self._chosen.iteration if self._chosen else None

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._undo_history.can_undo

    @property
    def stamp(self) -> tuple[object, ...]:
        """Differs from an earlier one whenever there is something new to draw."""
        if self._now is None:
            return self.news
        training_run, shown = self.training_run, self.shown
        norms = len(shown.gradient_norms) if shown else 0
        return (*self.news, training_run.pulse, len(training_run.history), id(training_run.latest), norms)

    @property
    def news(self) -> tuple[object, ...]:
        """Differs from an earlier one whenever something has happened, beside the training going on."""
        return (self._edits, self.training_run.id if self.ready else "", self.state)

    def rate(self) -> float:
        """Iterations a second over the last second of training, 0 when nothing is known yet."""
        if not self._pulses:
            return 0.0
        (first, began), (last, now) = self._pulses[0], self._pulses[-1]
        return (last - first) / (now - began) if now > began else 0.0

    def watch(self, parameters: bool = False) -> None:
        """To be called at every redraw: follows the speed, and asks for new parameters if they are looked at."""
        if self._thread is None or not self._training:
            return
        pulse = self.training_run.pulse
        if not self._pulses or pulse != self._pulses[-1]:
            self._pulses.append(pulse)
            while len(self._pulses) > 2 and pulse[1] - self._pulses[1][1] > RATE_WINDOW:
                del self._pulses[0]
        if parameters and self._chosen is None:
            self._thread.look()

    # Training

    def start(self, steps: int | None = None) -> None:
        """Train on, to the end or for some steps. InputError when the run is over."""
        training_run = self.training_run
        if self._training:
            return
        if training_run.finished is not None and training_run.changes.empty():
            raise InputError(OVER.get(training_run.finished.reason, OVER["completed"]), "iterations")
        self._chosen = None
        self._launch(steps)
        self._training = steps != 0

    def step_to_report(self) -> None:
        """Train to the next report."""
        every = self.experiment.training.report_every
        self.start(every - self.iteration % every)

    def pause(self) -> None:
        """Ask the training to rest; a Rested message follows."""
        if self._thread is not None:
            self._thread.pause()
            self._edits += 1

    def toggle(self) -> None:
        """Train, pause, go on."""
        if self.state is State.TRAINING:
            self.pause()
        elif self.state is State.PAUSING:
            self._launch(None)
        else:
            self.start()

    def close(self, seconds: float = 5.0) -> None:
        """Stop every thread and wait for it."""
        for thread in self._threads:
            thread.pause()
        for thread in self._threads:
            thread.join(seconds)
        for state in [*self._undo_history, *([self._now] if self._now else [])]:
            leave(state.training_run, seconds)

    def _new_run(
        self, experiment: Experiment, dataset: Dataset, parameters: Mapping[str, Array] | None = None
    ) -> TrainingRun:
        return TrainingRun(experiment, dataset, parameters, self.store)

    def _launch(self, steps: int | None) -> None:
        if self._thread is not None:
            self._thread.pause()
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        self._segment += 1
        self._failure = None
        self._pulses = []
        self._thread = TrainingThread(self.training_run, self._notify, self._segment, steps)
        self._threads.append(self._thread)
        self._thread.start()

    def handle(self, message: FromWorker) -> bool:
        """Take in what the training thread tells. False if it speaks of something that is no longer there."""
        if self._now is None or message.run != self.training_run.id or message.segment != self._segment:
            return False
        if isinstance(message, Noted):
            return True
        self._training = False
        self._edits += 1
        if isinstance(message, Failed):
            self._failure = message.message
        elif isinstance(message, Ended):
            self._chosen = None
        return True

    def model(self) -> Model:
        """The network that is shown, with all it takes to be used elsewhere. InputError while training."""
        from deepnet_tui.model import Model

        trainer = self.training_run.trainer
        if self._training or trainer is None or self.shown is None:
            raise InputError("Pause first; the network is being worked on")
        model = Model.of(self.dataset, trainer)
        if self._chosen is not None:
            model = replace(model, parameters=self._chosen.parameters, iterations=self._chosen.iteration)
            model = model.with_test_vectors(self.dataset.train.X)
        return model

    # Edits

    def adopt(self, experiment: Experiment, dataset: Dataset, parameters: Mapping[str, Array] | None = None) -> None:
        """Put other data on the bench, with the experiment that belongs to them and parameters to start from."""
        self._change("data", EditState(experiment, dataset, self._new_run(experiment, dataset, parameters)))

    def edit(self, section: str, **values: Any) -> str:
        """Change settings of the network or the training.

        Gives a sentence to show, "" when there is nothing to add. Raises InputError for a value that is not
        allowed, its field the setting; nothing has changed then.
        """
        return self.revise({section: values}, name=", ".join(values))

    def revise(self, changes: Mapping[str, Mapping[str, Any]], name: str, back_to: int | None = None) -> str:
        """Change settings of several sections as one edit called `name`; like `edit`.

        With `back_to` a new run starts from the snapshot of that iteration.
        """
        now = self._edit_state
        experiment, first = now.experiment, ""
        for section, values in changes.items():
            experiment = experiment.replace(section, **values)  # type: ignore[arg-type]
            first = first or next(iter(values), "")
        if back_to is None and experiment == now.experiment:
            return ""
        live = live_changes(now.experiment, experiment) if back_to is None else None
        if live is not None:
            self._change(name, EditState(experiment, now.dataset, now.training_run))
            now.training_run.changes.put(live)
            if not self._training:
                self._launch(0)
            return ""
        if self._training:
            raise InputError("Pause first: this change starts the network anew", first)
        experiment.check(now.dataset)
        start = None if back_to is None else self._snapshot_at(back_to).parameters
        self._change(name, EditState(experiment, now.dataset, self._new_run(experiment, now.dataset, start)))
        before, after = now.experiment.training, experiment.training
        if before.batch_size != after.batch_size and "batch_size" not in changes.get("training", {}):
            return f"{after.optimizer} works on all examples at once: the batch size is full now; u takes that back"
        return "The network starts anew; u brings the trained one back" if now.training_run.trained else ""

    def reset(self) -> None:
        """Back to the first parameters. Undo brings the trained ones back. InputError while training."""
        now = self._edit_state
        if self._training:
            raise InputError("Pause first, then re-initialise")
        if not now.training_run.trained and now.training_run.start is None and now.training_run.finished is None:
            return
        self._change("reset", EditState(now.experiment, now.dataset, self._new_run(now.experiment, now.dataset)))

    def branch(self) -> int:
        """Train on from the snapshot that is shown, as a run of its own. Gives its iteration."""
        now, shown = self._edit_state, self.shown
        if shown is None or self._chosen is None:
            raise InputError("A branch starts from an earlier moment; go back to one first")
        if self._training:
            raise InputError("Pause first, then branch")
        training_run = self._new_run(now.experiment, now.dataset, shown.parameters)
        self._change("branch", EditState(now.experiment, now.dataset, training_run))
        return shown.iteration

    def put(self, parameters: Mapping[str, Array]) -> None:
        """Start a run from these parameters. InputError while training."""
        now = self._edit_state
        if self._training:
            raise InputError("Pause first, then change parameters by hand")
        self._change(
            "parameters", EditState(now.experiment, now.dataset, self._new_run(now.experiment, now.dataset, parameters))
        )

    def undo(self) -> str:
        """Take the last edit back; gives its name. InputError when there is none."""
        return self._go("undo")

    def redo(self) -> str:
        """Do again what was taken back; gives its name. InputError when there is nothing."""
        return self._go("redo")

    def _go(self, word: str) -> str:
        name, state = self._undo_history.next(word)
        now = self._edit_state
        if self._training and state.training_run is not now.training_run:
            raise InputError(f"Pause first: to {word} {name} brings another network")
        self._undo_history.pass_over(word, now)
        self._settle(state, now)
        return name

    def _change(self, name: str, state: EditState) -> None:
        before = self._now
        if before is not None:
            self._undo_history.add(name, before, state)
        self._settle(state, before, fresh=True)

    def _settle(self, state: EditState, before: EditState | None, *, fresh: bool = False) -> None:
        """Make `state` the present one."""
        self._now = state
        state.training_run.experiment = state.experiment
        self._edits += 1
        same = before is not None and before.training_run is state.training_run
        if same and not fresh and before is not None:
            live = live_changes(before.experiment, state.experiment)
            if live:
                state.training_run.changes.put(live)
                if not self._training:
                    self._launch(0)
        elif not same:
            self._training = False
            self._chosen = None
            self._failure = None
            self.pause()
            if state.training_run.latest is None or not state.training_run.changes.empty():
                self._launch(0)

    # The time machine

    def go_to(self, iteration: int) -> None:
        """To the snapshot of this iteration, or the last one before it."""
        self._look_at(self._snapshot_at(iteration))

    def _snapshot_at(self, iteration: int) -> Snapshot:
        earlier = [item for item in self.training_run.snapshots.items if item.iteration <= iteration]
        if not earlier:
            raise InputError(f"There are no parameters of iteration {iteration:,} any more")
        return earlier[-1]

    def _look_at(self, snapshot: Snapshot | None) -> None:
        self._chosen = snapshot
        self._edits += 1
        if snapshot is not None and not snapshot.gradient_norms and not self._training:
            work = threading.Thread(
                target=self.training_run.complete, args=(snapshot,), name="gradient norms", daemon=True
            )
            work.start()

    def back(self, steps: int = 1) -> None:
        """To an earlier snapshot, or with negative steps to a later one; the end of the list is the present."""
        items = self.training_run.snapshots.items
        here = self.cursor
        if here is None:
            index = len(items)
            newest = self.training_run.latest
            if newest is not None and items and items[-1].iteration == newest.iteration:
                index -= 1  # the present is the last snapshot
        else:
            index = sum(1 for item in items if item.iteration < here)
        index -= steps
        if not 0 <= index < len(items):
            self._look_at(None if index > 0 or not items else items[0])
            return
        newest = self.training_run.latest
        present = index == len(items) - 1 and not self._training and newest is not None
        self._look_at(None if present and newest and newest.iteration == items[index].iteration else items[index])


def live_changes(before: Experiment, after: Experiment) -> dict[str, Any] | None:
    """What a running trainer must be told to get from one experiment to the other; None if it must start anew."""
    old, new = before.training.model_dump(), after.training.model_dump()
    changed = {name for name in new if new[name] != old[name]}
    same_layers = before.replace("network", dropout=0.0).network == after.replace("network", dropout=0.0).network
    if before.data != after.data or not same_layers or not changed <= set(LIVE):
        return None
    changes = {name: new[name] for name in changed}
    if before.network != after.network:
        changes["dropout"] = tuple(layer.dropout for layer in after.network.hidden)
    return changes
