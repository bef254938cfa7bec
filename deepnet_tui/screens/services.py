"""What the app does for its screens. They get it as an argument; `DeepnetApp` is the one that has it all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from deepnet_tui.commands.command import Command
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.terminal.byte_budget import ByteBudget
    from deepnet_tui.workbench.loading import Restore
    from deepnet_tui.workbench.workbench import Workbench


class DataService(Protocol):
    """Brings data to the workbench (`data/opening.py`)."""

    @property
    def expecting(self) -> bool:
        """Whether data are on their way."""

    def load(
        self,
        source: str | Experiment,
        target: str | None = None,
        *,
        fresh: bool = False,
        restore: Restore | None = None,
    ) -> None:
        """Begin to load data; for a file without a target the data screen opens."""

    def train_when_loaded(self) -> str:
        """Train as soon as the data are there, or take that back; gives a sentence to show."""

    def give_up(self) -> bool:
        """Forget the data that are on their way; False where there are none."""

    def choose(self) -> None:
        """Open the data chooser."""

    def look_at(self, source: str | Experiment, *, fresh: bool = False) -> None:
        """Open the data screen; "" stands for the data on the workbench."""


class FileService(Protocol):
    """The dialogs for files (`files.py`)."""

    def export(self) -> None:
        """Ask for a format and a path, and export the network."""

    def open_experiment(self) -> None:
        """Ask for an experiment and open it."""

    def write_experiment(self) -> None:
        """Ask for a path and write the experiment."""


class SearchService(Protocol):
    """Searches for better settings (`search/opening.py`)."""

    def open(self) -> None:
        """Show the search for what is on the workbench."""

    @property
    def how_far(self) -> str:
        """How far a search is that is under way, "" where there is none."""


class TerminalService(Protocol):
    """The terminal (`terminal/link.py`)."""

    @property
    def pace(self) -> ByteBudget:
        """Whether there is room for what nobody has asked for."""


class AppServices(Protocol):
    """All that a screen needs of the app: the workbench, the commands with the user's keys, data and files."""

    @property
    def workbench(self) -> Workbench:
        """What is shown and steered."""

    @property
    def commands(self) -> tuple[Command, ...]:
        """All commands with the keys that the user has for them."""

    @property
    def presenting(self) -> bool:
        """Whether everything is shown for a class: large, few panes."""

    @property
    def data(self) -> DataService:
        """Loading and choosing data."""

    @property
    def searches(self) -> SearchService:
        """The search for better settings."""

    @property
    def terminal(self) -> TerminalService:
        """The terminal, and how much it is sent."""

    @property
    def files(self) -> FileService:
        """Exporting, opening, writing."""
