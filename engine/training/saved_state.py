"""Packs the state of a trainer, and restores it, so that another one continues bit for bit on the same data.

The keys are those of version 0.1, so that its files can be read: `stands` is the position of the loop, `looked` the
seconds spent in reports, `watch` the state of early stopping, `end` how the run ended. Only a run with an internal part
has `internal`: how good each network was at its best. Only one that took the compiled path has `paths`: the iterations
at which its path changed, each with the path from there. A run goes on with the last of them, bit for bit as one that
was not interrupted and did not change its path later.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from engine.arrays import Array
from engine.compiled.loop import Loop
from engine.storage import state
from engine.training.events import Finished
from engine.training.reports import Reports

BEST_MEMBERS = "best by internal part"  # the array of `BestMembers`
Fingerprints = list[str | None]  # of the training data and of the validation data


def fingerprints(loop: Loop, validation: tuple[Array, Array] | None) -> Fingerprints:
    """What identifies the training data and the validation data of a run."""
    return [
        state.fingerprint(loop.X, loop.Y, loop.weight),
        None if validation is None else state.fingerprint(*validation),
    ]


def packed(loop: Loop, reports: Reports, data: Fingerprints) -> dict[str, Any]:
    """Everything that `restore` needs, in the form that `engine.storage.state.save` writes."""
    best = reports.best
    return state.pack(
        network=loop.network,
        training=loop.training,
        numbers={
            "stands": loop.position(),
            "seconds": loop.seconds,
            "looked": reports.seconds,
            "data": list(data),
            "rate_factor": loop.rate_factor,
            "reported": reports.reported,
            "rate_iteration": reports.rate_iteration,
            "watch": reports.stopping.state(),
            "end": None if reports.end is None else reports.end.by_name(),
            **({} if best is None else {"internal": best.numbers()}),
            **({"paths": changes} if (changes := loop.path.state()) else {}),
        },
        arrays={
            **loop.arrays(),
            "best": reports.stopping.parameters,
            **({} if best is None else {BEST_MEMBERS: best.parameters}),
        },
    )


def restore(
    loop: Loop, reports: Reports, data: Fingerprints, numbers: Mapping[str, Any], arrays: Mapping[str, Array]
) -> None:
    """Bring a new loop and its reports to the packed state. Raises StateError if it is damaged or of other data."""
    with state.reading():
        stored = numbers.get("data", data)  # states of version 0.1.0 don't have it
        for kind, then, now in zip(("training", "validation"), stored, data, strict=True):
            if then != now:
                raise state.StateError(f"the state belongs to other {kind} data")
        state.expect_numbers(numbers, "seconds", "rate_factor", "reported", "rate_iteration")
        loop.seconds, loop.rate_factor = float(numbers["seconds"]), float(numbers["rate_factor"])
        loop.restore(arrays, numbers["stands"])
        loop.path.restore(numbers.get("paths", []), loop.iteration)
        state.expect(arrays, "best", (loop.network.size,) if np.size(arrays["best"]) else (0,))
        reports.stopping.restore(numbers["watch"], arrays["best"])
        if reports.best is not None:
            reports.best.restore(numbers["internal"], arrays, BEST_MEMBERS)
        reports.reported, reports.rate_iteration = int(numbers["reported"]), int(numbers["rate_iteration"])
        reports.seconds = float(numbers.get("looked", 0.0))
        reports.end = None if numbers["end"] is None else Finished(**numbers["end"])
    reports.rollback.keep()
