"""The data preview: one reading for many decisions, and no work that nobody waits for."""

from __future__ import annotations

import threading
from pathlib import Path

from deepnet_tui.data import choices, preview
from deepnet_tui.data.settings import DataSettings
from tests.deepnet_tui.data.tables import passengers


def test_work_that_is_no_longer_wanted_stops(tmp_path: Path) -> None:
    path = passengers(tmp_path, 20_000)
    entered, go, news = threading.Event(), threading.Event(), []

    def post(one: preview.PreviewEvent) -> None:
        news.append(one)
        if isinstance(one, preview.PreviewProgress) and not entered.is_set():
            entered.set()
            assert go.wait(10)

    previewer = preview.DataPreview(post)
    previewer.update(DataSettings(source=str(path), target="saved"))
    assert entered.wait(10)
    done = threading.Event()

    def last(one: preview.PreviewEvent) -> None:
        news.append(one)
        if isinstance(one, preview.DatasetReady):
            done.set()

    previewer._post = last
    previewer.update(DataSettings(source=str(path), target="saved", seed=1))
    go.set()
    assert done.wait(20)
    for kind in (preview.SchemaReady, preview.DatasetReady):  # of the second, none of the first
        assert len([one for one in news if isinstance(one, kind)]) == 1


def test_a_file_is_read_once_for_many_decisions(tmp_path: Path) -> None:
    path = passengers(tmp_path)
    news: list[preview.PreviewEvent] = []
    done = threading.Semaphore(0)

    def post(one: preview.PreviewEvent) -> None:
        news.append(one)
        if isinstance(one, preview.DatasetReady | preview.PreviewFailed):
            done.release()

    previewer = preview.DataPreview(post)
    settings = DataSettings(source=str(path), target="saved")
    previewer.update(settings)
    assert done.acquire(timeout=20)
    path.unlink()
    previewer.update(choices.with_column(settings, "deck", role="ignored"))
    assert done.acquire(timeout=20)
    assert isinstance(news[-1], preview.DatasetReady)
    assert news[-1].dataset.preparation.columns == ("age",)


def test_a_file_is_read_again_if_it_is_said_to_be_written_otherwise(tmp_path: Path) -> None:
    path = passengers(tmp_path)
    text = path.read_text()
    path.write_text("1,2,3,4,5\n" + text)
    news: list[preview.PreviewEvent] = []
    done = threading.Semaphore(0)

    def post(one: preview.PreviewEvent) -> None:
        news.append(one)
        if isinstance(one, preview.DatasetReady | preview.PreviewFailed):
            done.release()

    previewer = preview.DataPreview(post)
    for settings in (DataSettings(source=str(path)), DataSettings(source=str(path), target="saved", skip=1)):
        previewer.update(settings)
        assert done.acquire(timeout=20)
    first, second = (one for one in news if isinstance(one, preview.SchemaReady))
    assert first.columns[0].name == "column1"
    assert second.columns[0].name == "number"
