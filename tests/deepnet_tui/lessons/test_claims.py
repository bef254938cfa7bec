"""Every number in a lesson is right: each is computed here, and a text may contain no other."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from functools import partial

import numpy as np
import pytest

from deepnet_tui.drawing.numbers import cost
from deepnet_tui.explain.gradient_check import MOST_EXAMPLES, check
from deepnet_tui.explain.trace import trace
from deepnet_tui.lessons import bugs
from deepnet_tui.lessons.lesson import Lesson
from deepnet_tui.lessons.library import LESSONS, find
from engine import tutorial
from engine.ops.initializers import INITIALIZERS
from tests.deepnet_tui.lessons.claim_tools import dataset, experiment, first_example, near, run
from tests.deepnet_tui.lessons.more_claims import MORE

NUMBER = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
TRIVIAL = {"0", "1"}  # labels, 1/m, the first of a count


def texts(lesson: Lesson) -> Iterable[str]:
    for step in lesson.step:
        yield step.text
        if step.question:
            yield from step.question.choices
        if step.asked:
            yield from (step.asked.right, step.asked.wrong)


def numbers(lesson: Lesson) -> set[str]:
    return {match.group().rstrip(",") for text in texts(lesson) for match in NUMBER.finditer(text)} - TRIVIAL


def claims_of_tutorial(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    data, training = dataset(setup), setup.training
    trainer, reports = run(setup)
    start = first_example(setup, setup.trainer(data))
    ones = int(data.train.Y.sum())
    share = ones / data.train.m
    base = -(share * math.log(share) + (1 - share) * math.log(1 - share))
    assert reports[-1].cost == pytest.approx(base, abs=1e-5), "all that is learned is how often 1 comes"
    assert ones < data.train.m - ones
    assert start.find("A4").value(0, 0) == pytest.approx(0.5, abs=1e-6)
    assert data.train.Y[0, 0] == 1
    initial = tutorial.initialize_parameters_deep(trainer.network.dims)
    assert all(np.array_equal(initial[name], values) for name, values in setup.trainer(data).parameters.items())
    assert trainer.network.shapes["W1"] == (4, 3)
    return {
        *map(str, trainer.network.dims),
        str(training.learning_rate),
        f"{setup.network.scale:g}",
        str(data.train.m),
        str(ones),
        f"{training.iterations:,}",
        near(reports[0].cost, 4),
        near(reports[-1].cost, 4),
        near(start.find("J").value(0, 0), 4),
        near(start.find("A4").value(0, 0), 1),
        f"{start.find('dA4').value(0, 0):.4g}",
        f"{start.find('dZ4').value(0, 0):.4g}",
        near(start.find("A4").value(0, 0) * (1 - start.find("A4").value(0, 0)), 2),
    }


def claims_of_stuck(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    trainer, reports = run(setup)
    seen = first_example(setup, trainer)
    limit = 0.000001
    inputs = np.abs(seen.find("Z1").operands[1].values).max()
    assert np.abs(seen.find("Z4").out.values).max() < limit * inputs
    assert np.abs(seen.find("dW1").out.values).max() < limit
    cured = setup.replace("network", initializer="he")
    healthy, cured_reports = run(cured)
    assert np.abs(first_example(cured, healthy).find("Z4").out.values).max() > 1
    assert cured_reports[-1].cost == pytest.approx(0.0164, abs=5e-5)
    return {
        str(trainer.network.dims[1]),
        f"{setup.network.scale:g}",
        near(reports[0].cost, 4),
        near(reports[-1].cost, 4),
        near(math.log(2), 3),
        "2",  # log 2, two classes, sqrt(2 / inputs)
        f"{limit:.6f}",
        f"{INITIALIZERS['he'].spread(8, 8, 0.01):.1f}",
        near(seen.find("A4").value(0, 0), 1),
        near(cured_reports[-1].cost, 4),
    }


def claims_of_zeros(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    trainer, reports = run(setup)
    assert all(not values.any() for values in trainer.parameters.values())
    assert {report.cost for report in reports} == {reports[0].cost}
    seen = first_example(setup, trainer)
    assert not any(seen.find(name).out.values.any() for name in ("A1", "dA1", "dW1", "dW2"))
    part = dataset(setup).train
    everyone = trace(trainer.network, trainer.parameters, part.X, part.Y, setup.training.learning_rate)
    for name in ("W1_new", "b1_new", "W2_new"):
        assert not seen.find(name).out.values.any()
    assert seen.find("b2_new").value(0, 0) == -0.5
    assert not everyone.find("b2_new").out.values.any()
    alike = setup.trainer(dataset(setup))
    alike.assign({name: np.full(shape, 0.5) for name, shape in alike.network.shapes.items()})
    alike.advance(200)
    W1 = alike.parameters["W1"]
    assert (W1[0] == W1).all()
    assert not (W1 == 0.5).all()
    _, small = run(setup.replace("network", initializer="small"))
    at = {report.iteration: report.cost for report in small}
    return {
        str(trainer.network.dims[1]),
        near(reports[-1].cost, 4),
        f"{setup.training.iterations:,}",
        "0.5",
        "-0.5",
        str(part.m),
        f"{setup.network.scale:g}",
        "300",
        near(at[300], 3),
        "3,000",
        near(at[3000], 3),
    }


def claims_of_rates(lesson: Lesson) -> set[str]:
    slow, good, restless, wild = (experiment(lesson, step) for step in (0, 2, 3, 4))
    _, crawl = run(slow)
    _, fine = run(good)
    _, jumpy = run(restless)
    early = [report.cost for report in jumpy[:10]]
    assert [report.iteration for report in jumpy[:10]] == list(range(10)), "the chart has every one of them"
    assert 2 < max(early) < 3
    assert early[-1] < early[0]
    assert jumpy[-1].cost > fine[-1].cost
    trainer, growing = run(wild)
    finished = trainer.finished()
    assert finished is not None
    assert finished.reason == "diverged"
    assert trainer.iteration == growing[-1].iteration == 5
    assert "at iteration 6" in finished.message
    tried = experiment(lesson, 6).replace("training", learning_rate=0.3)
    assert run(tried)[1][-1].cost < lesson.step[6].until["cost_below"]
    assert all(report[-1].cost > 0.2 for report in (crawl, fine, jumpy))
    Y = dataset(slow).train.Y
    return {
        near(float(((Y - Y.mean()) ** 2).mean() / 2), 1),
        f"{slow.training.learning_rate:g}",
        str(good.training.learning_rate),
        str(restless.training.learning_rate),
        f"{wild.training.learning_rate:g}",
        near(crawl[0].cost, 4),
        near(crawl[-1].cost, 4),
        near(fine[-1].cost, 4),
        near(jumpy[-1].cost, 4),
        f"{slow.training.iterations:,}",
        "2",
        *(cost(growing[iteration].cost) for iteration in (3, 4, 5)),
        *"3456",
        str(lesson.step[6].until["cost_below"]),
    }


def claims_of_overfitting(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    data = dataset(setup)
    assert data.validation is not None
    trainer, plain = run(setup)
    _, penalised = run(setup.replace("training", l2=1.0))
    _, dropped = run(experiment(lesson, 6))
    held = [float(report.validation_cost or 0) for report in plain]
    lowest = int(np.argmin(held))
    assert plain[lowest].iteration < 200
    assert plain[-1].cost < 0.0001
    assert penalised[-1].cost > plain[-1].cost
    mean = data.train.Y.mean()
    off, guess = (
        float(np.sqrt(np.square(data.validation.Y - said).mean())) * data.scaling.scale
        for said in (trainer.predict(data.validation.X), mean)
    )
    assert held[lowest] == pytest.approx(0.4, abs=0.005)
    return {
        str(data.train.m),
        str(data.validation.m),
        str(setup.network.hidden[0].units),
        "0.0001",
        near(held[-1], 2),
        near(held[lowest], 1),
        near(off, 2),
        near(guess, 2),
        "5",  # the key of Evaluate
        str(experiment(lesson, 6).network.hidden[0].dropout),
        near(float(penalised[-1].validation_cost or 0), 2),
        near(float(dropped[-1].validation_cost or 0), 2),
    }


def claims_of_bug(lesson: Lesson) -> set[str]:
    setup = experiment(lesson)
    part, trainer = dataset(setup).train, setup.trainer(dataset(setup))
    assert part.m > MOST_EXAMPLES
    failing, apart = {}, {}
    for name in ("one_bias", "no_mean", "slope_one", "updated_too_early"):
        backward = partial(bugs.gradients, steps=bugs.BUGS[name].steps)
        found = check(trainer.network, trainer.parameters, part.X, part.Y, backward=backward)
        failing[name] = {matrix.name for matrix in found.matrices if not matrix.passed}
        apart[name] = {matrix.name: matrix.relative_difference for matrix in found.matrices}
        if name == "no_mean":
            entry = found.matrices[0].worst[0]
            assert entry.analytic / entry.numeric == pytest.approx(MOST_EXAMPLES, rel=1e-4)
    assert failing == {
        "one_bias": {"b1", "b2"},
        "no_mean": {"W1", "W2", "W3"},
        "slope_one": {"W1", "b1", "W2", "b2"},
        "updated_too_early": {"W1", "b1", "W2", "b2"},
    }
    assert all(apart["updated_too_early"][name] < apart["slope_one"][name] / 3 for name in ("W1", "b1", "W2", "b2"))
    assert check(trainer.network, trainer.parameters, part.X, part.Y).passed
    return {"1e-07", str(MOST_EXAMPLES), str(len(trainer.network.layers)), "2", str(bugs.RATE)}


CLAIMS: dict[str, Callable[[Lesson], set[str]]] = {
    "tutorial": claims_of_tutorial,
    "stuck": claims_of_stuck,
    "zeros": claims_of_zeros,
    "rates": claims_of_rates,
    "overfitting": claims_of_overfitting,
    "bug": claims_of_bug,
    **MORE,
}


@pytest.mark.parametrize("name", LESSONS)
def test_every_number_in_a_lesson_is_right(name: str) -> None:
    lesson = find(name)
    assert numbers(lesson) - CLAIMS[name](lesson) == set()


def test_the_tutorial_lesson_names_all_functions() -> None:
    said = " ".join(texts(find("tutorial")))
    functions = [
        name
        for name, value in vars(tutorial).items()
        if callable(value) and getattr(value, "__module__", "") == tutorial.__name__
    ]
    public = [name for name in functions if not name.startswith("_")]
    assert len(public) == 14
    assert [name for name in public if not re.search(rf"\b{name}\b", said)] == []


def test_sentences_in_lessons_are_short() -> None:
    for name in LESSONS:
        for text in texts(find(name)):
            for sentence in re.split(r"(?<=[.!?])\s", " ".join(text.split())):
                assert len(sentence.split()) <= 30, sentence
