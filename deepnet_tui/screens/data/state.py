"""What the data screen knows: the settings as decided, and what has been found out with them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deepnet_tui.data import choices
from deepnet_tui.data.preview import DatasetReady, PreviewEvent, PreviewFailed, PreviewProgress, SchemaReady

if TYPE_CHECKING:
    from deepnet_tui.data.columns import ColumnInfo
    from deepnet_tui.data.dataset import Dataset
    from deepnet_tui.data.settings import DataSettings

START = PreviewProgress(0.0, "reading")


@dataclass
class DataState:
    """`dataset` and `failed` belong to the settings; `schema` is that of the file, None while it is read."""

    settings: DataSettings
    schema: SchemaReady | None = None
    dataset: Dataset | None = None
    failed: PreviewFailed | None = None
    progress: PreviewProgress = START

    def decide(self, settings: DataSettings) -> None:
        """Take other settings; what was prepared with the former ones is void."""
        self.settings, self.dataset, self.failed = settings, None, None

    def take(self, event: PreviewEvent) -> None:
        """Take in what the preview tells."""
        match event:
            case PreviewProgress():
                self.progress = event
            case SchemaReady():
                self.schema = event
            case DatasetReady():
                self.dataset = event.dataset
            case PreviewFailed():
                self.failed = event

    @property
    def name(self) -> str:
        """The file's name without its folders."""
        return Path(self.settings.source).name

    @property
    def columns(self) -> list[ColumnInfo]:
        """The columns as decided, with what the preparation has found out about them."""
        if self.dataset is not None:
            return list(self.dataset.columns)
        known = self.schema.columns if self.schema else ()
        return [choices.with_choices(info, self.settings) for info in known]

    @property
    def target(self) -> str:
        """The name of the column to predict, "" if there is none yet."""
        return next((info.name for info in self.columns if info.role == "target"), "")
