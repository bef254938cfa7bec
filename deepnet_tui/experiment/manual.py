"""docs/settings.md, made from the settings: `python -m deepnet_tui.experiment.manual`."""

from __future__ import annotations

from collections.abc import Iterable

from deepnet_tui.data.setting_list import DATA_SETTINGS
from deepnet_tui.experiment.experiment import Experiment
from deepnet_tui.experiment.network import LAYER, NETWORK
from deepnet_tui.experiment.training import TRAINING_SETTINGS
from engine.spec.settings import Setting

HEAD = """# Settings

Made from the code by `python -m deepnet_tui.experiment.manual`.

An experiment is a TOML file with up to three sections. Only `source` under `[data]` is required; what is left out has
the default of its data set or kind of file, which for some of them differs from the one given here. `w` in the app
writes the whole experiment as such a file. A section `[race]` with lists of values says what
varies when the experiment [races](race.md); everything else leaves it aside.

```toml
[data]
source = "customers.csv"
target = "churn"

[network]
hidden = [32, 16]
activation = "tanh"

[training]
optimizer = "adamw"
learning_rate = 0.003
patience = 20
```

In the app every setting but those of files alone is a row of a pane; on the command line those that
[`train`](cli.md) lists are options, written `--learning-rate` instead of `learning_rate`."""

DATA = """[Data](data.md) tells how a file is read and a column is understood. What is left out is inferred. A table
`[data.columns.NAME]` with `kind` and `role` decides about one column."""

HIDDEN = """`hidden` lists the units of the hidden layers; `activation` and `dropout` beside it hold for every layer.
Layers that differ are written as tables instead, `[[network.hidden]]`, with `units`, `activation` and `dropout`.
Inputs, outputs and the activation of the output follow from the data."""

TRAINING = """Training ends at `iterations`, `epochs` or `seconds`, whichever comes first, or as `tolerance` and
`patience` say. `none` turns off whatever can be off. Not every optimizer reads `momentum`, `beta2` and `epsilon`, and
not every schedule `decay` and `decay_every`: the app shows only those that have an effect."""


def manual() -> str:
    """The page: a table of the settings of each section."""
    hidden = Setting(
        "hidden",
        "list",
        None,
        "hidden layers",
        "Units of the hidden layers.",
        form=f"a list, each {LAYER['units'].allowed}",
    )
    layers = [hidden, LAYER["activation"], LAYER["dropout"]]
    default = Experiment().to_dict()
    return "\n\n".join(
        (
            HEAD,
            "## [data]",
            DATA,
            _table(DATA_SETTINGS.values(), default["data"] | {"source": None}),
            "## [network]",
            HIDDEN,
            _table([*layers, *NETWORK.values()], default["network"]),
            "## [training]",
            TRAINING,
            _table(TRAINING_SETTINGS.values(), default["training"]),
            "",
        )
    ).removesuffix("\n")


def _table(settings: Iterable[Setting], defaults: dict[str, object]) -> str:
    rows = [("setting", "what it does", "allowed", "default"), ("---",) * 4]
    for setting in settings:
        default = defaults.get(setting.name)
        rows.append(
            (f"`{setting.name}`", setting.help, setting.allowed, "" if default is None else f"`{_toml(default)}`")
        )
    return "\n".join(f"| {' | '.join(_cell(text) for text in row)} |" for row in rows)


def _cell(text: str) -> str:
    return text.replace("|", r"\|").replace("*", r"\*")


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


if __name__ == "__main__":
    print(manual(), end="")  # noqa: T201
