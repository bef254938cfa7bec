"""From the settings to a dataset that a network can be trained on."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_there
from deepnet_tui.data.builtin import BUILTIN, Builtin, check_plane
from deepnet_tui.data.columns import ColumnInfo
from deepnet_tui.data.dataset import Dataset
from deepnet_tui.data.plane.transforms import transforms_named
from deepnet_tui.data.preparation.entries import Block, Entry, Numeric
from deepnet_tui.data.preparation.labels import label_matrix, label_names
from deepnet_tui.data.preparation.preparation import Preparation, prepare_part
from deepnet_tui.data.preparation.split import Rows, split
from deepnet_tui.data.readers.table import ProgressCallback, no_progress
from deepnet_tui.data.setting_list import READING
from deepnet_tui.data.settings import DataSettings
from deepnet_tui.data.targets.scale import PLAIN, TargetScale
from engine.arrays import Array
from engine.ops.losses import LOSSES


def load(
    settings: DataSettings,
    progress: ProgressCallback = no_progress,
    rows: Rows | None = None,
    dtype: str = "float32",
) -> Dataset:
    """Read, split and prepare the data; with `rows` the parts are these rows of the source.

    The inputs of a table so large that memory counts are kept as `dtype`, those of any other source as float64.

    `progress(fraction, what)` is called now and then and may raise to stop. Raises InputError for a source or
    settings that can't be used.
    """
    if settings.source in BUILTIN:
        return _builtin(BUILTIN[settings.source].with_settings(settings), settings, rows)
    check_plane(settings)
    path = Path(settings.source)
    if not path.suffix and not is_there(path):
        raise InputError(
            f"there is no built-in data set {settings.source!r}; "
            f"choose one of {', '.join(BUILTIN)}, or give a data file",
            "source",
        )
    from deepnet_tui.data.from_file import from_file

    return from_file(path, settings, progress, rows=rows, dtype=dtype)


def _builtin(entry: Builtin, settings: DataSettings, rows: Rows | None) -> Dataset:
    examples = entry.make()
    if settings.target not in (None, examples.target):
        raise InputError(f"the target of {entry.name} is {examples.target!r}", "target")
    if settings.test is not None:
        raise InputError(f"{entry.name} is built in and takes no test file", "test")
    if settings.reading:
        name = next(iter(settings.reading))
        raise InputError(f"{entry.name} is built in and takes no {READING[name]}", name)
    if settings.preparation == "rich":
        raise InputError(f"{entry.name} is built in and takes only the plain preparation", "preparation")
    m = len(examples.y)
    regression = LOSSES[entry.task].labels == "numbers"
    train, validation = rows or split(m, settings.validation, settings.seed, None if regression else examples.y)
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
    preparation = Preparation(tuple(entries), transforms_named(settings.transform))
    trained = examples.y[train]
    scaling = TargetScale(float(trained.mean()), float(trained.std())) if regression else PLAIN
    Y = label_matrix(examples.y, entry.task, len(examples.classes), scaling)
    infos = [
        ColumnInfo(name, "block" if values.ndim > 1 else "numeric", "feature", "built in", 0, _distinct(values))
        for name, values in examples.columns.items()
    ]
    kind = "numeric" if regression else "categorical"
    infos.append(ColumnInfo(examples.target, kind, "target", "built in", 0, _distinct(examples.y)))
    return Dataset(
        name=entry.name,
        task=entry.task,
        inputs=preparation.inputs,
        target=examples.target,
        classes=examples.classes,
        train=prepare_part(preparation, examples.columns, Y, train)[0],
        validation=prepare_part(preparation, examples.columns, Y, validation)[0] if len(validation) else None,
        preparation=preparation,
        scaling=scaling,
        columns=tuple(infos),
        source=entry.name,
        table=examples.columns | {examples.target: label_names(examples.y, examples.classes)},
    )


def _distinct(values: Array) -> int:
    if values.ndim > 1:
        return len(values)
    ordered = np.sort(values)
    return int(np.count_nonzero(ordered[1:] != ordered[:-1])) + min(len(values), 1)
