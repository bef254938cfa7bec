"""docs/lessons.md and docs/explain.md agree with the code."""

from __future__ import annotations

import re
from pathlib import Path

from deepnet_tui.commands.hiding import PANES
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.explain.navigator import Navigator
from deepnet_tui.explain.page import page
from deepnet_tui.explain.trace import trace
from deepnet_tui.lessons.bugs import BUGS
from deepnet_tui.lessons.conditions import CONDITIONS
from deepnet_tui.lessons.lesson import Lesson, NumberQuestion, Question, Step
from deepnet_tui.lessons.library import LESSONS
from deepnet_tui.lessons.loader import read

DOCS = Path(__file__).parents[3] / "docs"
MANUAL = (DOCS / "lessons.md").read_text(encoding="utf-8")
EXPLAIN = (DOCS / "explain.md").read_text(encoding="utf-8")


def test_the_lesson_in_the_manual_is_valid(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", MANUAL, re.DOTALL)
    assert found is not None
    path = tmp_path / "lesson.toml"
    path.write_text(found[1], encoding="utf-8")
    lesson = read(path)
    first = lesson.experiment_at(0)
    question = lesson.step[-1].question
    assert first is not None
    assert question is not None
    assert question.choices[question.answer - 1] == str(first.network_spec(load(first.data)).size)


def test_the_manual_names_every_field_and_condition() -> None:
    for name in (
        *LESSONS,
        *CONDITIONS,
        *BUGS,
        *PANES,
        *Lesson.model_fields,
        *Step.model_fields,
        *Question.model_fields,
        *NumberQuestion.model_fields,
    ):
        assert re.search(rf"`[^`]*\b{name}\b", MANUAL), name


def test_the_page_in_the_manual_is_that_of_the_app() -> None:
    experiment = Experiment.default("tutorial")
    dataset = load(experiment.data)
    trainer = experiment.trainer(dataset)
    navigator = Navigator()
    X, Y = dataset.train.X[:, :1], dataset.train.Y[:, :1]
    navigator.load(trace(trainer.network, trainer.parameters, X, Y, experiment.training.learning_rate))
    navigator.step(2)
    navigator.move(1, 0)
    shown = re.search(r"```\n(3/35.*?)```", EXPLAIN, re.DOTALL)
    assert shown is not None
    assert shown[1].splitlines() == page(navigator, 76, 10).text
    assert navigator.trace is not None
    assert navigator.trace.find("dW2").numbers(0, 1) in EXPLAIN
