"""The dialogs that export the network, open an experiment, and write one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual.app import App

if TYPE_CHECKING:
    from deepnet_tui.experiment import Experiment
    from deepnet_tui.export.files import Receipt
    from deepnet_tui.model import Model
    from deepnet_tui.screens.main import MainScreen
    from deepnet_tui.workbench.loading import Restore
    from deepnet_tui.workbench.workbench import Workbench

Say = Callable[[str], object]
MODELS = (".npz", ".safetensors", ".json", ".onnx")


class FileDialogs:
    """Shows the dialogs in `app`; messages appear on the screen that `main` gives, `load` opens an experiment."""

    def __init__(
        self,
        app: App[Any],
        workbench: Workbench,
        main: Callable[[], MainScreen],
        load: Callable[..., object],
    ) -> None:
        self._app, self._workbench, self._main, self._load = app, workbench, main, load

    def export(self) -> None:
        """Ask for a format and a path, and export the network."""
        if not self._workbench.ready or self._main().must_pause_first("export"):
            return
        from deepnet_tui.export import FORMATS, check_path, export
        from deepnet_tui.screens.dialogs.export import ExportDialog
        from deepnet_tui.screens.dialogs.working import run_behind
        from deepnet_tui.screens.saving.delivery import deliver

        workbench, run = self._workbench, self._workbench.training_run
        sources = workbench.experiment.data.files

        def model_now(_: object) -> Model:
            with run.lock:  # nobody trains it meanwhile
                return workbench.model()

        def check(path: str) -> None:
            check_path(path, overwrite=True, sources=sources)

        def ask(model: Model) -> None:
            def save(path: str, overwrite: bool, done: Say, refuse: Say) -> None:
                def write(stage: Say) -> Receipt:
                    return export(model, path, overwrite=overwrite, sources=sources, stage=stage)

                def written(receipt: Receipt) -> None:
                    done(deliver(self._app, receipt.path, receipt.sentence))

                run_behind(self._app, "Export", write, written, refuse)

            formats = {suffix: entry.title for suffix, entry in FORMATS.items()}
            self._app.push_screen(ExportDialog(formats, f"{model.name}", save, check), self._say)

        run_behind(self._app, "Export", model_now, ask, self._main().warn)

    def open_experiment(self) -> None:
        """Ask for an experiment, or for a trained model, and open it; the model on random rows."""
        if self._main().must_pause_first("open another experiment"):
            return
        from deepnet_tui.experiment import Experiment
        from deepnet_tui.screens.dialogs.path import AskPath

        def read(path: Path) -> tuple[Experiment, Restore | None]:
            if path.suffix.lower() not in MODELS:
                return Experiment.read(path), None
            from deepnet_tui.export import load
            from deepnet_tui.workbench.model_opening import model_on_data

            opened = model_on_data(load(path), path)
            return opened.experiment, opened.restore

        def open_it(found: tuple[Experiment, Restore | None]) -> None:
            self._load(found[0], restore=found[1])

        hint = "An experiment written with w, a run's experiment.toml, or a model (.npz, .onnx, ...)"
        ask = AskPath("Open an experiment", hint, "", read, done=open_it)
        self._app.push_screen(ask)

    def write_experiment(self) -> None:
        """Ask for a path and write the experiment."""
        if not self._workbench.ready:
            return
        from deepnet_tui.screens.dialogs.path import AskPath
        from deepnet_tui.screens.saving.delivery import deliver

        experiment, name = self._workbench.experiment, self._workbench.dataset.name
        hint = "Data, network and training as TOML; deepnet-tui can open it again"
        ask = AskPath("Write the experiment", hint, f"{name}.toml", experiment.write, asks_before=True)
        self._app.push_screen(ask, lambda path: self._say(path and deliver(self._app, path, f"Wrote {path}")))

    def _say(self, text: str | None) -> None:
        self._main().say(text or "")
