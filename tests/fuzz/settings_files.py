"""Files that people write: experiments, the configuration, lessons."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any

from tests.fuzz.mutations import damaged, other_json

ROOT = Path(__file__).parents[2]
EXPERIMENT = """
[data]
source = "moons"
noise = 0.2
points = 200

[network]
hidden = [{units = 8, activation = "tanh", dropout = 0.1}, {units = 4, activation = "relu"}]

[training]
optimizer = "adam"
learning_rate = 0.01
iterations = 100
batch_size = 32
seed = 3

[search]
learning_rate = "0.001..0.1:log"
l2 = [0.0, 0.1]

[race]
learning_rate = [0.1, 0.2]
"""
CONFIGURATION = """
theme = "deepnet"
log_axis = true
hide = ["export"]

[keys]
train = "space"
"""


def read_experiment(path: Path) -> object:
    """An experiment with the ranges of its search and of its race, and the trainer that it asks for."""
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.experiment.experiment import settings_in_file
    from deepnet_tui.race.racers import varied_in_file
    from deepnet_tui.search.ranges.written import written

    experiment = Experiment.read(path)
    settings_in_file(path)
    written((), experiment.search)
    varied_in_file(path)
    return experiment.to_toml() if hasattr(experiment, "to_toml") else experiment.to_dict()


def read_configuration(path: Path) -> object:
    """The configuration."""
    from deepnet_tui.config import read

    return read(path)


def read_lesson(path: Path) -> object:
    """A lesson."""
    from deepnet_tui.lessons.loader import read

    return read(path)


def experiments() -> list[bytes]:
    """A long and a short experiment."""
    return [EXPERIMENT.encode(), b'[data]\nsource = "circles"\n']


def configurations() -> list[bytes]:
    """A configuration with everything in it."""
    return [CONFIGURATION.encode()]


def lessons() -> list[bytes]:
    """Two lessons of the program."""
    folder = ROOT / "deepnet_tui" / "lessons" / "texts"
    return [(folder / name).read_bytes() for name in ("zeros.toml", "stuck.toml")]


def other_toml(content: bytes, others: Sequence[bytes], random: Random) -> bytes:
    """Valid TOML with odd values in it; where TOML can't say them, damaged text."""
    import tomli_w

    try:
        raw: Any = json.loads(other_json(json.dumps(tomllib.loads(content.decode())).encode(), random))
        return tomli_w.dumps(raw).encode("utf-8", "surrogatepass")
    except (TypeError, ValueError, AttributeError, RecursionError):
        return damaged(content, others, random)
