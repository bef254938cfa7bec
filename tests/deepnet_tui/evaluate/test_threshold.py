"""The threshold between two classes, against every threshold that there is."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.load import load
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.evaluate.metrics import evaluate, measure
from deepnet_tui.evaluate.threshold import KEPT_ASIDE, TRAINED_ON, best_threshold, check_classes, choose, parse
from engine import LayerSpec, NetworkSpec, Trainer, TrainingSpec

PROBABILITIES = st.one_of(st.sampled_from([0.0, 0.25, 0.5, np.nextafter(0.5, 1), 0.75, 1.0]), st.floats(0, 1))


def trainer(source: str, members: int = 1, internal: float = 0.0) -> Trainer:
    part = load(DataSettings(source=source)).train
    network = NetworkSpec(len(part.X), (LayerSpec(4, "tanh"),), 1, "binary", "xavier", ensemble=members)
    found = Trainer(network, TrainingSpec(iterations=30, learning_rate=0.1, internal=internal), part.X, part.Y)
    found.advance(30)
    return found


def counts(P: np.ndarray, truth: np.ndarray, positive: int, threshold: float) -> tuple[int, int, int]:
    """Hits, false alarms and misses."""
    said, is_ = (threshold < P) == (positive == 1), truth == (positive == 1)
    return int((said & is_).sum()), int((said & ~is_).sum()), int((~said & is_).sum())


@settings(max_examples=300, deadline=None)
@given(
    rows=st.lists(st.tuples(PROBABILITIES, st.booleans()), min_size=1, max_size=12),
    positive=st.sampled_from([0, 1]),
    costs=st.one_of(st.none(), st.tuples(st.integers(0, 9), st.integers(1, 9))),
)
def test_no_threshold_is_better(
    rows: list[tuple[float, bool]], positive: int, costs: tuple[float, float] | None
) -> None:
    P, truth = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])

    def goodness(threshold: float) -> float:
        hits, alarms, misses = counts(P, truth, positive, threshold)
        if costs is not None:
            return -(costs[0] * alarms + costs[1] * misses)
        return 2 * hits / max(2 * hits + alarms + misses, 1)

    found = best_threshold(P, truth, positive, costs)
    assert 0.0 <= found <= 1.0
    every = {0.0, 0.5, 1.0, *P.tolist(), *np.nextafter(P, 0).clip(0).tolist()}
    assert goodness(found) == pytest.approx(max(map(goodness, every)), rel=1e-12)


def test_of_equally_good_ones_it_is_the_nearest_to_one_half_with_few_digits() -> None:
    P, truth = np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True])
    assert best_threshold(P, truth) == 0.5
    assert best_threshold(np.array([0.1, 0.300012, 0.3512, 0.9]), truth) == 0.33


def test_by_costs_it_is_the_closed_form_for_calibrated_probabilities() -> None:
    P = np.repeat(np.linspace(0.005, 0.995, 100), 1000)
    truth = np.tile(np.arange(1000) / 1000, 100) < P
    assert best_threshold(P, truth, 1, (1.0, 4.0)) == pytest.approx(0.2, abs=0.011)
    assert best_threshold(P, truth, 0, (1.0, 4.0)) == pytest.approx(0.8, abs=0.011)


@pytest.mark.parametrize("text", ["", "f2", "F1", "-0.1", "1.01", "nan", "cost:", "cost:1", "cost:1,2,3", "cost:-1,2",
                                  "cost:0,0", "cost:nan,1", "cost:inf,1", "cost:a,b", "0,3"])  # fmt: skip
def test_other_words_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="the threshold must be a number from 0 to 1, f1, or cost:FP,FN"):
        parse(text)


@pytest.mark.parametrize("source", ["iris", "diabetes"])
def test_other_tasks_are_refused(source: str) -> None:
    with pytest.raises(InputError, match="a threshold is for two classes; the target '"):
        check_classes(load(DataSettings(source=source)))


def test_it_is_sought_on_what_networks_kept_aside() -> None:
    dataset = load(DataSettings(source="moons"))
    with_parts = trainer("moons", members=4, internal=0.25)
    found = choose(parse("f1"), dataset, with_parts)
    assert KEPT_ASIDE in found.sentence
    P = with_parts.internal_predictions()[0]
    assert found.value == best_threshold(P, dataset.train.Y[0] > 0.5)
    assert TRAINED_ON in choose(parse("f1"), dataset, trainer("moons")).sentence
    given_ = choose(parse("0.3"), dataset, with_parts)
    assert (given_.value, given_.sentence) == (0.3, "threshold 0.3, as given")


def test_labels_follow_it_and_probabilities_do_not() -> None:
    dataset = load(DataSettings(source="moons"))
    network = trainer("moons")
    before, after = evaluate(dataset, network.predict)["train"], evaluate(dataset, network.predict, 0.8)["train"]
    assert before is not None
    assert after is not None
    assert (before["log_loss"], before["roc_auc"]) == (after["log_loss"], after["roc_auc"])
    A = network.predict(dataset.train.X)
    assert after["accuracy"] == pytest.approx(float(((A > 0.8) == (dataset.train.Y > 0.5)).mean()))
    none = measure(dataset, dataset.train, A, 1.0)
    assert none["f1"] == 0.0
