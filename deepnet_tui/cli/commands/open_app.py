"""`deepnet-tui [SOURCE]`: the app."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from deepnet_tui.cli.terminal.app_start import run_app
from deepnet_tui.common.errors import InputError
from deepnet_tui.common.paths import is_file, is_folder

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

PRESENT = "For a class: large and bold, fewer panes, the keys that are pressed."
Target = str | tuple[str, ...] | None


def open_app(
    source: str | None = None,
    target: Target = None,
    reading: Mapping[str, str] | None = None,
    *,
    present: bool = False,
) -> int:
    """Open the app on a source, and return the exit code. Raises InputError for a source that does not exist.

    `reading` has the options that describe the format of a data file.
    """
    if reading and source is None:
        raise InputError(f"--{next(iter(reading))} needs a data file to read", "source")
    opened = None if source is None else opened_source(source, target, reading or {})
    fresh = source is not None and not source.lower().endswith(".toml")
    named = target if isinstance(opened, str) and isinstance(target, str) else None
    instead = "; deepnet-tui train SOURCE works without one"
    return run_app(instead, opened, target=named, fresh=fresh, present=present)


def opened_source(source: str, target: Target, reading: Mapping[str, str]) -> str | Experiment:
    """What the app opens: the name of the source, or an experiment where options add to it."""
    from deepnet_tui.cli.source import check_source, experiment_from
    from deepnet_tui.data.builtin import BUILTIN

    check_source(source, commands=True)
    if source.lower().endswith((".onnx", ".safetensors")):
        raise InputError(f"{source} is a model; deepnet-tui open {source} opens it", "source")
    if source not in BUILTIN and not is_file(source):
        kind = "a folder" if is_folder(source) else "no ordinary file"
        raise InputError(f"{source} is {kind}; give a built-in data set, a data file or an experiment", "source")
    if source.lower().endswith(".toml") or reading or isinstance(target, tuple) or (target and source in BUILTIN):
        return experiment_from(source, {"target": target, **reading})
    return source
