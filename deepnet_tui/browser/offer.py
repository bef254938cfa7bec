"""What the app of every visitor opens on: a built-in data set, or files of whoever started the server, to be read."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepnet_tui.common.errors import InputError
from deepnet_tui.data.builtin import BUILTIN

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment

EXPERIMENT = "experiment.toml"


@dataclass(frozen=True)
class Offer:
    """`source` is what the app is told to open, None for its own choice; `experiment` is written to each visitor's
    folder, and `files` are linked there under their names. `fresh` says that nobody has chosen settings yet.
    """

    source: str | None = None
    target: str | None = None
    experiment: Experiment | None = None
    files: tuple[Path, ...] = ()
    fresh: bool = False

    @property
    def text(self) -> str:
        """What is offered, in words."""
        if self.files:
            return "the built-in data and " + ", ".join(path.name for path in self.files)
        return "the built-in data"

    def put_into(self, folder: Path) -> str | None:
        """Put it into the folder of a visitor; gives the name of what the app is to open there."""
        for path in self.files:
            (folder / path.name).symlink_to(path)
        if self.experiment is None:
            return self.source
        names = {name: str(folder / Path(value).name) for name, value in self._data_files().items()}
        experiment = self.experiment.replace("data", **names) if names else self.experiment
        experiment.write(folder / EXPERIMENT)
        return EXPERIMENT

    def _data_files(self) -> dict[str, str]:
        data = self.experiment.data if self.experiment is not None else None
        found = {} if data is None else {"source": data.source, "test": data.test}
        return {name: value for name, value in found.items() if value and value not in BUILTIN}


def offered(opened: str | Experiment | None, target: str | None = None, *, fresh: bool = False) -> Offer:
    """What is offered for the source of a command line, as the app opens it. Raises InputError for files that can't be
    offered under their names."""
    if opened is None or (isinstance(opened, str) and opened in BUILTIN):
        return Offer(opened, target)
    if isinstance(opened, str):
        return Offer(Path(opened).name, target, files=_files(opened), fresh=fresh)
    data = opened.data
    files = _files(*(value for value in (data.source, data.test) if value and value not in BUILTIN))
    return Offer(None, None, opened, files, fresh)


def _files(*names: str) -> tuple[Path, ...]:
    paths = tuple(Path(name).absolute() for name in names)
    if len({path.name for path in paths} - {EXPERIMENT}) < len(paths):
        raise InputError(
            f"{' and '.join(names)}: the names of files that are offered must differ, and {EXPERIMENT} is taken",
            "source",
        )
    for path in paths:
        if not os.access(path, os.R_OK):
            raise InputError(f"{path} can't be read", "source")
    return paths
