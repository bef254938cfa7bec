"""A short game for every test run.

DEEPNET_MONKEY=10000 plays that many actions, DEEPNET_MONKEY_SEED=3 other ones. What fails is printed, and played again
from later and later beginnings.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.monkey.actions import Action
from tests.monkey.play import Player, Score, TroubleError, sequence, shortened
from tests.monkey.watch import BusyTime
from tests.monkey.world import make_world

COUNT = int(os.environ.get("DEEPNET_MONKEY", "120"))
SEED = int(os.environ.get("DEEPNET_MONKEY_SEED", "1"))
LONG = "DEEPNET_MONKEY" in os.environ


@pytest.mark.timeout(300 if not LONG else 24 * 3600)
def test_random_actions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fence, busy = make_world(tmp_path, monkeypatch), BusyTime(stacks=LONG)
    player = Player(fence, busy)
    found = player.play(sequence(SEED, COUNT), SEED)
    sys.stdout.write(f"\nseed {SEED}, {summary(player.score)}\n")
    if found:
        listing = minimised(Player(fence, busy), found[0]) if LONG else found[0].actions
        steps = "\n".join(map(repr, listing[-200:]))
        pytest.fail(f"seed {SEED}: " + "\n".join(f"app {each.number}: {each}" for each in found) + f"\n{steps}")


def summary(score: Score) -> str:
    """What was done, and what took longest."""
    slowest = "\n".join(f"{seconds:.3f} s {action} {where}" for seconds, action, where in score.slowest)
    return f"{score.actions} actions, {score.apps} apps, {dict(score.seen)}\n{slowest}"


def minimised(player: Player, trouble: TroubleError) -> Sequence[Action]:
    """The shortest end of the sequence that fails, too."""
    for actions in shortened(trouble):
        if player.play(actions, trouble.number):
            return actions
    return trouble.actions
