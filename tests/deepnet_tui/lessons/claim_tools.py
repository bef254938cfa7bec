"""What the numbers of a lesson are computed from: data, runs, what Explain shows."""

from __future__ import annotations

from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.explain.trace import Trace, trace
from deepnet_tui.lessons.lesson import Lesson
from engine import Progress, Trainer

LOADED: dict[str, Dataset] = {}


def dataset(experiment: Experiment) -> Dataset:
    """The data, loaded once."""
    key = repr(experiment.data)
    if key not in LOADED:
        LOADED[key] = load(experiment.data)
    return LOADED[key]


def run(experiment: Experiment) -> tuple[Trainer, list[Progress]]:
    """The whole run, with its reports."""
    trainer = experiment.trainer(dataset(experiment))
    return trainer, [event for event in trainer.run() if isinstance(event, Progress)]


def experiment(lesson: Lesson, step: int = 0) -> Experiment:
    found = lesson.experiment_at(step)
    assert found is not None
    return found


def first_example(lesson_experiment: Experiment, trainer: Trainer) -> Trace:
    """What Explain shows first."""
    part, training = dataset(lesson_experiment).train, lesson_experiment.training
    return trace(trainer.network, trainer.parameters, part.X[:, :1], part.Y[:, :1], training.learning_rate, training.l2)


def near(value: float, digits: int) -> str:
    return f"{value:.{digits}f}"
