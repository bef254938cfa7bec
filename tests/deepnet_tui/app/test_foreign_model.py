"""A model of another program in the app: every view of a network shows it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from textual.widgets import Input

from deepnet_tui.app import DeepnetApp
from deepnet_tui.model import Model
from deepnet_tui.widgets.views.boundary.view import BoundaryView
from deepnet_tui.widgets.views.explain.view import ExplainView
from deepnet_tui.widgets.views.picture.view import PictureView
from deepnet_tui.workbench.model_opening import model_on_data
from engine.spec import LayerSpec, NetworkSpec

from .conftest import ready, told, until


async def test_a_model_is_shown_with_its_own_parameters() -> None:
    network = NetworkSpec(2, (LayerSpec(4, "tanh"),), 1, "binary", "he")
    random = np.random.default_rng(0)
    parameters = {name: random.standard_normal(shape) for name, shape in network.shapes.items()}
    opened = model_on_data(Model(network, parameters), "net.onnx", "moons")
    app = DeepnetApp(opened.experiment, restore=opened.restore)
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        assert app.workbench.snapshot is not None
        for name, value in app.workbench.snapshot.parameters.items():
            np.testing.assert_array_equal(value, parameters[name])
        for key, kind in (("2", ExplainView), ("3", BoundaryView), ("7", PictureView)):
            await pilot.press(key)
            await until(pilot, lambda kind=kind: isinstance(app.main.view, kind), kind.__name__)  # type: ignore[misc]
        assert not [notice for notice in app._notifications if notice.severity == "error"]


async def test_a_model_file_opens_with_the_key_for_experiments(tmp_path: Path) -> None:
    from deepnet_tui.export import export
    from tests.deepnet_tui.export.models import make

    model = make("multiclass")
    export(model, tmp_path / "own.npz")
    app = DeepnetApp("moons")
    async with app.run_test(size=(120, 36)) as pilot:
        await ready(pilot)
        await pilot.press("o")
        await until(pilot, lambda: isinstance(app.focused, Input), "the field")
        app.screen.query_one(Input).value = str(tmp_path / "own.npz")
        await pilot.press("enter")
        await until(pilot, lambda: app.workbench.network.dims == model.network.dims, "the model")
        assert any("labelled by the model itself" in said for said in told(app))
