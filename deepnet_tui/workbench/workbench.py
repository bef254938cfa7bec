"""What the app is doing now, without a widget in it: the experiment, its run, and every edit with its way back.

The parts: `runner.py` trains, `edits.py` says what an edit means, `undo.py` keeps the way back, `time_machine.py`
chooses the snapshot that is shown. All methods belong to one thread, that of the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from deepnet_tui.common.errors import InputError
from deepnet_tui.workbench.edits import Changes, edited, live_changes, side_effect
from deepnet_tui.workbench.runner import Runner
from deepnet_tui.workbench.state import State
from deepnet_tui.workbench.time_machine import TimeMachine, snapshot_at
from deepnet_tui.workbench.undo import EditState, UndoHistory
from deepnet_tui.workbench.value_list import ValueList

if TYPE_CHECKING:
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.model import Model
    from deepnet_tui.runs.store import Store
    from deepnet_tui.training.messages import FromWorker
    from deepnet_tui.training.run import TrainingRun
    from deepnet_tui.training.snapshots import Snapshot
    from engine.arrays import Array
    from engine.spec import NetworkSpec

WHAT_NEXT = {  # what can be done when a run has ended, by how it ended
    "completed": "This run is finished; raise the iterations to go on, or reset",
    "diverged": "It diverged; lower the learning rate to go on from the last good parameters, or reset",
    "early_stopping": "It stopped early and brought the best parameters back; reset to train again",
    "tolerance": "It gets no better; reset to train again",
}


class Workbench:
    """One experiment and the run that trains it.

    `notify` is called from the training thread with every message of it; runs are kept in `store`, if there is one.
    """

    def __init__(self, notify: Callable[[FromWorker], object], store: Store | None = None) -> None:
        self.store = store
        self._now: EditState | None = None
        self._undo_history = UndoHistory()
        self._runner = Runner(notify)
        self._time_machine = TimeMachine()
        self._member = 0
        self.varied: dict[str, ValueList] = {}  # settings for which several values are to race
        self._events = 0  # edits, messages, and whatever else is to be drawn at once

    # What there is

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
        """The prepared data. InputError before the first data."""
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
        """The state of the run that is shown."""
        if self._now is None:
            return State.EMPTY
        if self._runner.training:
            return State.PAUSING if self._runner.pausing else State.TRAINING
        if self._runner.failure is not None:
            return State.FAILED
        training_run = self.training_run
        if training_run.finished is not None:
            return State.DIVERGED if training_run.finished.reason == "diverged" else State.FINISHED
        return State.PAUSED if training_run.trained else State.IDLE

    @property
    def message(self) -> str:
        """How the run ended or why it failed, in one sentence; "" when there is nothing to say."""
        if self._runner.failure is not None:
            return self._runner.failure
        finished = self.training_run.finished if self._now else None
        return finished.message if finished else ""

    @property
    def iteration(self) -> int:
        """Updates done so far."""
        return self.training_run.pulse[0]

    @property
    def snapshot(self) -> Snapshot | None:
        """The parameters that are shown: those chosen in the time machine, else the newest."""
        return self._time_machine.chosen or self.training_run.latest

    @property
    def cursor(self) -> int | None:
        """The iteration that the time machine stands at, None in the present."""
        chosen = self._time_machine.chosen
        return chosen.iteration if chosen else None

    @property
    def members(self) -> int:
        """How many networks are trained at once, 1 before the first data."""
        return self.experiment.network.ensemble if self.ready else 1

    @property
    def shown_member(self) -> int:
        """The network of an ensemble that views of one network show, from 0.

        It stays the same in another run on the same data with as many networks, and is the first one otherwise.
        """
        return self._member

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back."""
        return self._undo_history.can_undo

    @property
    def version(self) -> tuple[object, ...]:
        """Differs from an earlier one whenever there is something new to draw."""
        activity = (*self.edits, self.state)
        if self._now is None:
            return activity
        training_run, snapshot = self.training_run, self.snapshot
        norms = len(snapshot.member(0).gradient_norms) if snapshot else 0
        return (*activity, training_run.pulse, len(training_run.history), id(training_run.latest), norms)

    @property
    def edits(self) -> tuple[object, ...]:
        """Differs from an earlier one whenever something was done other than beginning and stopping to train."""
        return (self._events, self.training_run.id if self.ready else "")

    def rate(self) -> float:
        """Iterations a second over the last second of training, 0 when nothing is known yet."""
        return self._runner.rate()

    def follow(self, parameters: bool = False) -> None:
        """To be called at every redraw: measures the speed, and asks for new parameters if a view shows them."""
        if self._now is not None:
            self._runner.follow(self.training_run, snapshot=parameters and self.cursor is None)

    def make_way(self) -> None:
        """A key has come: the training leaves the processor to it until `go_on`, for a moment at most."""
        self._runner.make_way()

    def go_on(self) -> None:
        """What the key asked for has been drawn."""
        self._runner.go_on()

    # Training

    def start(self, steps: int | None = None) -> None:
        """Train on, to the end or for some steps. InputError when the run is over."""
        training_run = self.training_run
        if self._runner.training:
            return
        if training_run.finished is not None and training_run.changes.empty():
            raise InputError(WHAT_NEXT.get(training_run.finished.reason, WHAT_NEXT["completed"]), "iterations")
        self._time_machine.chosen = None
        self._runner.start(training_run, steps)
        self._runner.training = steps != 0

    def step_to_report(self) -> None:
        """Train to the next report."""
        every = self.experiment.training.report_every
        self.start(every - self.iteration % every)

    def pause(self) -> None:
        """Ask the training to stop after its slice; a Paused message follows."""
        self._runner.pause()

    def toggle(self) -> None:
        """Train, pause, go on."""
        if self.state is State.TRAINING:
            self.pause()
        elif self.state is State.PAUSING:
            self._runner.start(self.training_run, None)
        else:
            self.start()

    def close(self, seconds: float = 5.0) -> None:
        """Stop every thread and wait for it."""
        self._runner.close(seconds)
        for state in [*self._undo_history, *([self._now] if self._now else [])]:
            state.training_run.close_if_idle(seconds)

    def handle(self, message: FromWorker) -> bool:
        """Take in a message of the training thread. False if it is of a run or a segment that is no longer there."""
        from deepnet_tui.training.messages import Ended, Noted

        if self._now is None or message.run != self.training_run.id or not self._runner.handle(message):
            return False
        if not isinstance(message, Noted):
            self._events += 1
        if isinstance(message, Ended):
            self._time_machine.chosen = None
        return True

    def model(self) -> Model:
        """The network that is shown, with all it takes to be used elsewhere. InputError while training."""
        from deepnet_tui.model import Model

        trainer, chosen = self.training_run.trainer, self._time_machine.chosen
        if self._runner.training or trainer is None or self.snapshot is None:
            raise InputError("Pause training before exporting")
        model = Model.of(self.dataset, trainer)
        if chosen is not None:
            best = trainer.best_member(chosen.parameters)
            model = replace(model, parameters=chosen.parameters, iterations=chosen.iteration, best=best)
            model = model.with_test_vectors(self.dataset.train.X)
        return model

    # Edits

    def adopt(self, experiment: Experiment, dataset: Dataset, parameters: Mapping[str, Array] | None = None) -> None:
        """Change to other data, with the experiment that belongs to them and parameters to start from."""
        self.varied = {}
        self._change("data", experiment, dataset, parameters)

    def take_over(self, run: TrainingRun) -> None:
        """Change to a run that was trained elsewhere, on data like the present ones. InputError while training."""
        if self._runner.training:
            raise InputError("Pause first, then take over another network")
        self.varied = {}
        self._record_edit("race", EditState(run.experiment, run.dataset, run))

    def edit(self, section: str, **values: Any) -> str:
        """Change settings of the network or the training. A `ValueList` only notes values that are to race.

        Gives a sentence to show, "" when there is nothing to add. Raises InputError for a value that is not
        allowed, its field the setting; nothing has changed then.
        """
        lists = {name: value for name, value in values.items() if isinstance(value, ValueList)}
        said = self.revise({section: values}, name=", ".join(values)) if not lists else ""
        self.varied = {name: value for name, value in self.varied.items() if name not in values} | lists
        self._events += 1
        return said

    def revise(self, changes: Changes, name: str, back_to: int | None = None) -> str:
        """Change settings of several sections as one edit called `name`; like `edit`.

        With `back_to` a new run starts from the snapshot of that iteration.
        """
        now = self._edit_state
        experiment = edited(now.experiment, changes)
        if back_to is None:
            if experiment == now.experiment:
                return ""
            if (live := live_changes(now.experiment, experiment)) is not None:
                self._record_edit(name, EditState(experiment, now.dataset, now.training_run))
                self._apply_live(live)
                return ""
        if self._runner.training:
            first = next((setting for values in changes.values() for setting in values), "")
            raise InputError("Pause first: this change starts the network anew", first)
        experiment.check(now.dataset)
        parameters = None if back_to is None else snapshot_at(now.training_run, back_to).parameters
        self._change(name, experiment, now.dataset, parameters)
        restart = "The network starts anew; u brings the trained one back" if now.training_run.trained else ""
        return side_effect(now.experiment, experiment, changes) or restart

    def reset(self) -> None:
        """Back to the first parameters. Undo brings the trained ones back. InputError while training."""
        now = self._edit_state
        if self._runner.training:
            raise InputError("Pause first, then reset")
        run = now.training_run
        if run.trained or run.given_parameters is not None or run.finished is not None:
            self._change("reset", now.experiment, now.dataset)

    def branch(self) -> int:
        """Train on from the snapshot that is shown, as a run of its own. Gives its iteration."""
        now, chosen = self._edit_state, self._time_machine.chosen
        if chosen is None:
            raise InputError("A branch starts from an earlier moment; go back to one first")
        if self._runner.training:
            raise InputError("Pause first, then branch")
        self._change("branch", now.experiment, now.dataset, chosen.parameters)
        return chosen.iteration

    def set_parameters(self, parameters: Mapping[str, Array]) -> None:
        """Start a run from these parameters W1, b1, ... of one network. InputError while training.

        In an ensemble they are those of the network that is shown; the others keep theirs.
        """
        now, shown = self._edit_state, self.snapshot
        if self._runner.training:
            raise InputError("Pause first, then change parameters by hand")
        if shown is not None and shown.members:
            from engine.parameters import stack

            each = [snapshot.parameters for snapshot in shown.members]
            each[self._member] = parameters
            parameters = stack(each)
        self._change("parameters", now.experiment, now.dataset, parameters)

    def undo(self) -> str:
        """Take the last edit back; gives its name. InputError when there is none."""
        return self._step("undo")

    def redo(self) -> str:
        """Do again what was taken back; gives its name. InputError when there is nothing."""
        return self._step("redo")

    def _step(self, word: str) -> str:
        name, state = self._undo_history.peek(word)
        now = self._edit_state
        same_run = state.training_run is now.training_run
        if self._runner.training and not same_run:
            raise InputError(f"Pause first: to {word} {name} brings another network")
        self._undo_history.step(word, now)
        self._make_present(state)
        if same_run and (live := live_changes(now.experiment, state.experiment)):
            self._apply_live(live)
        return name

    def _change(
        self, name: str, experiment: Experiment, dataset: Dataset, parameters: Mapping[str, Array] | None = None
    ) -> None:
        """An edit that starts a new run."""
        from deepnet_tui.training.run import TrainingRun

        dataset = experiment.fitted(dataset)
        training_run = TrainingRun(experiment, dataset, parameters, self.store)
        self._record_edit(name, EditState(experiment, dataset, training_run))

    def _record_edit(self, name: str, state: EditState) -> None:
        if self._now is not None:
            self._undo_history.add(name, self._now, state)
        self._make_present(state)

    def _make_present(self, state: EditState) -> None:
        before, self._now = self._now, state
        state.training_run.experiment = state.experiment
        if before is None or before.dataset is not state.dataset or not self._member < self.members:
            self._member = 0
        self._events += 1
        if before is None or before.training_run is not state.training_run:
            self._time_machine.chosen = None
            self._runner.detach()
            if state.training_run.latest is None or not state.training_run.changes.empty():
                self._runner.start(state.training_run, 0)

    def _apply_live(self, live: dict[str, Any]) -> None:
        """Hand settings to the trainer of the present run; at rest a segment of no steps does it."""
        self.training_run.changes.put(live)
        if not self._runner.training:
            self._runner.start(self.training_run, 0)

    # The time machine, and the networks of an ensemble

    def show_member(self, steps: int) -> int:
        """Show the next network of an ensemble, or with negative steps an earlier one; after the last comes the first.

        Gives its index. InputError where there is only one network.
        """
        if self.members == 1:
            raise InputError("There is only one network; with ensemble several are trained at once", "ensemble")
        self._member = (self._member + steps) % self.members
        self._events += 1
        return self._member

    def back(self, steps: int = 1) -> None:
        """Show an earlier snapshot, or with negative steps a later one; the end of the list is the present."""
        self._time_machine.step_back(self.training_run, steps, training=self._runner.training)
        self._events += 1
