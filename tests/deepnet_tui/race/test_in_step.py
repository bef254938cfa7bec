"""Networks side by side are at the same iteration at every rest, and each is what it would be alone."""

from __future__ import annotations

import pytest

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.experiment import Experiment
from deepnet_tui.race.in_step import InStepSession, proposed, side_by_side, too_large
from deepnet_tui.race.values import Varied, values_of, variable

EXPERIMENT = Experiment.default("moons").replace("training", iterations=60, report_every=20)
DATASET = load(EXPERIMENT.data)


def session(**varied: tuple[object, ...]) -> InStepSession:
    """Ready to be trained."""
    made = InStepSession(side_by_side(EXPERIMENT, varied), DATASET)
    made.prepare()
    made.wait()
    assert not made.failure
    return made


def costs(shown: InStepSession) -> list[tuple[int, float | None]]:
    return [(standing.iteration, standing.cost) for standing in shown.standings()]


@pytest.mark.parametrize(
    "varied", [{"initializer": ("zeros", "small", "he")}, {"hidden": ((4,), (16, 8)), "seed": (1,)}]
)
def test_the_same_keys_give_the_same_networks(varied: Varied) -> None:
    found = []
    for _ in range(2):
        shown = session(**varied)
        assert {run.pulse[0] for run in shown.runs} == {0}
        assert all(run.latest is not None for run in shown.runs), "the start can be drawn"
        shown.step_report()
        shown.wait()
        assert {run.pulse[0] for run in shown.runs} == {20}
        shown.step(3)
        shown.wait()
        assert {run.latest.iteration for run in shown.runs if run.latest} == {23}
        found.append(costs(shown))
    assert found[0] == found[1]
    for racer, (iteration, cost) in zip(shown.racers, found[0], strict=True):
        alone = racer.experiment.trainer(DATASET)
        alone.advance(iteration)
        assert cost == pytest.approx(alone.cost(), rel=1e-9)


def test_a_pause_lets_those_behind_catch_up_and_the_end_is_that_of_each_alone() -> None:
    shown = session(hidden=((4,), (64, 64)))
    shown.train()
    shown.pause()
    shown.wait()
    assert len({run.pulse[0] for run in shown.runs}) == 1
    shown.train()
    shown.wait()
    assert shown.over
    assert [iteration for iteration, _ in costs(shown)] == [60, 60]
    before = costs(shown)
    shown.step()
    shown.wait()
    assert costs(shown) == before, "what is over stays"


def test_one_that_diverges_stops_alone() -> None:
    shown = session(learning_rate=(0.01, 1e200))
    shown.train()
    shown.wait()
    assert [standing.diverged for standing in shown.standings()] == [False, True]
    assert shown.runs[0].pulse[0] == 60


def test_two_or_three_networks_are_shown_and_no_others() -> None:
    for values in ((0.1,), (0.1, 0.2, 0.3, 0.4)):
        with pytest.raises(InputError, match=f"two or three networks.* would be {len(values)}"):
            side_by_side(EXPERIMENT, {"learning_rate": values})


def test_every_proposal_can_be_shown() -> None:
    for name in variable():
        values = proposed(name, EXPERIMENT)
        if values:
            assert 2 <= len(values_of(name, values)) <= 3, name
            side_by_side(EXPERIMENT, {name: values})


def test_more_than_can_be_trained_in_step_is_said_in_a_sentence() -> None:
    racers = side_by_side(EXPERIMENT, {"initializer": ("zeros", "he")})
    assert too_large(racers, DATASET) == ""
    wide = EXPERIMENT.replace("network", hidden=[20_000, 20_000])
    sentence = too_large(side_by_side(wide, {"initializer": ("zeros", "he")}), DATASET)
    assert "320 examples are too many to train 2 networks in step" in sentence
    small = wide.replace("training", batch_size=1)
    assert too_large(side_by_side(small, {"initializer": ("zeros", "he")}), DATASET) == ""
