"""From the settings to a problem that a network can be trained on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from deepnet_tui.data.assemble import labels, named, part
from deepnet_tui.data.builtin import BUILTIN, Builtin
from deepnet_tui.data.preparation import Block, Entry, Numeric, Preparation
from deepnet_tui.data.problem import ColumnInfo, Problem
from deepnet_tui.data.settings import READING, DataSettings
from deepnet_tui.data.split import split
from deepnet_tui.data.table import Progress, silent
from deepnet_tui.errors import InputError
from deepnet_tui.paths import is_there

Array = npt.NDArray[Any]


def load(settings: DataSettings, progress: Progress = silent) -> Problem:
    """Read, understand, split and prepare the data.

    `progress(fraction, what)` is called now and then and may raise to stop. Raises InputError, in one sentence,
    for whatever can't be used.
    """
    if settings.source in BUILTIN:
        return _builtin(BUILTIN[settings.source], settings)
    path = Path(settings.source)
    if not path.suffix and not is_there(path):
        raise InputError(
            f"there is no built-in data set {settings.source!r}; "
            f"choose one of {', '.join(BUILTIN)}, or give a data file",
            "source",
        )
    from deepnet_tui.data.from_file import from_file

    return from_file(path, settings, progress)


def _builtin(entry: Builtin, settings: DataSettings) -> Problem:
    examples = entry.make()
    if settings.target not in (None, examples.target):
        raise InputError(f"the target of {entry.name} is {examples.target!r}", "target")
    if settings.test is not None:
        raise InputError(f"{entry.name} is built in and takes no test file", "test")
    if settings.reading:
        name = next(iter(settings.reading))
        raise InputError(f"{entry.name} is built in and takes no {READING[name]}", name)
    m = len(examples.y)
    numbers = entry.task == "regression"
    train, held = split(m, settings.held_out, settings.seed, None if numbers else examples.y)
    entries: list[Entry] = []
    for name, values in examples.columns.items():
        if values.ndim > 1:
            entries.append(Block(name, values.shape[1:], scale=examples.brightest))
        elif examples.standardise:
            scale = float(values[train].std()) or 1.0
            mean = float(values[train].mean())
            entries.append(Numeric(name, fill=mean, mean=mean, scale=scale))
        else:
            entries.append(Numeric(name))
    preparation = Preparation(tuple(entries))
    mean, scale = (float(examples.y[train].mean()), float(examples.y[train].std())) if numbers else (0.0, 1.0)
    Y = labels(examples.y, entry.task, len(examples.classes), mean, scale)
    infos = [
        ColumnInfo(name, "block" if values.ndim > 1 else "numeric", "feature", "built in", 0, _distinct(values))
        for name, values in examples.columns.items()
    ]
    kind = "numeric" if numbers else "categorical"
    infos.append(ColumnInfo(examples.target, kind, "target", "built in", 0, _distinct(examples.y)))
    return Problem(
        name=entry.name,
        task=entry.task,
        inputs=preparation.inputs,
        target=examples.target,
        classes=examples.classes,
        train=part(preparation, examples.columns, Y, train),
        held_out=part(preparation, examples.columns, Y, held) if len(held) else None,
        preparation=preparation,
        target_mean=mean,
        target_scale=scale,
        columns=tuple(infos),
        source=entry.name,
        table=examples.columns | {examples.target: named(examples.y, examples.classes)},
    )


def _distinct(values: Array) -> int:
    return len(np.unique(values)) if values.ndim == 1 else len(values)
